package entitlement

import (
	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/id"
	"yian/internal/region"
	"yian/internal/rules"
)

// Standing (待遇状况) is what one person is entitled to.
type Standing struct {
	Person id.ID
	Region region.Code // who serves him
	Ruling id.ID       // the version of the list; 0: none rules there
	On     civil.Date  // the day for which it was found
	Items  []ItemStanding
	Tags   []TagStanding
	Next   civil.Date // when ageing alone changes something next; 0: never
	Coming []Coming   // what it changes
}

// ItemStanding (项目状况) is the result of one item.
type ItemStanding struct {
	ID      string
	Result  rules.Truth
	Amount  rules.Quantity // in fen
	Times   rules.Quantity
	Share   rules.Quantity
	Missing fact.Set   // unknown facts that could decide it
	Since   civil.Date // since when the result is so
}

// TagStanding (标签状况) is the result of one tag.
type TagStanding struct {
	Tag    *Tag
	Result rules.Truth
	Reason string
	Since  civil.Date
}

// Coming (将有的变化) is what a birthday will change.
type Coming struct {
	Item     string
	Was, Is  rules.Truth
	WasSum   rules.Quantity
	IsAmount rules.Quantity
}

// standing unpacks a stored result. The bench may be nil: then nothing is said beyond
// what is stored.
func (r *row) standing(basis *Basis, b *bench, p *fact.Person, today civil.Date) *Standing {
	s := &Standing{Region: r.region, Ruling: basis.Ruling, On: r.On, Next: r.Next}
	amounts := r.amounts(basis.Cash)
	for i, name := range basis.Items {
		one := ItemStanding{ID: name, Result: truth(r.Yes, r.Unknown, i), Amount: amounts[i].quantity(), Since: r.since}
		if b != nil && b.program != nil {
			d := b.program.Decide(i, p, today)
			one.Amount, one.Times, one.Share, one.Missing = d.Amount, d.Times, d.Share, d.Missing
		}
		s.Items = append(s.Items, one)
	}
	for i := range Tags {
		s.Tags = append(s.Tags, TagStanding{Tag: &Tags[i], Result: r.tagTruth(i), Reason: tagReason(i, p), Since: r.since})
	}
	if b != nil && b.program != nil && r.Next != 0 {
		_, changes := b.program.NextChange(p, today)
		for _, c := range changes {
			s.Coming = append(s.Coming, Coming{
				Item: basis.Items[c.Item], Was: c.Before.Result, Is: c.Then.Result, WasSum: c.Before.Amount, IsAmount: c.Then.Amount,
			})
		}
	}
	return s
}

// date gives each result the day since which it stands, from the history of the person.
func (s *Standing) date(changes []Change) {
	for _, c := range changes {
		switch c.Kind {
		case OfItem:
			for i := range s.Items {
				if it := &s.Items[i]; it.ID == c.Item && it.Result == c.Is && c.Was != c.Is {
					it.Since = c.On
				}
			}
		case OfTag:
			for i := range s.Tags {
				if tag := &s.Tags[i]; tag.Tag.ID == c.Item && tag.Result == c.Is {
					tag.Since = c.On
				}
			}
		}
	}
}

// Told (认定说明) is an explanation of one item, with the list that it is of.
type Told struct {
	rules.Explanation
	On     civil.Date
	Region region.Code // who served the person then
	Ruling id.ID
}
