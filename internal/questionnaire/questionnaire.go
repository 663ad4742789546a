package questionnaire

import (
	"cmp"
	"slices"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/region"
	"yian/internal/rules"
)

// Path (问答过程) is how far answers lead: the questions that were asked in their order,
// what is known through them, and the next question.
type Path struct {
	Program *rules.Program // the list of the place; nil before it is known, or where there is none
	Person  fact.Person
	Asked   []fact.ID
	Next    fact.ID // unless Done
	Done    bool
	Skipped fact.Set // answered with 不知道
	Implied fact.Set // not asked, because another answer leaves one value only

	settled fact.Set // asked or implied; of a place only the province may be known, and asking again would not help
}

// Finder (清单查找) finds the list that rules a place; nil if there is none.
type Finder func(place region.Code) *rules.Program

// Walk asks the questions again from the start and takes what was answered, up to the
// first question without an answer. An answer to what need not be asked any more, since
// an earlier one was changed, does not count.
func Walk(find Finder, a *Answers, on civil.Date) *Path {
	p := &Path{}
	if !p.ask(a, fact.Residence) || p.Person.Residence == "" && !p.ask(a, fact.Hukou) {
		return p
	}
	place := cmp.Or(p.Person.Residence, p.Person.Hukou)
	if p.Program = find(place); p.Program == nil {
		p.Done = true
		return p
	}
	for {
		next, ok := p.choose(on)
		if !ok {
			p.Done = true
			return p
		}
		if values := plausible(&p.Person, next, on); next.Coded() && len(values) == 1 {
			p.Person.Codes[next] = values[0]
			p.Implied, p.settled = p.Implied.Add(next), p.settled.Add(next)
			continue
		}
		if !p.ask(a, next) {
			return p
		}
	}
}

// ask takes the answer to a question; false if there is none yet. An answer that the
// earlier ones leave no room for is asked for again.
func (p *Path) ask(a *Answers, id fact.ID) bool {
	text, ok := a.Text(id)
	who := p.Person
	if ok && who.Set(id, text) != nil {
		ok = false
	}
	if !ok {
		p.Next = id
		return false
	}
	p.Asked, p.settled = append(p.Asked, id), p.settled.Add(id)
	p.Person = who
	if !who.Known(id) {
		p.Skipped = p.Skipped.Add(id)
	}
	return true
}

// inOrder are the facts in the order in which they are asked where equally many items
// lack them: what most people know first, what is delicate last.
var inOrder = [...]fact.ID{
	fact.Residence, fact.Hukou, fact.Birth, fact.Income, fact.Pension, fact.Medical, fact.LivesAlone, fact.EmptyNest, fact.LeftBehind,
	fact.Ability, fact.DisabilityKind, fact.DisabilityGrade, fact.Dementia, fact.FPSpecial, fact.Veteran, fact.VeteranPension,
	fact.NoSupporter, fact.TekunSupport, fact.WantsCentral, fact.TekunCare, fact.LTCIInsured, fact.LTCILevel, fact.InFacility,
	fact.WorkInjuryCare, fact.Sex, fact.Vagrant,
}

// choose returns the fact to ask next; false if nothing can help any more.
func (p *Path) choose(on civil.Date) (fact.ID, bool) {
	var lacking [fact.Count]int
	missing := make([]fact.Set, len(p.Program.Items))
	for i := range p.Program.Items {
		missing[i] = p.Program.Decide(i, &p.Person, on).Missing &^ p.settled
		for _, id := range missing[i].IDs() {
			lacking[id]++
		}
	}
	order := slices.Clone(inOrder[:])
	slices.SortStableFunc(order, func(a, b fact.ID) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(lacking[b], lacking[a]))
	})
	for _, id := range order {
		for i := range missing {
			if missing[i].Has(id) && matters(p.Program, i, p.Person, id, missing[i], p.settled, on) {
				return id, true
			}
		}
	}
	return 0, false
}

// rank puts the place and the birth date before everything else.
func rank(id fact.ID) int {
	switch id {
	case fact.Residence:
		return 0
	case fact.Hukou:
		return 1
	case fact.Birth:
		return 2
	default:
		return 3
	}
}

// plausible lists the values of a coded fact that go with what is known.
func plausible(who *fact.Person, id fact.ID, on civil.Date) []fact.Code {
	if !id.Coded() {
		return nil
	}
	one := *who
	var out []fact.Code
	for i := range id.Def().Values {
		one.Codes[id] = fact.Code(i + 1)
		if _, why := one.Implausible(on); why == "" {
			out = append(out, fact.Code(i+1))
		}
	}
	return out
}

// Values lists the answers to a question that go with those before it.
func (p *Path) Values(id fact.ID, on civil.Date) []fact.Code {
	who := p.Person
	if i := slices.Index(p.Asked, id); i >= 0 { // asked again: what came later does not bind it
		for _, later := range p.Asked[i:] {
			who.Forget(later)
		}
		for _, implied := range p.Implied.IDs() {
			who.Forget(implied)
		}
	}
	return plausible(&who, id, on)
}
