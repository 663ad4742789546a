package policy

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/pack"
	"yian/internal/prove"
	"yian/internal/region"
	"yian/internal/rules"
)

// MostItems is how many items a list may have with those that it takes over: sets of them
// are kept as the bits of a number.
const MostItems = 62

// minPeople is how many test people every item must have that a list writes itself.
const minPeople = 3

// Report (校验报告) is what is known of a version before people decide on it.
type Report struct {
	On       civil.Date    // the day whose lists were used
	List     *pack.List    // the version's
	Findings pack.Findings // of the text, the errors first
	Tests    []pack.TestResult

	Upper   *pack.List    // what it was compared with; nil: there is nothing above, or errors come first
	Items   []Conformance // of the upper list's items, in their order
	Apart   string        // why the two cannot be compared; empty: they were
	Version id.ID         // of the upper list
}

// Conformance (逐项对照) is whether one item of the upper list is kept, with each
// shortfall in plain words.
type Conformance struct {
	prove.Verdict
	Sentences []string // one for each of Findings
}

// Failed returns the test people who do not get what they should.
func (r *Report) Failed() []pack.TestResult {
	return slices.DeleteFunc(slices.Clone(r.Tests), func(t pack.TestResult) bool { return t.Failure == "" })
}

// Below returns the items that fall below the upper list.
func (r *Report) Below() []Conformance {
	return slices.DeleteFunc(slices.Clone(r.Items), func(c Conformance) bool { return c.Proved() })
}

// Err is why a version cannot go on; nil if it can. That it falls below the upper list
// is no reason: it can be published, and filed with a reason.
func (r *Report) Err() error {
	var f errs.Fields
	for _, one := range r.Findings {
		if one.Severity == pack.Error {
			f.Add(fieldOf(one), "%s", sayFinding(one))
		}
	}
	for _, t := range r.Failed() {
		f.Add("tests", "测试人物“%s”%s：%s", t.Person, t.Item, t.Failure)
	}
	if len(f) == 0 {
		return nil
	}
	return &errs.Error{Kind: errs.Invalid, Message: fmt.Sprintf("清单还有 %d 处错误，改正以后才能继续。", len(f)), Fields: f}
}

// fieldOf is the field of the editor in which a finding stands.
func fieldOf(f pack.Finding) string {
	if strings.HasSuffix(f.At.File, testsSuffix) {
		return "tests"
	}
	return "text"
}

// testsSuffix ends the name of what test people are read from.
const testsSuffix = "/tests"

// sayFinding tells a finding with its line.
func sayFinding(f pack.Finding) string {
	if f.At.Line == 0 {
		return f.Msg
	}
	return fmt.Sprintf("第 %d 行：%s", f.At.Line, f.Msg)
}

// Check tries a version: what is wrong with its text, whether its test people get what
// they should, and whether it falls below the upper list.
func (s *Service) Check(ctx context.Context, scope access.Scope, one id.ID) (_ *Report, err error) {
	defer errs.Wrap(&err, "check version %s", one)
	v, err := version(ctx, scope, s.DB, one)
	if err != nil {
		return nil, err
	}
	return s.report(ctx, v)
}

// CheckText is Check for a text that is being written and was not stored yet.
func (s *Service) CheckText(ctx context.Context, scope access.Scope, one id.ID, text, tests string) (_ *Report, err error) {
	defer errs.Wrap(&err, "check text of version %s", one)
	v, err := version(ctx, scope, s.DB, one)
	if err != nil {
		return nil, err
	}
	v.Text, v.Tests = text, tests
	return s.report(ctx, v)
}

func (s *Service) report(ctx context.Context, v *Version) (*Report, error) {
	sh, err := s.library(ctx, v, s.Today())
	if err != nil {
		return nil, err
	}
	r := sh.try(s.Today())
	// Too few test people do not hinder the comparison, which tells an author early whom
	// his rule would hurt.
	if r.Findings.Errors() > len(lonely(sh.own)) {
		return r, nil
	}
	return r, sh.conform(r)
}

// read reads the list and the test people of a version.
func read(v *Version) *pack.Pack { return pack.Read(v.List, []byte(v.Text), []byte(v.Tests)) }

// library is a version beside the lists that rule the place around it.
type library struct {
	*pack.Library

	own    *pack.Pack // the version's
	around []Version  // the others, those of larger regions first
}

