package scenario

import (
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"yian/internal/civil"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/region"
	"yian/internal/rules"
)

// Scenario (测算方案) is a change of a service list that somebody tries out.
type Scenario struct {
	ID      id.ID
	Version int64 // of the row: what a change must carry
	Owner   id.ID
	Draft

	Outcome  *Outcome  // nil: not counted
	Forecast *Forecast // nil: not counted
	Ran      civil.Instant
	Created  civil.Instant
	Updated  civil.Instant
}

// Draft (方案内容) is what the user says of a scenario.
type Draft struct {
	Name    string
	Region  region.Code // whose people are counted
	List    string      // what packs call the list that is changed
	Base    id.ID       // the version it starts from; 0: the one in force
	On      civil.Date  // the day that is looked at; zero: the day of counting
	Changes Changes
}

// Changes (方案改动) is what a scenario changes: the version as a whole, items and
// parameters of it, or several of these.
type Changes struct {
	Version    id.ID             `json:"version,omitzero"`
	Items      []ItemChange      `json:"items,omitempty"`
	Parameters []ParameterChange `json:"parameters,omitempty"`
}

// ItemChange (项目改动) replaces the condition and the amounts of an item.
type ItemChange struct {
	Item   string `json:"item"`
	When   string `json:"when,omitempty"`   // empty: as it is
	Amount []Case `json:"amount,omitempty"` // none: as they are
}

// Case (金额情形) is an amount and when it is paid; When is empty for always.
type Case struct {
	When string `json:"when,omitempty"`
	Is   string `json:"is"`
}

// ParameterChange (参数改动) sets a parameter from a day on, in place of all that was to
// hold later.
type ParameterChange struct {
	Name  string     `json:"name"`
	From  civil.Date `json:"from"`
	Value string     `json:"value"` // a decimal number
}

// Empty reports whether nothing is changed.
func (c *Changes) Empty() bool {
	return c.Version == 0 && len(c.Items) == 0 && len(c.Parameters) == 0
}

// Item returns the change of an item; nil if there is none.
func (c *Changes) Item(name string) *ItemChange {
	if i := slices.IndexFunc(c.Items, func(it ItemChange) bool { return it.Item == name }); i >= 0 {
		return &c.Items[i]
	}
	return nil
}

// Set puts the change of an item in place of an earlier one; one that changes nothing
// takes it away.
func (c *Changes) Set(it ItemChange) {
	c.Items = slices.DeleteFunc(slices.Clone(c.Items), func(x ItemChange) bool { return x.Item == it.Item })
	if it.When != "" || len(it.Amount) > 0 {
		c.Items = append(c.Items, it)
	}
}

// SetParameter puts the change of a parameter in place of an earlier one; without a
// value it takes that away.
func (c *Changes) SetParameter(p ParameterChange) {
	c.Parameters = slices.DeleteFunc(slices.Clone(c.Parameters), func(x ParameterChange) bool { return x.Name == p.Name })
	if p.Value != "" {
		c.Parameters = append(c.Parameters, p)
	}
}

// The bounds of what is kept.
const (
	maxName    = 50
	maxCEL     = 4000
	maxChanges = 100
)

var decimal = regexp.MustCompile(`^\d{1,9}(\.\d{1,2})?$`)

// Check brings a draft into the kept form and says what is wrong with it, apart from
// the rules, which only the list can tell.
func (d *Draft) Check() error {
	var f errs.Fields
	d.Name = strings.TrimSpace(d.Name)
	switch n := utf8.RuneCountInString(d.Name); {
	case n == 0:
		f.Add("name", "请给方案起个名字，以后好找")
	case n > maxName:
		f.Add("name", "名字最多 %d 个字，这里是 %d 个", maxName, n)
	}
	if d.List == "" {
		f.Add("list", "请选择要改的清单")
	}
	if d.Changes.Empty() && d.Base == 0 {
		f.Add("", "方案还没有改动。请改一个项目、一个参数，或者换一个版本")
	}
	if len(d.Changes.Items)+len(d.Changes.Parameters) > maxChanges {
		f.Add("", "一个方案最多 %d 处改动", maxChanges)
	}
	for _, it := range d.Changes.Items {
		it.check(&f)
	}
	for _, p := range d.Changes.Parameters {
		switch {
		case !decimal.MatchString(p.Value):
			f.Add(ParameterField(p.Name), "请填写数字，最多两位小数，如 50 或 107.50")
		case p.From.IsZero():
			f.Add(ParameterField(p.Name), "请填写从哪一天起")
		}
	}
	return f.Err()
}

