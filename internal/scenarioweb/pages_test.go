package scenarioweb_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// raised is the form that raises the age of the allowance and sets what it pays.
func raised() url.Values {
	return url.Values{
		"list": {"linfen-2023"}, "item": {"old-age-allowance"}, "name": {"高龄津贴 85 岁"}, "on": {""}, "age": {"85"},
		"when.old-age-allowance": {"local && age >= 80"}, "amount.old-age-allowance.0": {"old_age_allowance"},
		"parameter.old_age_allowance": {"80"}, "from": {"2026-01-01"},
	}
}

// lost is how many lose something.
var lost = regexp.MustCompile(`失去</p>\s*<p class="stat-value"><b>([\d,]+)</b>`)

var rowVersion = regexp.MustCompile(`name="row" value="(\d+)"`)

func TestAChangeIsTriedOut(t *testing.T) {
	b := as(t, newSite(t), 1)
	golden(t, "empty", b.want(t, "/scenarios", nil, 200, "还没有测算方案"))
	b.want(t, "/scenarios/new", nil, 200, "临汾市基本养老服务清单", "11 高龄津贴", "整份换成第 2 版（草稿）")
	golden(t, "form", b.want(t, "/scenarios/new?list=linfen-2023&item=old-age-allowance", nil, 200, "年龄门槛", `value="80"`, "高龄津贴标准", "80周岁及以上老年人"))
	page := b.want(t, "/scenarios", raised(), 200, "已测算", "高龄津贴 85 岁", "失去", "local &amp;&amp; age &gt;= 85", "预测今后十年")
	at := b.at
	golden(t, "show", page)
	b.want(t, "/scenarios", nil, 200, "高龄津贴 85 岁", "临汾市")

	b.want(t, at+"/forecast", url.Values{}, 200, "今后十年每月费用（逐月）", "2026-06", "2036-06-30", "重新预测")
	form := b.want(t, at+"/change?item=nursing-subsidy", nil, 200, "护理补贴标准")
	more := url.Values{"item": {"nursing-subsidy"}, "row": {rowVersion.FindStringSubmatch(form)[1]}, "name": {"两项"}, "parameter.nursing_subsidy": {"130"}, "from": {"2026-01-01"}}
	b.want(t, at+"/change", more, 200, "两项", "护理补贴标准", "130（2026-01-01 起）", "local &amp;&amp; age &gt;= 85")
	b.want(t, at+"/change", more, 412, "刚刚在别处改过")
	form = b.want(t, at+"/change?item=old-age-allowance", nil, 200, "取消这项改动", `value="85"`)
	page = b.want(t, at+"/change", url.Values{"drop": {"old-age-allowance"}, "row": {rowVersion.FindStringSubmatch(form)[1]}}, 200, "130（2026-01-01 起）")
	if strings.Contains(page, "age &gt;= 85") {
		t.Error("the change was not dropped")
	}
}

func TestAWholeVersionIsTriedOut(t *testing.T) {
	b := as(t, newSite(t), 2)
	choice := regexp.MustCompile(`value="(version:\w+)"`).FindStringSubmatch(b.want(t, "/scenarios/new?list=linfen-2023", nil, 200))
	b.want(t, "/scenarios/new?list=linfen-2023&item="+choice[1], nil, 200, "整份换成所选的版本")
	b.want(t, "/scenarios", url.Values{"list": {"linfen-2023"}, "item": {choice[1]}, "name": {"第二版"}}, 200, "整份清单", "高龄津贴")
	form := raised()
	form.Set("base", strings.TrimPrefix(choice[1], "version:"))
	page := b.want(t, "/scenarios", form, 200, "起点", "另选的版本")
	form.Set("base", "")
	if other := b.want(t, "/scenarios", form, 200); strings.Contains(other, "起点") || lost.FindStringSubmatch(other)[1] == lost.FindStringSubmatch(page)[1] {
		t.Errorf("the version that it starts from does not matter: %s", lost.FindString(page))
	}
	form.Set("base", "?")
	b.want(t, "/scenarios", form, 422, `href="#base"`)
	form.Set("base", "zzz")
	b.want(t, "/scenarios", form, 404)
}

