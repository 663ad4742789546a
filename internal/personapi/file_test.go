package personapi_test

import (
	"net/url"
	"strings"
	"sync"
	"testing"

	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/personapi"
)

func TestCreateAndShow(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := open(t, d)
		made := s.call(county, "POST", "/api/v1/persons", draft("王桂兰", wang)).want(201, `"state":"alive"`, `"sex":"female"`, `"birth":"1940-01-15"`, `"income":"none"`)
		p := as[personapi.PersonFile](made)
		at := "/api/v1/persons/" + p.ID.String()
		if made.header.Get("Location") != at || made.header.Get("ETag") != `"1"` {
			t.Errorf("headers %v", made.header)
		}
		shown := s.call(county, "GET", at, nil).want(200, `"number":"141***********`, `"138****5678"`, `"137****5432"`, `"region_name":`, `"updated_at":"2026-06-30T17:00:00`)
		if as[personapi.PersonFile](shown).Address != "解放路甲 1 号" || shown.header.Get("ETag") != `"1"` || shown.header.Get("Cache-Control") != "no-store" {
			t.Errorf("shown %v %s", shown.header, shown.body)
		}
		made.lacks(wang, "13812345678", "13798765432")
		shown.lacks(wang, "13812345678", "13798765432")
		if n := s.entries("person.read"); n != 1 {
			t.Errorf("%d looks are on the trail", n)
		}
	})
}

func TestFaultsSayWhere(t *testing.T) {
	s := open(t, dbtest.SQLite(t))
	bad := func(change func(object), texts ...string) {
		t.Helper()
		d := draft("王桂兰", wang)
		change(d)
		s.call(county, "POST", "/api/v1/persons", d).want(422, texts...).lacks(wang)
	}
	bad(func(d object) { d["number"] = wang[:17] + "1" }, `"location":"body.number"`, "校验")
	bad(func(d object) { d["name"] = "王123" }, `"location":"body.name"`)
	bad(func(d object) { d["phones"] = []string{"13812345678", "123"} }, `"location":"body.phones[1]"`)
	bad(func(d object) { d["contacts"] = []object{{"name": "李明", "phone": "x"}} }, `"location":"body.contacts[0].phone"`)
	bad(func(d object) { d["facts"] = object{"income": "rich", "residence": "141002001"} }, `"location":"body.facts.income"`, "应为以下之一")
	bad(func(d object) { d["facts"] = object{"sex": "male", "residence": "141002001"} }, `"location":"body.facts.sex"`, "不符")
	bad(func(d object) { d["facts"] = object{"income": "none"} }, `"location":"body.facts.residence"`)
	bad(func(d object) { d["facts"] = object{"Income": "none", "residence": "141002001"} }, "没有这一项")
	bad(func(d object) { d["facts"] = object{"residence": "1410020"} }, `"location":"body.facts.residence"`, "区划代码")
	bad(func(d object) { d["location"] = object{"lon": 111.5} }, `"location":"body.location.lon"`)
	bad(func(d object) { d["source"] = "settled" }, `"location":"body.source"`)
	bad(func(d object) { d["from"] = "2026/1/1" }, `"location":"body.from"`, "真实的日期")
	bad(func(d object) { d["from"] = "2027-01-01" }, `"location":"body.from"`, "还没有到")
	bad(func(d object) { delete(d, "name") }, "缺少 name")
	d := draft("王桂兰", wang)
	d["facts"] = object{"residence": "141024001"}
	s.call(county, "POST", "/api/v1/persons", d).want(403, "不在您的管理范围内")
	if n := s.count("person"); n != 0 {
		t.Errorf("%d people", n)
	}
}

func TestANumberIsThereOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := open(t, d)
		p := s.create("王桂兰", wang)
		s.call(county, "POST", "/api/v1/persons", draft("王桂兰", wang)).want(409, "已经建过档案", "/api/v1/persons/"+p.ID.String())
		other := draft("王桂兰", wang)
		other["facts"] = object{"residence": "141024001"}
		s.call(sibling, "POST", "/api/v1/persons", other).want(409, "其他地区").lacks(p.ID.String(), "王桂兰", "141002")
	})
}