func (it *ItemChange) check(f *errs.Fields) {
	if len(it.When) > maxCEL {
		f.Add(WhenField(it.Item), "条件太长，最多 %d 个字节", maxCEL)
	}
	for i, c := range it.Amount {
		if len(c.When)+len(c.Is) > maxCEL {
			f.Add(AmountField(it.Item, i), "金额太长，最多 %d 个字节", maxCEL)
		}
		if strings.TrimSpace(c.Is) == "" {
			f.Add(AmountField(it.Item, i), "请填写金额")
		}
	}
}

// WhenField names the condition of an item in faults.
func WhenField(item string) string { return "when." + item }

// AmountField names an amount of an item in faults.
func AmountField(item string, i int) string { return "amount." + item + "." + strconv.Itoa(i) }

// AmountWhenField names the condition of an amount in faults.
func AmountWhenField(item string, i int) string {
	return "amount_when." + item + "." + strconv.Itoa(i)
}

// ParameterField names a parameter in faults.
func ParameterField(name string) string { return "parameter." + name }

// faultsOf makes faults of fields of what the compiler says: each text that a scenario
// changes carries the name of its field for a file.
func faultsOf(err error) error {
	var all rules.Errors
	if !errors.As(err, &all) {
		return err
	}
	var f errs.Fields
	for _, e := range all {
		name, text := e.At.File, e.Msg
		if !isField(name) {
			name, text = "", e.Error()
		} else if e.At.Column > 1 {
			text += fmt.Sprintf("（第 %d 个字符处）", e.At.Column)
		}
		f.Add(name, "%s", text)
	}
	return f.Err()
}

func isField(name string) bool {
	for _, p := range []string{"when.", "amount.", "amount_when.", "parameter."} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

var ageFrom = regexp.MustCompile(`\bage\s*>=\s*(\d{1,3})\b`)

// AgeOf returns the age from which a condition holds, where it names exactly one.
func AgeOf(cel string) (age int, ok bool) {
	found := ageFrom.FindAllStringSubmatch(cel, 2)
	if len(found) != 1 {
		return 0, false
	}
	age, err := strconv.Atoi(found[0][1])
	return age, err == nil
}

// WithAge returns a condition with another age in the place of the one that AgeOf finds.
func WithAge(cel string, age int) string {
	at := ageFrom.FindStringSubmatchIndex(cel)
	if at == nil {
		return cel
	}
	return cel[:at[2]] + strconv.Itoa(age) + cel[at[3]:]
}

var word = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*`)

// ParametersOf returns the parameters of a list that an item speaks of, in the order of
// the list.
func ParametersOf(src *rules.Source, it *rules.Item) (out []*rules.Parameter) {
	named := map[string]bool{}
	note := func(texts ...rules.Text) {
		for _, t := range texts {
			for _, w := range word.FindAllString(t.CEL, -1) {
				named[w] = true
			}
		}
	}
	note(it.When)
	for _, c := range slices.Concat(it.Grant.Amount, it.Grant.Times) {
		note(c.When, c.Is)
	}
	for i := range src.Parameters {
		if named[src.Parameters[i].Name] {
			out = append(out, &src.Parameters[i])
		}
	}
	return out
}

// set returns the values of a parameter with the change, as far as lists below have not
// set their own: those hold from the day first (zero: there are none).
func (p ParameterChange) set(values []rules.Dated, first civil.Date) []rules.Dated {
	own := func(v rules.Dated) bool { return first != 0 && v.From >= first }
	if first != 0 && p.From >= first {
		return values
	}
	number, ok := new(big.Rat).SetString(p.Value)
	if !ok {
		return values // Check has refused it
	}
	out := []rules.Dated{{From: p.From, Value: number}}
	for _, v := range values {
		if own(v) || v.From < p.From {
			out = append(out, v)
		}
	}
	return out
}
