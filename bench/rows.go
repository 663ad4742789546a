package main

import (
	"sync"

	"yian/internal/rules"
)

// mask is the result of a row engine for one person: a bit for each item.
type mask struct{ yes, no uint32 }

// judge decides every item for the people from…to-1, writes their masks and adds
// to the tallies.
type judge func(from, to int, masks []mask, into []tally)

// rows runs judges, one for each core, over equal shares of the people. Like the
// columnar engine it keeps each person's results.
func rows(n, items, cores int, start func() judge) []tally {
	masks := make([]mask, n)
	parts := make([][]tally, cores)
	var wg sync.WaitGroup
	for c := range cores {
		parts[c] = make([]tally, items)
		j := start()
		work := func() { j(c*n/cores, (c+1)*n/cores, masks, parts[c]) }
		if c == cores-1 {
			work()
		} else {
			wg.Go(work)
		}
	}
	wg.Wait()
	sum := parts[0]
	for _, part := range parts[1:] {
		for i, t := range part {
			sum[i].Yes += t.Yes
			sum[i].No += t.No
			sum[i].Unknown += t.Unknown
			sum[i].Sum += t.Sum
			sum[i].Times += t.Times
		}
	}
	return sum
}

// note records the result of an item in a mask.
func (m *mask) note(item int, t rules.Truth) {
	switch t {
	case rules.Yes:
		m.yes |= 1 << item
	case rules.No:
		m.no |= 1 << item
	}
}
