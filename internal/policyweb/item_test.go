package policyweb_test

import (
	"net/url"
	"strings"
	"testing"

	"yian/internal/policy"
)

// save posts a form to the address with one of its buttons.
func (b *browser) press(at, button string, form url.Values, status int, texts ...string) answer {
	b.t.Helper()
	form.Set("do", button)
	return b.want(at, form, status, texts...)
}

func TestAnItemIsEditedByItsForm(t *testing.T) {
	s := newSite(t)
	b := s.as(t, cityAuthor)
	at := b.draft("linfen-2023")
	edit := at + "/items/old-age-allowance/edit"
	page := b.want(edit, nil, 200, "以下全部符合", "户籍地在临汾市", "改用文字写规则", "高龄津贴标准")
	page.golden(t, "item")
	form := page.form()
	if form.Get("all_lo") != "80" || form["all_named"][0] != "local" || form.Get("amount_is_0") != "old_age_allowance" || form.Get("clause_at") != "附件第11项" {
		t.Errorf("the form reads %v", form)
	}

	counted := b.press(edit, "count", form, 200, "可享受", "比现行清单新增", "标准待定", "local &amp;&amp; age &gt;= 80")
	if !strings.Contains(counted.text(), "比现行清单减少\n0 人") {
		t.Errorf("an unchanged item takes from somebody:\n%s", counted.text())
	}
	form.Set("all_lo", "85")
	form.Set("amount_is_0", "120")
	counted = b.press(edit, "count", form, 200, "年满 85 周岁", "现金，每月：120 元")
	if strings.Contains(counted.text(), "比现行清单减少\n0 人") || !strings.Contains(counted.text(), "比现行清单新增\n0 人") {
		t.Errorf("nobody loses by a higher age:\n%s", counted.text())
	}
	b.want(edit, nil, 200).lacks(t, `value="85"`) // counting stores nothing

	form.Set("all_lo", "很老")
	b.press(edit, "count", form, 200, "“很老”不是年龄")
	b.press(edit, "save", form, 422, "“很老”不是年龄", `value="很老"`)
	form.Set("all_lo", "85")
	form.Set("name", " ")
	b.press(edit, "save", form, 422, "请填写项目名称")
	form.Set("name", "高龄津贴")
	b.press(edit, "save", form, 200, "已保存", "年满 85 周岁", "120 元", "修改")
	b.press(edit, "save", form, 412, "刚刚被别人改过")

	stored := s.draftOf(t, "linfen-2023")
	for _, want := range []string{"when: local && age >= 85", "amount: 120", "start: automatic"} {
		if !strings.Contains(stored.Text, want) {
			t.Errorf("the draft lacks %q", want)
		}
	}
	if was := s.inForce(t, "linfen-2023"); strings.Contains(was.Text, "age >= 85") {
		t.Error("the list in force has changed")
	}
	b.want(at+"/check", nil, 200, "对象写明 80 周岁", "不符")
}

// draftOf returns the draft of a list.
func (s *site) draftOf(t *testing.T, list string) *policy.Version {
	t.Helper()
	all, err := s.lists.Versions(t.Context(), users[cityAuthor].Actor.Scope("policy:read"), list)
	if err != nil || all[len(all)-1].State != policy.Draft {
		t.Fatalf("no draft of %s (%v)", list, err)
	}
	return &all[len(all)-1]
}

func TestARuleKeepsItsWordingWhereTheFormChangesNothing(t *testing.T) {
	s := newSite(t)
	b := s.as(t, cityAuthor)
	at := b.draft("linfen-2023")
	before := s.draftOf(t, "linfen-2023")
	edit := at + "/items/nursing-subsidy/edit"
	form := b.want(edit, nil, 200).form()
	form.Set("lead", "市民政局养老科")
	b.press(edit, "save", form, 200, "已保存，没有错误", "市民政局养老科")
	after := s.draftOf(t, "linfen-2023")
	for _, line := range []string{"when: local && age >= 60 && hard_up && unable", "amount: nursing_subsidy"} {
		if strings.Count(before.Text, line) != strings.Count(after.Text, line) {
			t.Errorf("%q was rewritten", line)
		}
	}
}

func TestARuleIsEditedAsText(t *testing.T) {
	s := newSite(t)
	b := s.as(t, cityAuthor)
	at := b.draft("linfen-2023")
	edit := at + "/items/travel/edit"
	page := b.press(edit, "text", b.want(edit, nil, 200).form(), 200, "改用表单写规则", `name="when"`)
	form := page.form()
	if form.Get("when") != "age >= 60" || form.Get("by") != "text" {
		t.Fatalf("the text reads %v", form)
	}
	form.Set("when", "age >= 60 &&\r\n  (income == \"dibao\" && lives_alone || dementia)")
	b.press(edit, "count", form, 200, "可享受", "困难类别是低保，且独居")
	b.press(edit, "form", form, 200, "这条规则不能用表单表示", "改用表单写规则")
	form.Set("when", "age >= 60 && (income == \"dibao\" || dementia)")
	page = b.press(edit, "form", form, 200, "改用文字写规则", "至少符合一项")
	if back := page.form(); back.Get("any_income_is") != "dibao" || back.Get("any_dementia_is") != "true" || back.Get("all_lo") != "60" {
		t.Errorf("the form reads %v", back)
	}

	// A rule with a fault is kept, and told at its field.
	form.Set("when", "age >= 60 &&\nincme == \"dibao\"")
	page = b.press(edit, "save", form, 200, "处错误，改完才能送审", "第 2 行第 1 字：不认识的名字", `id="when-error"`)
	if got := page.form().Get("when"); got != "age >= 60 &&\nincme == \"dibao\"" {
		t.Errorf("the text is now %q", got)
	}
	b.want(at, nil, 200, "规则有 1 处错误", "incme")
	b.want(at+"/text", nil, 200, "现在的问题", "incme")
}

