package entitlement

import (
	"slices"
	"strings"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/id"
	"yian/internal/region"
	"yian/internal/rules"
)

// Cause (变化原因) is why a result became another.
type Cause string

// The causes.
const (
	ByFact Cause = "fact"  // what is known of the person changed, or where he is
	ByAge  Cause = "age"   // a birthday
	ByList Cause = "list"  // the list or a parameter changed
	Start  Cause = "start" // he is served again
	End    Cause = "end"   // he died, moved away, or his file was joined to another
)

// Label returns what people read.
func (c Cause) Label() string {
	switch c {
	case ByFact:
		return "信息变化"
	case ByAge:
		return "年龄变化"
	case ByList:
		return "清单或标准调整"
	case Start:
		return "恢复服务"
	case End:
		return "不再服务"
	}
	return string(c)
}

// Change (认定变化) is one result of a person that became another.
type Change struct {
	ID        id.ID
	Person    id.ID
	Region    region.Code
	Kind      Kind
	Item      string
	Cause     Cause
	On        civil.Date // the day from which it is so
	At        civil.Instant
	Was, Is   rules.Truth
	WasAmount *int64 // fen; nil: none is known
	IsAmount  *int64
	WasReason string
	IsReason  string
	Ruling    id.ID // the version of the list by which it is so; 0: none
}

type change = Change

// side is a result before or after, with what it was found from.
type side struct {
	*row
	*bench // nil: the list of then cannot be had any more; its program nil: no list
	basis  *Basis
	facts  fact.Person
}

// at returns the result of an item and the code of its amount.
func (s *side) at(item string) (rules.Truth, amount) {
	if s.row == nil {
		return rules.No, 0
	}
	i := s.basis.Place(item)
	t := truth(s.Yes, s.Unknown, i)
	if t == rules.Yes {
		return t, s.amounts(s.basis.Cash)[i]
	}
	return t, 0
}

// decide decides an item by the list of the side for some facts and day.
func (s *side) decide(item string, p *fact.Person, on civil.Date) (rules.Truth, amount) {
	i := s.basis.Place(item)
	if i < 0 || s.program == nil {
		return rules.No, 0
	}
	d := s.program.Decide(i, p, on)
	if d.Result == rules.Yes && s.basis.Cash.Has(i) {
		return d.Result, amountOf(d.Amount)
	}
	return d.Result, 0
}

// comparison is what is said of a person twice.
type comparison struct {
	was, is side
	today   civil.Date
	moved   bool // another list rules because he is elsewhere
	end     string
	start   bool
}

// changes returns what became other.
func (c *comparison) changes() (out []change) {
	if c.same() {
		return nil
	}
	seen := map[string]bool{}
	for _, b := range [...]*Basis{c.was.basis, c.is.basis} {
		for _, item := range b.Items {
			if !seen[item] {
				seen[item] = true
				out = c.item(out, item)
			}
		}
	}
	for i := range Tags {
		out = c.tag(out, i)
	}
	return out
}

// same tells the most frequent case apart.
func (c *comparison) same() bool {
	a, b := c.was.row, c.is.row
	return a != nil && b != nil && a.Basis == b.Basis && a.Yes == b.Yes && a.Unknown == b.Unknown &&
		string(a.Amounts) == string(b.Amounts) && a.Tags == b.Tags && a.TagsUnknown == b.TagsUnknown
}

func (c *comparison) item(out []change, item string) []change {
	was, wasAmount := c.was.at(item)
	is, isAmount := c.is.at(item)
	if was == is && wasAmount == isAmount {
		return out
	}
	ch := change{Kind: OfItem, Item: item, Was: was, Is: is, WasAmount: known(wasAmount), IsAmount: known(isAmount), On: c.today}
	ch.Cause = c.cause(item, is, isAmount)
	switch ch.Cause {
	case ByAge:
		ch.On = c.birthday(item, is, isAmount)
	case ByList:
		if from := c.is.from(); from > c.was.On && from <= c.today {
			ch.On = from
		}
	}
	ch.WasReason = c.was.reason(item, max(c.was.day(), ch.On-1))
	ch.IsReason = c.is.reason(item, c.today)
	if c.end != "" {
		ch.IsReason = c.end
	}
	if c.start {
		ch.WasReason = ""
	}
	return append(out, ch)
}

