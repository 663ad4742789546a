package intake

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/db/dbtest"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/person"
)

func TestFileComesIn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d, Limits{Batch: 50})
		file := elders(t, 230, 1)
		imp := k.check(t, file)
		if imp.Checked != (Counts{Rows: 230, Created: 230}) || imp.Total != 230 || imp.Blocks != 5 {
			t.Fatalf("tried: %+v, faults %v", imp.Checked, k.faults(t, imp))
		}
		if n := k.count(t, "person"); n != 0 {
			t.Fatalf("the dry run made %d people", n)
		}
		imp = k.commit(t, imp)
		if imp.Brought != (Counts{Rows: 230, Created: 230}) || k.count(t, "person") != 230 {
			t.Fatalf("brought: %+v, people %d, faults %v", imp.Brought, k.count(t, "person"), k.faults(t, imp))
		}
		records := k.count(t, "person_record")

		imp = k.bring(t, file)
		if imp.Checked != (Counts{Rows: 230, Unchanged: 230}) || imp.Brought != imp.Checked ||
			k.count(t, "person") != 230 || k.count(t, "person_record") != records {
			t.Errorf("the same file again: %+v, records %d instead of %d", imp.Brought, k.count(t, "person_record"), records)
		}
		entries := 0
		if err := d.NewRaw("SELECT count(*) FROM audit_entry WHERE action = 'intake.commit'").Scan(t.Context(), &entries); err != nil || entries != 10 {
			t.Errorf("%d entries of 10 batches on the trail (%v)", entries, err)
		}
	})
}

// TestFileOfEveryForm brings in the same three people however they are written.
func TestFileOfEveryForm(t *testing.T) {
	rows := [][]string{
		{"尧都区老年人花名册"},
		{"姓 名", "身份证号码（必填）", "联系电话", "户籍地", "是否独居", "能力等级", "婚姻状况", "监护人", "监护人电话", "不认识的列"},
		{"王秀英", number(1), "13812345678/0357-2012345", "141002", "√", "轻度失能", "丧偶", "王建国", "13900000000", "甲"},
		{"李建国", number(2), "/", "山西省临汾市尧都区", "否", "", "-", "无", "", ""},
		{"", "", "", "", "", "", "", "", "", ""},
		{"张桂兰", strings.ToLower(number(3)), "'+8613700000000", "尧都区", "无", "完全失能", "", "", "", ""},
	}
	var text strings.Builder
	for _, row := range rows {
		text.WriteString(strings.Join(row, ",") + "\r\n")
	}
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(text.String())
	if err != nil {
		t.Fatal(err)
	}
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	if _, err := z.Write([]byte(text.String())); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	for name, file := range map[string]string{
		"UTF-8": text.String(), "BOM": "\ufeff" + text.String(), "GB18030": gb, "CSV.gz": zipped.String(), "XLSX": workbook(t, rows),
	} {
		t.Run(name, func(t *testing.T) {
			k := newKit(t, dbtest.SQLite(t), Limits{})
			imp := k.bring(t, file)
			if imp.Brought != (Counts{Rows: 3, Created: 3}) {
				t.Fatalf("brought %+v, faults %v", imp.Brought, k.faults(t, imp))
			}
			p := k.person(t, "王秀英")
			if p.Facts.Hukou != "141002" || p.Facts.Codes[fact.LivesAlone] != fact.True || p.Marital != "30" ||
				len(p.Phones) != 2 || len(p.Contacts) != 1 || !p.Contacts[0].Guardian {
				t.Errorf("she is %+v", p)
			}
			p = k.person(t, "李建国")
			if p.Facts.Hukou != "141002" || p.Facts.Codes[fact.LivesAlone] != fact.False || p.Facts.Known(fact.Ability) || len(p.Phones)+len(p.Contacts) != 0 {
				t.Errorf("he is %+v", p)
			}
			if p = k.person(t, "张桂兰"); len(p.Phones) != 1 || p.Facts.Codes[fact.LivesAlone] != fact.False {
				t.Errorf("she is %+v", p)
			}
		})
	}
}

