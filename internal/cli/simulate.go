package cli

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"strconv"

	"yian/internal/engine"
	"yian/internal/mortality"
	"yian/internal/people"
	"yian/internal/population"
	"yian/internal/region"
	"yian/internal/rules"
	"yian/internal/simulate"
)

type simulateCmd struct {
	List      string `required:"" help:"现行清单的编号或文件" placeholder:"LIST"`
	With      string `required:"" help:"拟改清单的编号或文件" placeholder:"LIST"`
	At        day    `default:"${today}" help:"比较哪一天的情况（YYYY-MM-DD，默认今天）" placeholder:"DATE"`
	People    string `arg:"" help:"人员文件：CSV、CSV.gz 或 XLSX"`
	Years     int    `help:"再预测今后多少年（0 至 50）" placeholder:"N"`
	Mortality string `help:"死亡率表文件（CSV）；不给出时用内置的生命表" placeholder:"FILE"`
	Out       string `short:"o" help:"把每项每县的数写成 CSV" placeholder:"FILE"`
	Who       string `help:"把受影响的每个人和项目写成 CSV" placeholder:"FILE"`
}

// Run compares the two lists today, and as the same people grow older.
func (c *simulateCmd) Run(e *env) error {
	if c.Years < 0 || c.Years > 50 {
		return fmt.Errorf("--years 应在 0 至 50 之间，现为 %d", c.Years)
	}
	old, err := e.program(c.List, c.At.Date)
	if err != nil {
		return err
	}
	now, err := e.program(c.With, c.At.Date)
	if err != nil {
		return err
	}
	life, err := c.life()
	if err != nil {
		return err
	}
	in := e.input(c.People, c.Out)
	defer in.discard()
	pop, ids, err := in.population(c.At.Date)
	if err != nil {
		return err
	}
	before := engine.NewPlan(old, c.At.Date).Run(pop, engine.Options{Workers: e.workers})
	after := engine.NewPlan(now, c.At.Date).Run(pop, engine.Options{Workers: e.workers, Reuse: before})
	report := simulate.Compare(before, after)
	fmt.Fprintf(e.stdout, "现行 %s，拟改 %s；%s 的 %s 人\n\n", old.Source.ID, now.Source.ID, c.At, grouped(pop.Len()))
	c.today(e.stdout, report)
	if err := c.ahead(e, pop, old.Source, now.Source, life); err != nil {
		return err
	}
	if err := c.save(e.stdout, report); err != nil {
		return err
	}
	if err := c.who(e.stdout, report, ids); err != nil {
		return err
	}
	if err := in.done(); err != nil {
		return err
	}
	return in.tell(e.stdout)
}

func (c *simulateCmd) life() (*mortality.T, error) {
	if c.Mortality == "" {
		return mortality.Table(), nil
	}
	f, err := os.Open(c.Mortality)
	if err != nil {
		return nil, fmt.Errorf("不能读死亡率表：%w", err)
	}
	defer func() { _ = f.Close() }() // only read
	t, err := mortality.Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s：%w", c.Mortality, err)
	}
	return t, nil
}

var changeHeads = []string{"新增（人）", "失去（人）", "转为待核（人）", "金额升（人）", "金额降（人）", "原每月（元）", "改后每月（元）", "每月增减（元）", "一次性增减（元）"}

// today prints gains, losses and costs by item and by county.
func (c *simulateCmd) today(w io.Writer, r *simulate.Report) {
	lines := [][]string{append([]string{"服务项目"}, changeHeads...)}
	same := 0
	for i := range r.Items {
		it := &r.Items[i]
		if t := it.Total; t == (simulate.Change{Before: t.Before, After: t.Before}) {
			same++
			continue
		}
		lines = append(lines, append([]string{it.Name()}, changeCells(it.Total)...))
	}
	total := append([]string{"合计（人次）"}, changeCells(r.Total(-1))...)
	table(w, "lrrrrrrrrr", append(lines, total))
	fmt.Fprintf(w, "另有 %d 项没有变化；金额只含已定的标准。\n\n", same)

	lines = [][]string{append([]string{"县（市、区）"}, changeHeads...)}
	for k, county := range r.Counties {
		if t := r.Total(k); t != (simulate.Change{Before: t.Before, After: t.Before}) {
			lines = append(lines, append([]string{countyName(county)}, changeCells(t)...))
		}
	}
	if len(lines) > 1 {
		table(w, "lrrrrrrrrr", lines)
		fmt.Fprintln(w)
	}
}

