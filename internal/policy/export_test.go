package policy

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/errs"
	"yian/internal/pack"
	"yian/internal/xlsx"
)

func TestFiles(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		first := must[[]Version](t)(k.Versions(t.Context(), ofCounty, linfen))[0]
		var text, sheet bytes.Buffer
		if err := k.WriteYAML(t.Context(), ofCounty, first.ID, &text); err != nil || text.String() != first.Text {
			t.Errorf("another text (%v)", err)
		}
		if err := k.WriteAnnex(t.Context(), ofCounty, first.ID, &sheet); err != nil {
			t.Fatal(err)
		}
		r, err := xlsx.Open(&sheet)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close() //nolint:errcheck // it is only read
		var rows []string
		for {
			row, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			rows = append(rows, string(bytes.Join(row.Cells, []byte("|"))))
		}
		if len(rows) != 25 || rows[0] != "序号|服务对象|服务项目|服务内容|服务类型|牵头部门" || !strings.HasPrefix(rows[1], "1|达到待遇享受年龄的老年人") {
			t.Errorf("%d rows: %q", len(rows), rows[:2])
		}
		for i, row := range rows[1:] {
			if added := strings.Contains(row, "|*"); added != (i+1 == 3 || i+1 == 4 || i+1 == 7 || i+1 == 12) {
				t.Errorf("row %d has a star: %v", i+1, added)
			}
		}
		draft := must[*Version](t)(k.Draft(t.Context(), author, linfen, 0, ""))
		want(t, k.WriteYAML(t.Context(), ofCounty, draft.ID, io.Discard), errs.NotFound)
		want(t, k.WriteAnnex(t.Context(), ofCounty, draft.ID, io.Discard), errs.NotFound)
		if name := draft.FileName("yaml"); name != "linfen-2023-v2.yaml" {
			t.Error(name)
		}
	})
}

// TestItems changes a draft by the form: an own item, one that is taken over, a new one.
func TestItems(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		ok := must[*Version](t)
		v := ok(k.DraftNew(t.Context(), county, "141002", ""))
		raise := func(it *pack.Item) error {
			f, ok := Form(it)
			if !ok {
				t.Fatalf("no form for %s", it.ID)
			}
			for i := range f.When {
				if f.When[i].Ask == AgeFrom {
					f.When[i].Years += 5
				}
			}
			return f.Apply(it)
		}
		v = ok(k.PutItem(t.Context(), county, v.ID, v.Version, "centenarian", "", raise))
		v = ok(k.PutItem(t.Context(), county, v.ID, v.Version, "centenarian", "", raise))
		v = ok(k.PutItem(t.Context(), county, v.ID, v.Version, "", "", func(it *pack.Item) error {
			f := ItemForm{
				No: it.No, ID: "hot-meals", Name: "老年助餐", Audience: "70周岁及以上老年人", Type: "照护服务", When: []Condition{{Ask: AgeFrom, Years: 70}},
				Kind: "service", ClauseAt: "第1项", ClauseText: "提供助餐服务。",
			}
			return f.Apply(it)
		}))
		sh, err := k.library(t.Context(), v, today)
		if err != nil {
			t.Fatal(err)
		}
		if l := sh.own.List; len(l.Items) != 2 || l.Items[0].When.CEL != "local && age >= 110" || l.Items[1].No != 25 || l.Source() == nil || len(l.Source().Items) != 25 {
			t.Errorf("the list is\n%s", v.Text)
		}
		_, err = k.PutItem(t.Context(), county, v.ID, v.Version, "nothing", "", raise)
		want(t, err, errs.NotFound)
		_, err = k.PutItem(t.Context(), county, v.ID, v.Version, "", "", func(it *pack.Item) error { it.ID = "hot-meals"; return nil })
		want(t, err, errs.Invalid)
		_, err = k.PutItem(t.Context(), other, v.ID, v.Version, "centenarian", "", raise)
		want(t, err, errs.NotFound)
		_, err = k.DropItem(t.Context(), county, v.ID, v.Version, "old-age-allowance", "")
		want(t, err, errs.NotFound)
		_, err = k.DropItem(t.Context(), county, v.ID, v.Version-1, "centenarian", "")
		want(t, err, errs.Stale)
		v = ok(k.DropItem(t.Context(), county, v.ID, v.Version, "centenarian", ""))
		if strings.Contains(v.Text, "centenarian") {
			t.Errorf("the item is still there:\n%s", v.Text)
		}
		faulty := ok(k.Change(t.Context(), county, v.ID, v.Version, v.Text+"wrong: 1\n", "", ""))
		_, err = k.DropItem(t.Context(), county, v.ID, faulty.Version, "hot-meals", "")
		want(t, err, errs.Conflict)
	})
}
