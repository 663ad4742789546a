package entitlementweb_test

import (
	"fmt"
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"yian/internal/civil"
	"yian/internal/entitlementweb"
	"yian/internal/id"
	"yian/internal/ui/uitest"
)

func TestTemplatesFitTheirStructs(t *testing.T) { uitest.Templates(t, entitlementweb.Views()) }

func TestPersonPageTellsWhatWhyAndWhatNext(t *testing.T) {
	s := sqlite(t)
	c := s.crowd(t)
	b := s.as(t, 1)
	page := b.get(t, "/persons/"+c.newly.String()+"/entitlements").want(t, 200,
		"高龄津贴 可享受", "每月 120 元", "年满 80 周岁", "2026-06-20", "对 80 周岁及以上老年人发放高龄津贴。",
		"/public/lists/141002#old-age-allowance", "需要本人或家属申请", "登记联系情况", "尧都区基本养老服务清单")
	golden(t, "person", page)
	b.get(t, "/persons/"+c.soon.String()+"/entitlements").want(t, 200, "2026-07-15（满 80 周岁）起：不符合 → 可享受，每月 120 元")
	open := b.get(t, "/persons/"+c.open.String()+"/entitlements").want(t, 200,
		"护理补贴 还不确定", "缺少：", "由民政（养老服务）提供", "/facts/new?fact=ability", "独居", "2026-06-10 起")
	golden(t, "person-open", open)
}

func TestPersonPageOfAPastMonth(t *testing.T) {
	s := sqlite(t)
	c := s.crowd(t)
	s.day(t, 2026, 8, 3)
	// That the man does not live alone since March was learned in August.
	b := s.as(t, 3)
	address := "/persons/" + c.open.String() + "/entitlements?month="
	s.says(t, c.open, "lives_alone", "false", civil.New(2026, 3, 1))
	page := b.get(t, address+"2026-06").want(t, 200, "2026-06 的待遇：当时所知与现在所知有 1 项不同", "3. 探访服务 可享受")
	golden(t, "month", page)
	b.get(t, address+"2026-05").want(t, 200, "不知道住在哪里") // his file was opened in June
	b.get(t, address+"2025-06").want(t, 200, "没有可以认定的")
	b.get(t, address+"2026-09").want(t, 422, "这个月还没有到")
	b.get(t, address+"昨天").want(t, 422, "请按“年-月”填写")
	b.get(t, address+"2026-08").want(t, 200, "目前不符合").lacks(t, "截至")
}

func TestHistoryTellsOldAndNewReasons(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.crowd(t)
		page := s.as(t, 3).get(t, "/persons/"+c.lost.String()+"/entitlements/history").want(t, 200,
			"探访服务：可享受 → 不符合", "信息变化", "独居：是 → 否")
		golden(t, "history", page)
		s.as(t, 3).get(t, "/persons/"+c.open.String()+"/entitlements/history").want(t, 200, "还没有变化")
		s.as(t, 1).get(t, "/persons/"+c.newly.String()+"/entitlements/history").want(t, 200, "高龄津贴：不符合 → 可享受，每月 120 元", "年龄变化")
	})
}

func TestWorkListsNameWhoIsToBeContacted(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.crowd(t)
		b := s.as(t, 1)
		page := b.get(t, "/entitlements").want(t, 200, "王秀兰", "80 岁", "每月 120 元", "依据：第1项", "138****5678", "2026-06-20 起 已 10 天", "待联系").
			lacks(t, "李桂英", "张大爷", "陈老汉")
		golden(t, "work", page)
		b.get(t, "/entitlements?on=changing").want(t, 200, "李桂英", "2026-07-15 还有 15 天", "不符合 → 可享受，每月 120 元").lacks(t, "王秀兰")
		b.get(t, "/entitlements?on=missing").want(t, 200, "刘奶奶", "护理补贴还不能确定").lacks(t, "王秀兰")
		b.get(t, "/entitlements?on=missing&item=lives_alone").want(t, 200, "这里没有要办的")
		b.get(t, "/entitlements?on=lost").want(t, 200, "这里没有要办的")
		s.as(t, 2).get(t, "/entitlements?on=lost").want(t, 200, "张大爷", "探访服务", "信息变化")
		s.as(t, 3).get(t, "/entitlements?on=lost&region="+string(village)).want(t, 200, "这里没有要办的")
	})
}

