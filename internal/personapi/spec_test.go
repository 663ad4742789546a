package personapi_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"yian/internal/db/dbtest"
)

var update = flag.Bool("update", false, "rewrite the golden file")

// TestDescription keeps the whole description, so that a change of the interface is
// seen in review.
func TestDescription(t *testing.T) {
	s := open(t, dbtest.SQLite(t))
	text := s.call("", "GET", "/api/openapi.json", nil).want(200).body
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, []byte(text), "", "  "); err != nil {
		t.Fatal(err)
	}
	pretty.WriteByte('\n')
	golden := filepath.Join("testdata", "openapi.golden.json")
	if *update {
		if err := os.WriteFile(golden, pretty.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, pretty.Bytes()) {
		t.Error("the description has changed: look at it, then run the test with -update")
	}
	for _, foreign := range []string{"http://", "https://", "$schema"} {
		if strings.Contains(text, foreign) {
			t.Errorf("the description holds %s", foreign)
		}
	}
	var spec any
	if err := json.Unmarshal([]byte(text), &spec); err != nil {
		t.Fatal(err)
	}
	checkWords(t, "", spec)
	checkRefs(t, spec, spec)
}

// checkWords checks that everything that is described is described in Chinese, and
// that every parameter and every property of a schema is described.
func checkWords(t *testing.T, at string, v any) {
	t.Helper()
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			checkWords(t, at, e)
		}
	case map[string]any:
		for key, e := range v {
			text, ok := e.(string)
			if ok && (key == "description" || key == "summary" || key == "title") && !strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
				t.Errorf("%s: %s is %q", at, key, text)
			}
			checkWords(t, at+"/"+key, e)
		}
		if properties, ok := v["properties"].(map[string]any); ok {
			for name, p := range properties {
				described(t, at+"/"+name, p)
			}
		}
		if parameters, ok := v["parameters"].([]any); ok {
			for _, p := range parameters {
				described(t, at+"/parameters", p)
			}
		}
	}
}

func described(t *testing.T, at string, v any) {
	t.Helper()
	m, ok := v.(map[string]any)
	if ok && m["description"] == nil && m["$ref"] == nil {
		t.Errorf("%s lacks a description: %v", at, v)
	}
}

// checkRefs checks that what is pointed to is there.
func checkRefs(t *testing.T, spec, v any) {
	t.Helper()
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			checkRefs(t, spec, e)
		}
	case map[string]any:
		if ref, ok := v["$ref"].(string); ok {
			at := spec
			for part := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
				m, _ := at.(map[string]any)
				at = m[part]
			}
			if at == nil {
				t.Errorf("%s points nowhere", ref)
			}
		}
		for _, e := range v {
			checkRefs(t, spec, e)
		}
	}
}

// FuzzCreatePerson sends anything as a new person: the answer is never a failure of
// the server, and what is refused is told in Chinese.
func FuzzCreatePerson(f *testing.F) {
	full, err := json.Marshal(draft("王桂兰", wang))
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		string(full), `{}`, `[]`, `null`, `"x"`, `{"name":"a","source":"town","from":"2024-01-01","facts":{"residence":"14"}}`,
		`{"name":"王桂兰","number":"护照","document":"passport","source":"self","from":"0001-01-01","facts":{"birth":"9999-12-31","hukou":"141002"}}`,
		`{"name":"王\u0000","phones":["+999999999999999999999"],"source":"other","from":"2024-01-01","facts":{"residence":"141002001001"}}`,
		`{"name":"王桂兰","location":{"lon":1e308,"lat":-0},"source":"town","from":"2024-01-01","facts":{"residence":"141002"}}`,
		`{"name":"` + strings.Repeat("𠮷", 50) + `","source":"town","from":"2024-01-01","facts":{"residence":"141002"}}`,
		`{"name":"王桂兰","name":1}`, "\xff\xfe", `{"facts":{"birth":"2024-02-30"}}`, strings.Repeat("[", 20000),
	} {
		f.Add(seed)
	}
	s := open(f, dbtest.SQLite(f))
	f.Fuzz(func(t *testing.T, body string) {
		s.t = t
		a := s.call(city, "POST", "/api/v1/persons", body)
		if a.status >= 500 {
			t.Fatalf("%d: %s", a.status, a.body)
		}
		if a.status >= 400 {
			p := as[problem](a)
			if !strings.ContainsFunc(p.Detail, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
				t.Errorf("not Chinese: %s", a.body)
			}
		}
	})
}
