package rules_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"yian/internal/rules"
	"yian/internal/rules/rulestest"
)

// TestTreeAgreesWithCEL holds the tree walker and cel-go's partial evaluation equal
// on random rules, people and unknowns.
func TestTreeAgreesWithCEL(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		src := rulestest.List(t, 3)
		prog, err := rules.Compile(src, rulestest.On)
		if err != nil {
			t.Fatalf("%v", err)
		}
		who := rulestest.Person(t)
		third, err := rules.NewCEL(src, &who, rulestest.On)
		if err != nil {
			t.Fatal(err)
		}
		for i := range prog.Items {
			it := &prog.Items[i]
			want, err := third.Truth(it.When.CEL, &who)
			if err != nil {
				t.Fatal(err)
			}
			if got := it.Own.Eval(&who, rulestest.On); got != want {
				t.Fatalf("%s: tree says %v, cel-go %v", it.When.CEL, got, want)
			}
			d := prog.Decide(i, &who, rulestest.On)
			if d.Result != rules.Yes {
				continue
			}
			yuan, state, err := third.Yuan(it.Grant.Amount, &who)
			if err != nil {
				t.Fatal(err)
			}
			got := d.Amount.State
			if got == rules.Unset { // cel-go knows only that a variable is unknown
				got = rules.Undecided
			}
			if got != state || state == rules.Fixed && math.Abs(float64(d.Amount.N)/100-yuan) > 0.00501 {
				t.Fatalf("amount %v: tree says %+v, cel-go %v %v", it.Grant.Amount, d.Amount, yuan, state)
			}
		}
	})
}
