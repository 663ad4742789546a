package pack

import (
	"testing"

	"yian/policies"
)

// TestEmbeddedPacks holds every pack that is built in to what Check and its own test
// people demand.
func TestEmbeddedPacks(t *testing.T) {
	lib, err := NewLibrary(policies.FS)
	if err != nil {
		t.Fatal(err)
	}
	if len(lib.Packs()) == 0 {
		t.Fatal("no pack is built in")
	}
	for _, p := range lib.Packs() {
		t.Run(p.Place, func(t *testing.T) {
			for _, f := range Check(p, lib) {
				if f.Severity == Error {
					t.Error(f)
				}
			}
			for _, r := range RunTests(p, lib) {
				if r.Failure != "" {
					t.Errorf("%s: %s: %s: %s", r.At, r.Person, r.Item, r.Failure)
				}
			}
		})
	}
}
