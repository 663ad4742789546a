package policyform

import (
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/pack"
	"yian/internal/region"
	"yian/internal/rules"
)

// MaxCases is how many cases of a kind the form takes.
const MaxCases = 100

// The kinds of cases, by the names of their fields.
const (
	AmountCases = "amount"
	TimesCases  = "times"
	ShareCases  = "share"
)

// Values writes an item into the fields of its form.
func Values(it *pack.Item) url.Values {
	v := url.Values{
		"no": {strconv.Itoa(it.No)}, "id": {it.ID}, "name": {it.Name}, "audience": {it.Audience}, "content": {it.Content}, "type": {it.Type},
		"lead": {it.Lead}, "joint": {strings.Join(it.Joint, "、")}, "start": {it.Start}, "attest": {strings.Join(it.Attest, "；")},
		"clause_at": {it.Clause.Place}, "clause": {it.Clause.Text}, "remark": {it.Note}, "when": {dedent(it.When.CEL)},
		"kind": {it.Grant.Kind}, "per": {it.Grant.Per}, "first": {it.Grant.First}, "answers": {it.Answers},
	}
	if it.No == 0 {
		v.Set("no", "")
	}
	if it.Added {
		v.Set("added", "1")
	}
	for name, cases := range map[string][]rules.Case{AmountCases: it.Grant.Amount, TimesCases: it.Grant.Times} {
		for i, c := range cases {
			v.Set(CaseField(name, "when", i), dedent(c.When.CEL))
			v.Set(CaseField(name, "is", i), dedent(c.Is.CEL))
		}
	}
	for i, c := range it.Grant.Share {
		v.Set(CaseField(ShareCases, "when", i), dedent(c.When.CEL))
		v.Set(CaseField(ShareCases, "is", i), c.Is)
	}
	return v
}

// dedent takes away what a file indents all lines of a rule but the first by.
func dedent(cel string) string {
	lines := strings.Split(cel, "\n")
	least := len(cel)
	for _, line := range lines[1:] {
		if bare := strings.TrimLeft(line, " "); bare != "" {
			least = min(least, len(line)-len(bare))
		}
	}
	for i, line := range lines[1:] {
		lines[i+1] = line[min(least, len(line)):]
	}
	return strings.Join(lines, "\n")
}

// CaseField names a field of a case: its condition (when) or what is given (is).
func CaseField(kind, side string, i int) string { return kind + "_" + side + "_" + strconv.Itoa(i) }

// SetCondition writes a condition into the fields of the form.
func SetCondition(c Condition, v url.Values) {
	for name, p := range map[string]*part{"all": &c.all, "any": &c.any} {
		v.Set(name+"_lo", bound(p.lo, rules.NoLo))
		v.Set(name+"_hi", bound(p.hi, rules.NoHi))
		v.Set(name+"_hukou", string(p.hukou))
		v.Set(name+"_residence", string(p.residence))
		v[name+"_named"] = p.named
		for f := range fact.Count {
			delete(v, name+"_"+f.String()+"_is")
			for i, value := range f.Def().Values {
				if p.codes[f]>>(i+1)&1 == 1 {
					v.Add(name+"_"+f.String()+"_is", value.Name)
				}
			}
		}
	}
}

func bound(n, none int) string {
	if n == none {
		return ""
	}
	return strconv.Itoa(n)
}

// ReadCondition reads what the form says of who is entitled.
func ReadCondition(v url.Values, known []string, f *errs.Fields) Condition {
	c := newCondition()
	for _, half := range []struct {
		name string
		part *part
	}{{"all", &c.all}, {"any", &c.any}} {
		name, p := half.name, half.part
		p.lo = readAge(v, name+"_lo", rules.NoLo, f)
		p.hi = readAge(v, name+"_hi", rules.NoHi, f)
		if name == "all" && p.lo > p.hi {
			f.Add(name+"_hi", "上限 %d 岁小于下限 %d 岁，没有人符合", p.hi, p.lo)
		}
		p.hukou = readRegion(v, name+"_hukou", f)
		p.residence = readRegion(v, name+"_residence", f)
		for _, d := range v[name+"_named"] {
			if !slices.Contains(known, d) {
				f.Add(name+"_named", "清单没有条件 %s", d)
			}
		}
		p.named = v[name+"_named"]
		for id := range fact.Count {
			for _, value := range v[name+"_"+id.String()+"_is"] {
				code, ok := id.CodeOf(value)
				if !ok {
					f.Add(name+"_"+id.String()+"_is", "%s没有 %s 这个值", id.Def().Label, value)
					continue
				}
				p.codes[id] |= 1 << code
			}
		}
	}
	return c
}

