package main

import (
	"bufio"
	"os"
	"runtime"
	"strings"
	"time"
)

// measure times the contenders, interleaved so that a disturbance of the machine
// meets all of them, and keeps the best of each.
func measure(cs []*contender, rounds int) {
	for round := range rounds {
		progress("measuring, round %d of %d", round+1, rounds)
		for _, c := range cs {
			if c.slow && round >= max(2, rounds/4) {
				continue
			}
			for k, cores := range []int{1, runtime.NumCPU()} {
				c.measure(k, cores)
			}
		}
	}
}

// quick is a repetition in seconds that is worth a few more in the same round: the
// first finds memory that the system has taken back meanwhile.
const quick = 0.5

func (c *contender) measure(k, cores int) {
	for range 3 {
		s := timed(cores, func() { _, _ = c.run(cores) }) // it did not fail when it was compared
		if c.best[k] == 0 || s < c.best[k] {
			c.best[k] = s
		}
		if s > quick {
			return
		}
	}
}

// timed returns the seconds that f takes when Go has the given number of cores;
// what came before is not collected on f's time.
func timed(cores int, f func()) float64 {
	runtime.GC()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
	start := time.Now()
	f()
	return time.Since(start).Seconds()
}

// best returns the least seconds of some repetitions of f.
func best(repetitions int, f func()) float64 {
	least := 0.0
	for i := range repetitions {
		if s := timed(1, f); i == 0 || s < least {
			least = s
		}
	}
	return least
}

// cpuModel names the processor, where the system tells.
func cpuModel() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return "unknown processor"
	}
	defer f.Close()
	for sc := bufio.NewScanner(f); sc.Scan(); {
		if name, value, ok := strings.Cut(sc.Text(), ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown processor"
}
