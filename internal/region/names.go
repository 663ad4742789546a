package region

import (
	_ "embed"
	"encoding/csv"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// regionsCSV lists the divisions of the packs' places with the figures of the
// Seventh National Population Census (2020); sources in docs/sources.md.
//
//go:embed regions.csv
var regionsCSV string

// Division is one row of the embedded table.
type Division struct {
	Code       Code
	Name       string
	Population int     // census of 2020; 0: not known
	Pct60      float64 // share aged 60 and over in per cent; 0: not known
}

var table = sync.OnceValue(func() []Division {
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
	slices.SortFunc(out, func(a, b Division) int { return strings.Compare(string(a.Code), string(b.Code)) })
	return out
})

// Find returns the division of the code c.
func Find(c Code) (Division, bool) {
	i, ok := slices.BinarySearchFunc(table(), c, func(d Division, c Code) int { return strings.Compare(string(d.Code), string(c)) })
	if !ok {
		return Division{}, false
	}
	return table()[i], true
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
	var out []Division
	for _, d := range table() {
		if len(d.Code) == digits && d.Code.Within(c) {
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