func TestChange(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := open(t, d)
		p := s.create("王桂兰", wang)
		at := "/api/v1/persons/" + p.ID.String()
		patch := func(tag string, body object) answer { return s.call(county, "PATCH", at, body, "If-Match", tag) }

		r := patch(`"1"`, object{"address": "平阳街 2 号", "location": object{"lon": 111.518976, "lat": 36.088005}}).want(200, "平阳街", `"lon":111.518976`, "138****5678", "137****5432", "李明")
		if r.header.Get("ETag") != `"2"` {
			t.Errorf("version %s", r.header.Get("ETag"))
		}
		s.call(county, "POST", "/api/v1/persons/lookup", object{"number": wang}).want(200, p.ID.String()) // the number is what it was
		patch(`"1"`, object{"address": "迟到的修改"}).want(412, "别人改")
		s.call(county, "PATCH", at, object{"address": "无版本"}).want(422, "header.If-Match", "缺少")
		patch(`*`, object{"address": "任意版本"}).want(422, "header.If-Match", "ETag")

		r = patch(`"2"`, object{"phones": []string{"138****5678", "13911112222"}, "note": "搬过家"}).want(200, "138****5678", "139****2222")
		s.call(county, "POST", at+"/unmask", object{"what": "phones", "purpose": "回访核对"}).want(200, "13812345678", "13911112222", "13798765432 李明")
		r = patch(`"3"`, object{"phones": []string{}, "contacts": []object{}, "note": "", "location": object{}, "name": nil}).want(200, `"phones":[]`, `"contacts":[]`, "王桂兰").lacks("搬过家", "lon")
		r = patch(`"4"`, object{}).want(200)
		if r.header.Get("ETag") != `"4"` {
			t.Errorf("nothing changed, and the version is %s", r.header.Get("ETag"))
		}
		s.call(county, "GET", at, nil).want(200, `"address":"平阳街 2 号"`)
		patch(`"4"`, object{"number": number("14100219500115002")}).want(200, `"birth":"1950-01-15"`)
		patch(`"5"`, object{"number": "", "document": ""}).want(200).lacks(`"number"`)
	})
}

func TestOfConcurrentChangesOneWins(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := open(t, d)
		p := s.create("王桂兰", wang)
		var group sync.WaitGroup
		answers := make([]answer, 8)
		for i := range answers {
			group.Go(func() {
				answers[i] = s.call(county, "PATCH", "/api/v1/persons/"+p.ID.String(), object{"note": strings.Repeat("改", i+1)}, "If-Match", `"1"`)
			})
		}
		group.Wait()
		done := map[int]int{}
		for _, a := range answers {
			done[a.status]++
		}
		if done[200] != 1 || done[412] != len(answers)-1 {
			t.Errorf("answers %v", done)
		}
	})
}

func TestStateAndTransfer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := open(t, d)
		p := s.create("王桂兰", wang)
		at := "/api/v1/persons/" + p.ID.String()
		died := object{"state": "deceased", "on": "2026-05-01", "source": "police", "evidence": "死亡证明"}
		s.call(county, "POST", at+"/state", died, "If-Match", `"9"`).want(412)
		s.call(county, "POST", at+"/state", died).want(422, "If-Match")
		r := s.call(county, "POST", at+"/state", died, "If-Match", `"1"`).want(200, `"state":"deceased"`, `"state_on":"2026-05-01"`, `"state_source":"police"`)
		s.call(county, "POST", at+"/state", object{"state": "gone", "on": "2026-05-01", "source": "police"}, "If-Match", `"2"`).want(422, "body.state")
		s.call(county, "POST", at+"/state", object{"state": "alive", "on": "2026-07-01", "source": "police"}, "If-Match", `"2"`).want(422, "body.on")
		r = s.call(county, "POST", at+"/state", object{"state": "alive", "on": "2026-05-02", "source": "police"}, "If-Match", r.header.Get("ETag")).want(200, `"state":"alive"`)

		moved := object{"to": "141024001", "on": "2026-06-01", "source": "village"}
		s.call(county, "POST", at+"/transfer", object{"to": "14", "on": "2026-06-01", "source": "village"}, "If-Match", r.header.Get("ETag")).want(422)
		s.call(county, "POST", at+"/transfer", moved, "If-Match", r.header.Get("ETag")).want(204)
		s.call(county, "GET", at, nil).want(404)
		s.call(sibling, "GET", at, nil).want(200, `"region":"141024001"`)
	})
}

