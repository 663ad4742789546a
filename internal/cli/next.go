package cli

import (
	"bufio"
	"fmt"
	"strconv"

	"yian/internal/civil"
	"yian/internal/engine"
	"yian/internal/people"
	"yian/internal/population"
	"yian/internal/rules"
)

type nextCmd struct {
	List   string `required:"" help:"清单的编号或文件" placeholder:"LIST"`
	At     day    `default:"${today}" help:"从哪一天看起（YYYY-MM-DD，默认今天）" placeholder:"DATE"`
	People string `arg:"" help:"人员文件：CSV、CSV.gz 或 XLSX"`
	Out    string `short:"o" required:"" help:"结果文件（CSV）" placeholder:"FILE"`
}

// Run writes, for everybody to whom ageing will bring something new, the day and
// each item that changes. People come in the order of their file.
func (c *nextCmd) Run(e *env) error {
	start := e.now()
	prog, err := e.program(c.List, c.At.Date)
	if err != nil {
		return err
	}
	in := e.input(c.People, c.Out)
	defer in.discard()
	pop, ids, err := in.population(c.At.Date)
	if err != nil {
		return err
	}
	changes := engine.NewCalendar(prog, c.At.Date).Run(pop, e.workers)
	out, err := create(c.Out, c.People)
	if err != nil {
		return err
	}
	defer out.discard()
	count, err := c.write(e, out, prog, pop, ids, changes)
	if err != nil {
		return err
	}
	if err := in.done(); err != nil {
		return err
	}
	if err := out.done(); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "%s 人中，%s 人将因年龄增长而有变化；写入 %s\n%s\n",
		grouped(pop.Len()), grouped(count), c.Out, rate(pop.Len(), e.now().Sub(start)))
	return in.tell(e.stdout)
}

func (c *nextCmd) write(e *env, out *outFile, prog *rules.Program, pop *population.Population, ids *roll, changes *engine.Changes) (int, error) {
	day := make([]civil.Date, pop.Len())
	at := make([]uint16, pop.Len())
	count := 0
	changes.Days(func(person int, on civil.Date, threshold int) {
		day[person], at[person] = on, uint16(threshold)
		count++
	})
	w := bufio.NewWriterSize(out, 1<<20)
	if _, err := w.WriteString("person,date,age,item_no,item,name,result_before,result_after,amount_before,amount_after,times_before,times_after,share_before,share_after\n"); err != nil {
		return 0, err
	}
	bar := e.progress("写出", int64(pop.Len()))
	defer bar.end()
	var b []byte
	for i, on := range day {
		if i%65536 == 0 {
			bar.set(int64(i))
			if e.ctx.Err() != nil {
				return 0, e.ctx.Err()
			}
		}
		if on == 0 {
			continue
		}
		who := pop.Person(i)
		changes.Items(i, int(at[i]), func(item int) {
			it := &prog.Items[item]
			before, then := prog.Decide(item, &who, on-1), prog.Decide(item, &who, on)
			b = append(people.AppendCell(b[:0], ids.at(i)), ',')
			b = append(on.Append(b), ',')
			b = append(strconv.AppendInt(b, int64(changes.Calendar.Thresholds[at[i]]), 10), ',')
			b = append(strconv.AppendInt(b, int64(it.No), 10), ',')
			b = append(append(append(b, it.ID...), ','), people.AppendCell(nil, it.Name)...)
			b = append(append(append(b, ','), before.Result.String()...), ',')
			b = append(append(b, then.Result.String()...), ',')
			b = append(appendAmount(b, before.Amount), ',')
			b = append(appendAmount(b, then.Amount), ',')
			for _, q := range []rules.Quantity{before.Times, then.Times} {
				b = append(appendTimes(b, q), ',')
			}
			b = append(people.AppendCell(b, before.Share.How), ',')
			b = append(people.AppendCell(b, then.Share.How), '\n')
			_, _ = w.Write(b) // the error is kept until Flush
		})
	}
	return count, w.Flush()
}
