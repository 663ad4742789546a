package app

import (
	"context"
	"fmt"
	"hash/fnv"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/document"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/person"
	"yian/internal/region"
	"yian/internal/synth"
)

// demoPlace is where the demonstration plays.
const demoPlace region.Code = "1410"

// demoBatch is how many invented people one transaction brings.
const demoBatch = 4000

var fillDemo = audit.Action{Code: "demo.fill", Label: "填入演示数据"}

// demoVillages gives every town of the demonstration four villages, as the table of
// divisions ends with towns.
func demoVillages() {
	ordinals := []string{"第一", "第二", "第三", "第四"}
	var villages []region.Division
	for _, town := range region.Inside(demoPlace, 9) {
		kind := "村"
		if town.Code[6] == '0' { // a street, not a town or township
			kind = "社区"
		}
		for i, ordinal := range ordinals {
			villages = append(villages, region.Division{Code: town.Code + region.Code(fmt.Sprintf("%03d", i+1)), Name: ordinal + kind})
		}
	}
	region.Extend(villages)
}

// demoPeople brings invented elders into the register, as an import would.
func (a *App) demoPeople(ctx context.Context, elders int, seed uint64) error {
	today := civil.At(a.now()).Day()
	since := civil.New(today.Year(), 1, 1)
	actor := access.System("演示数据")
	batch := make([]person.Incoming, 0, demoBatch)
	flush := func() error {
		prepared, err := a.people.Prepare(ctx, actor, batch)
		if err != nil {
			return err
		}
		batch = batch[:0]
		return a.Audit.Write(ctx, actor, fillDemo, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
			applied, err := a.people.Apply(ctx, tx, actor, prepared)
			if err != nil {
				return audit.Nothing, err
			}
			for _, x := range applied {
				if x.Err != nil {
					return audit.Nothing, fmt.Errorf("an invented person was refused: %w %v", x.Err, errs.FieldsOf(x.Err))
				}
			}
			return audit.Change{Kind: "person", Region: demoPlace, Detail: map[string]int{"created": len(applied)}}, nil
		})
	}
	n := 0
	opt := synth.Options{
		Region: demoPlace, Elders: elders, Seed: seed, On: today, FromAge: 60,
		UnknownShare: synth.DefaultUnknown, Names: true, CitizenIDs: true,
	}
	err := synth.Generate(opt, func(p *synth.Person) error {
		n++
		batch = append(batch, demoPerson(p, n, since))
		if len(batch) == demoBatch {
			return flush()
		}
		return nil
	})
	if err != nil {
		return err
	}
	return flush()
}

// demoPerson makes an incoming person of an invented one. His telephone number has a
// prefix that no operator has been given.
func demoPerson(p *synth.Person, n int, since civil.Date) person.Incoming {
	h := fnv.New32a()
	_, _ = h.Write([]byte(p.CitizenID)) // it never fails
	x := h.Sum32()
	facts := p.Facts
	if facts.Hukou == "" && facts.Residence == "" {
		facts.Hukou = "141002" // a register keeps nobody of whom no place is known
	}
	facts.Hukou, facts.Residence = demoVillage(facts.Hukou, x), demoVillage(facts.Residence, x)
	draft := person.Draft{Name: p.Name, Document: document.ResidentID, Number: p.CitizenID}
	draft.Phones = []string{fmt.Sprintf("160%08d", n)}
	draft.Address = fmt.Sprintf("%s%d号", region.Name(facts.Residence), x%200+1)
	draft.Ethnic = "汉族"
	if x%3 == 0 {
		draft.Contacts = []person.Contact{{Name: string([]rune(p.Name)[:1]) + "小" + string("明华强丽"[x%4*3:x%4*3+3]), Relation: "子女", Phone: fmt.Sprintf("161%08d", n)}}
	}
	return person.Incoming{Draft: draft, Source: history.Eldercare, From: since, Facts: facts, Evidence: "演示数据"}
}

// demoVillage puts somebody of a town into one of its villages.
func demoVillage(town region.Code, x uint32) region.Code {
	if len(town) != 9 || !town.Within(demoPlace) {
		return town
	}
	return town + region.Code(fmt.Sprintf("%03d", x%4+1))
}

// demoDepartments has the departments confirm what they answer for, about the people
// of one town, so that their files show several sources.
func (a *App) demoDepartments(ctx context.Context) error {
	actor := access.System("演示数据")
	today := civil.At(a.now()).Day()
	page, err := a.people.List(ctx, actor.Scope(access.PersonRead), person.Query{Region: "141024100", Limit: 30})
	if err != nil {
		return err
	}
	for i, p := range page.People {
		for _, source := range history.Sources {
			stated := map[fact.ID]string{}
			for f := range fact.Count {
				if source.Department != "" && f.Def().Department == source.Department && f != fact.Birth && f != fact.Sex && p.Facts.Known(f) {
					stated[f] = p.Facts.Text(f)
				}
			}
			if len(stated) == 0 {
				continue
			}
			from := today - civil.Date(30+i*7%300)
			_, err := a.people.Record(ctx, actor, p.ID, person.Statement{Source: source.Source, From: from, Evidence: source.Label + "共享数据", Facts: stated})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// demoConflicts has villages contradict departments about a few people, so that
// there is something to settle.
func (a *App) demoConflicts(ctx context.Context) error {
	actor := access.System("演示数据")
	page, err := a.people.List(ctx, actor.Scope(access.PersonRead), person.Query{
		Region: "141024", Facts: map[fact.ID][]string{fact.Ability: {"intact"}}, Limit: 12,
	})
	if err != nil {
		return err
	}
	today := civil.At(a.now()).Day()
	for _, p := range page.People {
		_, err := a.people.Record(ctx, actor, p.ID, person.Statement{
			Source: history.Village, From: today, Evidence: "走访时所见", Facts: map[fact.ID]string{fact.Ability: "moderate"},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// demoDuplicates opens second files of a few people, as offices do that did not ask for
// the number, so that there is something to compare and merge.
func (a *App) demoDuplicates(ctx context.Context) error {
	actor := access.System("演示数据")
	page, err := a.people.List(ctx, actor.Scope(access.PersonRead), person.Query{Region: "141024100", Limit: 4})
	if err != nil {
		return err
	}
	today := civil.At(a.now()).Day()
	for _, p := range page.People {
		if !p.Facts.Known(fact.Birth) || p.Facts.Residence == "" {
			continue
		}
		again := person.Draft{Name: p.Name}
		again.Note = "办理老年人优待证时登记，当时未带身份证"
		stated := fact.Person{Birth: p.Facts.Birth, Residence: p.Facts.Residence}
		if _, err := a.people.Create(ctx, actor, again, history.Village, stated, today); err != nil {
			return err
		}
	}
	return nil
}
