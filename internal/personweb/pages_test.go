package personweb_test

import (
	"bytes"
	"image"
	"image/png"
	"mime/multipart"
	"regexp"
	"strings"
	"testing"

	"yian/internal/history"
	"yian/internal/personweb"
	"yian/internal/region"
	"yian/internal/ui/uitest"
)

func TestTemplatesFitTheirStructs(t *testing.T) { uitest.Templates(t, personweb.Views()) }

// full is a register with two people in a county and one in the next.
func full(t *testing.T) (s *site, wang string) {
	s = newSite(t)
	p := s.create(t, "王秀兰", wangNumber, "141002001", "ability", "moderate", "income", "dibao", "lives_alone", "true")
	s.create(t, "李建国", "14100219350807117", "141002003", "ability", "severe")
	s.create(t, "赵玉珍", "14102119450312226", "141021100")
	return s, "/persons/" + p.ID.String()
}

func TestListShowsThePeopleOfTheScope(t *testing.T) {
	s, _ := full(t)
	b := s.as(t, 1)
	a := b.get(t, "/persons").want(t, 200, "王秀兰", "李建国", "共 2 人", "86", "中度失能").lacks(t, "赵玉珍", number(wangNumber), phone)
	golden(t, "list", a)
	b.get(t, "/persons?ability=severe&age_from=80").want(t, 200, "李建国", "能力等级：重度失能", "年龄：80 岁以上").lacks(t, "王秀兰")
	b.get(t, "/persons?income=unknown").want(t, 200, "李建国", "困难类别：未知").lacks(t, "王秀兰")
	b.get(t, "/persons?cols=name,phones,lives_alone").want(t, 200, "独居", "138****5678").lacks(t, phone)
	b.get(t, "/persons?sort=age").want(t, 200, `aria-sort="descending"`)
	b.get(t, "/persons?state=deceased").want(t, 200, "没有找到", "现在只查了去世的档案")
	b.get(t, "/persons?region=141021").want(t, 200, "没有找到").lacks(t, "赵玉珍")
}

func TestMoreConditionsAndColumnsOpenOnDemand(t *testing.T) {
	s, _ := full(t)
	b := s.as(t, 1)
	hidden := `<input type="hidden" name="ability" value="severe">`
	b.get(t, "/persons?ability=severe").want(t, 200, hidden, "open=more").lacks(t, `type="checkbox"`)
	b.get(t, "/persons?ability=severe&open=more").want(t, 200, `name="ability" value="severe" checked`, "乡镇（街道）的信息", "收起条件").lacks(t, hidden)
	b.get(t, "/persons?ability=severe&open=columns").want(t, 200, hidden, `name="col" value="income" checked`)
	b.get(t, "/persons?ability=severe&col=age").want(t, 200, "李建国", "cols=name%2Cage").lacks(t, "困难类别")
	b.post(t, "/persons/search", "q", "李", "ability", "severe", "age_from", "", "region", "141002", "region", "141002003").
		want(t, 200, "李建国", "能力等级：重度失能", "服务地区：临汾市 尧都区").lacks(t, "王秀兰")
}

func TestEmptyRegisterSaysWhatToDo(t *testing.T) {
	s := newSite(t)
	s.as(t, 1).get(t, "/persons").want(t, 200, "还没有老年人档案", "导入名册", "新建档案")
	s.as(t, 3).get(t, "/persons").want(t, 200, "还没有在册的老年人").lacks(t, "导入名册", "新建档案", "导出")
	s.as(t, 4).get(t, "/persons").want(t, 403)
}

func TestWrongConditionsAreNamed(t *testing.T) {
	s, _ := full(t)
	b := s.as(t, 1)
	b.get(t, "/persons?age_from=90&age_to=80").want(t, 422, "起始年龄 90 岁大于截止年龄 80 岁").lacks(t, "王秀兰")
	b.get(t, "/persons?age_from=x").want(t, 422, "年龄应为 0 至 130 的整数")
	b.get(t, "/persons?state=gone&ability=x").want(t, 422, "没有这种档案状态")
}

