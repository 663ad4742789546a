package main

import (
	"errors"
	"fmt"
)

// contender is an engine in the table.
type contender struct {
	name  string
	note  string
	crowd *crowd  // whom it evaluates
	want  []tally // what it must find; nil: what the crowd wants
	run   func(cores int) ([]tally, error)

	baseline  bool // a variant of cel-go with three-valued results: the denominator is the fastest
	twoValued bool // asked of people without unknowns
	slow      bool // a few repetitions are enough

	best [2]float64 // seconds, on one core and on all
}

// field makes every contender. missing tells of peers that are not available
// here; done ends what some of them have started.
func field(l *list, all, sample, complete *crowd) (cs []*contender, missing []string, done func(), err error) {
	var ends []func()
	done = func() {
		for _, end := range ends {
			end()
		}
	}
	for _, start := range []func() ([]*contender, error){
		func() ([]*contender, error) { return ours(l, all) },
		func() ([]*contender, error) { return celGo(l, sample, complete) },
		func() ([]*contender, error) { return exprLang(l, sample, complete) },
	} {
		more, err := start()
		if err != nil {
			return nil, nil, done, err
		}
		cs = append(cs, more...)
	}
	cs = append(cs, tree(l, sample), plain(l, all))
	for _, db := range []struct {
		name string
		open func(*list, *crowd) (*contender, func(), error)
	}{{"DuckDB", duckDB}, {"PostgreSQL", postgreSQL}} {
		progress("loading %s", db.name)
		c, end, err := db.open(l, all)
		var why absentError
		switch {
		case errors.As(err, &why):
			missing = append(missing, fmt.Sprintf("%s: not available here: %v", db.name, why))
		case err != nil:
			return nil, nil, done, fmt.Errorf("%s: %w", db.name, err)
		default:
			cs = append(cs, c)
			ends = append(ends, end)
		}
	}
	return cs, missing, done, nil
}

// absentError tells why a peer cannot run here.
type absentError struct{ error }

func absent(format string, args ...any) error { return absentError{fmt.Errorf(format, args...)} }
