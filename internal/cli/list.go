package cli

import (
	"fmt"

	"yian/internal/civil"
	"yian/internal/pack"
	"yian/internal/rules"
)

// day is a flag that holds a date.
type day struct{ civil.Date }

// UnmarshalText reads an ISO date.
func (d *day) UnmarshalText(b []byte) (err error) {
	d.Date, err = civil.Parse(string(b))
	return err
}

// list finds a list by its id or path.
func (e *env) list(idOrPath string) (*pack.List, error) {
	lib, err := e.library()
	if err != nil {
		return nil, err
	}
	return lib.List(idOrPath)
}

// program finds a list and compiles it for a day on which it rules.
func (e *env) program(idOrPath string, on civil.Date) (*rules.Program, error) {
	l, err := e.list(idOrPath)
	if err != nil {
		return nil, err
	}
	src := l.Source()
	switch {
	case on < src.From:
		return nil, fmt.Errorf("清单 %s 自 %s 起施行，不能用来认定 %s；请改用 --at", src.ID, src.From, on)
	case src.To != 0 && on > src.To:
		return nil, fmt.Errorf("清单 %s 到 %s 为止，不能用来认定 %s；请改用 --at", src.ID, src.To, on)
	}
	return rules.Compile(src, on)
}