func countyName(c region.Code) string {
	if c == "" {
		return "户籍未知"
	}
	return region.Name(c)
}

func changeCells(c simulate.Change) []string {
	return []string{
		grouped(c.Gain), grouped(c.Lose), grouped(c.Doubt), grouped(c.More), grouped(c.Less),
		yuan(c.Before.Month()), yuan(c.After.Month()), yuan(c.After.Month() - c.Before.Month()), yuan(c.After.Once - c.Before.Once),
	}
}

// ahead prints the years to come.
func (c *simulateCmd) ahead(e *env, pop *population.Population, old, now *rules.Source, life *mortality.T) error {
	if c.Years == 0 {
		return nil
	}
	years, err := simulate.Ahead(pop, old, now, c.At.Date, c.Years, e.workers, life.Survival)
	if err != nil {
		return err
	}
	lines := [][]string{{"日期", "在世（人）", "原享受（人次）", "改后享受（人次）", "原每月（元）", "改后每月（元）", "每月增减（元）"}}
	for _, y := range years {
		a, b := sum(y.Old), sum(y.New)
		lines = append(lines, []string{
			y.On.String(), whole(y.Alive), whole(a.People), whole(b.People), whole(a.YuanMonth), whole(b.YuanMonth), whole(b.YuanMonth - a.YuanMonth),
		})
	}
	table(e.stdout, "lrrrrrr", lines)
	fmt.Fprintf(e.stdout, "期望值：只随这些人增龄和死亡（%s），其他事实不变；不含今后新满年龄而不在文件中的人。\n\n", life.Source())
	return nil
}

func sum(items []simulate.Expected) (s simulate.Expected) {
	for _, x := range items {
		s.People, s.YuanMonth, s.YuanOnce = s.People+x.People, s.YuanMonth+x.YuanMonth, s.YuanOnce+x.YuanOnce
	}
	return s
}

func whole(x float64) string {
	if x < 0 {
		return "-" + whole(-x)
	}
	return grouped(int64(x + 0.5))
}

// save writes every item of every county.
func (c *simulateCmd) save(stdout io.Writer, r *simulate.Report) error {
	if c.Out == "" {
		return nil
	}
	f, err := create(c.Out, c.People)
	if err != nil {
		return err
	}
	defer f.discard()
	w := csv.NewWriter(f)
	_ = w.Write([]string{
		"item", "name", "county", "county_name", "gain", "lose", "doubt", "more", "less",
		"month_before_yuan", "month_after_yuan", "once_before_yuan", "once_after_yuan",
	}) // the error is kept until Flush
	for i := range r.Items {
		it := &r.Items[i]
		id := it.Either()
		for k, ch := range it.Counties {
			_ = w.Write([]string{
				id.ID, id.Name, string(r.Counties[k]), countyName(r.Counties[k]),
				strconv.Itoa(ch.Gain), strconv.Itoa(ch.Lose), strconv.Itoa(ch.Doubt), strconv.Itoa(ch.More), strconv.Itoa(ch.Less),
				ch.Before.Month().String(), ch.After.Month().String(), ch.Before.Once.String(), ch.After.Once.String(),
			})
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "每项每县的数写入 %s\n", c.Out)
	return f.done()
}

// who writes everybody for whom an item changes.
func (c *simulateCmd) who(stdout io.Writer, r *simulate.Report, ids *roll) error {
	if c.Who == "" {
		return nil
	}
	f, err := create(c.Who, c.People)
	if err != nil {
		return err
	}
	defer f.discard()
	w := bufio.NewWriterSize(f, 1<<20)
	_, _ = w.WriteString("person,item,name,result_before,result_after,amount_before,amount_after\n") // the error is kept until Flush
	rows := 0
	var b []byte
	r.Each(func(a simulate.Affected) {
		rows++
		it := a.Item.Either()
		b = append(people.AppendCell(b[:0], ids.at(a.Person)), ',')
		b = append(append(append(b, it.ID...), ','), people.AppendCell(nil, it.Name)...)
		b = append(append(append(b, ','), a.Before.String()...), ',')
		b = append(append(b, a.After.String()...), ',')
		b = append(appendAmount(b, a.Was), ',')
		b = append(appendAmount(b, a.Is), '\n')
		_, _ = w.Write(b)
	})
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "受影响的 %s 人次写入 %s\n", grouped(rows), c.Who)
	return f.done()
}
