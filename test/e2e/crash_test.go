package e2e

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/region"
	"yian/internal/synth"
)

// list is a file of invented people of 1410 and their names.
type list struct {
	csv   []byte
	names []string
}

func people(t testing.TB, n int) list {
	t.Helper()
	var l list
	var b bytes.Buffer
	b.WriteString("姓名,身份证号,手机,居住地,困难类别,能力等级\n")
	err := synth.Generate(synth.Options{
		Region: "1410", Elders: n, Seed: 7, On: civil.New(2026, 1, 1), FromAge: 60, Names: true, CitizenIDs: true,
	}, func(p *synth.Person) error {
		at := p.Facts.Residence
		if !at.Within("1410") {
			at = region.Code("141002")
		}
		l.names = append(l.names, p.Name)
		_, err := fmt.Fprintf(&b, "%s,%s,160%08d,%s,%s,%s\n", p.Name, p.CitizenID, len(l.names), at, p.Facts.Label(fact.Income), p.Facts.Label(fact.Ability))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	l.csv = b.Bytes()
	return l
}

// TestKilledInAnImport kills the program again and again while it brings a file in.
// In the end everybody of the file is in the register, and nobody twice.
func TestKilledInAnImport(t *testing.T) {
	t.Parallel()
	rows, kills := 30_000, 6
	if testing.Short() {
		rows, kills = 6_000, 2
	}
	file := people(t, rows)
	engines(t, func(t *testing.T, in installation) {
		s := serve(t, in)
		officer := s.administrator(t, "1410").user(t, "officer", "经办甲", "officer", "1410")
		path := officer.upload(t, "名单.csv", file.csv)
		officer.awaits(t, path, "/mapping")
		officer.get(t, path).form(t, "/mapping").with("from", "2026-01-01").post(t)
		random := rand.New(rand.NewPCG(1, uint64(rows)))
		killed := func(times int, until string) {
			for range times {
				time.Sleep(time.Duration(50+random.IntN(700)) * time.Millisecond)
				s.kill(t)
				s = serve(t, in)
				officer.server = s
			}
			officer.awaits(t, path, until)
		}
		killed(kills/3, "/commit")
		officer.get(t, path).form(t, "/commit").post(t)
		killed(kills, "/rejects")
		officer.get(t, path).has(t, "导入完成")
		if code := s.stop(t); code != 0 {
			t.Errorf("exit code %d: %s", code, s.said())
		}
		in.holds(t, file)
		in.sound(t)
	})
}

// holds fails unless the register is just the people of the list.
func (in installation) holds(t *testing.T, l list) {
	t.Helper()
	var names []string
	if err := in.open(t).NewRaw("SELECT name FROM person").Scan(t.Context(), &names); err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	if want := slices.Sorted(slices.Values(l.names)); !slices.Equal(names, want) {
		t.Errorf("%d people in the register, %d in the file, or others", len(names), len(want))
	}
	if n := in.count(t, "SELECT count(DISTINCT number_index) FROM person"); n != len(l.names) {
		t.Errorf("%d numbers of %d people", n, len(l.names))
	}
	// One record of what the number says and one of what the file says, of each.
	if n := in.count(t, "SELECT count(*) FROM person_record"); n != 2*len(l.names) {
		t.Errorf("%d records of %d people, want %d", n, len(l.names), 2*len(l.names))
	}
	if n := in.count(t, "SELECT count(*) FROM person_phone"); n != len(l.names) {
		t.Errorf("%d telephone numbers of %d people", n, len(l.names))
	}
}

// sound fails unless the trail and the sealed rows fit each other.
func (in installation) sound(t *testing.T) {
	t.Helper()
	if got := in.run(t, "audit", "verify"); got.code != 0 {
		t.Errorf("yian audit verify: exit code %d: %s", got.code, got.out)
	}
}

// upload uploads a file and returns the address of the import.
func (v *visitor) upload(t testing.TB, name string, content []byte) string {
	t.Helper()
	p := v.get(t, "/imports/new").form(t, "/imports").with("source", "eldercare").file("file", name, content).post(t)
	if !strings.HasPrefix(p.url.Path, "/imports/") {
		t.Fatalf("not uploaded: %s", p.text())
	}
	return p.url.Path
}

// awaits waits until the page offers what leads there.
func (v *visitor) awaits(t testing.TB, path, offer string) {
	t.Helper()
	var p *page
	for until := time.Now().Add(90 * time.Second); time.Now().Before(until); time.Sleep(50 * time.Millisecond) {
		if p = v.get(t, path); strings.Contains(p.body, path+offer) || offer == "/rejects" && strings.Contains(p.body, "导入完成") {
			return
		}
	}
	t.Fatalf("%s does not come to %s: %s", path, offer, p.text())
}

// TestKilledInAWrite kills the program while somebody records one thing after the
// other. What was acknowledged is there, once; what was not is there once or not at all.
func TestKilledInAWrite(t *testing.T) {
	t.Parallel()
	kills := 5
	if testing.Short() {
		kills = 2
	}
	engines(t, func(t *testing.T, in installation) {
		officer, paths := filled(t, in, 2)
		random := rand.New(rand.NewPCG(2, uint64(kills)))
		var acknowledged []string
		n := 0
		for range kills {
			s := serve(t, in)
			officer.server = s
			time.AfterFunc(time.Duration(150+random.IntN(600))*time.Millisecond, func() { _ = s.cmd.Process.Kill() })
			for {
				n++
				evidence := fmt.Sprintf("第%d次", n)
				if officer.record(paths[n%2], evidence, n) != nil {
					break
				}
				acknowledged = append(acknowledged, evidence)
			}
			s.kill(t)
		}
		if len(acknowledged) < kills {
			t.Fatalf("only %d writes were acknowledged", len(acknowledged))
		}
		s := serve(t, in)
		officer.server = s
		seen := officer.get(t, paths[0]+"/history").text() + officer.get(t, paths[1]+"/history").text()
		for _, evidence := range acknowledged {
			if strings.Count(seen, evidence) == 0 {
				t.Errorf("%s was acknowledged and is lost", evidence)
			}
		}
		s.stop(t)
		records := in.count(t, "SELECT count(*) FROM person_record") - 4 // two of each when the files were opened
		if entries := in.count(t, "SELECT count(*) FROM audit_entry WHERE action = 'fact.record'"); entries != records {
			t.Errorf("%d records and %d entries of the trail", records, entries)
		}
		if records < len(acknowledged) || records > len(acknowledged)+kills {
			t.Errorf("%d records; %d were acknowledged, and %d were in flight", records, len(acknowledged), kills)
		}
		in.sound(t)
	})
}

// record records one fact of somebody; an error is of the line, or says what the page
// complains of.
func (v *visitor) record(path, evidence string, n int) error {
	p, err := v.send("GET", path+"/facts/new", "", nil)
	if err != nil {
		return err
	}
	f, err := p.find("/facts/new")
	if err != nil {
		return err
	}
	day := civil.New(2026, 1, 2) + civil.Date(n)
	p, err = f.with("source", "town", "from", day.String(), "evidence", evidence, "income", []string{"dibao", "tekun"}[n%2]).send()
	if err == nil && p.url.Path != path {
		err = fmt.Errorf("%s: %d: %s", p.url.Path, p.status, p.text())
	}
	return err
}

// TestBackupWhileWriting copies the database while people are brought in, and starts a
// second installation from the copy.
func TestBackupWhileWriting(t *testing.T) {
	t.Parallel()
	in := installation{data: t.TempDir()}
	s := serve(t, in)
	officer := s.administrator(t, "1410").user(t, "officer", "经办甲", "officer", "141002")
	path := officer.person(t, "老人甲", numbered("141002", 1), "141002001")
	var written atomic.Int64
	stop, stopped := make(chan struct{}), make(chan error, 1)
	go func() {
		for n := 1; ; n++ {
			select {
			case <-stop:
				stopped <- nil
				return
			default:
			}
			if err := officer.record(path, fmt.Sprintf("第%d次", n), n); err != nil {
				stopped <- err
				return
			}
			written.Add(1)
		}
	}()
	for written.Load() < 3 {
		time.Sleep(5 * time.Millisecond)
	}
	copyFile := t.TempDir() + "/backup.db"
	least := int(written.Load())
	if got := in.run(t, "backup", copyFile); got.code != 0 {
		t.Fatalf("yian backup: exit code %d: %s", got.code, got.out)
	}
	most := int(written.Load()) + 1
	close(stop)
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	if got := in.run(t, "backup", copyFile); got.code == 0 {
		t.Errorf("a backup overwrites another: %s", got.out)
	}
	if got := in.run(t, "restore", copyFile); got.code == 0 {
		t.Errorf("a database is replaced while it is served: %s", got.out)
	}
	if code := s.stop(t); code != 0 {
		t.Errorf("exit code %d: %s", code, s.said())
	}
	in.restored(t, copyFile, least, most)
}

// restored puts the backup in the place of the database and looks what is in it.
func (in installation) restored(t *testing.T, backup string, least, most int) {
	t.Helper()
	if got := in.run(t, "restore", backup); got.code != 0 {
		t.Fatalf("yian restore: exit code %d: %s", got.code, got.out)
	}
	records := in.count(t, "SELECT count(*) FROM person_record") - 2
	if records < least || records > most {
		t.Errorf("%d records restored; there were %d to %d", records, least, most)
	}
	if n := in.count(t, "SELECT count(*) FROM audit_entry WHERE action = 'fact.record'"); n != records {
		t.Errorf("%d records and %d entries of the trail restored", records, n)
	}
	in.sound(t)
	s := serve(t, in)
	s.signIn(t, "officer", password).get(t, "/persons").has(t, "老人甲")
	if code := s.stop(t); code != 0 {
		t.Errorf("exit code %d: %s", code, s.said())
	}
}
