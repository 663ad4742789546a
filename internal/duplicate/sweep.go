package duplicate

import (
	"cmp"
	"hash/maphash"
	"slices"

	"yian/internal/citizenid"
	"yian/internal/civil"
	"yian/internal/id"
	"yian/internal/person"
)

// sweep finds pairs among all people at once, at some 40 bytes each. One slip of a
// number leaves the first eight of its 17 digits as they are, or the last eight; so it
// suffices to compare those who share one of these halves, and the initials.
type sweep struct {
	seed   maphash.Seed
	people []id.ID
	// For each: a hash of name and birth (0: unknown), a hash of the initials, the
	// number without its check character (0: none).
	same, sound []uint64
	numbers     []uint64
}

func newSweep() *sweep { return &sweep{seed: maphash.MakeSeed()} }

// add takes one person.
func (s *sweep) add(l *person.Likeness) error {
	var same, number uint64
	if l.Birth != 0 {
		same = s.hash(l.Name, l.Birth) | 1
	}
	if l.Citizen != "" {
		for _, c := range []byte(l.Citizen[:17]) {
			number = number*10 + uint64(c-'0')
		}
	}
	s.people = append(s.people, l.ID)
	s.same = append(s.same, same)
	s.sound = append(s.sound, maphash.String(s.seed, l.Initials))
	s.numbers = append(s.numbers, number)
	return nil
}

func (s *sweep) hash(name string, birth civil.Date) uint64 {
	var h maphash.Hash
	h.SetSeed(s.seed)
	_, _ = h.WriteString(name)
	maphash.WriteComparable(&h, birth)
	return h.Sum64()
}

// found is a pair that was found.
type found struct {
	low, high id.ID
	reason    Reason
}

// pairs returns the pairs of which one is younger than the mark, at most so many for
// one person.
func (s *sweep) pairs(mark id.ID, most int) []found {
	var all []found
	count := map[id.ID]int{}
	seen := map[[2]id.ID]bool{}
	propose := func(i, j int, reason Reason) {
		low, high := min(s.people[i], s.people[j]), max(s.people[i], s.people[j])
		if seen[[2]id.ID{low, high}] || count[high] >= most {
			return
		}
		seen[[2]id.ID{low, high}] = true
		count[high]++
		all = append(all, found{low, high, reason})
	}
	s.group(mark, func(i int) (uint64, bool) { return s.same[i], s.same[i] != 0 }, func(i, j int) { propose(i, j, SameNameBirth) })
	slip := func(i, j int) {
		if s.sound[i] != s.sound[j] {
			return
		}
		if reason, ok := slipOf(s.numbers[i], s.numbers[j]); ok {
			propose(i, j, reason)
		}
	}
	s.group(mark, func(i int) (uint64, bool) { return s.sound[i] + s.numbers[i]/1e9*odd, s.numbers[i] != 0 }, slip)
	s.group(mark, func(i int) (uint64, bool) { return s.sound[i] + s.numbers[i]%1e8*odd, s.numbers[i] != 0 }, slip)
	return all
}

// odd spreads halves of numbers over all keys.
const odd = 0x9e3779b97f4a7c15

// group calls each for every two people of the same key of whom one is younger than
// the mark.
func (s *sweep) group(mark id.ID, key func(i int) (uint64, bool), each func(i, j int)) {
	type entry struct {
		key uint64
		at  uint32
	}
	entries := make([]entry, 0, len(s.people))
	for i := range s.people {
		if k, ok := key(i); ok {
			entries = append(entries, entry{k, uint32(i)})
		}
	}
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.at, b.at)) })
	for from := 0; from < len(entries); {
		to := from + 1
		for to < len(entries) && entries[to].key == entries[from].key {
			to++
		}
		for a := from; a < to; a++ {
			for b := a + 1; b < to; b++ {
				i, j := int(entries[a].at), int(entries[b].at)
				if max(s.people[i], s.people[j]) > mark {
					each(i, j)
				}
			}
		}
		from = to
	}
}

// slipOf tells which one slip lies between two numbers of 17 digits. Most have none,
// which shows in their difference: that of one digit is d×10ⁿ, that of two neighbours
// 9d×10ⁿ.
func slipOf(a, b uint64) (Reason, bool) {
	if a == b {
		return "", false
	}
	diff := max(a, b) - min(a, b)
	for diff%10 == 0 {
		diff /= 10
	}
	if diff > 81 {
		return "", false
	}
	switch slip, _ := citizenid.SlipBetween(seventeen(a), seventeen(b)); slip {
	case citizenid.SlipDigit:
		return DigitSlip, true
	case citizenid.SlipSwap:
		return SwapSlip, true
	}
	return "", false
}

// seventeen writes a number without its check character.
func seventeen(n uint64) string {
	var b [17]byte
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = byte('0' + n%10)
		n /= 10
	}
	return string(b[:])
}
