package region

import (
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// regionsCSV lists the divisions of the packs' places with the figures of the
// Seventh National Population Census (2020); sources in docs/sources.md.
//
//go:embed regions.csv
var regionsCSV string

// Division is one row of the table.
type Division struct {
	Code       Code
	Name       string
	Population int     // census of 2020; 0: not known
	Pct60      float64 // share aged 60 and over in per cent; 0: not known
}

// divisions is the table in the order of codes: the embedded one and what Extend added.
var divisions atomic.Pointer[[]Division]

func table() []Division {
	if t := divisions.Load(); t != nil {
		return *t
	}
	Extend(nil)
	return *divisions.Load()
}

var embedded = sync.OnceValue(func() []Division {
	rows, err := csv.NewReader(strings.NewReader(regionsCSV)).ReadAll()
	if err != nil {
		panic(err) //nolint:forbidigo // the table is part of the binary
	}
	out := make([]Division, 0, len(rows))
	for _, row := range rows[1:] {
		code, err := Parse(row[0])
		if err != nil {
			panic(err) //nolint:forbidigo // the table is part of the binary
		}
		d := Division{Code: code, Name: row[1]}
		d.Population, _ = strconv.Atoi(row[4])
		d.Pct60, _ = strconv.ParseFloat(row[5], 64)
		out = append(out, d)
	}
	return out
})

// Extend adds divisions to the embedded table, which knows the places of the packs
// and few of their towns; a code that is there already gets the new name. Names of
// divisions are reference data of the whole process, like its time zones: a program
// extends the table once, when it starts.
func Extend(more []Division) {
	all := append(slices.Clone(more), embedded()...)
	slices.SortStableFunc(all, func(a, b Division) int { return strings.Compare(string(a.Code), string(b.Code)) })
	all = slices.CompactFunc(all, func(a, b Division) bool { return a.Code == b.Code })
	divisions.Store(&all)
}

// ReadDivisions reads a table of local divisions: CSV in UTF-8 whose first two
// columns are the code and the name; a first line without a code is a heading.
func ReadDivisions(r io.Reader) ([]Division, error) {
	in := csv.NewReader(r)
	in.FieldsPerRecord = -1
	var out []Division
	for line := 1; ; line++ {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("区划表第 %d 行无法读取：%w", line, err)
		}
		if len(row) < 2 {
			return nil, fmt.Errorf("区划表第 %d 行应有两列：代码,名称", line)
		}
		code, err := Parse(strings.TrimPrefix(strings.TrimSpace(row[0]), "\ufeff"))
		name := strings.TrimSpace(row[1])
		switch {
		case err != nil && line == 1:
			continue
		case err != nil:
			return nil, fmt.Errorf("区划表第 %d 行：%w", line, err)
		case name == "":
			return nil, fmt.Errorf("区划表第 %d 行：%s 没有名称", line, code)
		}
		out = append(out, Division{Code: code, Name: name})
	}
}

// Find returns the division of the code c.
func Find(c Code) (Division, bool) {
	t := table()
	i, ok := slices.BinarySearchFunc(t, c, func(d Division, c Code) int { return strings.Compare(string(d.Code), string(c)) })
	if !ok {
		return Division{}, false
	}
	return t[i], true
}

// Name returns the name of c, or its digits where the table has none.
func Name(c Code) string {
	if c == Nation {
		return "全国"
	}
	if d, ok := Find(c); ok {
		return d.Name
	}
	return string(c)
}

// Inside returns the divisions inside c whose codes have the given number of
// digits, in the order of their codes.
func Inside(c Code, digits int) []Division {
	t := table()
	from, _ := slices.BinarySearchFunc(t, c, func(d Division, c Code) int { return strings.Compare(string(d.Code), string(c)) })
	var out []Division
	for _, d := range t[from:] {
		if !d.Code.Within(c) {
			break
		}
		if len(d.Code) == digits {
			out = append(out, d)
		}
	}
	return out
}

// Complete reports whether the table lists all divisions right below c: the counties
// of its prefectures and the townships it has are complete, the prefectures of a
// province are where their populations make up the province's.
func Complete(c Code) bool {
	switch len(c) {
	case 0, 12:
		return false
	case 2:
		whole, _ := Find(c)
		sum := 0
		for _, d := range Inside(c, 4) {
			sum += d.Population
		}
		return whole.Population > 0 && sum*100 >= whole.Population*95
	default:
		return len(Inside(c, digitsBelow[len(c)])) > 0
	}
}

// digitsBelow is the length of the codes right below a code of a length.
var digitsBelow = map[int]int{0: 2, 2: 4, 4: 6, 6: 9, 9: 12}

// Below returns the divisions right below c that the table has, in the order of
// their codes.
func Below(c Code) []Division { return Inside(c, digitsBelow[len(c)]) }
