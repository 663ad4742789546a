package personapi_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"yian/internal/access"
	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/personapi"
)

// roles are all roles there are.
var roles = func() (all []access.Role) {
	for _, info := range access.Roles {
		all = append(all, info.Role)
	}
	return all
}()

// problem is what these tests read of one.
type problem struct{ Title, Detail string }

func contains(path, part string) bool { return strings.HasPrefix(path, part) }

// fill puts a person into a path, and a record that is not there.
func fill(path, person string) string { return fillRecord(path, person, "1") }

func fillRecord(path, person, record string) string {
	return strings.NewReplacer("{id}", person, "{record}", record).Replace(path)
}

func (s *site) records(p personapi.PersonFile) []personapi.Record {
	s.t.Helper()
	return as[struct{ Records []personapi.Record }](s.call(city, "GET", "/api/v1/persons/"+p.ID.String()+"/records", nil).want(200)).Records
}

// says records that a source states one fact.
func (s *site) says(p personapi.PersonFile, source, from, fact, value string) personapi.Outcome {
	s.t.Helper()
	return as[personapi.Outcome](s.call(city, "POST", "/api/v1/persons/"+p.ID.String()+"/records",
		object{"source": source, "from": from, "facts": object{fact: value}}).want(201))
}

// known reads facts by name.
func (s *site) known(p personapi.PersonFile, query string) map[personapi.FactName]personapi.FactValue {
	s.t.Helper()
	out := as[struct{ Facts []personapi.FactValue }](s.call(city, "GET", "/api/v1/persons/"+p.ID.String()+"/facts"+query, nil).want(200))
	m := map[personapi.FactName]personapi.FactValue{}
	for _, v := range out.Facts {
		m[v.Fact] = v
	}
	return m
}

func TestRecords(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := open(t, d)
		p := s.create("王桂兰", wang)
		before := s.now().Format("2006-01-02T15:04:05.999999Z07:00")
		s.ticks.Add(100)

		out := s.says(p, "aid", "2025-03-01", "income", "dibao")
		if !slices.Equal(out.Changed, []personapi.FactName{"income"}) || len(out.Conflicts) != 0 {
			t.Errorf("outcome %+v", out)
		}
		clash := s.says(p, "village", "2026-01-01", "income", "none")
		if len(clash.Changed) != 0 || !slices.Equal(clash.Conflicts, []personapi.FactName{"income"}) {
			t.Errorf("a lesser source: %+v", clash)
		}
		now := s.known(p, "")
		income := now["income"]
		if income.Value != "dibao" || income.ValueLabel != "低保" || income.Source != "aid" || income.Record != out.Record || income.From.String() != "2025-03-01" {
			t.Errorf("income %+v", income)
		}
		if income.ContradictedBy == nil || income.ContradictedBy.Value != "none" || income.ContradictedBy.Source != "village" {
			t.Errorf("contradiction %+v", income.ContradictedBy)
		}
		if now["birth"].Source != "document" {
			t.Errorf("birth %+v", now["birth"])
		}
		if v := s.known(p, "?on=2025-02-01")["income"]; v.Value != "none" || v.Source != "town" {
			t.Errorf("a day before: %+v", v)
		}
		if v := s.known(p, "?on=2026-06-30&known="+before)["income"]; v.Value != "none" {
			t.Errorf("as known then: %+v", v)
		}
		s.call(city, "GET", "/api/v1/persons/"+p.ID.String()+"/facts?known=2026-06-30T18:00:00+08:00", nil).want(200, `"known":"2026-06-30T18:00:00+08:00"`, `"unknown":["hukou",`)
		s.call(city, "GET", "/api/v1/persons/"+p.ID.String()+"/facts?known=yesterday", nil).want(422, "query.known")
		s.call(city, "GET", "/api/v1/persons/"+p.ID.String()+"/facts?on=2026-02-30", nil).want(422, "query.on")

		at := fmt.Sprintf("/api/v1/persons/%s/records/%s", p.ID, out.Record)
		fixed := as[personapi.Outcome](s.call(city, "POST", at+"/correct", object{"from": "2025-04-01", "facts": object{"income": "tekun"}, "evidence": "复核"}).want(201))
		if v := s.known(p, "")["income"]; v.Value != "tekun" || v.Source != "aid" || v.From.String() != "2025-04-01" {
			t.Errorf("corrected: %+v", v)
		}
		s.call(city, "POST", at+"/correct", object{"from": "2025-04-01", "facts": object{"income": "edge"}}).want(409, "后来的记录")
		at = fmt.Sprintf("/api/v1/persons/%s/records/%s", p.ID, fixed.Record)
		s.call(city, "POST", at+"/end", object{"facts": []string{"income"}, "on": "2025-01-01"}).want(422, "body.on")
		ended := as[personapi.Outcome](s.call(city, "POST", at+"/end", object{"facts": []string{"income"}, "on": "2026-05-01"}).want(201))
		if v := s.known(p, "")["income"]; v.Source != "town" || v.Value != "none" {
			t.Errorf("ended: %+v", v)
		}
		at = fmt.Sprintf("/api/v1/persons/%s/records/%s", p.ID, ended.Record)
		s.call(city, "POST", at+"/withdraw", object{"facts": []string{"incom"}}).want(422, "body.facts[0]")
		s.call(city, "POST", at+"/withdraw", object{"facts": []string{}}).want(422, "body.facts")
		s.call(city, "POST", at+"/withdraw", object{"facts": []string{"income"}, "evidence": "登记错人"}).want(201)
		if v := s.known(p, "?on=2025-12-01")["income"]; v.Source != "town" {
			t.Errorf("withdrawn: %+v", v)
		}
		all := s.records(p)
		last := all[len(all)-1]
		if !slices.Equal(last.Withdrawn, []personapi.FactName{"income"}) || last.Replaces != ended.Record || last.Evidence != "登记错人" || len(all) != 7 {
			t.Errorf("%d records, the last %+v", len(all), last)
		}
		s.call(city, "POST", fmt.Sprintf("/api/v1/persons/%s/records", p.ID), object{"source": "aid", "from": "2026-01-01", "facts": object{}}).want(422, "facts")
		s.call(city, "POST", fmt.Sprintf("/api/v1/persons/%s/records", p.ID), object{"source": "aid", "from": "2026-01-01", "to": "2025-01-01", "facts": object{"income": "none"}}).want(422, "body.to")
		s.call(county, "POST", fmt.Sprintf("/api/v1/persons/%s/records", p.ID), object{"source": "village", "from": "2026-01-01", "facts": object{"residence": "141024001"}}).want(403, "移交")
	})
}