func TestSearchKeepsNumbersOutOfTheAddress(t *testing.T) {
	s, wang := full(t)
	b := s.as(t, 1)
	a := b.post(t, "/persons/search", "q", number(wangNumber)).want(t, 200, "王秀兰", "按证件号码查找").lacks(t, "李建国", number(wangNumber))
	if strings.Contains(a.path, wangNumber[:6]) || !regexp.MustCompile(`number=[0-9a-f]{32}`).MatchString(a.path) {
		t.Errorf("the address is %s", a.path)
	}
	if a = b.post(t, "/persons/search", "q", phone).want(t, 200, "按电话查找", "王秀兰"); strings.Contains(a.path, phone) {
		t.Errorf("the address is %s", a.path)
	}
	b.post(t, "/persons/search", "q", "王秀", "ability", "moderate").want(t, 200, "王秀兰", `value="王秀"`, "能力等级：中度失能")
	b.post(t, "/persons/search", "q", "wxl").want(t, 200, "王秀兰").lacks(t, "李建国")
	s.as(t, 2).post(t, "/persons/search", "q", number(wangNumber)).want(t, 200, "没有找到").lacks(t, "王秀兰", wang)
}

func TestFiltersAreKept(t *testing.T) {
	s, _ := full(t)
	b := s.as(t, 1)
	a := b.post(t, "/filters", "filter_name", "独居", "query", "lives_alone=true").want(t, 200, "已保存常用查询", "独居")
	if !strings.Contains(a.path, "lives_alone=true") {
		t.Errorf("back at %s", a.path)
	}
	b.post(t, "/filters", "filter_name", "", "query", "lives_alone=true").want(t, 422, "filter_name")
	s.as(t, 3).get(t, "/persons").lacks(t, "常用查询：")
	b.get(t, "/persons?name=%E7%8E%8B&lives_alone=true").want(t, 200, `name="query" value="lives_alone=true"`)
	forget := regexp.MustCompile(`/filters/\w+/delete`).FindString(a.body)
	b.post(t, forget).want(t, 200, "已删除").lacks(t, "常用查询：")
}

func TestShowTellsEverythingWithItsSource(t *testing.T) {
	s, wang := full(t)
	b := s.as(t, 1)
	a := b.get(t, wang).want(t, 200, "王秀兰", "女", "86 岁", "解放路街道", "中度失能", "乡镇（街道）", "2025-01-01 起", "未知", "刘强", "监护人", "138****5678", "丧偶")
	a.lacks(t, number(wangNumber), phone, kinPhone)
	golden(t, "show", a)
	if n := s.entries(t, "person.read"); n != 1 {
		t.Errorf("the look is on the trail %d times", n)
	}
	s.as(t, 3).get(t, wang).want(t, 200).lacks(t, "修改档案", "变更状态", "查看完整")
}

func TestSiblingRegionFindsNothing(t *testing.T) {
	s, wang := full(t)
	record := strings.TrimSuffix(regexp.MustCompile(wang+`/records/\w+/correct`).FindString(s.as(t, 1).get(t, wang).body), "/correct")
	b := s.as(t, 2)
	for _, below := range []string{"", "/history", "/known", "/unmask", "/edit", "/state", "/transfer", "/photo", "/photo/new", "/facts/new"} {
		b.get(t, wang+below).want(t, 404).lacks(t, "王秀兰")
	}
	for _, below := range []string{"/unmask", "/edit", "/state", "/transfer", "/photo", "/facts/new"} {
		b.post(t, wang+below, "name", "甲乙", "purpose", "核对证件", "what", "number").want(t, 404).lacks(t, "王秀兰")
	}
	for _, below := range []string{"/correct", "/end", "/withdraw"} {
		b.get(t, record+below).want(t, 404)
		b.post(t, record+below, "evidence", "x").want(t, 404)
	}
	b.get(t, "/persons/zzz").want(t, 404)
	b.get(t, "/persons/-").want(t, 404)
}

