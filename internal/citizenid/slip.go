package citizenid

// Slip is how two numbers differ that may be one person's.
type Slip string

// The slips.
const (
	SlipDigit      Slip = "digit"
	SlipSwap       Slip = "swap"
	SlipGeneration Slip = "generation"
)

var slipLabels = map[Slip]string{
	SlipDigit:      "有一位不同",
	SlipSwap:       "相邻两位颠倒",
	SlipGeneration: "15 位与 18 位是同一号码",
}

// Label returns what people read.
func (s Slip) Label() string { return slipLabels[s] }

// SlipBetween tells which one slip lies between two numbers of any kind of document,
// written without spaces. The check character of 18 follows from the others: it
// counts only where they are the same. Equal numbers have no slip between them.
func SlipBetween(a, b string) (Slip, bool) {
	if a == b {
		return "", false
	}
	long, other := modern(a), modern(b)
	if long == other {
		return SlipGeneration, true
	}
	if len(long) != len(other) {
		return "", false
	}
	if len(long) == 18 && long[:17] != other[:17] {
		long, other = long[:17], other[:17]
	}
	return slip(long, other)
}

// modern returns the 18 digits of a number of 15, and every other one as it is.
func modern(s string) string {
	if id, err := From15(s); err == nil {
		return string(id)
	}
	return s
}

func slip(a, b string) (Slip, bool) {
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	switch {
	case i == len(a):
		return "", false
	case a[i+1:] == b[i+1:]:
		return SlipDigit, true
	case a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]:
		return SlipSwap, true
	}
	return "", false
}

// MaxNeighbours is how many neighbours a number can have: nine other digits at each
// of 17 places, and 16 pairs of neighbours to swap. Dates that do not exist leave
// fewer, some 130 for most people.
const MaxNeighbours = 17*9 + 16

// Neighbours returns every valid number at one slip from id, to look candidates up
// by blind index. The check character is recomputed: a number in which one digit or
// one pair is wrong and the check character is right does not exist, which is what
// it is for; so two valid numbers differ there too.
func Neighbours(id ID) []ID {
	out := make([]ID, 0, MaxNeighbours)
	number := []byte(id[:17])
	try := func() {
		body := string(number)
		if n := body + string(Checksum(body)); Check(n) == nil {
			out = append(out, ID(n))
		}
	}
	for i, was := range number {
		for d := byte('0'); d <= '9'; d++ {
			if d != was {
				number[i] = d
				try()
			}
		}
		number[i] = was
	}
	for i := range len(number) - 1 {
		if number[i] != number[i+1] {
			number[i], number[i+1] = number[i+1], number[i]
			try()
			number[i], number[i+1] = number[i+1], number[i]
		}
	}
	return out
}
