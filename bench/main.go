// Command bench compares the engine with its peers on one population and one list
// (临汾市基本养老服务清单, 24 items), and prints the figures that docs/performance.md
// quotes. What all engines count is compared before any time is printed: an engine that
// answers differently ends the run with exit code 1. Missed speed goals do not.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"

	"yian/internal/civil"
)

// on is the day of evaluation.
var on = civil.New(2024, 6, 30)

// options are the flags.
type options struct {
	people int
	sample int
	rounds int
	seed   uint64
	big    bool
	plain  bool
}

func main() {
	var opt options
	flag.IntVar(&opt.people, "n", 1_000_000, "people in the population")
	flag.IntVar(&opt.sample, "sample", 50_000, "people for engines that go from person to person through an interpreter")
	flag.IntVar(&opt.rounds, "rounds", 9, "repetitions of each engine, interleaved; the best counts")
	flag.Uint64Var(&opt.seed, "seed", 1, "seed of the population")
	flag.BoolVar(&opt.big, "big", true, "also evaluate 7,000,000 people")
	flag.BoolVar(&opt.plain, "plain-go", false, "only measure our engine and write JSON; the run starts itself so")
	flag.Parse()
	debug.SetGCPercent(400) // memory that one repetition frees stays mapped for the next
	opt.sample = min(opt.sample, opt.people)
	if err := run(opt); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(opt options) error {
	l, err := openList()
	if err != nil {
		return err
	}
	if opt.plain {
		return plainGoOnly(l, opt)
	}
	printMachine()
	progress("making %d people", opt.people)
	all, err := newCrowd("all", opt.people, opt.seed)
	if err != nil {
		return err
	}
	sample, err := all.part("sample", opt.sample)
	if err != nil {
		return err
	}
	complete, err := sample.completed("sample, every fact known")
	if err != nil {
		return err
	}
	for _, c := range []*crowd{all, sample, complete} {
		c.want = l.plainTallies(c)
	}
	contenders, missing, done, err := field(l, all, sample, complete)
	defer done()
	if err != nil {
		return err
	}
	if err := compare(l, contenders); err != nil {
		return err
	}
	fmt.Printf("Results are equal: yes, no, unknown, sums and frequencies of all %d items, for all %d engines.\n\n", len(l.prog.Items), len(contenders))
	measure(contenders, opt.rounds)
	plainGo, err := withoutVectors(opt, all)
	if err != nil {
		return err
	}
	contenders = slices.Insert(contenders, 3, plainGo...)
	t := &table{items: len(l.prog.Items), cs: contenders, missing: missing}
	t.print(os.Stdout)
	figures, err := furtherFigures(l, all, opt)
	if err != nil {
		return err
	}
	figures.print(os.Stdout)
	t.goals(figures).print(os.Stdout)
	return nil
}

func printMachine() {
	fmt.Printf("%s, %d cores, %s, %s/%s\n", cpuModel(), runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// progress tells on standard error what is under way.
func progress(format string, args ...any) { fmt.Fprintf(os.Stderr, format+" …\n", args...) }
