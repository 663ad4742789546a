package policy

import (
	"fmt"
	"strings"
	"testing"

	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/errs"
)

func TestCompare(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		v := must[*Version](t)(k.Draft(t.Context(), author, linfen, 0, ""))
		same := must[*Comparison](t)(k.Compare(t.Context(), ofCity, v.BasedOn, v.ID))
		if !same.Empty() {
			t.Errorf("a fresh draft differs: %+v", same)
		}
		text := replace(t, v.Text, "at_least: 300", "value: 400")
		text = replace(t, text, "when: local && age >= 100", "when: local && age >= 95")
		text = replace(t, text, "id: city-bus", "id: all-buses")
		text = replace(t, text, `hard_up: income in ["dibao", "edge", "rigid", "tekun"]`, `hard_up: income in ["dibao", "tekun"]`)
		text = replace(t, text, "title: 临汾市基本养老服务清单", "title: 临汾市基本养老服务清单（修订）")
		v = must[*Version](t)(k.Change(t.Context(), author, v.ID, v.Version, text, v.Tests, ""))
		c := must[*Comparison](t)(k.Compare(t.Context(), ofCity, v.BasedOn, v.ID))
		var got []string
		say := func(d Difference) {
			p := d.Passages[0]
			if d.Kind == Altered {
				got = append(got, fmt.Sprintf("%s %s %s: %s → %s", d.Kind.Label(), d.ID, p.Label, p.Old, p.New))
				return
			}
			got = append(got, fmt.Sprintf("%s %s %d", d.Kind.Label(), d.ID, len(d.Passages)))
		}
		for _, p := range c.Head {
			got = append(got, fmt.Sprintf("%s: %s → %s", p.Label, p.Old, p.New))
		}
		for _, list := range [][]Difference{c.Parameters, c.Define, c.Items} {
			for _, d := range list {
				say(d)
			}
		}
		want := `名称: 临汾市基本养老服务清单 → 临汾市基本养老服务清单（修订）
修改 centenarian_subsidy 标准: 2023-12-16 起 不少于 300 → 2023-12-16 起 400
修改 hard_up 条件: income in ["dibao", "edge", "rigid", "tekun"] → income in ["dibao", "tekun"]
新增 all-buses 11
修改 centenarian 条件: local && age >= 100 → local && age >= 95
取消 city-bus 11`
		if strings.Join(got, "\n") != want {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
		}
		_, err := k.Compare(t.Context(), ofCounty, v.BasedOn, v.ID)
		if !errs.Is(err, errs.NotFound) {
			t.Errorf("the county compares a draft of the city (%v)", err)
		}
	})
}

func TestLevels(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		v := k.lower(t)
		k.release(t, v, county, countyHead, today)
		l := must[*Levels](t)(k.Levels(t.Context(), theTown))
		if len(l.Lists) != 3 || l.Lists[0].Source.ID != "national-2023" || l.Lists[2].Source.ID != v.List {
			t.Fatalf("%d lists", len(l.Lists))
		}
		for _, apart := range l.Apart {
			if apart != "" {
				t.Error(apart)
			}
		}
		below, inherited, answered := 0, 0, 0
		for _, r := range l.Rows {
			cell := r.Cells[2]
			if cell.Item == nil {
				t.Errorf("the county has no %s", r.Name)
				continue
			}
			if cell.Inherited {
				inherited++
			}
			if cell.Answer != nil {
				answered++
				if !cell.Answer.Proved() {
					below++
				}
			}
			if cell.Inherited == (cell.Item.ID == "centenarian") {
				t.Errorf("%s is inherited: %v", cell.Item.ID, cell.Inherited)
			}
		}
		if len(l.Rows) != 24+missing(l) || inherited != len(l.Rows)-1 || below == 0 || answered != 24 {
			t.Errorf("%d rows, %d inherited, %d below of %d", len(l.Rows), inherited, below, answered)
		}
	})
}

// missing counts the items of the nation's list that no item of the city answers to.
func missing(l *Levels) (n int) {
	for _, r := range l.Rows {
		if r.Cells[1].Item == nil {
			n++
		}
	}
	return n
}