func known(a amount) *int64 {
	if fen, ok := a.fen(); ok {
		return &fen
	}
	return nil
}

func (s *side) from() civil.Date {
	if s.bench == nil {
		return 0
	}
	return s.bench.from
}

func (s *side) day() civil.Date {
	if s.row == nil {
		return 0
	}
	return s.On
}

// cause finds why an item is another: what was decided by the list of then is decided
// again for today, first with the facts of then, next with those of now.
func (c *comparison) cause(item string, is rules.Truth, sum amount) Cause {
	switch {
	case c.end != "":
		return End
	case c.start:
		return Start
	case c.moved:
		return ByFact
	case c.was.bench == nil:
		return ByList
	}
	if t, a := c.was.decide(item, &c.is.facts, c.today); t != is || a != sum {
		return ByList
	}
	if t, a := c.was.decide(item, &c.was.facts, c.today); t != is || a != sum {
		return ByFact
	}
	return ByAge
}

// birthday returns the first day on which growing older had brought the result.
func (c *comparison) birthday(item string, is rules.Truth, sum amount) civil.Date {
	on := c.was.On
	for {
		on = birthday(c.was.facts.Birth, c.was.program.Thresholds(), on)
		if on == 0 || on > c.today {
			return c.today
		}
		if t, a := c.was.decide(item, &c.was.facts, on); t == is && a == sum {
			return on
		}
	}
}

func (c *comparison) tag(out []change, i int) []change {
	was, is := rules.No, rules.No
	ch := change{Kind: OfTag, Item: Tags[i].ID, Cause: ByFact, On: c.today}
	if c.was.row != nil {
		was = c.was.tagTruth(i)
		ch.WasReason = tagReason(i, &c.was.facts)
	}
	if c.is.row != nil {
		is = c.is.tagTruth(i)
		ch.IsReason = tagReason(i, &c.is.facts)
	}
	if was == is {
		return out
	}
	ch.Was, ch.Is = was, is
	if c.end != "" {
		ch.Cause, ch.IsReason = End, c.end
	}
	if c.start {
		ch.Cause = Start
	}
	return append(out, ch)
}

// reason tells in Chinese why an item was decided as it was.
func (s *side) reason(item string, on civil.Date) string {
	switch {
	case s.row == nil:
		return ""
	case s.basis.Place(item) < 0:
		return "清单中没有这一项"
	case s.bench == nil || s.program == nil:
		return ""
	}
	return reasonOf(s.program.Explain(s.basis.Place(item), &s.facts, on))
}

// longestReason is how many characters of a reason are kept.
const longestReason = 200

// reasonOf puts an explanation into a line: the conditions on which it stands, with
// what is recorded.
func reasonOf(e rules.Explanation) string {
	var parts []string
	deciding(&e.Rule, &parts)
	for i := range e.Cases {
		deciding(&e.Cases[i], &parts)
	}
	text := map[rules.Truth]string{rules.Yes: "符合", rules.No: "不符合", rules.Unknown: "尚不能确定"}[e.Result]
	if len(parts) > 0 {
		text += "：" + strings.Join(parts, "；")
	}
	if r := []rune(text); len(r) > longestReason {
		text = string(r[:longestReason-1]) + "…"
	}
	return text
}

// deciding gathers the conditions that decide, each once.
func deciding(n *rules.Node, parts *[]string) {
	if !n.Deciding {
		return
	}
	for i := range n.Kids {
		deciding(&n.Kids[i], parts)
	}
	if len(n.Kids) > 0 {
		return
	}
	text := n.Text
	if n.Value != "" {
		text += "（" + n.Value + "）"
	}
	if !slices.Contains(*parts, text) {
		*parts = append(*parts, text)
	}
}