func TestUnmaskNeedsAPurposeAndIsOnTheTrail(t *testing.T) {
	s, wang := full(t)
	b := s.as(t, 1)
	b.get(t, wang+"/unmask").want(t, 200, "用途").lacks(t, number(wangNumber))
	b.post(t, wang+"/unmask", "what", "number").want(t, 422, "请选择用途").lacks(t, number(wangNumber))
	b.post(t, wang+"/unmask", "what", "number", "purpose", "其他").want(t, 422, "请说明用途").lacks(t, number(wangNumber))
	if n := s.entries(t, "person.unmask"); n != 0 {
		t.Fatalf("%d looks before any purpose was told", n)
	}
	b.post(t, wang+"/unmask", "what", "number", "purpose", "核对证件").want(t, 200, number(wangNumber), "只显示这一次")
	b.post(t, wang+"/unmask", "what", "phones", "purpose", "其他", "words", "通知领取").want(t, 200, phone, "刘强").lacks(t, number(wangNumber))
	var purpose string
	s.scan(t, &purpose, "SELECT purpose FROM audit_entry WHERE action = 'person.unmask' ORDER BY id LIMIT 1")
	if n := s.entries(t, "person.unmask"); n != 2 || purpose != "核对证件" {
		t.Errorf("%d looks, the first for %q", n, purpose)
	}
	s.as(t, 3).get(t, wang+"/unmask").want(t, 403)
}

func TestCreate(t *testing.T) {
	s := newSite(t)
	b := s.as(t, 1)
	golden(t, "new", b.get(t, "/persons/new").want(t, 200, "建立档案"))
	form := []string{
		"name", "陈桂英", "document", "resident_id", "number", number("14100219440203226"), "source", "eldercare", "from", "2026-11-01",
		"residence", "14", "residence", "1410", "residence", "141002", "residence", "141002001", "phone_0", phone, "contact_name_0", "陈刚", "contact_phone_0", "1399876543",
	}
	b.post(t, "/persons/new", form...).want(t, 422, "contact_phone_0-error", `value="陈桂英"`, `value="141002001" selected`)
	form[len(form)-1] = kinPhone
	b.post(t, "/persons/new", form...).want(t, 200, "已为陈桂英建立档案", "82 岁", "女", "解放路街道").lacks(t, kinPhone)
	b.post(t, "/persons/new", form...).want(t, 409, "已经建过档案", "打开原有的档案")
	b.post(t, "/persons/new", "name", "1").want(t, 422, "姓名", "请选择信息来源")
	b.post(t, "/persons/new", "region_more", "residence", "residence", "14", "name", "陈桂英").want(t, 200, "临汾市", `value="陈桂英"`).lacks(t, "错误：")
}

func TestEditKeepsMaskedNumbersAndSeesOtherEdits(t *testing.T) {
	s, wang := full(t)
	b := s.as(t, 1)
	page := b.get(t, wang+"/edit").want(t, 200, "王秀兰").lacks(t, number(wangNumber), phone, kinPhone)
	form := fields(page.body)
	form["address"] = "新华路 5 号"
	b.send(t, wang+"/edit", form).want(t, 200, "已保存", "新华路 5 号")
	b.post(t, wang+"/unmask", "what", "number", "purpose", "核对证件").want(t, 200, number(wangNumber))
	form["address"], form["note"] = "平阳街 8 号", "耳背"
	again := b.send(t, wang+"/edit", form).want(t, 412, "别人改过这份档案", "新华路 5 号", "平阳街 8 号", "耳背")
	b.get(t, wang).want(t, 200, "新华路 5 号")
	b.send(t, wang+"/edit", fields(again.body)).want(t, 200, "平阳街 8 号", "耳背")
	form = fields(b.get(t, wang+"/edit").body)
	form["name"], form["phone_1"] = "王3", "12"
	b.send(t, wang+"/edit", form).want(t, 422, "姓名里不能有数字", "phone_1-error", `value="王3"`)
	b.get(t, wang+"/history").want(t, 200, "修改档案", "解放路 12 号 3 单元 401 → 新华路 5 号")
}

