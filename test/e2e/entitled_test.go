package e2e

import (
	"strings"
	"testing"
	"time"
)

// TestAVillageWorkerFindsWhoIsNewlyEntitled tells how the worker of a village finds
// somebody who turned 80, with what she can get and why, and notes what came of it.
func TestAVillageWorkerFindsWhoIsNewlyEntitled(t *testing.T) {
	t.Parallel()
	s, b := serveDemo(t), newTab(t)
	s.enter(t, b, "village")
	b.shows(t, "新符合条件，还没有联系")
	b.press(t, "工作清单")
	for _, text := range []string{"高龄津贴", "附件第11项", "郑玉梅", "80 岁", "每月 50 元", "年满 80 周岁", "待联系"} {
		b.shows(t, text)
	}
	if phone := js[string](t, b, `document.querySelector('main td[data-label="电话"]').innerText.trim()`); !strings.Contains(phone, "****") {
		t.Errorf("the list shows a telephone in clear: %s", phone)
	}
	b.press(t, "郑玉梅")
	b.shows(t, "可以享受")
	reasons(t, b, "old-age-allowance", "可享受", "每月 50 元", "附件第11项", "为80周岁及以上老年人发放高龄津贴", "年满 80 周岁（80 岁） 成立")
	b.open(t, s.base+"/entitlements")
	b.press(t, "登记联系")
	b.shows(t, "免申即享")
	b.set(t, "state", "申请中")
	b.set(t, "text", "已联系，申请中")
	b.press(t, "登记")
	if at := b.at(t); at != "/entitlements" {
		t.Errorf("noted, one comes to %s", at)
	}
	b.open(t, s.base+"/entitlements")
	b.lacks(t, "郑玉梅")
	b.set(t, "state", "申请中")
	b.press(t, "查询")
	b.shows(t, "郑玉梅")
	for _, fault := range b.complaints() {
		t.Errorf("the console says: %s", fault)
	}
}

// reasons opens the reasons of an item of a person and reads them.
func reasons(t *testing.T, b *tab, item string, texts ...string) {
	t.Helper()
	said := js[string](t, b, `(() => { const e = document.getElementById(`+quote("item-"+item)+`)
		e.querySelectorAll("details").forEach(d => d.open = true)
		return e.innerText.replace(/\s+/g, " ") })()`)
	for _, text := range texts {
		if !strings.Contains(said, text) {
			t.Errorf("of %s it does not say %q: %s", item, text, said)
		}
	}
}

// prompt is how soon a changed fact is visible in the results.
const prompt = 2 * time.Second

// TestAChangedFactIsSoonVisible records the ability of somebody: what was undecided for
// want of it is decided two seconds later.
func TestAChangedFactIsSoonVisible(t *testing.T) {
	t.Parallel()
	s, b := serveDemo(t), newTab(t)
	s.enter(t, b, "village")
	b.open(t, s.base+"/entitlements")
	b.press(t, "郑玉梅")
	results := b.where()
	group := func() string {
		return js[string](t, b, `document.getElementById("item-family-carer-training").closest("section").querySelector("h2").innerText`)
	}
	reasons(t, b, "family-carer-training", "还不确定", "缺少：能力等级")
	if heading := group(); !strings.HasPrefix(heading, "还不确定") {
		t.Errorf("without the ability the item stands under %q", heading)
	}
	b.press(t, "登记信息")
	b.set(t, "source", "村（社区）")
	b.set(t, "from", today())
	b.set(t, "ability", "重度失能")
	b.press(t, "登记")
	recorded := time.Now()
	b.shows(t, "已登记")
	for took, stored := time.Duration(0), false; ; took = time.Since(recorded) {
		b.open(t, s.base+"/entitlements") // shows what is stored
		stored = stored || js[bool](t, b, `[...document.querySelectorAll("main h2")].some(h => h.innerText.startsWith("家庭养老支持服务"))`)
		b.open(t, results)
		if stored && strings.HasPrefix(group(), "可以享受") {
			t.Logf("visible after %v", took)
			break
		}
		if took > prompt {
			t.Fatalf("%v after it was recorded, a fact is not visible in the results:\n%s", took, b.what())
		}
		time.Sleep(50 * time.Millisecond)
	}
	reasons(t, b, "family-carer-training", "可享受", "重度失能")
	reasons(t, b, "visit", "每月 2 次")
	b.open(t, results+"/history")
	b.shows(t, "家庭养老支持服务")
	for _, fault := range b.complaints() {
		t.Errorf("the console says: %s", fault)
	}
}
