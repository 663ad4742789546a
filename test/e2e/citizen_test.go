package e2e

import (
	"os"
	"strings"
	"testing"
	"time"
)

// answers are what somebody knows of his mother; what is not in them he does not know.
var answers = map[string]string{"income": "none", "pension": "resident", "lives_alone": "true"}

// questions are more than are ever asked.
const questions = 40

// TestACitizenFindsWhatHisMotherCanGet tells how somebody with a telephone, who is not
// signed in, finds what his mother of 81 years can get, with the clause.
func TestACitizenFindsWhatHisMotherCanGet(t *testing.T) {
	t.Parallel()
	axe, err := os.ReadFile("../../web/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatalf("axe-core is not there: run `make front` first: %v", err)
	}
	s, b := serveDemo(t), newTab(t)
	b.size(t, 390)
	b.open(t, s.base+"/public")
	b.press(t, "我能享受哪些服务")
	b.set(t, "whom", "家人")
	b.press(t, "开始")
	asked := map[string]bool{}
	for kind := ""; ; {
		at := b.at(t)
		name := at[strings.LastIndex(at, "/")+1:]
		if name == "answers" {
			break
		}
		if asked[name] || len(asked) > questions {
			t.Fatalf("%s is asked again, after %d questions", name, len(asked))
		}
		asked[name] = true
		if now := js[string](t, b, `[...document.querySelectorAll("main form [name]")].map(c => c.type).slice(0, 2).join()`); now != kind {
			kind = now // one page of a kind is looked at
			looked(t, b, string(axe))
		}
		answer(t, b, name)
		if name == "birth" {
			b.press(t, "上一题")
			if year := js[string](t, b, `document.querySelector("[name=year]").value`); year == "" {
				t.Error("somebody who goes back finds his answer gone")
			}
			b.press(t, "继续")
		}
	}
	corrected(t, s, b)
	looked(t, b, string(axe))
	b.press(t, "查看结果")
	looked(t, b, string(axe))
	for _, text := range []string{"您的家人可以享受", "高龄津贴", "每月 50", "附件第11项", "免申即享", "还不确定", "能力等级", "洪洞县民政局"} {
		b.shows(t, text)
	}
	large(t, b)
	b.press(t, "高龄津贴")
	b.shows(t, "附件第11项")
	b.open(t, s.base+"/public/check/result")
	b.press(t, "清除我的回答")
	b.shows(t, "已经清除")
	for _, fault := range b.complaints() {
		t.Errorf("the console says: %s", fault)
	}
}

// looked looks at the page in every way and leaves it as it was.
func looked(t *testing.T, b *tab, axe string) {
	t.Helper()
	look(t, b, axe, "", b.at(t))
	b.size(t, 390)
	b.open(t, b.where())
}

// answer answers one question as somebody with a telephone does.
func answer(t *testing.T, b *tab, name string) {
	t.Helper()
	switch known := answers[name]; {
	case name == "residence":
		for _, place := range []string{"山西省", "临汾市", "洪洞县"} {
			offered(t, b, place)
		}
		b.press(t, "继续")
	case name == "hukou":
		b.set(t, "answer", "same")
		b.press(t, "继续")
	case name == "birth":
		for field, text := range map[string]string{"year": born()[:4], "month": "1", "day": "1"} {
			b.set(t, field, text)
		}
		b.press(t, "继续")
	case known != "":
		b.set(t, "answer", known)
		b.press(t, "继续")
	default:
		b.set(t, "answer", "unknown")
		b.press(t, "继续")
	}
}

// born is the birthday of somebody who is 81.
func born() string { return time.Now().In(china).AddDate(-81, 0, 0).Format("2006") + "-01-01" }

// offered chooses a place in the last select, once it is there and has come to rest:
// before that nothing listens to it, and nobody is so quick.
func offered(t *testing.T, b *tab, place string) {
	t.Helper()
	script := `(() => { if (document.querySelector(".htmx-request, .htmx-swapping, .htmx-added, .htmx-settling")) return false
		const s = [...document.querySelectorAll("main select[name=place]")].at(-1), o = s && [...s.options].find(o => o.text.trim() == ` + quote(place) + `)
		if (o) { s.value = o.value; s.dispatchEvent(new Event("change", {bubbles: true})) }
		return !!o })()`
	for until := time.Now().Add(patience); !js[bool](t, b, script); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("%s offers no %q:\n%s", b.where(), place, b.what())
		}
	}
}

// corrected changes an answer from the page on which all are checked.
func corrected(t *testing.T, s *server, b *tab) {
	t.Helper()
	b.shows(t, "请核对您的回答")
	b.shows(t, "山西省 临汾市 洪洞县")
	b.open(t, s.base+js[string](t, b, `document.querySelector('main a[href^="/public/check/lives_alone"]').getAttribute("href")`))
	if chosen := js[string](t, b, `document.querySelector("[name=answer]:checked").value`); chosen != "true" {
		t.Errorf("the answer that is changed was %q", chosen)
	}
	b.set(t, "answer", "false")
	b.press(t, "继续")
	for at := b.at(t); !strings.HasSuffix(at, "/answers"); at = b.at(t) {
		answer(t, b, at[strings.LastIndex(at, "/")+1:]) // what is asked only now
	}
}

// large switches to large type and back.
func large(t *testing.T, b *tab) {
	t.Helper()
	size := func() float64 {
		return js[float64](t, b, `parseFloat(getComputedStyle(document.querySelector("main p")).fontSize)`)
	}
	before := size()
	for _, value := range []string{"on", "off"} {
		js[bool](t, b, `(document.querySelectorAll("details.menu").forEach(d => d.open = true), true)`)
		js[bool](t, b, `(window.leftBehind = true, document.querySelector('button[name=large][value=`+value+`]').click(), true)`)
		b.left(t)
		if now := size(); value == "on" && now <= before*1.1 {
			t.Errorf("large type is %v px, ordinary %v", now, before)
		}
		b.shows(t, "高龄津贴")
		if over := js[string](t, b, sticksOut); over != "" {
			t.Errorf("large type %s: %s", value, over)
		}
	}
}

// TestWithoutScriptsACitizenFindsTheSame answers the questions with nothing but forms.
func TestWithoutScriptsACitizenFindsTheSame(t *testing.T) {
	t.Parallel()
	s := serveDemo(t)
	v := s.visitor(t)
	p := v.get(t, "/public/check").form(t, "/public/check").with("whom", "family").post(t)
	for range questions {
		name := p.url.Path[strings.LastIndex(p.url.Path, "/")+1:]
		if name == "answers" {
			break
		}
		f := p.form(t, name)
		switch known := answers[name]; {
		case name == "residence":
			p = places(t, p, name)
			continue
		case name == "hukou":
			f.with("answer", "same")
		case name == "birth":
			f.with("year", born()[:4], "month", "1", "day", "1")
		case known != "":
			f.with("answer", known)
		default:
			f.with("unknown", "1")
		}
		p = f.post(t)
	}
	p.has(t, "请核对您的回答")
	v.get(t, "/public/check/result").has(t, "高龄津贴").has(t, "附件第11项").has(t, "还不确定").has(t, "每月 50")
}

// places chooses a place level by level, each with a page of its own.
func places(t *testing.T, p *page, name string) *page {
	t.Helper()
	for _, place := range []string{"14", "1410"} {
		f := p.form(t, name)
		f.values.Add("place", place)
		p = f.with("region_more", "place").post(t)
	}
	f := p.form(t, name)
	f.values.Add("place", "141024")
	return f.post(t)
}