func workbook(t testing.TB, rows [][]string) string {
	t.Helper()
	f := excelize.NewFile()
	for y, row := range rows {
		for x, cell := range row {
			at, err := excelize.CoordinatesToCellName(x+1, y+1)
			if err != nil {
				t.Fatal(err)
			}
			if cell == "" {
				continue // as Excel does
			}
			if err := f.SetCellStr("Sheet1", at, cell); err != nil {
				t.Fatal(err)
			}
		}
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// person finds somebody by his name and returns his file.
func (k *kit) person(t testing.TB, name string) *person.Person {
	t.Helper()
	page, err := k.People.List(t.Context(), k.actor.Scope(access.PersonRead), person.Query{Name: name})
	if err != nil || len(page.People) != 1 {
		t.Fatalf("%d people (%v)", len(page.People), err)
	}
	return &page.People[0]
}

func TestBadFilesAreRefused(t *testing.T) {
	k := newKit(t, dbtest.SQLite(t), Limits{Rows: 3, Upload: 100_000})
	for name, tc := range map[string]struct{ file, reason string }{
		"only a header":    {"姓名,身份证号\n", "只有表头"},
		"only blanks":      {"\n,,\n", "空的"},
		"old Excel":        {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "另存为"},
		"a picture":        {"\x89PNG\r\n\x1a\n\x00\x00", "不是文本文件"},
		"no workbook":      {"PK\x03\x04 nothing", "XLSX"},
		"UTF-16":           {"\xff\xfe\x59\x00", "UTF-16"},
		"a quote":          {"姓名,身份证号\n\"王秀英,1\n", "引号"},
		"too many rows":    {"姓名,身份证号\n" + strings.Repeat("王秀英,1\n", 4), "超过 3 行"},
		"too many columns": {strings.Repeat("姓名,", 200) + "身份证号\n1\n", "最多 200 列"},
	} {
		if imp := k.upload(t, tc.file); imp.State != Failed || !strings.Contains(imp.Reason, tc.reason) {
			t.Errorf("%s: %s, %q", name, imp.State, imp.Reason)
		}
	}
	for name, file := range map[string]string{"empty": "", "too large": strings.Repeat("x", 100_001)} {
		_, err := k.Upload(t.Context(), k.actor, Upload{Region: "1410", Source: history.Police, Name: "x"}, strings.NewReader(file))
		if kind := errs.KindOf(err); kind != errs.Invalid && kind != errs.TooLarge {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := k.Upload(t.Context(), k.actor, Upload{Region: "1411", Source: history.Police, Name: "x"}, strings.NewReader("x")); !errs.Is(err, errs.Denied) {
		t.Errorf("uploads elsewhere: %v", err)
	}
	if _, err := k.Upload(t.Context(), k.actor, Upload{Region: "1410", Source: history.Settled, Name: "x"}, strings.NewReader("x")); !errs.Is(err, errs.Invalid) {
		t.Errorf("a file settles by itself: %v", err)
	}
}

func TestRejectsComeBackMended(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d, Limits{Batch: 3})
		bad, digits := number(2)[:17]+"y", number(3)
		for n := 100; strings.HasSuffix(digits, "X"); n++ {
			digits = number(n)
		}
		imp := k.bring(t, strings.Join([]string{
			"姓名,身份证号,户籍地,独居,备注,电话",
			"王秀英," + number(1) + ",141002,是,=1+1,",
			"李建国," + bad + ",141002,是,\"@两行\n备注\",123",
			"张桂兰," + digits + ",141002,也许,,13812345678",
			"赵一," + number(4) + ",141002,是,,,多出",
			"钱二," + number(5) + ",141002,否,好,",
		}, "\n")+"\n")
		if imp.Brought != (Counts{Rows: 5, Created: 2, Rejected: 3}) {
			t.Fatalf("brought %+v, faults %v", imp.Brought, k.faults(t, imp))
		}
		faults := k.faults(t, imp)
		wants := []struct {
			line   int
			column string
		}{{3, "身份证号"}, {3, "电话"}, {5, "独居"}, {6, ""}}
		if len(faults) != len(wants) {
			t.Fatalf("faults %v", faults)
		}
		for i, w := range wants {
			if faults[i].Line != w.line || faults[i].Column != w.column || faults[i].Reason == "" || strings.Contains(faults[i].Value, bad) {
				t.Errorf("fault %d: %+v, want line %d column %q", i, faults[i], w.line, w.column)
			}
		}
		text := k.rejects(t, imp)
		for _, want := range []string{"\ufeff姓名,身份证号,户籍地,独居,备注,电话,行号,原因\r\n", "\"'@两行\n备注\"", ",,,,,,6,", "也许", digits + "\t"} {
			if !strings.Contains(text, want) {
				t.Errorf("the file of rejects lacks %q:\n%s", want, text)
			}
		}
		mended := strings.NewReplacer(bad, number(2), ",123,", ",13912345678,", "也许", "否", ",,,,,,6,", "赵一,"+number(4)+",141002,是,,,6,").Replace(text)
		if imp = k.bring(t, mended); imp.Brought != (Counts{Rows: 3, Created: 3}) {
			t.Fatalf("mended: %+v, faults %v", imp.Brought, k.faults(t, imp))
		}
		if p := k.person(t, "李建国"); p.Note != "@两行\n备注" {
			t.Errorf("his note is %q", p.Note)
		}
		if p := k.person(t, "王秀英"); p.Note != "=1+1" {
			t.Errorf("her note is %q", p.Note)
		}
	})
}

func TestRowsThatRepeat(t *testing.T) {
	file := func(rows ...string) string {
		return "姓名,身份证号,户籍地,独居\n" + strings.Join(rows, "\n") + "\n"
	}
	a, b := number(1), number(2)
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d, Limits{Batch: 2})
		imp := k.bring(t, file(
			"王秀英,"+a+",141002,是",                   // 2
			"王秀英, "+strings.ToLower(a)+",141002,是", // 3: another text, the same person
			"王秀英,"+a+",141002,是",                   // 4: the same
			"王秀英,"+a+",141002,否",                   // 5
			"李建国,"+b+",150102,是",                   // 6: out of the scope
			"李建国,"+b+",150102,是",                   // 7: the same, and the first was rejected
		))
		want := Counts{Rows: 6, Created: 1, Unchanged: 2, Rejected: 3}
		if imp.Checked != want || imp.Brought != want {
			t.Errorf("tried %+v, brought %+v, want %+v: %v", imp.Checked, imp.Brought, want, k.faults(t, imp))
		}
		faults := k.faults(t, imp)
		if len(faults) != 3 || !strings.Contains(faults[0].Reason, "第 2 行") || !strings.Contains(faults[2].Reason, "第 6 行") {
			t.Errorf("faults %v", faults)
		}
	})
}