func TestFaultsStandAtTheirFields(t *testing.T) {
	b := as(t, newSite(t), 1)
	for name, c := range map[string]struct {
		field, value, text, anchor string
	}{
		"no name":        {"name", "", "请给方案起个名字", `href="#name"`},
		"a bad rule":     {"when.old-age-allowance", "age >=", "语法错误", `href="#when.old-age-allowance"`},
		"an empty rule":  {"when.old-age-allowance", "", "请填写条件", `href="#when.old-age-allowance"`},
		"a bad age":      {"age", "八十", "年龄应是", `href="#age"`},
		"a bad amount":   {"amount.old-age-allowance.0", "pocket_money", "pocket_money", `href="#amount.old-age-allowance.0"`},
		"a bad standard": {"parameter.old_age_allowance", "八十", "请填写数字", `href="#parameter.old_age_allowance"`},
		"a bad day":      {"on", "2026-13-01", "2026-13-01", `href="#on"`},
	} {
		form := raised()
		form.Set(c.field, c.value)
		page := b.want(t, "/scenarios", form, 422, c.text, c.anchor)
		if c.value != "" && c.field != "age" && !strings.Contains(page, strings.ReplaceAll(strings.ReplaceAll(c.value, ">", "&gt;"), "&&", "&amp;&amp;")) {
			t.Errorf("%s: what was typed is gone", name)
		}
	}
	form := url.Values{"list": {"linfen-2023"}, "item": {"old-age-allowance"}, "name": {"没有改"}}
	b.want(t, "/scenarios", form, 422, "方案还没有改动")
	b.want(t, "/scenarios", url.Values{"list": {"nowhere"}}, 422)
}

func TestTwoScenariosAreCompared(t *testing.T) {
	b := as(t, newSite(t), 1)
	b.want(t, "/scenarios", raised(), 200)
	one := b.at
	b.want(t, one+"/copy", url.Values{}, 200, "（副本）")
	two := b.at
	form := raised()
	form.Set("row", "1")
	form.Set("age", "90")
	form.Set("when.old-age-allowance", "local && age >= 85")
	form.Set("name", "高龄津贴 90 岁")
	b.want(t, two+"/change", form, 200, "age &gt;= 90")
	b.want(t, "/scenarios/compare", nil, 200, "请选择两个")
	a, c := strings.TrimPrefix(one, "/scenarios/"), strings.TrimPrefix(two, "/scenarios/")
	golden(t, "compare", strings.NewReplacer(a, "A", c, "B").Replace(b.want(t, "/scenarios/compare?a="+a+"&b="+c, nil, 200, "甲：高龄津贴 85 岁", "乙：高龄津贴 90 岁", "各项目每月增减")))
	b.want(t, "/scenarios/compare?a=zz&b="+c, nil, 404)
}

func TestFilesAreExported(t *testing.T) {
	b := as(t, newSite(t), 1)
	b.want(t, "/scenarios", raised(), 200)
	at := b.at
	text := b.want(t, at+"/csv", nil, 200, "服务项目", "高龄津贴", "尧都区", "合计")
	if !strings.HasPrefix(text, "\ufeff项目编号,服务项目,地区,新增（人）") {
		t.Errorf("the file begins with %q", text[:60])
	}
	if sheet := b.want(t, at+"/xlsx", nil, 200); !strings.HasPrefix(sheet, "PK") {
		t.Error("that is no workbook")
	}
	b.want(t, at+"/delete", nil, 200, "删除后不能恢复")
	b.want(t, at+"/delete", url.Values{}, 200, "已删除方案")
	b.want(t, at, nil, 404)
	b.want(t, at+"/csv", nil, 404)
}

func TestScenariosOfOthersAreNotThere(t *testing.T) {
	s := newSite(t)
	b := as(t, s, 1)
	b.want(t, "/scenarios", raised(), 200)
	at := b.at
	for _, user := range []int{2, 4} {
		other := as(t, s, user)
		other.want(t, "/scenarios", nil, 200, "还没有测算方案")
		for _, path := range []string{"", "/change", "/xlsx", "/csv", "/delete"} {
			other.want(t, at+path, nil, 404)
		}
		for _, path := range []string{"/run", "/forecast", "/copy", "/change", "/delete"} {
			other.want(t, at+path, url.Values{"row": {"1"}}, 404)
		}
		other.want(t, "/scenarios/compare?a="+strings.TrimPrefix(at, "/scenarios/")+"&b="+strings.TrimPrefix(at, "/scenarios/"), nil, 404)
	}
	as(t, s, 3).want(t, "/scenarios", nil, 403)
	// A county's officer counts the people of his county alone.
	county := as(t, s, 4)
	page := county.want(t, "/scenarios", raised(), 200)
	if strings.Contains(page, "洪洞县") {
		t.Error("another county is counted")
	}
}
