package scenario

import (
	"bytes"
	"encoding/csv"
	"strconv"

	"yian/internal/errs"
	"yian/internal/region"
	"yian/internal/simulate"
	"yian/internal/xlsx"
)

// exported are the columns of an exported file.
var exported = []struct {
	label  string
	width  int
	number bool
	text   func(line *Line, place string, c simulate.Change) string
}{
	{"项目编号", 22, false, func(l *Line, _ string, _ simulate.Change) string { return l.ID }},
	{"服务项目", 26, false, func(l *Line, _ string, _ simulate.Change) string { return l.Name }},
	{"地区", 18, false, func(_ *Line, place string, _ simulate.Change) string { return place }},
	{"新增（人）", 12, true, func(_ *Line, _ string, c simulate.Change) string { return strconv.Itoa(c.Gain) }},
	{"失去（人）", 12, true, func(_ *Line, _ string, c simulate.Change) string { return strconv.Itoa(c.Lose) }},
	{"转为待核（人）", 14, true, func(_ *Line, _ string, c simulate.Change) string { return strconv.Itoa(c.Doubt) }},
	{"金额升（人）", 12, true, func(_ *Line, _ string, c simulate.Change) string { return strconv.Itoa(c.More) }},
	{"金额降（人）", 12, true, func(_ *Line, _ string, c simulate.Change) string { return strconv.Itoa(c.Less) }},
	{"原每月（元）", 14, true, func(_ *Line, _ string, c simulate.Change) string { return c.Before.Month().String() }},
	{"改后每月（元）", 14, true, func(_ *Line, _ string, c simulate.Change) string { return c.After.Month().String() }},
	{"每月增减（元）", 14, true, func(_ *Line, _ string, c simulate.Change) string { return Monthly(c).String() }},
	{"原一次性（元）", 14, true, func(_ *Line, _ string, c simulate.Change) string { return c.Before.Once.String() }},
	{"改后一次性（元）", 16, true, func(_ *Line, _ string, c simulate.Change) string { return c.After.Once.String() }},
	{"一次性增减（元）", 16, true, func(_ *Line, _ string, c simulate.Change) string { return (c.After.Once - c.Before.Once).String() }},
}

// rows calls f for each row of an exported file: a row a place and item, after the
// items' totals.
func (o *Outcome) rows(f func(cells []string) error) error {
	write := func(l *Line, place string, c simulate.Change) error {
		cells := make([]string, len(exported))
		for i, x := range exported {
			cells[i] = x.text(l, place, c)
		}
		return f(cells)
	}
	for i := range o.Items {
		if err := write(&o.Items[i], "合计", o.Items[i].Change); err != nil {
			return err
		}
	}
	for _, c := range o.Cells {
		if err := write(&o.Items[c.Item], PlaceName(o.Places[c.Place]), c.Change); err != nil {
			return err
		}
	}
	return nil
}

// PlaceName is what a place of an outcome is called.
func PlaceName(c region.Code) string {
	if c == "" {
		return "地区未知"
	}
	return region.Name(c)
}

// XLSX returns the outcome of a scenario as a workbook.
func (s *Scenario) XLSX() ([]byte, error) {
	if s.Outcome == nil {
		return nil, errNotCounted()
	}
	w, err := xlsx.NewWriter(xlsx.Progress{})
	if err != nil {
		return nil, err
	}
	columns := make([]xlsx.Column, len(exported))
	for i, x := range exported {
		columns[i] = xlsx.Column{Label: x.label, Width: x.width}
	}
	if err := w.Begin(columns); err != nil {
		return nil, err
	}
	err = s.Outcome.rows(func(texts []string) error {
		cells := make([]xlsx.Cell, len(texts))
		for i, text := range texts {
			cells[i] = xlsx.Cell{Text: text, Number: exported[i].number}
		}
		return w.Add(cells)
	})
	if err != nil {
		return nil, err
	}
	return w.End()
}

// CSV returns the outcome of a scenario as a file that spreadsheets open as UTF-8.
func (s *Scenario) CSV() ([]byte, error) {
	if s.Outcome == nil {
		return nil, errNotCounted()
	}
	var b bytes.Buffer
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	head := make([]string, len(exported))
	for i, x := range exported {
		head[i] = x.label
	}
	if err := w.Write(head); err != nil {
		return nil, err
	}
	if err := s.Outcome.rows(w.Write); err != nil {
		return nil, err
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

func errNotCounted() error {
	return errs.New(errs.Conflict, "方案还没有测算，请先测算再导出。")
}