func TestContactIsRecorded(t *testing.T) {
	s := sqlite(t)
	c := s.crowd(t)
	b := s.as(t, 1)
	address := "/entitlements/contact?on=newly&item=old-age-allowance&person=" + c.newly.String()
	page := b.get(t, address).want(t, 200, "王秀兰：高龄津贴", "每月 120 元", "需要本人或家属申请", "138****5678")
	golden(t, "contact", page)
	form := []string{"person", c.newly.String(), "on", "newly", "item", "old-age-allowance", "version", "0"}
	b.post(t, "/entitlements/contact", form...).want(t, 422, "请选择联系结果")
	b.post(t, "/entitlements/contact", append(form, "state", "declined")...).want(t, 422, "请写明本人不要的原因")
	b.post(t, "/entitlements/contact", append(form, "state", "reached", "due", "明天")...).want(t, 422, "日期请按“年-月-日”填写")
	b.post(t, "/entitlements/contact", append(form, "state", "reached", "text", "电话告诉了女儿", "due", "2026-07-02")...).want(t, 200, "已联系，已登记", "2026-07-02 前办")
	b.get(t, address).want(t, 200, "办过的", "电话告诉了女儿", "张三")
	b.post(t, "/entitlements/contact", append(form, "state", "applies")...).want(t, 412)
	form[7] = anyVersion.FindStringSubmatch(b.get(t, address).body)[1]
	b.post(t, "/entitlements/contact", append(form, "state", "declined", "text", "不愿意填表")...).want(t, 200, "这里没有要办的")
	b.get(t, "/entitlements?state=declined").want(t, 200, "王秀兰", "本人不要")
	b.get(t, address).want(t, 200, "重新打开")
	// Nobody may note what is not so.
	form[5] = "care"
	b.post(t, "/entitlements/contact", append(form, "state", "reached")...).want(t, 404)
	// What was so and is no longer still shows what was done.
	s.says(t, c.newly, "birth", "1950-01-01", civil.New(2026, 1, 1))
	b.get(t, address).want(t, 200)
}

func TestTasksAreAssigned(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.crowd(t)
		b := s.as(t, 3)
		s.says(t, s.somebody(t, "周大妈", "14100219500620106", beside, "ability", "intact"), "lives_alone", "true", s.results.Today())
		page := b.get(t, "/entitlements?item=").want(t, 200, "张三（测试单位）", "李四（测试单位）", "周大妈")
		key := anyKey.FindStringSubmatch(page.body)[1] // of the first village
		back := "on=newly"
		b.post(t, "/entitlements/assign", "back", back, "assignee", "1").want(t, 200, "请先勾选")
		b.post(t, "/entitlements/assign", "back", back, "matter", key).want(t, 200, "请选择分给谁")
		b.post(t, "/entitlements/assign", "back", back, "matter", key, "assignee", "2").want(t, 200, "不负责所选老年人所在的地区")
		b.post(t, "/entitlements/assign", "back", back, "matter", "x.y", "assignee", "1").want(t, 404)
		b.post(t, "/entitlements/assign", "back", back, "matter", key, "assignee", "1", "due", "2026-07-05").want(t, 200, "已分派 1 件", "已分派", "2026-07-05 前办")
		s.as(t, 1).get(t, "/entitlements?who=me").want(t, 200, "王秀兰")
		b.get(t, "/entitlements?who=me").want(t, 200, "这里没有要办的")
		s.day(t, 2026, 7, 6)
		s.as(t, 1).get(t, "/entitlements?who=me").want(t, 200, "已过期限 2026-07-05")
		b.post(t, "/entitlements/assign", "back", back, "matter", key, "assignee", "none").want(t, 200, "已收回 1 件", "待联系")
	})
}

