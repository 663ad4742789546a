package personapi_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"yian/internal/db/dbtest"
	"yian/internal/web"
)

// odd are values that one field or another may hold or not.
var odd = []any{
	nil, true, 0, -1, 1e18, 1.5, "", " ", "x", "王桂兰", "2026-01-01", "2026-02-30", "0001-01-01", "9999-12-31", "141002", "141024001", "00", "male", "dibao",
	"true", "unknown", "town", "aid", "settled", "resident_id", "passport", "10", "13812345678", "138****5678", "141***********0020", "alive", "merged", "number",
	strings.Repeat("长", 600),
	[]any{},
	[]any{nil},
	[]any{"13812345678"},
	[]any{"income", "income"},
	[]any{object{}},
	[]any{object{"name": "李明", "phone": "12"}},
	object{},
	object{"residence": "141002001"},
	object{"residence": "141024"},
	object{"income": "dibao"},
	object{"birth": "2026-01-01", "hukou": "14"},
	object{"birth": "1800-01-01"},
	object{"sex": "male"},
	object{"lon": 181},
	object{"lon": 111.5, "lat": 36},
	object{"lat": nil},
}

// Whatever is sent to an operation, in right or wrong places: the server does not fail.
func TestAnyBody(t *testing.T) {
	s := open(t, dbtest.SQLite(t))
	p := s.create("王桂兰", wang)
	at := "/api/v1/persons/" + p.ID.String()
	right := map[string]object{ // by the end of the path
		"/persons": draft("赵大娘", zhao), "/lookup": {"number": wang, "phone": ""}, "/{id}": {
			"name": "王桂兰", "number": wang, "document": "resident_id", "phones": []string{"138****5678"}, "address": "x", "ethnic": "x", "marital": "10",
			"household": "x", "household_role": "x", "contacts": []object{}, "note": "x", "location": object{},
		},
		"/state": {"state": "moved", "on": "2026-01-01", "source": "town", "evidence": ""}, "/transfer": {"to": "141024001", "on": "2026-01-01", "source": "town"},
		"/unmask": {"what": "phones", "purpose": "回访核对"}, "/records": {"source": "town", "from": "2026-01-01", "to": "2026-02-01", "facts": object{"income": "edge"}},
		"/correct":          {"source": "town", "from": "2026-01-01", "facts": object{"income": "edge"}, "evidence": ""},
		"/end":              {"facts": []string{"income"}, "on": "2026-01-01", "evidence": ""},
		"/withdraw":         {"facts": []string{"income"}, "evidence": ""},
		"/statements:batch": {"number": wang, "document": "resident_id", "name": "王桂兰", "source": "aid", "from": "2026-01-01", "to": "2026-02-01", "facts": object{"income": "edge"}},
	}
	routes := slices.DeleteFunc(s.mux.Routes(), func(r web.Route) bool {
		return r.Method == http.MethodGet || !strings.HasPrefix(r.Path, "/api/")
	})
	rapid.Check(t, func(t *rapid.T) {
		route := rapid.SampledFrom(routes).Draw(t, "route")
		end := route.Path[strings.LastIndex(route.Path, "/"):]
		body := maps.Clone(right[end])
		fields := slices.Sorted(maps.Keys(body))
		for _, field := range rapid.SliceOfN(rapid.SampledFrom(fields), 0, 2).Draw(t, "fields") {
			body[field] = rapid.SampledFrom(odd).Draw(t, field)
		}
		if end == "/statements:batch" {
			body = object{"statements": []object{body, body}}
		}
		current := s.call(city, "GET", at, nil).header.Get("ETag")
		record := rapid.SampledFrom(s.records(p)).Draw(t, "record").ID.String()
		tag := rapid.SampledFrom([]string{current, `"1"`, "9223372036854775808", `W/"1"`}).Draw(t, "tag")
		a := s.call(city, route.Method, fillRecord(route.Path, p.ID.String(), record), body, "If-Match", tag)
		if a.status >= 500 {
			t.Fatalf("%s %s with %v: %d %s", route.Method, route.Path, body, a.status, a.body)
		}
	})
	report, err := s.people.Audit.Verify(t.Context(), "")
	if err != nil || !report.OK() {
		t.Errorf("the trail finds %+v, %v", report, err)
	}
}
