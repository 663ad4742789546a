package person

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"yian/internal/access"
	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/fact"
	"yian/internal/region"
)

func TestZZ(t *testing.T) {
	if os.Getenv("ZZ") == "" { t.Skip() }
	in := people(t, 300_000)
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		p, w := k.load(t, in, 5000)
		fmt.Println("load", p, w)
		for _, analyzed := range []bool{false, true} {
			if analyzed { if err := d.Analyze(t.Context()); err != nil { t.Fatal(err) } }
			ctx := t.Context()
			for scopeName, a := range map[string]access.Actor{"city": city, "county": county, "town": actor(access.Officer, "141002001"), "village": actor(access.Officer, "141002001001")} {
				scope := a.Scope(access.PersonRead)
				find := func(s string) Query { q, _ := k.Find(ctx, scope, s); return q }
				for name, q := range map[string]Query{
					"number": find(in[777].Number), "phone": find(in[777].Phones[0]), "wang": {Name: "王"}, "wangfang": {Name: "王芳"}, "rare": {Name: "龘"},
					"w": {Initials: "w"}, "wgl": {Initials: "wgl"}, "all": {}, "byname": {Sort: ByName}, "byage": {Sort: ByAge}, "95+": {AgeFrom: 95}, "95+name": {AgeFrom: 95, Sort: ByName},
					"tekun": {Facts: map[fact.ID][]string{fact.Income: {"tekun"}}}, "dead": {State: Deceased},
					"region+wang": {Name: "王", Region: region.Code("141002001")}, "any": {AnyState: true, Name: "李"},
				} {
					begin := time.Now()
					page, err := k.List(ctx, scope, q)
					took := time.Since(begin)
					if err != nil { t.Fatal(err) }
					begin = time.Now()
					n, exact, err := k.Count(ctx, scope, q, 1000)
					if err != nil { t.Fatal(err) }
					c := time.Since(begin)
					if took > 15*time.Millisecond || c > 15*time.Millisecond {
						fmt.Println(d.Engine(), "analyzed", analyzed, scopeName, name, len(page.People), took, "count", n, exact, c)
						if took > 30*time.Millisecond && analyzed {
							sel := q.find(d.NewSelect().TableExpr("person AS p").ColumnExpr(columnList), scope, k.Today())
							text := q.parts()[0].page(sel, nil, false).Limit(51).String()
							pre := "EXPLAIN "
							if d.Engine() == db.SQLite { pre = "EXPLAIN QUERY PLAN " }
							rows, err := d.DB.DB.Query(pre + text)
							if err != nil { t.Fatal(err) }
							cols, _ := rows.Columns()
							for rows.Next() {
								v := make([]any, len(cols)); tg := make([]any, len(cols))
								for i := range v { tg[i] = &v[i] }
								_ = rows.Scan(tg...)
								fmt.Println("     ", strings.ReplaceAll(fmt.Sprint(v[len(v)-1]), columnList, "…"))
							}
							_ = rows.Close()
						}
					}
				}
			}
		}
	})
}
