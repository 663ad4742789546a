package pack

import (
	"math/big"
	"strconv"
	"strings"

	"yian/internal/fact"
	"yian/internal/rules"
	"yian/internal/yamltext"
)

// writer writes the objects of a pack.
type writer struct{ yamltext.Sheet }

// YAML writes the list as list.yaml, so that reading it gives an equal list. Comments
// and the layout of a file that was written by hand do not survive; only the lines of
// a rule stay as they are. A list with faults is refused, as what could not be read
// would be lost.
func (l *List) YAML() ([]byte, error) {
	if err := l.err(); err != nil {
		return nil, err
	}
	s := &writer{}
	s.Text("list", l.ID)
	s.Text("title", l.Title)
	s.Line("region", `"`+string(l.Region)+`"`)
	s.MayText("above", l.Above)
	s.MayText("extends", l.Extends)
	s.Under("document", func() { s.document(&l.Document) })
	var effective yamltext.Flow
	effective.Add("from", l.From.String())
	if l.To != 0 {
		effective.Add("to", l.To.String())
	}
	s.Line("effective", effective.String())
	s.MayText("note", l.Note)
	if len(l.Parameters) > 0 {
		s.Under("parameters", func() {
			for i := range l.Parameters {
				s.Under(l.Parameters[i].Name, func() { s.parameter(&l.Parameters[i]) })
			}
		})
	}
	if len(l.Define) > 0 {
		s.Under("define", func() {
			for _, d := range l.Define {
				s.Source(d.Name, d.Rule.CEL)
			}
		})
	}
	switch {
	case len(l.Items) > 0:
		s.Under("items", func() {
			for i := range l.Items {
				s.Element(func() { s.item(&l.Items[i]) })
			}
		})
	case l.Extends == "":
		s.Line("items", "[]")
	}
	return s.Bytes(), nil
}

func (s *writer) document(d *Document) {
	s.Text("title", d.Title)
	s.MayText("number", d.Number)
	s.Text("issuer", d.Issuer)
	if d.Date != 0 {
		s.Line("date", d.Date.String())
	}
	s.MayText("note", d.Note)
}

func (s *writer) parameter(p *Parameter) {
	s.Text("label", p.Label)
	s.Text("unit", p.Unit)
	if len(p.Values) == 0 {
		s.Line("values", "[]")
	} else {
		s.Under("values", func() {
			for i := range p.Values {
				v := &p.Values[i]
				var f yamltext.Flow
				f.Add("from", v.From.String())
				f.Add(v.Bound, decimalText(v.Number))
				s.Entry(f.String())
			}
		})
	}
	s.MayText("set_by", p.SetBy)
	s.MayText("clause", p.Clause)
	s.MayText("note", p.Note)
}

func (s *writer) item(it *Item) {
	s.Line("no", strconv.Itoa(it.No))
	s.Text("id", it.ID)
	s.Text("name", it.Name)
	s.Text("audience", it.Audience)
	s.MayText("content", it.Content)
	s.Text("type", it.Type)
	s.MayText("lead", it.Lead)
	s.Texts("joint", it.Joint)
	if it.Added {
		s.Line("added", "true")
	}
	s.Source("when", it.When.CEL)
	s.Texts("attest", it.Attest)
	s.MayText("start", it.Start)
	s.grant(&it.Grant)
	if len(it.Excludes) > 0 {
		names := make([]string, len(it.Excludes))
		for i, e := range it.Excludes {
			names[i] = e.Name
		}
		s.Texts("excludes", names)
	}
	s.MayText("prefer", it.Prefer)
	s.MayText("answers", it.Answers)
	s.Under("clause", func() {
		s.Text("at", it.Clause.Place)
		s.Text("text", it.Clause.Text)
	})
	s.MayText("note", it.Note)
	s.MayText("confidence", it.Confidence)
}

