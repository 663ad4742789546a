package prove

import (
	"fmt"
	"slices"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/region"
	"yian/internal/rules"
)

// Fault (不足种类) is a way in which a lower list falls below the upper one.
type Fault string

// The faults.
const (
	MissingItem    Fault = "missing"   // 缺少项目: the lower list has no such item
	OtherKind      Fault = "kind"      // 形式不同: a service instead of cash, another period
	NotCovered     Fault = "coverage"  // 覆盖不足: somebody gets nothing
	LowerAmount    Fault = "amount"    // 标准较低: somebody gets less money
	LowerFrequency Fault = "frequency" // 次数较少: somebody gets fewer services
	LaterStart     Fault = "start"     // 起发较晚: the first month due comes later
	OtherShare     Fault = "share"     // 优惠不同: a price is waived in other words
)

// Label returns the fault as people read it.
func (f Fault) Label() string {
	return map[Fault]string{
		MissingItem: "缺少项目", OtherKind: "给付形式不同", NotCovered: "覆盖范围不足", LowerAmount: "标准低于上级", LowerFrequency: "次数少于上级", LaterStart: "起发月份晚于上级",
		OtherShare: "优惠幅度不同",
	}[f]
}

// Finding (不足之处) is a proof that a list falls below another: a fault, and a person who
// shows it where there is one.
type Finding struct {
	Fault  Fault
	Why    string
	Person *fact.Person // only the facts that matter; nil for MissingItem
	Upper  rules.Decision
	Lower  rules.Decision
}

// Verdict (逐项结论) is the answer for one item of the upper list. Without findings the item
// is proved: everybody of the lower list's region gets at least as much.
type Verdict struct {
	Upper    *rules.Item
	Lower    *rules.Item // nil if missing
	On       civil.Date  // the day whose parameters were compared
	Findings []Finding
	Notes    []string // what rules cannot prove and somebody should look at
}

// Proved reports whether the lower list does not fall below.
func (v *Verdict) Proved() bool { return len(v.Findings) == 0 }

// Conform compares two lists item by item, from the day on which both rule, and on
// every later day on which a parameter of either changes. For each item the first
// day with a finding counts. People's hukou lies in the lower list's region.
func Conform(lower, upper *rules.Source) ([]Verdict, error) {
	if !lower.Region.Within(upper.Region) {
		return nil, fmt.Errorf("%s 属于%s，不在上级清单 %s 的%s之内，不能对照",
			lower.ID, region.Name(lower.Region), upper.ID, region.Name(upper.Region))
	}
	if lower.To != 0 && lower.To < upper.From || upper.To != 0 && upper.To < lower.From {
		return nil, fmt.Errorf("%s 与 %s 没有同时施行的日子，不能对照", lower.ID, upper.ID)
	}
	if id := twice(lower); id != "" {
		return nil, fmt.Errorf("%s 有两个项目都对应上级的 %s，请合并为一项或改写 answers", lower.ID, id)
	}
	var out []Verdict
	for n, day := range days(lower, upper) {
		low, err := rules.Compile(lower, day)
		if err != nil {
			return nil, err
		}
		up, err := rules.Compile(upper, day)
		if err != nil {
			return nil, err
		}
		for i := range up.Items {
			v := compare(low, up, i)
			switch {
			case n == 0:
				out = append(out, v)
			case out[i].Proved():
				out[i] = v
			}
		}
	}
	return out, nil
}

