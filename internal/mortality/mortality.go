// Package mortality tells how likely people of an age and sex are to live on, from
// a public table of death rates.
//
// The embedded table is that of China for 2025 to 2030 in World Population Prospects
// 2024 (United Nations, medium variant, CC BY 3.0 IGO): people of the country, not the
// healthier ones who buy insurance. It is published by five years of age; the single
// years are ours: straight lines between the logarithms at the middles of the groups,
// shifted until every group has its published rate again, which a test checks.
// Provinces differ; whoever has a table of his own gives it in the same form.
package mortality

import (
	"bufio"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"sync"

	"yian/internal/fact"
)

//go:embed wpp2024.csv
var wpp2024 string

// header is the first line of a table that is no comment.
const header = "age,male_permille,female_permille"

// T is a table of death rates (分年龄性别死亡率): deaths a year per thousand people,
// by groups of ages. It is immutable.
type T struct {
	source string
	rows   []row
}

// row is the rates from an age up to the next row's.
type row struct {
	age          int
	male, female float64
}

// Table returns the embedded table.
var Table = sync.OnceValue(func() *T {
	t, err := Read(strings.NewReader(wpp2024))
	if err != nil {
		panic(err) //nolint:forbidigo // the table is part of the binary
	}
	return t
})

// Source returns the first comment of the table: where its figures are from.
func (t *T) Source() string { return t.source }

// Read reads a table in the form of the embedded one: comments with #, a header,
// then rows in rising order of age, from age 0.
func Read(r io.Reader) (*T, error) {
	t := &T{source: "未注明来源"}
	seen, line := false, 0
	s := bufio.NewScanner(r)
	for s.Scan() {
		line++
		text := strings.TrimSpace(strings.TrimPrefix(s.Text(), "\ufeff"))
		switch {
		case text == "":
		case text[0] == '#':
			if !seen && len(t.rows) == 0 && t.source == "未注明来源" {
				t.source = strings.TrimSpace(text[1:])
			}
		case !seen:
			if text != header {
				return nil, fmt.Errorf("第 %d 行：表头应为 %s", line, header)
			}
			seen = true
		default:
			one, err := parse(text)
			if err != nil {
				return nil, fmt.Errorf("第 %d 行：%w", line, err)
			}
			if n := len(t.rows); n == 0 && one.age != 0 || n > 0 && one.age <= t.rows[n-1].age {
				return nil, fmt.Errorf("第 %d 行：年龄应从 0 起逐行增大", line)
			}
			t.rows = append(t.rows, one)
		}
	}
	if err := s.Err(); err != nil {
		return nil, err
	}
	if len(t.rows) == 0 {
		return nil, errors.New("表里没有死亡率")
	}
	return t, nil
}

func parse(text string) (row, error) {
	cells := strings.Split(text, ",")
	if len(cells) != 3 {
		return row{}, fmt.Errorf("应有 3 格，这里有 %d 格", len(cells))
	}
	age, err := strconv.Atoi(strings.TrimSpace(cells[0]))
	if err != nil || age < 0 || age > fact.MaxAge {
		return row{}, fmt.Errorf("年龄 %q 应为 0 至 %d 的整数", cells[0], fact.MaxAge)
	}
	var rates [2]float64
	for i := range rates {
		rates[i], err = strconv.ParseFloat(strings.TrimSpace(cells[i+1]), 64)
		if err != nil || !(rates[i] >= 0 && rates[i] <= 1000) {
			return row{}, fmt.Errorf("死亡率 %q 应为 0 至 1000 的数（每千人）", cells[i+1])
		}
	}
	return row{age, rates[0], rates[1]}, nil
}

// Survival returns the probability that somebody aged age is alive after so many
// years. For an unknown sex it is the mean of both.
func (t *T) Survival(sex fact.Code, age, years int) float64 {
	male, female := t.survival(age, years)
	switch fact.Sex.ValueName(sex) {
	case "male":
		return male
	case "female":
		return female
	default:
		return (male + female) / 2
	}
}

// survival adds up the hazards year by year: a yearly rate m leaves exp(-m) alive.
func (t *T) survival(age, years int) (male, female float64) {
	var m, f float64
	at := 0
	for y := age; y < age+years; y++ {
		for at+1 < len(t.rows) && t.rows[at+1].age <= y {
			at++
		}
		m += t.rows[at].male
		f += t.rows[at].female
	}
	return math.Exp(-m / 1000), math.Exp(-f / 1000)
}
