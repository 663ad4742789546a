// Package money holds amounts of renminbi as whole fen, so that no sum is ever
// off by a rounding of binary fractions.
package money

import (
	"math/big"
	"strconv"
)

// Fen is an amount in fen (分), a hundredth of a yuan.
type Fen int64

// FromYuan rounds an exact amount in yuan half up to fen.
func FromYuan(yuan *big.Rat) Fen {
	n := new(big.Rat).Mul(yuan, big.NewRat(200, 1))
	n.Add(n, big.NewRat(1, 1))
	q := new(big.Int).Mul(n.Denom(), big.NewInt(2))
	z := new(big.Int).Div(n.Num(), q) // floor
	return Fen(z.Int64())
}

// Append appends the amount in yuan: 70, 107.50, -3.05.
func (f Fen) Append(b []byte) []byte {
	if f < 0 {
		b = append(b, '-')
		f = -f
	}
	b = strconv.AppendInt(b, int64(f/100), 10)
	if r := f % 100; r != 0 {
		b = append(b, '.', byte('0'+r/10), byte('0'+r%10))
	}
	return b
}

// String returns the amount in yuan: 70, 107.50, -3.05.
func (f Fen) String() string { return string(f.Append(nil)) }
