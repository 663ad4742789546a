package pack

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// cityLibrary knows one pack without faults.
func cityLibrary(t testing.TB) *Library {
	t.Helper()
	lib, err := NewLibrary(os.DirFS("testdata/good"))
	if err != nil {
		t.Fatal(err)
	}
	return lib
}

// TestBadPacks compares what Check finds in packs that hold each fault once with
// testdata/bad/<pack>.txt; -update rewrites them.
func TestBadPacks(t *testing.T) {
	lists, err := filepath.Glob("testdata/bad/*/" + listFile)
	if err != nil || len(lists) == 0 {
		t.Fatalf("no bad packs: %v", err)
	}
	for _, list := range lists {
		dir := filepath.Dir(list)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			lib := cityLibrary(t)
			packs, err := lib.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			found := Check(packs[0], lib)
			if found.Errors() == 0 {
				t.Error("a bad pack without errors")
			}
			golden := dir + ".txt"
			if *update {
				if err := os.WriteFile(golden, []byte(found.String()), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got := found.String(); got != string(want) {
				t.Errorf("findings differ from %s (go test -update rewrites it); got\n%s\nwant\n%s", golden, got, want)
			}
		})
	}
}

func TestGoodPack(t *testing.T) {
	lib := cityLibrary(t)
	p, ok := lib.Find("city")
	if !ok {
		t.Fatal("the pack is not in its library")
	}
	found := Check(p, lib)
	const want = "city/list.yaml:7:3: 提示：参数 dibao_standard（低保标准）没有值，用到它的金额为“待确定”；由县级确定\n"
	if got := found.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for _, r := range RunTests(p, lib) {
		if r.Failure != "" {
			t.Errorf("%s: %s: %s", r.At, r.Item, r.Failure)
		}
	}
	got := p.Summary()
	if want := (Summary{Place: "city", Name: "临汾市", List: "city-2023", Title: "市清单", Items: 3, Tasks: 1, Indicators: 2, Norms: 1, Tests: 3, Unset: 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
