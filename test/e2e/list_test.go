package e2e

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

// raise is the story of an author who raises the age of an item.
type raise struct {
	t     *testing.T
	s     *server
	b     *tab
	draft string // path of the version that is being written
}

// TestAnAuthorRaisesTheAgeOfAnItem tells how a county takes an item of the city's list
// into its own and raises its age, sees whom that hurts and that the list falls below
// the city's, makes it lawful again, and brings it into force with a second person.
func TestAnAuthorRaisesTheAgeOfAnItem(t *testing.T) {
	t.Parallel()
	r := &raise{t: t, s: serveDemo(t), b: newTab(t)}
	r.s.enter(t, r.b, "county-author")
	r.begin()
	r.age("80", "85")
	r.counts()
	r.save("85")
	r.people(false)
	r.falls()
	r.age("85", "80")
	r.save("80")
	r.figure("60")
	r.people(true)
	r.stands()
	r.submits()
	r.s.leave(t, r.b)
	r.s.enter(t, r.b, "county-approver")
	r.approves()
	r.s.leave(t, r.b)
	r.s.enter(t, r.b, "county")
	r.files()
	r.s.leave(t, r.b)
	r.s.enter(t, r.b, "city")
	r.accepts()
	r.s.leave(t, r.b)
	r.s.enter(t, r.b, "village")
	r.reaches()
	for _, fault := range r.b.complaints() {
		t.Errorf("the console says: %s", fault)
	}
}

// china is where it is today.
var china = time.FixedZone("", 8*60*60)

func today() string { return time.Now().In(china).Format(time.DateOnly) }

// begin drafts the next version of the county's list.
func (r *raise) begin() {
	t, b := r.t, r.b
	b.press(t, "服务清单")
	b.shows(t, "洪洞县基本养老服务清单")
	b.press(t, "起草清单")
	b.set(t, "list", "洪洞县")
	b.set(t, "note", "年度调整高龄津贴")
	b.press(t, "开始起草")
	b.shows(t, "已起草第 2 版")
	r.draft = b.at(t)
}

// age changes the age of the item, which the list has taken over from that of the city
// before it was written there.
func (r *raise) age(from, to string) {
	t, b := r.t, r.b
	b.open(t, r.s.base+r.draft)
	row := js[string](t, b, `document.getElementById("i-old-age-allowance").innerText`)
	if inherited := strings.Contains(row, "承接上级"); inherited != (from == "80") {
		t.Errorf("at the age of %s the item is taken over: %t: %s", from, inherited, row)
	}
	js[bool](t, b, `(window.leftBehind = true, document.querySelector("#i-old-age-allowance a").click(), true)`)
	b.left(t)
	if now := js[string](t, b, `document.getElementById("all_lo").value`); now != from {
		t.Fatalf("the age that is edited is %q", now)
	}
	b.set(t, "all_lo", to)
	b.set(t, "audience", to+"周岁及以上老年人")
}

// counts sees, while it is written, how many lose the item.
func (r *raise) counts() {
	t, b := r.t, r.b
	b.shows(t, "比现行清单减少")
	b.shows(t, "户籍地在临汾市，且年满 85 周岁")
	figure := func(label string) int {
		text := js[string](t, b, `[...document.querySelectorAll("#live .stat")].find(s => s.innerText.includes(`+quote(label)+`)).querySelector("b").innerText`)
		n, err := strconv.Atoi(strings.ReplaceAll(text, ",", ""))
		if err != nil {
			t.Fatalf("%s: %v", label, err)
		}
		return n
	}
	if figure("比现行清单减少") == 0 || figure("比现行清单新增") != 0 || figure("可享受") == 0 {
		t.Errorf("with a higher age it says: %s", js[string](t, b, `document.getElementById("live").innerText`))
	}
}

// save keeps the item in the draft.
func (r *raise) save(age string) {
	t, b := r.t, r.b
	b.press(t, "保存")
	b.shows(t, "已保存")
	if b.at(t) != r.draft {
		t.Fatalf("saved, one comes to %s: %s", b.where(), b.what())
	}
	b.shows(t, "年满 "+age+" 周岁")
}