func TestStateIsAskedTwice(t *testing.T) {
	s, wang := full(t)
	b := s.as(t, 1)
	form := fields(b.get(t, wang+"/state").want(t, 200, "变更状态").body)
	b.send(t, wang+"/state", form).want(t, 422, "请选择新的状态", "请填写从哪一天起")
	form["state"], form["on"], form["source"], form["evidence"] = "deceased", "2026-11-20", "police", "死亡证明 12 号"
	ask := b.send(t, wang+"/state", form).want(t, 200, "请核对", "去世", "死亡证明 12 号")
	b.get(t, wang).want(t, 200, "在册")
	edited := fields(b.get(t, wang+"/edit").body)
	edited["note"] = "耳背"
	b.send(t, wang+"/edit", edited).want(t, 200)
	again := b.send(t, wang+"/state", fields(ask.body)).want(t, 412, "别人改过这份档案", "死亡证明 12 号")
	ask = b.send(t, wang+"/state", fields(again.body)).want(t, 200, "请核对")
	b.send(t, wang+"/state", fields(ask.body)).want(t, 200, "状态已改为去世", "已去世", "2026-11-20")
	b.send(t, wang+"/state", fields(ask.body)).want(t, 422, "现在就是去世")
	b.get(t, "/persons").lacks(t, "王秀兰")
}

func TestTransfer(t *testing.T) {
	s, wang := full(t)
	b := s.as(t, 1)
	form := fields(b.get(t, wang+"/transfer").body)
	form["source"] = "police"
	b.send(t, wang+"/transfer", form).want(t, 422, "请选择新的居住地")
	form["to_code"] = "141021100"
	ask := b.send(t, wang+"/transfer", form).want(t, 200, "请核对", "曲沃县")
	b.send(t, wang+"/transfer", fields(ask.body)).want(t, 200, "已移交到").lacks(t, wang+`"`)
	b.get(t, wang).want(t, 404)
	s.as(t, 2).get(t, wang).want(t, 200, "王秀兰", "曲沃县")
}

func TestRecordCorrectEndWithdraw(t *testing.T) {
	s, wang := full(t)
	b := s.as(t, 1)
	b.get(t, wang+"/facts/new?fact=ability").want(t, 200, "现在：中度失能", "autofocus")
	b.post(t, wang+"/facts/new", "source", "eldercare", "from", "2026-11-01").want(t, 422, "请至少填写一项信息")
	b.post(t, wang+"/facts/new", "from", "x", "ability", "severe").want(t, 422, "请选择信息来源", "日期")
	b.post(t, wang+"/facts/new", "source", "eldercare", "from", "2026-11-01", "to", "2027-10-31", "evidence", "评估报告 7 号", "ability", "severe", "dementia", "true").
		want(t, 200, "现在的情况有变", "重度失能", "2026-11-01 至 2027-10-31", "失智")
	b.post(t, wang+"/facts/new", "source", "village", "from", "2026-11-10", "ability", "total").want(t, 200, "已列入待核定", "能力等级有争议", "重度失能")
	record := strings.TrimSuffix(regexp.MustCompile(wang+`/records/\w+/correct`).FindString(after(b.get(t, wang).body, "失智")), "/correct")
	form := b.get(t, record+"/correct").want(t, 200, "原记录", "2027-10-31")
	f := fields(form.body)
	b.send(t, record+"/correct", f).want(t, 422, "请说明更正的依据")
	f["evidence"], f["ability"] = "复核", "moderate"
	b.send(t, record+"/correct", f).want(t, 200, "已更正", "中度失能")
	b.get(t, record+"/correct").want(t, 409, "已被后来的记录更正")
	record = strings.TrimSuffix(regexp.MustCompile(wang+`/records/\w+/correct`).FindString(after(b.get(t, wang).body, "失智")), "/correct")
	b.post(t, record+"/end", "facts", "dementia", "on", "2026-11-15", "evidence", "痊愈").want(t, 200, "已结束")
	b.post(t, record+"/withdraw", "evidence", "登错").want(t, 422, "请至少选择一项")
	b.post(t, record+"/withdraw", "facts", "ability", "evidence", "登错人").want(t, 200, "已撤回")
	golden(t, "history", b.get(t, wang+"/history").want(t, 200, "更正：", "撤回：", "已被更正", "现行", "张三", "评估报告 7 号"))
}

