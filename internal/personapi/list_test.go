package personapi_test

import (
	"net/url"
	"testing"

	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/personapi"
)

type list struct {
	Persons    []personapi.Person
	Next, Prev string
}

func TestListAndLookup(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := open(t, d)
		p := s.create("王桂兰", wang)
		s.create("赵大娘", zhao)
		for i := range 5 {
			s.create("李大"+string([]rune("甲乙丙丁戊")[i]), "")
		}
		found := func(query string) []personapi.Person {
			t.Helper()
			return as[list](s.call(county, "GET", "/api/v1/persons?"+query, nil).want(200).lacks(wang, "13812345678")).Persons
		}
		for query, want := range map[string]int{
			"": 7, "name=" + url.QueryEscape("李"): 5, "initials=wg": 1, "age_from=80": 2, "age_from=80&age_to=85": 0, "region=141002001": 7,
			"region=141024": 0, "income=none": 7, "income=dibao": 0, "income=dibao&income=none": 7, "ability=unknown": 7, "sex=female": 2,
			"state=deceased": 0, "state=any": 7, "birth=1940-01-15": 2, "residence=141002": 7,
		} {
			if got := found(query); len(got) != want {
				t.Errorf("%s finds %d, want %d", query, len(got), want)
			}
		}
		var names []string
		after := ""
		for {
			page := as[list](s.call(county, "GET", "/api/v1/persons?sort=name&limit=3&after="+after, nil).want(200))
			for _, one := range page.Persons {
				names = append(names, one.Name)
			}
			if after = page.Next; after == "" {
				break
			}
		}
		if len(names) != 7 || names[6] != "赵大娘" {
			t.Errorf("pages give %v", names)
		}
		for query, field := range map[string]string{
			"number=00": "没有这个查询参数：number", "phone=00": "没有这个查询参数", "surname=x": "没有这个查询参数：surname", "limit=0": "query.limit",
			"limit=501": "query.limit", "age_from=x": "query.age_from", "age_from=90&age_to=80": "query.age_from", "state=x": "query.state",
			"region=1": "query.region", "income=rich": "query.income", "after=x%00": "query.after", "birth=x": "query.birth", "after=zz": "翻页",
		} {
			s.call(county, "GET", "/api/v1/persons?"+query, nil).want(422, field)
		}

		by := func(what, value string) []personapi.Person {
			t.Helper()
			return as[list](s.call(county, "POST", "/api/v1/persons/lookup", object{what: value}).want(200).lacks(wang)).Persons
		}
		if got := by("number", " "+wang); len(got) != 1 || got[0].ID != p.ID {
			t.Errorf("by number: %v", got)
		}
		if got := by("phone", "138 1234 5678"); len(got) != 7 {
			t.Errorf("by phone: %d", len(got))
		}
		if got := by("phone", "13798765432"); len(got) != 7 {
			t.Errorf("by the phone of a contact: %d", len(got))
		}
		if got := by("number", number("14100219400115006")); len(got) != 0 {
			t.Errorf("a number that nobody has: %v", got)
		}
		s.call(county, "POST", "/api/v1/persons/lookup", object{}).want(422, "填一个")
		s.call(county, "POST", "/api/v1/persons/lookup", object{"number": wang, "phone": "13812345678"}).want(422, "填一个").lacks(wang)
		s.call(county, "POST", "/api/v1/persons/lookup", object{"phone": "12"}).want(422, "body.phone")
		s.call(county, "POST", "/api/v1/persons/lookup", object{"number": "1!"}).want(422, "body.number")
		if lists, looks := s.entries("person.list"), s.entries("person.lookup"); lists < 10 || looks != 4 {
			t.Errorf("%d lists and %d look-ups are on the trail", lists, looks)
		}
	})
}