func TestUnmask(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := open(t, d)
		p := s.create("王桂兰", wang)
		at := "/api/v1/persons/" + p.ID.String() + "/unmask"
		s.call(county, "POST", at, object{"what": "number"}).want(422, "缺少 purpose")
		s.call(county, "POST", at, object{"what": "number", "purpose": "看看"}).want(422, "body.purpose")
		s.call(feed, "POST", at, object{"what": "number", "purpose": "核对津贴"}).want(403)
		s.call(sibling, "POST", at, object{"what": "number", "purpose": "核对津贴"}).want(404)
		if n := s.entries("person.unmask"); n != 0 {
			t.Errorf("%d entries", n)
		}
		s.call(county, "POST", at, object{"what": "number", "purpose": "核对津贴"}, "Idempotency-Key", "k").want(200, wang)
		if n := s.entries("person.unmask"); n != 1 {
			t.Errorf("%d entries", n)
		}
		if n := s.count("api_request"); n != 0 {
			t.Error("a clear number was kept for repetitions")
		}
	})
}

// What is hard to store is refused or stored, on either engine.
func TestOddTexts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := open(t, d)
		p := s.create("王桂兰", wang)
		at := "/api/v1/persons/" + p.ID.String()
		for _, text := range []string{`\u0000`, `\ud800`, `\u202e`, `𠮷`, `\\`, `'; DROP TABLE person; --`, `%`, "\u007f", "\xff"} {
			for _, body := range []struct{ method, path, json string }{
				{"POST", "/api/v1/persons", `{"name":"王` + text + `","source":"town","from":"2024-01-01","facts":{"residence":"141002"}}`},
				{"POST", "/api/v1/persons/lookup", `{"number":"` + text + `"}`},
				{"PATCH", at, `{"address":"` + text + `","household":"` + text + `","phones":["` + text + `"]}`},
				{"POST", at + "/unmask", `{"what":"number","purpose":"核对身份` + text + `"}`},
				{"POST", at + "/state", `{"state":"moved","on":"2026-01-01","source":"town","evidence":"` + text + `"}`},
				{"POST", at + "/records", `{"source":"town","from":"2026-01-01","facts":{"income":"edge"},"evidence":"` + text + `"}`},
				{"POST", "/api/v1/statements:batch", `{"statements":[{"number":"` + wang + `","name":"` + text + `","source":"aid","from":"2026-01-01","facts":{"income":"edge"},"evidence":"` + text + `"}]}`},
			} {
				if a := s.call(city, body.method, body.path, body.json, "If-Match", `"1"`); a.status >= 500 {
					t.Errorf("%s %s with %q: %d %s", body.method, body.path, text, a.status, a.body)
				}
			}
			for _, query := range []string{"name=", "initials=", "region=", "after=", "hukou=", "birth="} {
				if a := s.call(city, "GET", "/api/v1/persons?"+query+url.QueryEscape(text), nil); a.status >= 500 {
					t.Errorf("%s%q: %d %s", query, text, a.status, a.body)
				}
			}
		}
		s.call(city, "GET", "/api/v1/persons?name=%00", nil).want(422)
	})
}
