package main

import (
	"fmt"
	"runtime"
)

// compare runs every contender on one core and on all and holds its results
// against what its crowd wants. The first difference ends the run.
func compare(l *list, cs []*contender) error {
	for _, c := range cs {
		progress("checking %s", c.name)
		want := c.want
		if want == nil {
			want = c.crowd.want
		}
		for _, cores := range []int{1, runtime.NumCPU()} {
			got, err := c.run(cores)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			for i, it := range l.prog.Items {
				if got[i] != want[i] {
					return fmt.Errorf("results differ: item %d (%s), %d people (%s), %d cores\n  want %+v\n  %s %+v",
						it.No, it.ID, len(c.crowd.people), c.crowd.name, cores, want[i], c.name, got[i])
				}
			}
		}
	}
	return nil
}