func TestFiguresHaveNamesBehindThem(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.crowd(t)
		b := s.as(t, 3)
		b.post(t, "/entitlements/contact", "person", c.newly.String(), "on", "newly", "item", "old-age-allowance", "version", "0", "state", "applies")
		page := b.get(t, "/entitlements/figures").want(t, 200, "高龄津贴 1 0 1 1 0 0 0", "护理补贴 0 1 0 0 0 0 0", "探访服务 1 0 0 0 0 0 1", "state=untold")
		golden(t, "figures", page)
		b.get(t, "/entitlements/figures?item=visit").want(t, 200, "各地探访服务的人数")
		at := "/entitlements/names?region=" + string(town) + "&item="
		b.get(t, at+"visit&state=yes").want(t, 200, "刘奶奶").lacks(t, "王秀兰")
		b.get(t, at+"visit&state=untold").want(t, 200, "刘奶奶", "待联系")
		b.get(t, at+"old-age-allowance&state=untold").want(t, 200).lacks(t, "王秀兰")
		b.get(t, at+"care&state=unknown").want(t, 200, "刘奶奶")
		golden(t, "names", b.get(t, at+"old-age-allowance&state=applies").want(t, 200, "王秀兰", "申请中"))
		b.get(t, at+"visit&state=nothing").want(t, 404)
	})
}

func TestPlannerTellsWhichFactDecides(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.crowd(t)
		page := s.as(t, 3).get(t, "/entitlements/planner").want(t, 200, "1 人只差这一项", "看名单", "item=ability")
		golden(t, "planner", page)
		s.as(t, 2).get(t, "/entitlements/planner").want(t, 200, "没有因为缺少信息而不能确定的老人")
		s.as(t, 7).get(t, "/entitlements/planner").want(t, 200).lacks(t, "看名单") // may see, not work
	})
}

// TestOthersSeeNothing walks the pages as people of other places and roles.
func TestOthersSeeNothing(t *testing.T) {
	s := sqlite(t)
	c := s.crowd(t)
	file, contact := "/persons/"+c.newly.String()+"/entitlements", "/entitlements/contact?on=newly&item=old-age-allowance&person="+c.newly.String()
	b := s.as(t, 4)
	for _, path := range []string{file, file + "/history", contact} {
		b.get(t, path).want(t, 404)
	}
	b.post(t, "/entitlements/contact", "person", c.newly.String(), "on", "newly", "item", "old-age-allowance", "version", "0", "state", "done").want(t, 404)
	for _, path := range []string{"/entitlements?region=", "/entitlements?on=lost&region=", "/entitlements?on=missing&region=", "/entitlements/figures?region=", "/entitlements/planner?region=", "/entitlements/names?item=visit&state=yes&region="} {
		b.get(t, path+string(village)).want(t, 200).lacks(t, "王秀兰", "李桂英", "张大爷", "刘奶奶", "只差这一项")
	}
	for _, path := range []string{file, "/entitlements", contact, "/entitlements/figures"} {
		s.as(t, 5).get(t, path).want(t, 403)
		s.as(t, 6).get(t, path).want(t, 403)
	}
	s.as(t, 7).get(t, "/entitlements").want(t, 403)
	s.as(t, 7).get(t, file).want(t, 200).lacks(t, "登记联系情况")
}