func TestKnownOnADay(t *testing.T) {
	s, wang := full(t)
	b := s.as(t, 1)
	s.clock = s.clock.AddDate(0, 1, 0)
	b.post(t, wang+"/facts/new", "source", "eldercare", "from", "2026-11-01", "ability", "severe").want(t, 200)
	golden(t, "known", b.get(t, wang+"/known?on=2026-11-10&known=2026-11-30").want(t, 200, "有 1 项不同", "中度失能", "重度失能", "截至 2026-11-30 所知"))
	b.get(t, wang+"/known").want(t, 200, "一致")
	b.get(t, wang+"/known?on=2026-02-30&known=2030-01-01").want(t, 422, "on-error", "这一天还没有到")
	b.get(t, wang+"/known?on=1980-01-01").want(t, 200, "一致")
}

func TestConflictsAreSettled(t *testing.T) {
	s, wang := full(t)
	b := s.as(t, 1)
	b.get(t, "/conflicts").want(t, 200, "没有待核定的争议")
	b.post(t, wang+"/facts/new", "source", "eldercare", "from", "2026-10-01", "ability", "severe")
	b.post(t, wang+"/facts/new", "source", "village", "from", "2026-11-10", "ability", "total", "evidence", "走访")
	list := b.get(t, "/conflicts").want(t, 200, "王秀兰", "重度失能", "完全失能", "共 1 项")
	at := regexp.MustCompile(`/conflicts/\w+`).FindString(list.main())
	page := b.get(t, at).want(t, 200, "民政（养老服务）对这一项负责", "村（社区）", "走访")
	golden(t, "conflict", page)
	s.as(t, 2).get(t, at).want(t, 404).lacks(t, "王秀兰")
	s.as(t, 2).get(t, "/conflicts").want(t, 200).lacks(t, "王秀兰")
	s.as(t, 3).get(t, at).want(t, 403)
	form := fields(page.body)
	delete(form, "accept")
	b.send(t, at, form).want(t, 422, "请选择核定结果", "请写明怎么核实的")
	form["accept"], form["note"] = "yes", "入户核实"
	b.send(t, at, form).want(t, 200, "已核定王秀兰的能力等级", "没有待核定的争议")
	b.get(t, wang).want(t, 200, "完全失能", "人工核定").lacks(t, "有争议")
	b.send(t, at, form).want(t, 412, "已核定：改为不同的说法", "入户核实")
}

func TestPhoto(t *testing.T) {
	s, wang := full(t)
	b := s.as(t, 1)
	b.get(t, wang+"/photo").want(t, 404)
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 600, 300))); err != nil {
		t.Fatal(err)
	}
	b.upload(t, wang+"/photo", "photo", []byte("no picture")).want(t, 422, "photo-error")
	b.upload(t, wang+"/photo", "photo", nil).want(t, 422, "请选择一张照片")
	b.upload(t, wang+"/photo", "photo", picture.Bytes()).want(t, 200, "照片已保存", `alt="本人照片"`)
	if a := b.get(t, wang+"/photo").want(t, 200); !strings.HasPrefix(a.body, "\xff\xd8") {
		t.Errorf("the photo begins with %x", a.body[:min(8, len(a.body))])
	}
	b.post(t, wang+"/photo", "remove", "1").want(t, 200, "照片已删除").lacks(t, "本人照片")
}

