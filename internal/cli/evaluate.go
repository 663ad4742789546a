package cli

import (
	"fmt"
	"io"
	"time"

	"yian/internal/engine"
	"yian/internal/ordered"
	"yian/internal/people"
	"yian/internal/population"
	"yian/internal/rules"
)

type evaluateCmd struct {
	List   string `required:"" help:"清单的编号或文件" placeholder:"LIST"`
	At     day    `default:"${today}" help:"认定哪一天的情况（YYYY-MM-DD，默认今天）" placeholder:"DATE"`
	People string `arg:"" help:"人员文件：CSV、CSV.gz 或 XLSX"`
	Out    string `short:"o" help:"结果文件；不给出时只统计" placeholder:"FILE"`
	All    bool   `help:"也写出结果为 no 的行"`
	Format string `default:"csv" enum:"csv,jsonl,parquet" help:"结果文件的格式：csv、jsonl 或 parquet"`
}

// Run evaluates the file in batches: they are read, evaluated and written at the
// same time, and never all held in memory.
func (c *evaluateCmd) Run(e *env) error {
	start := e.now()
	prog, err := e.program(c.List, c.At.Date)
	if err != nil {
		return err
	}
	out, err := c.output(prog)
	if err != nil {
		return err
	}
	defer out.discard()
	in := e.input(c.People, c.Out)
	defer in.discard()
	sum, err := c.evaluate(e, in, engine.NewPlan(prog, c.At.Date), out)
	if err != nil {
		return err
	}
	if err := in.done(); err != nil {
		return err
	}
	if err := out.done(); err != nil {
		return err
	}
	c.summary(e, prog, sum, in, e.now().Sub(start))
	return in.tell(e.stdout)
}

// evaluate runs the plan over every batch and adds up the counts.
func (c *evaluateCmd) evaluate(e *env, in *input, plan *engine.Plan, out *output) ([]engine.Tally, error) {
	type piece struct {
		tally []engine.Tally
		rows  any
	}
	batches := make(chan *people.Batch)
	read := make(chan error, 1)
	stop := make(chan struct{})
	go func() {
		defer close(batches)
		read <- in.read(plan.On, func(b *people.Batch) error {
			select {
			case batches <- b:
				return nil
			case <-stop:
				return io.ErrClosedPipe
			}
		})
	}()
	next := func() (*people.Batch, bool, error) {
		b, ok := <-batches
		return b, ok, nil
	}
	do := func(b *people.Batch) (piece, error) {
		r := plan.Run(population.New(&b.Columns), engine.Options{})
		p := piece{tally: make([]engine.Tally, len(plan.Program.Items))}
		for i := range p.tally {
			p.tally[i] = r.Tally(i)
		}
		if out != nil {
			p.rows = out.format.render(&rows{batch: b, result: r, all: c.All})
		}
		return p, nil
	}
	sum := make([]engine.Tally, len(plan.Program.Items))
	err := ordered.Map(e.ctx, e.workers, next, do, func(p piece) error {
		for i := range sum {
			sum[i].Add(p.tally[i])
		}
		if out == nil {
			return nil
		}
		return out.format.write(p.rows)
	})
	close(stop)
	for range batches { // the reader has ended when its channel is closed
	}
	if failed := <-read; err == nil {
		err = failed
	}
	return sum, err
}

// summary prints one line an item.
func (c *evaluateCmd) summary(e *env, prog *rules.Program, sum []engine.Tally, in *input, took time.Duration) {
	fmt.Fprintf(e.stdout, "%s（%s），认定日 %s\n\n", prog.Source.Title, prog.Source.ID, c.At)
	tallies(e.stdout, prog, sum)
	fmt.Fprintln(e.stdout)
	if c.Out != "" {
		fmt.Fprintf(e.stdout, "结果写入 %s\n", c.Out)
	}
	fmt.Fprintln(e.stdout, rate(in.report.Rows, took))
}

// tallies prints the counts of each item.
func tallies(w io.Writer, prog *rules.Program, sum []engine.Tally) {
	lines := [][]string{{"序号", "服务项目", "是", "否", "未知", "金额（元）", "周期", "次数", "标准待定（人）", "缺事实（人）"}}
	for i, t := range sum {
		it := &prog.Items[i]
		line := []string{fmt.Sprint(it.No), it.Name, grouped(t.Yes), grouped(t.No), grouped(t.Unknown), "", "", "", "", ""}
		if it.Grant.Kind == rules.Cash {
			line[5], line[6] = yuan(t.Sum), it.Grant.PeriodLabel()
			if t.Unset+t.Undecided == t.Yes && t.Yes > 0 { // nobody's amount is known: that is not zero
				line[5] = "待定"
			}
		}
		if t.Times > 0 {
			line[7] = grouped(t.Times) + "/" + it.Grant.PeriodLabel()
		}
		if t.Unset > 0 {
			line[8] = grouped(t.Unset)
		}
		if open := t.Undecided + t.TimesUndecided; open > 0 {
			line[9] = grouped(open)
		}
		lines = append(lines, line)
	}
	table(w, "rlrrrrlrrr", lines)
}