func TestDefaultPlaceIsForNewPeopleAlone(t *testing.T) {
	k := newKit(t, dbtest.SQLite(t), Limits{})
	k.bring(t, "姓名,身份证号,居住地\n王秀英,"+number(1)+",141002001\n")
	imp := k.upload(t, "姓名,身份证号,失智\n王秀英,"+number(1)+",是\n李建国,"+number(2)+",否\n")
	set := Settings{Source: history.Health, From: civil.New(2026, 6, 2), Mapping: imp.Mapping}
	imp = k.match(t, imp, set)
	if imp.Checked != (Counts{Rows: 2, Changed: 1, Rejected: 1}) { // only who is new needs a place
		t.Errorf("rows without a place: %+v", imp.Checked)
	}
	set.Place = "141024"
	if imp = k.commit(t, k.match(t, imp, set)); imp.Brought != (Counts{Rows: 2, Created: 1, Changed: 1}) {
		t.Fatalf("brought %+v, faults %v", imp.Brought, k.faults(t, imp))
	}
	if p := k.person(t, "王秀英"); p.Facts.Residence != "141002001" || p.Facts.Codes[fact.Dementia] != fact.True {
		t.Errorf("she lives in %s", p.Facts.Residence)
	}
	if p := k.person(t, "李建国"); p.Facts.Residence != "141024" {
		t.Errorf("he lives in %s", p.Facts.Residence)
	}
	set.Place = "1411"
	if err := k.Match(t.Context(), k.actor, imp.ID, imp.Version, set); !errs.Is(err, errs.Conflict) {
		t.Errorf("a finished import is matched anew: %v", err)
	}
}