func TestTodosCountWhatWaits(t *testing.T) {
	s := sqlite(t)
	c := s.crowd(t)
	got := func(user int) string {
		t.Helper()
		items, err := s.pages.Todos(t.Context(), users[id.ID(user)], "")
		if err != nil {
			t.Fatal(err)
		}
		var text []string
		for _, i := range items {
			if _, err := url.Parse(i.Href); err != nil || i.Count == 0 {
				t.Errorf("item %+v", i)
			}
			text = append(text, i.Text)
		}
		return strings.Join(text, "；")
	}
	if got, want := got(1), "新符合条件，还没有联系；30 天内将有变化；缺少信息，待遇还不能确定"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	s.as(t, 1).post(t, "/entitlements/contact", "person", c.newly.String(), "on", "newly", "item", "old-age-allowance", "version", "0", "state", "done")
	if got, want := got(1), "30 天内将有变化；缺少信息，待遇还不能确定"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, user := range []int{2, 5} {
		if got := got(user); got != "" {
			t.Errorf("user %d: %s", user, got)
		}
	}
}

// TestListsAreReadToTheirEnd turns the pages of a list, and reads on where not all
// results were looked through at once: everybody is named once.
func TestListsAreReadToTheirEnd(t *testing.T) {
	s := sqlite(t)
	var people []id.ID
	for i := range 70 {
		people = append(people, s.somebody(t, fmt.Sprintf("王小%c", '一'+i), fmt.Sprintf("1410021946062%04d", i+1), village, "lives_alone", "false", "ability", "intact"))
	}
	s.day(t, 2026, 6, 30)
	next := regexp.MustCompile(`href="([^"]+)" rel="next"`)
	for _, most := range []int{2000, 10} {
		undo := entitlementweb.Most(most)
		seen := map[string]int{}
		path, pages := "/entitlements?on=newly", 0
		for path != "" {
			a := s.as(t, 1).get(t, path)
			for _, m := range regexp.MustCompile(`>(王小.)<`).FindAllStringSubmatch(a.want(t, 200).body, -1) {
				seen[m[1]]++
			}
			path, pages = "", pages+1
			if m := next.FindStringSubmatch(a.body); m != nil && pages < 9 {
				path = html.UnescapeString(m[1])
			}
		}
		undo()
		if len(seen) != len(people) {
			t.Errorf("%d of %d people are named on %d pages", len(seen), len(people), pages)
		}
		for name, n := range seen {
			if n != 1 {
				t.Errorf("%s is named %d times", name, n)
			}
		}
	}
}

func TestWordIsSentOnce(t *testing.T) {
	s := sqlite(t)
	c := s.crowd(t)
	b := s.as(t, 1)
	who := c.newly.String()
	address := "/entitlements/contact?on=newly&item=old-age-allowance&person=" + who
	b.get(t, address).want(t, 200, "王女士：您现在可以享受“高龄津贴”（每月 120 元）", "尧都区民政局 0357-2012345", "档案里没有可以收消息的手机号，请补上家属或监护人的手机号")
	form := []string{"person", who, "on", "newly", "item", "old-age-allowance", "template", "newly"}
	b.post(t, "/entitlements/tell", form...).want(t, 200, "已交给短信网关发送", "已发通知消息给", "待联系")
	b.post(t, "/entitlements/tell", form...).want(t, 200, "这件事已经通知过了")
	form[7] = "newly-family"
	b.post(t, "/entitlements/tell", form...).want(t, 200, "没有发送：档案里没有可以收消息的手机号")
	form[7] = "lost"
	b.post(t, "/entitlements/tell", form...).want(t, 404)
	form[7], form[5] = "newly", "care"
	b.post(t, "/entitlements/tell", form...).want(t, 404)
	form[5] = "old-age-allowance"
	s.as(t, 4).post(t, "/entitlements/tell", form...).want(t, 404)
	b.get(t, "/entitlements/contact?on=missing&item=ability&person="+c.open.String()).want(t, 200, "您可能可以享受“护理补贴”")
	b.get(t, "/entitlements/contact?on=changing&item=old-age-allowance&person="+c.soon.String()).want(t, 200, "从2026年7月15日起")
	s.as(t, 2).get(t, "/entitlements/contact?on=lost&item=visit&person="+c.lost.String()).want(t, 200, "不再符合“探访服务”的条件", "信息变化，现在不符合")
}