func readAge(v url.Values, name string, none int, f *errs.Fields) int {
	text := strings.TrimSpace(v.Get(name))
	if text == "" {
		return none
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > fact.MaxAge {
		f.Add(name, "“%s”不是年龄，请填写 0 到 %d 的整数", text, fact.MaxAge)
		return none
	}
	return n
}

func readRegion(v url.Values, name string, f *errs.Fields) region.Code {
	if v.Get(name) == "" {
		return ""
	}
	c, err := region.Parse(v.Get(name))
	f.Check(name, err)
	return c
}

// The shape of an item's id, as packs have it.
var idShape = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// ReadItem reads the form into an item. What would make the list unreadable is refused;
// faults of rules are not, they are told and kept.
func ReadItem(v url.Values, it *pack.Item, isNew bool, f *errs.Fields) {
	text := func(name, label string, must bool) string {
		s := strings.TrimSpace(v.Get(name))
		if must && s == "" {
			f.Add(name, "请填写%s", label)
		}
		return s
	}
	no, err := strconv.Atoi(text("no", "序号", true))
	if err != nil && v.Get("no") != "" || err == nil && no < 1 {
		f.Add("no", "序号是从 1 起的整数")
	}
	it.No = no
	if isNew {
		if it.ID = text("id", "编号", true); it.ID != "" && !idShape.MatchString(it.ID) {
			f.Add("id", "编号只能由小写字母、数字和单个连字符组成，如 old-age-allowance")
		}
	}
	it.Name, it.Audience, it.Content = text("name", "项目名称", true), text("audience", "对象", true), text("content", "", false)
	it.Type, it.Lead, it.Joint = text("type", "服务类型", true), text("lead", "", false), split(v.Get("joint"), "、", it.Joint)
	it.Start, it.Attest, it.Added = oneWord(v, "start", f, "", rules.Automatic, rules.Application, rules.Referral), split(v.Get("attest"), "；;", it.Attest), v.Get("added") == "1"
	it.Clause.Place, it.Clause.Text, it.Note = text("clause_at", "条款的位置", true), text("clause", "条款的原文", true), text("remark", "", false)
	if it.Answers = text("answers", "", false); it.Answers != "" && !idShape.MatchString(it.Answers) {
		f.Add("answers", "编号只能由小写字母、数字和单个连字符组成")
	}
	it.When.CEL = text("when", "谁能享受", true)
	g := &it.Grant
	g.Kind = oneWord(v, "kind", f, rules.Cash, rules.Service, rules.Discount, rules.Priority, rules.InKind)
	g.Per = oneWord(v, "per", f, "", rules.PerMonth, rules.PerYear, rules.PerOnce, rules.PerDay)
	g.First = oneWord(v, "first", f, "", rules.SameMonth, rules.NextMonth)
	g.Amount, g.Times, g.Share = readCases(v, AmountCases, f), readCases(v, TimesCases, f), nil
	for _, c := range readCases(v, ShareCases, f) {
		g.Share = append(g.Share, rules.Share{When: c.When, Is: c.Is.CEL})
	}
}

// split reads a list that is written in one line. What was not changed stays, also where
// a name holds a separator.
func split(text, separators string, was []string) []string {
	if text == strings.Join(was, string([]rune(separators)[:1])) {
		return was
	}
	var out []string
	for _, s := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(separators, r) }) {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

func oneWord(v url.Values, name string, f *errs.Fields, words ...string) string {
	s := v.Get(name)
	if !slices.Contains(words, s) {
		f.Add(name, "请选择一项")
	}
	return s
}

// readCases reads the cases of an amount, a frequency or a discount; empty ones are
// left out.
func readCases(v url.Values, kind string, f *errs.Fields) []rules.Case {
	var out []rules.Case
	for i := range MaxCases {
		condition, is := strings.TrimSpace(v.Get(CaseField(kind, "when", i))), strings.TrimSpace(v.Get(CaseField(kind, "is", i)))
		if condition != "" && is == "" {
			f.Add(CaseField(kind, "is", i), "写了情形，还要写给多少")
		}
		if is != "" {
			out = append(out, rules.Case{When: rules.Text{CEL: condition}, Is: rules.Text{CEL: is}})
		}
	}
	return out
}

// Alone compiles an item by itself. What is wrong is told at the fields that the rules
// are written in; it is nil where something is.
func Alone(src *rules.Source, it rules.Item) (*rules.Compiled, errs.Fields) {
	mark := func(t *rules.Text, field string) { t.At = rules.Pos{File: field, Line: 1, Column: 1} }
	mark(&it.When, "when")
	it.Grant.Amount, it.Grant.Times, it.Grant.Share = slices.Clone(it.Grant.Amount), slices.Clone(it.Grant.Times), slices.Clone(it.Grant.Share)
	for name, cases := range map[string][]rules.Case{AmountCases: it.Grant.Amount, TimesCases: it.Grant.Times} {
		for i := range cases {
			mark(&cases[i].When, CaseField(name, "when", i))
			mark(&cases[i].Is, CaseField(name, "is", i))
		}
	}
	for i := range it.Grant.Share {
		mark(&it.Grant.Share[i].When, CaseField(ShareCases, "when", i))
	}
	it.Excludes = nil // the other items are not there
	single := *src
	single.Items = []rules.Item{it}
	program, err := rules.Compile(&single, src.From)
	if err == nil {
		return &program.Items[0], nil
	}
	var out errs.Fields
	var faults rules.Errors
	errors.As(err, &faults)
	for _, one := range faults {
		if one.At.File == "when" || caseShape.MatchString(one.At.File) {
			out.Add(one.At.File, "第 %d 行第 %d 字：%s", one.At.Line, one.At.Column, one.Msg)
		} else { // a definition or a figure that the item stands on
			out.Add("", "清单第 %d 行：%s", one.At.Line, one.Msg)
		}
	}
	return nil, out
}

// caseShape is the name of a field of a case.
var caseShape = regexp.MustCompile(`^(amount|times|share)_(when|is)_[0-9]+$`)
