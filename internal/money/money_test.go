package money

import (
	"math/big"
	"testing"
)

func TestFromYuan(t *testing.T) {
	for in, want := range map[string]string{
		"70": "70", "1.005": "1.01", "1.0049": "1", "780": "780", "0.1": "0.10", "-3.05": "-3.05", "-0.005": "0", "1/3": "0.33",
	} {
		r, ok := new(big.Rat).SetString(in)
		if !ok {
			t.Fatal(in)
		}
		if got := FromYuan(r).String(); got != want {
			t.Errorf("FromYuan(%s) = %s, want %s", in, got, want)
		}
	}
}