func TestAnItemIsAddedAndDeleted(t *testing.T) {
	s := newSite(t)
	b := s.as(t, cityAuthor)
	at := b.draft("linfen-2023")
	form := b.want(at+"/add", nil, 200, "新增项目").form()
	if form.Get("no") != "25" {
		t.Errorf("the next number is %q", form.Get("no"))
	}
	b.press(at+"/add", "save", form, 422, "请填写编号", "请填写项目名称", "请填写条款的原文")
	for name, value := range map[string]string{
		"id": "old-age-allowance", "name": "长者用餐补助", "audience": "75周岁及以上的老年人", "type": "物质帮助", "clause_at": "第一条", "clause": "给予用餐补助。",
		"all_lo": "75", "amount_is_0": "60",
	} {
		form.Set(name, value)
	}
	form["all_named"] = []string{"local"}
	b.press(at+"/add", "save", form, 422, "已有编号为 old-age-allowance")
	form.Set("id", "meal-subsidy")
	b.press(at+"/add", "count", form, 200, "年满 75 周岁", "60 元", "比现行清单新增")
	b.press(at+"/add", "save", form, 200, "长者用餐补助", "处错误") // it has no test people yet
	edit := b.want(at+"/items/meal-subsidy/edit", nil, 200, "删除项目")
	b.want(at+"/items/meal-subsidy/delete", url.Values{"version": {"1"}}, 412)
	b.want(at+"/items/meal-subsidy/delete", url.Values{"version": {edit.version(t)}}, 200, "已保存，没有错误").lacks(t, "长者用餐补助</div>")
	b.want(at+"/items/meal-subsidy/edit", nil, 404)
	centenarian := b.want(at+"/items/centenarian/edit", nil, 200)
	b.want(at+"/items/centenarian/delete", url.Values{"version": {centenarian.version(t)}}, 200, "处错误")
	b.want(at+"/submit", nil, 200, "百岁补贴（取消）", "有人减少")
	s.as(t, cityApprover).want(at+"/add", nil, 403)
	s.as(t, neighbour).want(at+"/add", nil, 404)
}

func TestFiguresAreSetFromADayOn(t *testing.T) {
	s := newSite(t)
	b := s.as(t, cityAuthor)
	at := "/policies/" + s.inForce(t, "linfen-2023").ID.String()
	set := at + "/parameters/nursing_subsidy"
	page := b.want(set, nil, 200, "2023-12-16", "自动起草新的一版")
	page.golden(t, "parameter")
	form := page.form()
	form.Set("value", "一百")
	b.want(set, form, 422, "“一百”不是数额")
	form.Set("value", "150")
	form.Set("from", "2027-01-01")
	draft := b.want(set, form, 200, "已保存", "草稿")
	if draft.path == at {
		t.Fatal("the published version was changed")
	}
	page = b.want(draft.path+"/parameters/nursing_subsidy", nil, 200, "150 元/月", "2027-01-01", "不低于", "取消本清单")
	form = page.form()
	form.Set("from", "2027-01-01")
	form.Set("bound", "remove")
	b.want(draft.path+"/parameters/nursing_subsidy", form, 200, "已保存")
	b.want(draft.path+"/parameters/nursing_subsidy", nil, 200).lacks(t, "150 元/月")
	b.want(at+"/parameters/nonsense", nil, 404)
}

func TestTextsKeepTheirFaultsAndTellThemByLine(t *testing.T) {
	s := newSite(t)
	b := s.as(t, cityAuthor)
	at := b.draft("linfen-2023")
	page := b.want(at+"/tests", nil, 200, "测试人物（YAML）")
	form := page.form()
	form.Set("tests", strings.Replace(form.Get("tests"), "yes", "no", 1))
	b.want(at+"/tests", form, 200, "还有 1 处错误", "现在的问题", "测试人物第")
	page = b.want(at+"/text", nil, 200)
	form = page.form()
	text := form.Get("text")
	form.Set("text", "一段话")
	b.want(at+"/text", form, 422, "不是一份清单", "一段话")
	form.Set("text", strings.Replace(text, "when: local && age >= 100", "when: local && age >= ", 1))
	b.want(at+"/text", form, 200, "语法错误", "清单第")
	b.want(at+"/submit", url.Values{"version": {b.want(at+"/submit", nil, 200).version(t)}}, 422, "语法错误")
	head := b.want(at+"/head", nil, 200, "临政办发〔2023〕43号", "市人民政府办公室").form()
	head.Set("title", "")
	b.want(at+"/head", head, 422, "请填写清单的标题")
	head.Set("title", "临汾市基本养老服务清单（2027年版）")
	b.want(at+"/head", head, 200, "已保存标题和文件", "2027年版")
}