func TestScopeAndOwner(t *testing.T) {
	k := newKit(t, dbtest.SQLite(t), Limits{})
	imp := k.check(t, elders(t, 3, 2))
	ctx := t.Context()
	sibling, colleague, town := officer(2, "1411"), officer(3, "1410"), officer(4, "141002")
	for name, a := range map[string]access.Actor{"a sibling": sibling, "a place below": town} {
		if _, err := k.Get(ctx, a.Scope(access.PersonImport), imp.ID); !errs.Is(err, errs.NotFound) {
			t.Errorf("%s sees the import: %v", name, err)
		}
		if all, err := k.List(ctx, a.Scope(access.PersonImport), 0, 10); err != nil || len(all) > 0 {
			t.Errorf("%s lists %d (%v)", name, len(all), err)
		}
		if _, err := k.Faults(ctx, a, imp.ID, 10); !errs.Is(err, errs.NotFound) {
			t.Errorf("%s sees faults: %v", name, err)
		}
		if err := k.Cancel(ctx, a, imp.ID, imp.Version); !errs.Is(err, errs.NotFound) {
			t.Errorf("%s cancels: %v", name, err)
		}
	}
	if _, err := k.Get(ctx, colleague.Scope(access.PersonImport), imp.ID); err != nil {
		t.Errorf("a colleague does not see that there is an import: %v", err)
	}
	_, headErr := k.Head(ctx, colleague, imp.ID)
	_, rejectErr := k.Rejects(ctx, colleague, imp.ID)
	_, faultErr := k.Faults(ctx, colleague, imp.ID, 10)
	for _, err := range []error{headErr, rejectErr, faultErr, k.Commit(ctx, colleague, imp.ID, imp.Version)} {
		if !errs.Is(err, errs.Denied) {
			t.Errorf("a colleague has the contents: %v", err)
		}
	}
	if n, err := k.Waiting(ctx, k.actor); err != nil || n != 1 {
		t.Errorf("%d imports wait (%v)", n, err)
	}
	if err := k.Commit(ctx, k.actor, imp.ID, imp.Version-1); !errs.Is(err, errs.Stale) {
		t.Errorf("an old page commits: %v", err)
	}
	if err := k.Cancel(ctx, colleague, imp.ID, imp.Version); err != nil {
		t.Errorf("a colleague may not cancel: %v", err)
	}
}

// TestRightsAreThoseOfTheMoment takes rights away between the dry run and the commit.
func TestRightsAreThoseOfTheMoment(t *testing.T) {
	k := newKit(t, dbtest.SQLite(t), Limits{})
	imp := k.check(t, "姓名,身份证号,户籍地\n王秀英,"+number(1)+",141002\n李建国,"+number(2)+",141024\n")
	if err := k.Commit(t.Context(), k.actor, imp.ID, imp.Version); err != nil {
		t.Fatal(err)
	}
	delete(k.users, 1)
	if imp = k.work(t, imp.ID); imp.State != Stopped || imp.Back != Committing || k.count(t, "person") != 0 {
		t.Fatalf("without an account it is %s", imp.State)
	}
	k.users[1] = access.NewActor(1, "经办1", "session", []access.Grant{{Role: access.Officer, Region: "141002"}}, nil)
	if err := k.GoOn(t.Context(), k.actor, imp.ID, imp.Version); err != nil {
		t.Fatal(err)
	}
	if imp = k.work(t, imp.ID); imp.State != Done || imp.Brought != (Counts{Rows: 2, Created: 1, Rejected: 1}) {
		t.Errorf("with less rights it is %s: %+v", imp.State, imp.Brought)
	}
}

func TestMappingIsKept(t *testing.T) {
	k := newKit(t, dbtest.SQLite(t), Limits{})
	file := "人员,身份证号,甲\n王秀英," + number(1) + ",141002\n"
	imp := k.upload(t, file)
	if imp.Mapping[0] != Ignored || imp.Mapping[1] != Number || imp.Mapping[2] != Ignored {
		t.Fatalf("guessed %v", imp.Mapping)
	}
	set := Settings{Source: history.Eldercare, From: civil.New(2026, 6, 1), Mapping: Mapping{Name, Ignored, Ignored}}
	if err := k.Match(t.Context(), k.actor, imp.ID, imp.Version, set); !errs.Is(err, errs.Invalid) {
		t.Errorf("nobody's number is taken: %v", err)
	}
	set.Mapping = Mapping{Name, Number, Target("hukou")}
	k.commit(t, k.match(t, imp, set))
	if imp = k.upload(t, file); fmt.Sprint(imp.Mapping) != "[name number hukou]" {
		t.Errorf("the second time %v", imp.Mapping)
	}
	if imp = k.upload(t, strings.Replace(file, "甲", "甲,行号,原因", 1)); fmt.Sprint(imp.Mapping) != "[name number hukou  ]" {
		t.Errorf("of its rejects %v", imp.Mapping)
	}
}