// days lists the days to compare on.
func days(lower, upper *rules.Source) []civil.Date {
	start := max(lower.From, upper.From)
	out := []civil.Date{start}
	for _, src := range []*rules.Source{lower, upper} {
		for _, p := range src.Parameters {
			for _, v := range p.Values {
				if v.From > start && (lower.To == 0 || v.From <= lower.To) && (upper.To == 0 || v.From <= upper.To) {
					out = append(out, v.From)
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// twice returns an upper item that two items of other ids answer to; "" if none.
func twice(lower *rules.Source) string {
	seen := map[string]bool{}
	for _, it := range lower.Items {
		if it.Answers == "" || it.Answers == it.ID {
			continue
		}
		if seen[it.Answers] {
			return it.Answers
		}
		seen[it.Answers] = true
	}
	return ""
}

// answering finds the lower item that answers to the id: one of another id that says
// so, before the one of the same id.
func answering(low *rules.Program, id string) *rules.Compiled {
	for i := range low.Items {
		if it := &low.Items[i]; it.Answers == id && it.ID != id {
			return it
		}
	}
	if i := low.Find(id); i >= 0 && (low.Items[i].Answers == "" || low.Items[i].Answers == id) {
		return &low.Items[i]
	}
	return nil
}

func compare(low, up *rules.Program, i int) Verdict {
	u := &up.Items[i]
	l := answering(low, u.ID)
	v := Verdict{Upper: u.Item, On: up.At}
	if l == nil {
		v.Findings = []Finding{{Fault: MissingItem, Why: fmt.Sprintf("下级清单没有与“%s”（%s）对应的项目", u.Name, u.ID)}}
		return v
	}
	v.Lower = l.Item
	c := newComparison(low, up, l, u)
	v.Notes = notes(l.Item, u.Item)
	rate, why := exchange(u.Grant, l.Grant)
	entitled := func(u, _ rules.Decision) bool { return u.Result == rules.Yes }
	if why != "" && c.u.T != never {
		v.Findings = append(v.Findings, c.finding(OtherKind, why, c.u.T, entitled))
	}
	if l.Grant.First == rules.NextMonth && u.Grant.First != rules.NextMonth && c.u.T != never {
		v.Findings = append(v.Findings, c.finding(LaterStart, "上级当月起，下级次月起", c.u.T, entitled))
	}
	// Where the upper list itself is open, the lower one must still give.
	if r := c.d.and(c.d.not(c.u.F), c.d.not(c.l.T)); r != never {
		why := "上级清单给予的人，下级清单不给予"
		if c.d.and(r, c.l.F) == never {
			why = "上级清单给予的人，下级清单不能确定给予"
		}
		v.Findings = append(v.Findings, c.finding(NotCovered, why, r, func(u, l rules.Decision) bool {
			return u.Result == rules.Yes && (l.Result == rules.No || l.Result == rules.Unknown && l.Missing == 0)
		}))
	}
	if why != "" {
		return v
	}
	lower := func(l, u rules.Quantity) bool { return below(l, u, rate) }
	for k, q := range []struct {
		fault  Fault
		why    string
		faulty func(l, u rules.Quantity) bool
		of     func(rules.Decision) rules.Quantity
	}{
		{LowerAmount, "同一个人按下级清单得到的较少", lower, func(d rules.Decision) rules.Quantity { return d.Amount }},
		{LowerFrequency, "同一个人按下级清单得到服务的次数较少", lower, func(d rules.Decision) rules.Quantity { return d.Times }},
		{OtherShare, "优惠的写法不同，须由人判断是否不低于上级", differs, func(d rules.Decision) rules.Quantity { return d.Share }},
	} {
		if r := c.where(u.Choices()[k], l.Choices()[k], q.faulty); r != never {
			v.Findings = append(v.Findings, c.finding(q.fault, q.why, r, func(u, l rules.Decision) bool {
				return u.Result == rules.Yes && l.Result == rules.Yes && decided(q.of(u)) && decided(q.of(l)) && q.faulty(q.of(l), q.of(u))
			}))
		}
	}
	return v
}

// differs reports whether the upper list waives something that the lower one does
// not waive in the same words.
func differs(l, u rules.Quantity) bool { return u.State == rules.Fixed && l.How != u.How }

func decided(q rules.Quantity) bool { return q.State != rules.Undecided }

// notes lists what makes the lower item harder to get without being in its rule.
func notes(l, u *rules.Item) (out []string) {
	for _, a := range l.Attest {
		if !slices.Contains(u.Attest, a) {
			out = append(out, "下级另要求经办人确认："+a)
		}
	}
	if u.Start == rules.Automatic && l.Start != "" && l.Start != rules.Automatic {
		out = append(out, "上级为免申即享，下级须申请或转介")
	}
	return out
}

// perYear is how often a period comes in a year.
var perYear = map[string]int64{rules.PerYear: 1, rules.PerMonth: 12, rules.PerDay: 365}

// rates make quantities of two periods comparable: u.N*upper against l.N*lower.
type rates struct{ upper, lower int64 }

// exchange tells how to compare two grants, or why they cannot be.
func exchange(u, l rules.Grant) (rates, string) {
	if u.Kind != l.Kind {
		return rates{}, fmt.Sprintf("上级为%s，下级为%s", u.KindLabel(), l.KindLabel())
	}
	if u.Per == l.Per || u.Per == "" {
		return rates{1, 1}, ""
	}
	if perYear[u.Per] == 0 || perYear[l.Per] == 0 {
		return rates{}, fmt.Sprintf("上级按%s，下级按%s，周期不可比", u.PeriodLabel(), l.PeriodLabel())
	}
	return rates{perYear[u.Per], perYear[l.Per]}, ""
}

// below reports whether l falls below u. What the upper list leaves to be set, the
// lower must at least provide for; what it sets, the lower must have set too, and a
// ceiling sets nothing.
func below(l, u rules.Quantity, r rates) bool {
	switch u.State {
	case rules.Unset:
		return l.State == rules.None
	case rules.Fixed:
		if u.N == 0 {
			return false
		}
		if u.Most { // a ceiling asks for something, not for how much
			return l.State == rules.None
		}
		return l.State != rules.Fixed || l.Most || l.N*r.lower < u.N*r.upper
	default:
		return false
	}
}
