package cli

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/rivo/uniseg"
	"github.com/schollz/progressbar/v3"

	"yian/internal/money"
)

// table prints rows in columns; Chinese characters are two columns wide. The
// columns in right are aligned to the right.
func table(w io.Writer, right string, rows [][]string) {
	var width []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(width) {
				width = append(width, 0)
			}
			width[i] = max(width[i], uniseg.StringWidth(cell))
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			pad := strings.Repeat(" ", width[i]-uniseg.StringWidth(cell))
			if i > 0 {
				line.WriteString("  ")
			}
			if i < len(right) && right[i] == 'r' {
				line.WriteString(pad + cell)
			} else {
				line.WriteString(cell + pad)
			}
		}
		fmt.Fprintln(w, strings.TrimRight(line.String(), " "))
	}
}

// grouped writes a whole number with separators: 1,234,567.
func grouped[N int | int64](n N) string {
	s := strconv.FormatInt(int64(n), 10)
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// yuan writes a sum with separators, without fen where there are none.
func yuan(f money.Fen) string {
	s := grouped(int64(f / 100))
	if f < 0 && f > -100 {
		s = "-0"
	}
	if r := f % 100; r != 0 {
		s += fmt.Sprintf(".%02d", max(r, -r))
	}
	return s
}

// progress shows how far long work is, on a terminal only and not before two
// seconds have passed.
type progress struct {
	e     *env
	what  string
	total int64
	start time.Time
	bar   *progressbar.ProgressBar
}

func (e *env) progress(what string, total int64) *progress {
	return &progress{e: e, what: what, total: total, start: e.now()}
}

func (p *progress) set(done int64) {
	if p.bar == nil {
		if !p.e.tty || p.e.now().Sub(p.start) < 2*time.Second {
			return
		}
		p.bar = progressbar.NewOptions64(max(p.total, 1),
			progressbar.OptionSetWriter(p.e.stderr), progressbar.OptionSetDescription(p.what),
			progressbar.OptionSetWidth(30), progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish(),
		)
	}
	_ = p.bar.Set64(min(done, p.total))
}

func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}

// rate writes how long something took and how fast it went.
func rate(people int, took time.Duration) string {
	return fmt.Sprintf("用时 %.2f 秒，每秒 %s 人", took.Seconds(), grouped(int(float64(people)/max(took.Seconds(), 1e-9))))
}