func TestRegionLevels(t *testing.T) {
	b := newSite(t).as(t, 1)
	b.get(t, "/regions?field=residence&residence=14&residence=1410").want(t, 200, "尧都区", "residence-2").lacks(t, "<html")
	b.get(t, "/regions?field=region&top=1410&region=141002").want(t, 200, "解放路街道", "top=1410").lacks(t, "residence", "山西省")
}

func TestPlace(t *testing.T) {
	for code, want := range map[string]string{
		"": "", "14": "山西省", "1410": "临汾市", "141002001": "临汾市 尧都区 解放路街道", "141002001999": "临汾市 尧都区 解放路街道 141002001999", "990001": "9900 990001",
	} {
		if got := personweb.Place(region.Code(code)); got != want {
			t.Errorf("%s is %q, want %q", code, got, want)
		}
	}
}

func TestSourcesOfForms(t *testing.T) {
	b := newSite(t).as(t, 1)
	a := b.get(t, "/persons/new").want(t, 200, history.Village.Label(), `value="eldercare" selected`)
	if strings.Contains(a.main(), history.Settled.Label()) || strings.Contains(a.main(), `value="document"`) {
		t.Error("a source is offered that nobody can be")
	}
}

// entries counts the lines of the trail with an action.
func (s *site) entries(t *testing.T, action string) (n int) {
	t.Helper()
	s.scan(t, &n, "SELECT count(*) FROM audit_entry WHERE action = '"+action+"'")
	return n
}

func (s *site) scan(t *testing.T, to any, query string) {
	t.Helper()
	if err := s.db.DB.DB.QueryRowContext(t.Context(), query).Scan(to); err != nil {
		t.Fatal(err)
	}
}

var (
	anyInput  = regexp.MustCompile(`<input[^>]*>|<textarea[^>]*>\n?([^<]*)</textarea>|(?s)<select[^>]*>.*?</select>`)
	anyName   = regexp.MustCompile(`\bname="([^"]*)"`)
	anyValue  = regexp.MustCompile(`\bvalue="([^"]*)"`)
	anyChosen = regexp.MustCompile(`<option value="([^"]*)" selected`)
)

// fields returns what a browser would send of the first form of a page.
func fields(body string) map[string]string {
	_, form, _ := strings.Cut(body, `<form class="form"`)
	form, _, _ = strings.Cut(form, "</form>")
	out := map[string]string{}
	for _, m := range anyInput.FindAllStringSubmatch(form, -1) {
		tag, name := m[0], anyName.FindStringSubmatch(m[0])
		switch {
		case name == nil:
		case strings.HasPrefix(tag, "<select"):
			if chosen := anyChosen.FindStringSubmatch(tag); chosen != nil {
				out[name[1]] = chosen[1]
			}
		case strings.HasPrefix(tag, "<textarea"):
			out[name[1]] = m[1]
		case (strings.Contains(tag, `type="checkbox"`) || strings.Contains(tag, `type="radio"`)) && !strings.Contains(tag, "checked"):
		default:
			if v := anyValue.FindStringSubmatch(tag); v != nil {
				out[name[1]] = v[1]
			}
		}
	}
	return out
}

// send posts the fields of a form.
func (b *browser) send(t *testing.T, path string, form map[string]string) answer {
	t.Helper()
	var pairs []string
	for name, text := range form {
		pairs = append(pairs, name, text)
	}
	return b.post(t, path, pairs...)
}

// upload posts a file.
func (b *browser) upload(t *testing.T, path, field string, data []byte) answer {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	if data != nil {
		part, err := w.CreateFormFile(field, "photo.png")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = part.Write(data)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.do(t, "POST", path, w.FormDataContentType(), &body)
}

// after returns what follows a text.
func after(body, text string) string {
	_, main, _ := strings.Cut(body, "<main")
	_, rest, _ := strings.Cut(main, text)
	return rest
}