// TestRoles calls every operation as every role: whoever lacks the permission is
// refused before anything else is looked at, and whoever has it is not.
func TestRoles(t *testing.T) {
	s := open(t, dbtest.SQLite(t))
	p := s.create("王桂兰", wang)
	checked := 0
	for _, route := range s.mux.Routes() {
		if route.Path == "/api/openapi.json" || len(route.Path) < 5 || route.Path[:5] != "/api/" {
			continue
		}
		path := fill(route.Path, p.ID.String())
		for _, role := range roles {
			a := s.call(string(role)+"@1410", route.Method, path, "{}")
			if refused := a.status == 403; refused == role.Has(route.Permission) {
				t.Errorf("%s %s as %s (%s): %d %s", route.Method, route.Path, role, route.Permission, a.status, a.body)
			}
			checked++
		}
		s.call("nobody", route.Method, path, "{}").want(401)
	}
	if checked != 15*len(roles) {
		t.Errorf("%d calls were made", checked)
	}
}

// TestAnotherCounty calls every operation on a person as an officer of the next county:
// he finds nothing.
func TestAnotherCounty(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := open(t, d)
		p := s.create("王桂兰", wang)
		rec := s.records(p)[0]
		bodies := map[string]object{
			"PATCH /api/v1/persons/{id}":                          {"note": "x"},
			"POST /api/v1/persons/{id}/state":                     {"state": "moved", "on": "2026-01-01", "source": "town"},
			"POST /api/v1/persons/{id}/transfer":                  {"to": "141024", "on": "2026-01-01", "source": "town"},
			"POST /api/v1/persons/{id}/unmask":                    {"what": "number", "purpose": "核对身份"},
			"POST /api/v1/persons/{id}/records":                   {"source": "town", "from": "2026-01-01", "facts": object{"income": "dibao"}},
			"POST /api/v1/persons/{id}/records/{record}/correct":  {"from": "2026-01-01", "facts": object{"income": "dibao"}},
			"POST /api/v1/persons/{id}/records/{record}/end":      {"on": "2026-01-01", "facts": []string{"income"}},
			"POST /api/v1/persons/{id}/records/{record}/withdraw": {"facts": []string{"income"}},
			"GET /api/v1/persons/{id}":                            nil,
			"GET /api/v1/persons/{id}/facts":                      nil,
			"GET /api/v1/persons/{id}/records":                    nil,
		}
		walked := 0
		for _, route := range s.mux.Routes() {
			if !contains(route.Path, "/api/v1/persons/{id}") {
				continue
			}
			body, ok := bodies[route.Method+" "+route.Path]
			if !ok {
				t.Errorf("%s %s is not walked", route.Method, route.Path)
			}
			walked++
			path := fillRecord(route.Path, p.ID.String(), rec.ID.String())
			there := s.call(sibling, route.Method, path, body, "If-Match", `"1"`).want(404).lacks("王", "141002", p.ID.String())
			nowhere := s.call(sibling, route.Method, fillRecord(route.Path, "1", "1"), body, "If-Match", `"1"`).want(404)
			if one, other := as[problem](there), as[problem](nowhere); one.Detail != other.Detail || one.Title != other.Title {
				t.Errorf("%s %s tells who is there: %s, %s", route.Method, route.Path, there.body, nowhere.body)
			}
			s.call(sibling, route.Method, fillRecord(route.Path, "不是编号", "1"), body, "If-Match", `"1"`).want(404)
		}
		if walked != len(bodies) {
			t.Errorf("%d operations were walked", walked)
		}
		if l := as[list](s.call(sibling, "GET", "/api/v1/persons?state=any", nil).want(200)); len(l.Persons) != 0 {
			t.Errorf("listed: %v", l)
		}
		s.call(sibling, "GET", "/api/v1/persons?after="+p.ID.String(), nil).want(422)
		for what, value := range map[string]string{"number": wang, "phone": "13812345678"} {
			if l := as[list](s.call(sibling, "POST", "/api/v1/persons/lookup", object{what: value}).want(200)); len(l.Persons) != 0 {
				t.Errorf("looked up: %v", l)
			}
		}
		s.call(sibling, "POST", "/api/v1/statements:batch", object{"statements": []object{statement(wang, "aid", "dibao")}}).
			want(200, `"rejected":1`, "没有这个证件号码").lacks(p.ID.String())
		if n := s.count("person_record"); n != 2 {
			t.Errorf("%d records", n)
		}
	})
}