// statement is a statement of a batch about somebody's income.
func statement(number, source, income string) object {
	return object{"number": number, "source": source, "from": "2026-01-01", "facts": object{"income": income}}
}

func TestBatch(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := open(t, d)
		p := s.create("王桂兰", wang)
		s.create("赵大娘", zhao)
		wrong := statement(zhao, "aid", "edge")
		wrong["name"] = "钱大娘"
		stated := []object{
			statement(wang, "aid", "dibao"), statement(strings.ToLower(zhao), "village", "edge"), statement(wang, "village", "none"),
			statement(number("14100219400115006"), "aid", "dibao"), statement(wang[:17]+"1", "aid", "dibao"), wrong, statement(wang, "aid", "dibao"),
			{"number": wang, "source": "aid", "from": "2026-01-01", "facts": object{"disability_kind": "none", "disability_grade": "1"}},
		}
		type results struct {
			Recorded, Unchanged, Rejected int
			Results                       []personapi.BatchResult
		}
		send := func() (answer, results) {
			t.Helper()
			a := s.call(feed, "POST", "/api/v1/statements:batch", object{"statements": stated}).want(200).lacks(wang, zhao)
			return a, as[results](a)
		}
		a, out := send()
		got := ""
		for _, r := range out.Results {
			got += r.Result + " "
		}
		if got != "recorded recorded recorded rejected rejected rejected unchanged rejected " || out.Recorded != 3 || out.Unchanged != 1 || out.Rejected != 4 {
			t.Errorf("results %s: %s", got, a.body)
		}
		a.want(200, "没有这个证件号码", `"location":"body.statements[4].number"`, "另一个姓名", `"location":"body.statements[7].facts.disability_grade"`)
		if r := out.Results[2]; !slices.Equal(r.Conflicts, []personapi.FactName{"income"}) || r.Person != p.ID {
			t.Errorf("a lesser source: %+v", r)
		}
		if v := s.known(p, "")["income"]; v.Value != "dibao" || v.Source != "aid" || v.ContradictedBy == nil {
			t.Errorf("income %+v", v)
		}
		if conflicts := s.count("person_conflict"); conflicts != 2 {
			t.Errorf("%d conflicts", conflicts)
		}
		n := s.count("person_record")
		if _, again := send(); again.Recorded != 0 || again.Unchanged != 4 || s.count("person_record") != n {
			t.Errorf("the second time %+v", again)
		}
		if n := s.entries("fact.batch"); n != 1 {
			t.Errorf("%d batches are on the trail", n)
		}
		report, err := s.people.Audit.Verify(t.Context(), "")
		if err != nil || !report.OK() {
			t.Errorf("the trail finds %+v, %v", report, err)
		}
		s.call(feed, "POST", "/api/v1/statements:batch", object{"statements": []object{}}).want(422, "至少 1 项")
		s.call(feed, "POST", "/api/v1/statements:batch", object{"statements": slices.Repeat(stated[:1], 1001)}).want(422, "最多 1000 项")
		s.call(feed, "POST", "/api/v1/statements:batch", object{"statements": slices.Repeat(stated[:1], 1000)}).want(200, `"unchanged":1000`)
	})
}

func TestConcurrentBatchesLoseNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := open(t, d)
		var numbers []string
		for i := range 20 {
			numbers = append(numbers, number(fmt.Sprintf("141002194001150%02d", i*2)))
			s.create("李大"+string([]rune("甲乙丙丁戊己庚辛壬癸")[i%10]), numbers[i])
		}
		facts := []object{{"income": "dibao"}, {"lives_alone": "true"}, {"dementia": "false"}, {"medical": "resident"}}
		var group sync.WaitGroup
		for i, f := range facts {
			group.Go(func() {
				order := slices.Clone(numbers)
				if i%2 == 1 {
					slices.Reverse(order) // others lock in another order
				}
				var stated []object
				for _, n := range order {
					stated = append(stated, object{"number": n, "source": "town", "from": "2026-01-01", "facts": f})
				}
				s.call(feed, "POST", "/api/v1/statements:batch", object{"statements": stated}).want(200, `"recorded":20`)
			})
		}
		group.Wait()
		l := as[list](s.call(city, "GET", "/api/v1/persons?income=dibao&lives_alone=true&dementia=false&medical=resident", nil).want(200))
		if len(l.Persons) != 20 {
			t.Errorf("%d people have all facts", len(l.Persons))
		}
	})
}

// A person without a number is what nothing but the key keeps from being made twice.
func TestRepeatedCreation(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := open(t, d)
		var group sync.WaitGroup
		answers := make([]answer, 8)
		for i := range answers {
			group.Go(func() {
				answers[i] = s.call(city, "POST", "/api/v1/persons", draft("无名氏", ""), "Idempotency-Key", "k1")
			})
		}
		group.Wait()
		first := s.call(city, "POST", "/api/v1/persons", draft("无名氏", ""), "Idempotency-Key", "k1").want(201)
		if first.header.Get("Idempotency-Replayed") != "true" || first.header.Get("ETag") != `"1"` {
			t.Errorf("the repetition: %v", first.header)
		}
		for _, a := range answers {
			if a.status != 409 && (a.status != 201 || a.body != first.body) {
				t.Errorf("%d %s", a.status, a.body)
			}
		}
		s.call(city, "POST", "/api/v1/persons", draft("别人", ""), "Idempotency-Key", "k1").want(422)
		if n := s.count("person"); n != 1 {
			t.Errorf("%d people", n)
		}
		// Statements are added once, too.
		at := "/api/v1/persons/" + as[personapi.PersonFile](first).ID.String() + "/records"
		for range 3 {
			s.call(city, "POST", at, object{"source": "town", "from": "2026-01-01", "facts": object{"income": "edge"}}, "Idempotency-Key", "k2").want(201)
		}
		if n := s.count("person_record"); n != 2 {
			t.Errorf("%d records", n)
		}
	})
}

// TestEveryWriteIsMarked shows that all writes mark their keys in their own
// transactions, so that a killed process repeats none of them.
func TestEveryWriteIsMarked(t *testing.T) {
	s := open(t, dbtest.SQLite(t))
	keys := 0
	post := func(path string, body object, headers ...string) answer {
		t.Helper()
		keys++
		a := s.call(city, "POST", path, body, append(headers, "Idempotency-Key", fmt.Sprint(keys))...)
		if a.status >= 300 {
			t.Fatalf("%s: %d %s", path, a.status, a.body)
		}
		return a
	}
	made := post("/api/v1/persons", draft("王桂兰", wang))
	at := "/api/v1/persons/" + as[personapi.PersonFile](made).ID.String()
	post(at+"/state", object{"state": "moved", "on": "2026-01-01", "source": "town"}, "If-Match", made.header.Get("ETag"))
	stated := func(path string, body object) string {
		t.Helper()
		return at + "/records/" + as[personapi.Outcome](post(path, body)).Record.String()
	}
	first := stated(at+"/records", object{"source": "aid", "from": "2026-01-01", "facts": object{"income": "edge", "no_supporter": "true"}})
	second := stated(first+"/correct", object{"from": "2026-01-01", "facts": object{"income": "dibao"}})
	stated(first+"/withdraw", object{"facts": []string{"no_supporter"}})
	stated(second+"/end", object{"facts": []string{"income"}, "on": "2026-05-01"})
	post("/api/v1/statements:batch", object{"statements": []object{statement(wang, "aid", "tekun")}})
	tag := s.call(city, "GET", at, nil).header.Get("ETag")
	post(at+"/transfer", object{"to": "141024001", "on": "2026-06-01", "source": "village"}, "If-Match", tag)

	keyed := 0
	for _, route := range s.mux.Routes() {
		if route.Method == http.MethodPost && strings.HasPrefix(route.Path, "/api/") && !strings.HasSuffix(route.Path, "/lookup") && !strings.HasSuffix(route.Path, "/unmask") {
			keyed++
		}
	}
	var marked int
	if err := s.db.NewRaw("SELECT count(*) FROM api_request WHERE carried AND status < 300").Scan(t.Context(), &marked); err != nil {
		t.Fatal(err)
	}
	if marked != keys || keys != keyed {
		t.Errorf("of %d writes under keys %d are marked; %d operations write", keys, marked, keyed)
	}
}