// grant writes what an item gives, on one line where nothing has cases.
func (s *writer) grant(g *Grant) {
	if short, ok := g.flow(); ok {
		s.Line("grant", short.String())
		return
	}
	s.Under("grant", func() {
		s.Text("kind", g.Kind)
		s.MayText("per", g.Per)
		s.MayText("first", g.First)
		s.cases("amount", g.Amount)
		s.cases("times", g.Times)
		s.shares(g.Share)
	})
}

func (g *Grant) flow() (f yamltext.Flow, ok bool) {
	f.Text("kind", g.Kind)
	f.Text("per", g.Per)
	f.Text("first", g.First)
	for _, of := range []struct {
		name  string
		cases []rules.Case
	}{{"amount", g.Amount}, {"times", g.Times}} {
		switch {
		case len(of.cases) == 0:
		case len(of.cases) == 1 && of.cases[0].When.CEL == "" && !strings.Contains(of.cases[0].Is.CEL, "\n"):
			f.Source(of.name, of.cases[0].Is.CEL)
		default:
			return nil, false
		}
	}
	return f, len(g.Share) == 0
}

func (s *writer) cases(name string, cases []rules.Case) {
	if len(cases) == 1 && cases[0].When.CEL == "" {
		s.Source(name, cases[0].Is.CEL)
		return
	}
	if len(cases) == 0 {
		return
	}
	s.Under(name, func() {
		for _, c := range cases {
			s.Element(func() {
				if c.When.CEL != "" {
					s.Source("when", c.When.CEL)
				}
				s.Source("is", c.Is.CEL)
			})
		}
	})
}

func (s *writer) shares(shares []rules.Share) {
	if len(shares) == 1 && shares[0].When.CEL == "" {
		s.Text("share", shares[0].Is)
		return
	}
	if len(shares) == 0 {
		return
	}
	s.Under("share", func() {
		for _, c := range shares {
			s.Element(func() {
				if c.When.CEL != "" {
					s.Source("when", c.When.CEL)
				}
				s.Text("is", c.Is)
			})
		}
	})
}

// WriteTests writes test people as a file of tests, so that reading it gives equal
// ones. Comments do not survive.
func WriteTests(people []TestCase) []byte {
	s := &writer{}
	if len(people) == 0 {
		return []byte("[]\n")
	}
	for i := range people {
		s.Element(func() { s.testCase(&people[i]) })
	}
	return s.Bytes()
}

func (s *writer) testCase(t *TestCase) {
	s.Text("name", t.Name)
	s.Line("at", t.On.String())
	s.Line("facts", factsText(&t.Person))
	s.Under("expect", func() {
		for i := range t.Expect {
			e := &t.Expect[i]
			s.Line(yamltext.Scalar(e.Item.Name, false), e.text())
		}
	})
}

// factsText writes the facts that are known; a region's digits are quoted, all else
// is read as it stands.
func factsText(p *fact.Person) string {
	f := yamltext.Flow{}
	for id := range fact.Count {
		if !p.Known(id) {
			continue
		}
		if id.Def().Kind == fact.Region {
			f.Add(id.String(), `"`+p.Text(id)+`"`)
			continue
		}
		f.Add(id.String(), p.Text(id))
	}
	return f.String()
}

// text writes an expectation: a word where nothing but the result is expected. The
// words stand without quotation marks, as in files that are written by hand: the
// reader takes no yes for true.
func (e *Expect) text() string {
	if e.Amount.Number == nil && e.Times == nil && e.any {
		return e.Result.String()
	}
	f := yamltext.Flow{}
	f.Add("result", e.Result.String())
	if e.Amount.Number != nil {
		f.Add(e.Amount.Bound, decimalText(e.Amount.Number))
	}
	if e.Times != nil {
		f.Add("times", strconv.Itoa(*e.Times))
	}
	if !e.any {
		names := make([]string, len(e.Missing))
		for i, id := range e.Missing {
			names[i] = id.String()
		}
		f.Add("missing", yamltext.List(names))
	}
	return f.String()
}

// decimalText writes a number as the reader takes it; it has six decimals at most.
func decimalText(n *big.Rat) string {
	if n == nil {
		return "0"
	}
	return strings.TrimRight(strings.TrimRight(n.FloatString(6), "0"), ".")
}
