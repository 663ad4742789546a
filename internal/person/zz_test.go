package person

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"yian/internal/db/dbtest"
)

func cpu() float64 {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)/1e6
}

// pgCPU sums the CPU of all postgres processes below this one.
func pgCPU() (s float64) {
	type p struct{ ppid int; cpu float64 }
	all := map[int]p{}
	dirs, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, f := range dirs {
		b, err := os.ReadFile(f)
		if err != nil { continue }
		i := strings.LastIndexByte(string(b), ')')
		fs := strings.Fields(string(b[i+2:]))
		pid, _ := strconv.Atoi(strings.Fields(string(b))[0])
		pp, _ := strconv.Atoi(fs[1])
		u, _ := strconv.ParseFloat(fs[11], 64)
		sy, _ := strconv.ParseFloat(fs[12], 64)
		all[pid] = p{pp, (u + sy) / 100}
	}
	for pid := range all {
		for q := all[pid].ppid; q > 1; q = all[q].ppid {
			if q == os.Getpid() { s += all[pid].cpu; break }
		}
	}
	return s
}

func TestZZ(t *testing.T) {
	in := people(t, 100_000)
	for range 2 {
	for _, drop := range []string{"SELECT 1", "DROP INDEX person_record_person", "DROP INDEX person_number", "DROP INDEX person_number; DROP INDEX person_name; DROP INDEX person_initials; DROP INDEX person_region_name; DROP INDEX person_birth; DROP INDEX person_record_person; DROP INDEX person_phone_person"} {
		d := dbtest.Postgres(t)
		if _, err := d.Writer().Exec(drop); err != nil {
			t.Fatal(err)
		}
		k := newKit(t, d)
		a, b := cpu(), pgCPU()
		k.load(t, in, 5000)
		fmt.Printf("go %.2f pg %.2f %s\n", cpu()-a, pgCPU()-b, drop)
	}
	}
}