func TestNothingStandsInClear(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d, Limits{})
		n := number(1)
		imp := k.check(t, "姓名,身份证号,户籍地,电话\n王秀英,"+n+",141002,13812345678\n李建国,"+n[:16]+"99,141002,138\n")
		for _, table := range []string{"intake", "intake_block", "blob_piece", "audit_entry", "river_job", "intake_mapping"} {
			rows, err := d.DB.DB.QueryContext(t.Context(), "SELECT * FROM "+table)
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Close() //nolint:errcheck // Err tells
			columns, err := rows.Columns()
			if err != nil {
				t.Fatal(err)
			}
			for rows.Next() {
				values := make([]any, len(columns))
				for i := range values {
					values[i] = new(any)
				}
				if err := rows.Scan(values...); err != nil {
					t.Fatal(err)
				}
				for i, v := range values {
					text := fmt.Sprintf("%s", *v.(*any))
					if strings.Contains(text, n[:16]) || strings.Contains(text, "13812345678") || strings.Contains(text, "王秀英") {
						t.Errorf("%s.%s holds %q", table, columns[i], text)
					}
				}
			}
			if err := rows.Err(); err != nil {
				t.Fatal(err)
			}
		}
		if imp.Checked.Rejected != 1 {
			t.Errorf("tried %+v", imp.Checked)
		}
	})
}

func TestContentsGoInTime(t *testing.T) {
	k := newKit(t, dbtest.SQLite(t), Limits{})
	ctx := context.WithoutCancel(t.Context())
	done := k.bring(t, "姓名,身份证号,户籍地\n王秀英,"+number(1)+",141002\n李建国,1,141002\n")
	waiting := k.upload(t, elders(t, 3, 4))
	k.clock.pass(29 * 24 * time.Hour)
	if err := k.sweep(ctx); err != nil || k.get(t, done.ID).Purged {
		t.Fatalf("purged too early (%v)", err)
	}
	if text := k.rejects(t, done); !strings.Contains(text, "李建国") {
		t.Errorf("no rejects: %q", text)
	}
	k.clock.pass(2 * 24 * time.Hour)
	if err := k.sweep(ctx); err != nil {
		t.Fatal(err)
	}
	if imp := k.get(t, done.ID); !imp.Purged || imp.Head != nil || imp.Brought.Created != 1 {
		t.Errorf("it is %+v", imp)
	}
	if _, err := k.Rejects(ctx, k.actor, done.ID); !errs.Is(err, errs.NotFound) {
		t.Errorf("rejects are there: %v", err)
	}
	if imp := k.get(t, waiting.ID); imp.State != Cancelled || imp.Purged {
		t.Errorf("what nobody went on with is %s", imp.State)
	}
	k.clock.pass(31 * 24 * time.Hour)
	if err := k.sweep(ctx); err != nil {
		t.Fatal(err)
	}
	if n := k.count(t, "blob_piece") + k.count(t, "intake_block"); n != 0 {
		t.Errorf("%d pieces and blocks are left", n)
	}
}

// TestListOfADepartment has numbers and one fact: enough for people who have a file.
func TestListOfADepartment(t *testing.T) {
	k := newKit(t, dbtest.SQLite(t), Limits{})
	k.bring(t, "姓名,身份证号,居住地\n王秀英,"+number(1)+",141002001\n")
	imp := k.bring(t, "身份证号,失智\n"+number(1)+",是\n"+number(2)+",是\n")
	if imp.Brought != (Counts{Rows: 2, Changed: 1, Rejected: 1}) {
		t.Fatalf("brought %+v, faults %v", imp.Brought, k.faults(t, imp))
	}
	if p := k.person(t, "王秀英"); p.Facts.Codes[fact.Dementia] != fact.True || p.Facts.Residence != "141002001" {
		t.Errorf("she is %+v", p.Facts)
	}
	for _, f := range k.faults(t, imp) {
		if f.Line != 3 || f.Reason == "" {
			t.Errorf("fault %+v", f)
		}
	}
}

// TestCancelWhileItIsWorkedAt uses a version of the page that the worker has left behind.
func TestCancelWhileItIsWorkedAt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d, Limits{})
		imp := k.upload(t, "姓名,身份证号,居住地\n")
		_, err := d.Writer().ExecContext(t.Context(), "UPDATE intake SET state = 'committing', version = version + 5")
		if err != nil {
			t.Fatal(err)
		}
		if err := k.Cancel(t.Context(), k.actor, imp.ID, imp.Version); err != nil {
			t.Fatal(err)
		}
	})
}