// people writes down the test people: the one of 81 or 82 years gets the item or not.
func (r *raise) people(entitled bool) {
	t, b := r.t, r.b
	year := time.Now().In(china).Year()
	want := map[bool]string{true: "{result: yes, amount: 60}", false: "no"}[entitled]
	older := map[bool]string{true: "{result: yes, amount: 60}", false: "{result: yes, amount: 50}"}[entitled]
	text := ""
	for _, p := range []struct{ name, birth, hukou, want string }{
		{"87岁的老人", strconv.Itoa(year-87) + "-01-01", "141024100001", older},
		{"82岁的老人", strconv.Itoa(year-82) + "-01-01", "141024100001", want},
		{"外市户籍的老人", strconv.Itoa(year-90) + "-01-01", "440106", "no"},
	} {
		text += fmt.Sprintf("- name: %s\n  at: %s\n  facts: {birth: %s, hukou: %q}\n  expect: {old-age-allowance: %s}\n", p.name, today(), p.birth, p.hukou, p.want)
	}
	b.open(t, r.s.base+r.draft)
	b.press(t, "测试人物")
	js[bool](t, b, `(document.querySelector("textarea[name=tests]").value = `+quote(text)+`, true)`)
	b.press(t, "保存")
	b.shows(t, "已保存")
}

// falls is told that the list falls below the city's, with somebody who shows it.
func (r *raise) falls() {
	t, b := r.t, r.b
	b.open(t, r.s.base+r.draft+"/check")
	b.shows(t, "有 1 个项目低于上级清单")
	b.shows(t, "临汾市基本养老服务清单")
	said := js[string](t, b, `document.querySelector("main").innerText`)
	for _, part := range []string{"一位", "岁", "按上级清单", "按本清单"} {
		if !strings.Contains(said, part) {
			t.Errorf("no person shows that the list falls below the city's: %s", said)
		}
	}
	b.open(t, r.s.base+r.draft+"/submit")
	b.shows(t, "有人减少")
}

// figure sets the amount of the county.
func (r *raise) figure(amount string) {
	t, b := r.t, r.b
	b.open(t, r.s.base+r.draft+"/parameters/old_age_allowance")
	b.set(t, "from", today())
	b.set(t, "value", amount)
	b.press(t, "保存")
	b.shows(t, "每月："+amount+" 元")
}

// stands is told that nothing is wrong any more.
func (r *raise) stands() {
	t, b := r.t, r.b
	b.open(t, r.s.base+r.draft+"/check")
	b.shows(t, "没有错误")
	b.shows(t, "不低于上级清单")
	b.lacks(t, "个项目低于上级清单")
}

// submits sends the version to review. Its author cannot approve it.
func (r *raise) submits() {
	t, b := r.t, r.b
	b.press(t, "送审")
	b.set(t, "note", "年度调整，请审批")
	b.press(t, "送审")
	b.shows(t, "已送审")
	b.shows(t, "待审批")
	if js[bool](t, b, `!!document.querySelector('main a[href$="/approve"], main a[href$="/edit"]')`) {
		t.Errorf("the author may approve, or change what is in review:\n%s", b.what())
	}
	b.open(t, r.s.base+r.draft+"/approve")
	b.shows(t, "没有权限")
	b.complaints() // that it was refused is reported in the console too
}

// approves is what the second person does: approve, and publish from today on.
func (r *raise) approves() {
	t, b := r.t, r.b
	b.open(t, r.s.base+"/policies")
	b.press(t, "第 2 版")
	b.press(t, "批准")
	b.set(t, "note", "同意")
	b.press(t, "批准")
	b.shows(t, "已批准")
	b.press(t, "发布")
	b.shows(t, "对人的影响")
	b.press(t, "发布")
	b.shows(t, "现行")
	b.open(t, r.s.base+"/policies")
	b.shows(t, "第 2 版，自 "+today()+" 起施行")
	b.open(t, r.s.base+"/public/lists/141024/old-age-allowance")
	b.shows(t, "60")
	b.lacks(t, "每月 50")
}

// files sends the version to the city.
func (r *raise) files() {
	t, b := r.t, r.b
	b.open(t, r.s.base+r.draft)
	b.press(t, "报送备案")
	b.press(t, "报送备案")
	b.shows(t, "已报送备案")
}

// accepts is what the city answers.
func (r *raise) accepts() {
	t, b := r.t, r.b
	b.press(t, "清单备案")
	b.press(t, "洪洞县基本养老服务清单")
	b.shows(t, "没有低于上级清单的项目")
	b.set(t, "choice", "接受备案")
	b.press(t, "答复")
	b.shows(t, "已答复")
	b.open(t, r.s.base+"/filings?box=all")
	b.shows(t, "已备案")
}

// reaches finds the higher amount with somebody in a village.
func (r *raise) reaches() {
	t, b := r.t, r.b
	b.open(t, r.s.base+"/entitlements")
	b.press(t, "郑玉梅")
	for until := time.Now().Add(patience); !strings.Contains(b.quietly(`document.body.innerText`), "每月 60 元"); b.open(t, b.where()) {
		if time.Now().After(until) {
			t.Fatalf("the new amount does not reach the people:\n%s", b.what())
		}
		time.Sleep(200 * time.Millisecond)
	}
}
