package ui

import (
	"encoding/json"
	"math"
	"strconv"
)

// ChartKind is the shape of a chart or of one of its series.
type ChartKind string

// The shapes. The zero value is bars.
const (
	Bars  ChartKind = ""
	Lines ChartKind = "line"
	Donut ChartKind = "donut" // one series, its parts are the categories
)

// Chart is a figure with the same numbers in a table beside it, which is what shows
// without scripts, in print and to a screen reader.
type Chart struct {
	ID         string    `json:"-"`
	Title      string    `json:"title"`
	Text       string    `json:"-"`    // what to see in it, in a sentence
	Axis       string    `json:"axis"` // what the categories are: 月份
	Kind       ChartKind `json:"kind"`
	Unit       string    `json:"unit"`
	RightUnit  string    `json:"right_unit"` // of series at the right axis
	Stacked    bool      `json:"stacked"`
	Categories []string  `json:"categories"`
	Series     []Series  `json:"series"`
}

// Series is a row of figures, one for each category.
type Series struct {
	Name   string    `json:"name"`
	Kind   ChartKind `json:"kind"` // in a chart of bars: some may be lines
	Right  bool      `json:"right"`
	Values Figures   `json:"values"`
}

// Figures are numbers of which some may be unknown: NaN, drawn as a gap.
type Figures []float64

// MarshalJSON writes unknown figures as null.
func (f Figures) MarshalJSON() ([]byte, error) {
	known := make([]*float64, len(f))
	for i := range f {
		if !math.IsNaN(f[i]) && !math.IsInf(f[i], 0) {
			known[i] = &f[i]
		}
	}
	return json.Marshal(known)
}

// Text is the figure at i for the table: grouped by commas, a dash where unknown.
func (f Figures) Text(i int) string {
	if i >= len(f) || math.IsNaN(f[i]) || math.IsInf(f[i], 0) {
		return Unknown
	}
	return group(strconv.FormatFloat(f[i], 'f', -1, 64))
}

// UnitOf is the unit of a series.
func (c Chart) UnitOf(s Series) string {
	if s.Right {
		return c.RightUnit
	}
	return c.Unit
}
