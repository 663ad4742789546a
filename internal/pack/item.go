package pack

import (
	"math/big"
	"strings"

	"yian/internal/rules"
)

func (it *Item) read(n node) {
	n.object(&it.Marks, "服务项目",
		must("no", func(n node) {
			whole(&it.No)(n)
			if s, _ := n.raw(); s == "0" {
				n.fail("序号从 1 起")
			}
		}),
		must("id", ident(&it.ID)),
		must("name", text(&it.Name)),
		must("audience", text(&it.Audience)),
		may("content", text(&it.Content)),
		must("type", text(&it.Type)),
		may("lead", text(&it.Lead)),
		may("joint", texts(&it.Joint)),
		may("added", boolean(&it.Added)),
		must("when", cel(&it.When)),
		may("attest", texts(&it.Attest)),
		may("start", oneOf(&it.Start, rules.Automatic, rules.Application, rules.Referral)),
		must("grant", it.Grant.read),
		may("excludes", refs(&it.Excludes)),
		may("prefer", oneOf(&it.Prefer, rules.PreferHigher)),
		must("clause", it.Clause.read),
		may("note", text(&it.Note)),
		may("answers", ident(&it.Answers)),
		may("confidence", text(&it.Confidence)),
	)
}

func (g *Grant) read(n node) {
	n.object(&g.Marks, "给付（grant）",
		must("kind", oneOf(&g.Kind, rules.Cash, rules.Service, rules.Discount, rules.Priority, rules.InKind)),
		may("per", oneOf(&g.Per, rules.PerMonth, rules.PerYear, rules.PerOnce, rules.PerDay)),
		may("first", oneOf(&g.First, rules.SameMonth, rules.NextMonth)),
		may("amount", cases(&g.Amount)),
		may("times", cases(&g.Times)),
		may("share", shares(&g.Share)),
	)
}

// cases reads one formula, or a list of {when, is}.
func cases(to *[]rules.Case) read {
	return oneOrMany(func(n node) {
		var c rules.Case
		cel(&c.Is)(n)
		*to = append(*to, c)
	}, func(n node) {
		var c rules.Case
		n.object(&Marks{}, "一种情形", may("when", cel(&c.When)), must("is", cel(&c.Is)))
		*to = append(*to, c)
	})
}

// shares reads one text, or a list of {when, is}.
func shares(to *[]rules.Share) read {
	return oneOrMany(func(n node) {
		var s rules.Share
		text(&s.Is)(n)
		*to = append(*to, s)
	}, func(n node) {
		var s rules.Share
		n.object(&Marks{}, "一种情形", may("when", cel(&s.When)), must("is", text(&s.Is)))
		*to = append(*to, s)
	})
}

func oneOrMany(one, many read) read {
	return func(n node) {
		if _, ok := n.raw(); ok {
			one(n)
			return
		}
		each("{when, is} ", many)(n)
	}
}

// Figure (数值) is a number and how a document states it.
type Figure struct {
	Bound  string // at_least (不少于), at_most (不超过), above (超过), equals or value
	Number *big.Rat
}

// object reads an object of which exactly one key is a bound.
func (f *Figure) object(n node, m *Marks, what string, bounds []string, fields ...field) {
	for _, b := range bounds {
		fields = append(fields, may(b, func(n node) {
			f.Bound = b
			decimal(&f.Number)(n)
		}))
	}
	before := len(n.doc.errs)
	n.object(m, what, fields...)
	count := 0
	for _, b := range bounds {
		if m.Has(b) {
			count++
		}
	}
	if count != 1 && len(n.doc.errs) == before {
		n.fail("%s须恰好有 %s 之一，这里有 %d 个", what, strings.Join(bounds, "、"), count)
	}
}