// library reads a version and the lists that rule around it on a day.
func (s *Service) library(ctx context.Context, v *Version, on civil.Date) (*library, error) {
	around, err := s.ruling(ctx, on, outward(v.Region)...)
	if err != nil {
		return nil, err
	}
	around = slices.DeleteFunc(around, func(other Version) bool { return other.List == v.List })
	sh := &library{own: read(v), around: around}
	packs := []*pack.Pack{sh.own}
	for i := range around {
		packs = append(packs, read(&around[i]))
	}
	sh.Library = pack.LibraryOf(packs...)
	return sh, nil
}

// outward returns a place and all that it lies in.
func outward(place region.Code) []region.Code {
	out := []region.Code{place}
	for _, digits := range []int{9, 6, 4, 2, 0} {
		if len(place) > digits {
			out = append(out, place[:digits])
		}
	}
	return out
}

// try finds what is wrong with a version and decides its test people.
func (sh *library) try(on civil.Date) *Report {
	r := &Report{On: on, List: sh.own.List, Findings: append(pack.Check(sh.own, sh.Library), lonely(sh.own)...), Tests: pack.RunTests(sh.own, sh.Library)}
	if src := sh.own.List.Source(); src != nil && len(src.Items) > MostItems {
		msg := fmt.Sprintf("连同承接的共 %d 个项目，最多 %d 个；请把相近的项目合为一项", len(src.Items), MostItems)
		r.Findings = append(r.Findings, pack.Finding{Severity: pack.Error, At: sh.own.List.Where("items"), Msg: msg})
	}
	slices.SortStableFunc(r.Findings, func(a, b pack.Finding) int { return cmp.Compare(b.Severity, a.Severity) })
	return r
}

// lonely finds items with too few test people. Check asks that of packs in folders
// alone.
func lonely(p *pack.Pack) (out pack.Findings) {
	people := map[string]int{}
	for i := range p.Tests {
		for _, e := range p.Tests[i].Expect {
			people[e.Item.Name]++
		}
	}
	for i := range p.List.Items {
		it := &p.List.Items[i]
		if n := people[it.ID]; n < minPeople && it.ID != "" {
			msg := fmt.Sprintf("项目 %s 只有 %d 个测试人物，至少要 %d 个", it.ID, n, minPeople)
			out = append(out, pack.Finding{Severity: pack.Error, At: it.Where("id"), Msg: msg})
		}
	}
	return out
}

// conform compares a version with the list above it.
func (sh *library) conform(r *Report) (err error) {
	above := upperOf(sh.own.List, sh.around)
	if above == nil {
		return nil
	}
	if r.Upper, err = sh.List(above.List); err != nil {
		return err
	}
	r.Version = above.ID
	r.Items, r.Apart = conformance(sh.own.List.Source(), r.Upper.Source())
	return nil
}

// conformance compares two lists item by item, or says why that cannot be done.
func conformance(lower, upper *rules.Source) (out []Conformance, apart string) {
	verdicts, err := prove.Conform(lower, upper)
	if err != nil {
		return nil, err.Error()
	}
	out = make([]Conformance, len(verdicts))
	for i, v := range verdicts {
		out[i].Verdict = v
		for k := range v.Findings {
			out[i].Sentences = append(out[i].Sentences, Sentence(&v, &v.Findings[k]))
		}
	}
	return out, ""
}

// upperOf returns the list that another must not fall below: the one that it names, or
// the one that rules the place above; nil if there is none.
func upperOf(l *pack.List, ruling []Version) *Version {
	var found *Version
	for i := range ruling {
		v := &ruling[i]
		switch {
		case v.List == l.ID || l.Region == region.Nation:
		case v.List == l.Above || l.Above == "" && v.List == l.Extends:
			return v
		case v.Region != l.Region && l.Region.Within(v.Region):
			found = v // the larger regions come first
		}
	}
	return found
}

// above returns the place that a list is filed with: the next level up that exists.
// Counties of a municipality, and those that a province governs itself, have no
// prefecture between.
func above(c region.Code) region.Code {
	for _, digits := range []int{9, 6, 4, 2} {
		if len(c) > digits {
			up := c[:digits]
			if digits == 4 && (up[2:] == "01" || up[2:] == "02") && municipality(up[:2]) || digits == 4 && up[2:] == "90" {
				continue
			}
			return up
		}
	}
	return region.Nation
}

func municipality(province region.Code) bool {
	return slices.Contains([]region.Code{"11", "12", "31", "50"}, province)
}
