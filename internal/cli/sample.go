package cli

import (
	"fmt"

	"yian/internal/civil"
	"yian/internal/engine"
	"yian/internal/population"
	"yian/internal/region"
	"yian/internal/synth"
)

type sampleCmd struct {
	List   string `default:"linfen-2023" help:"清单的编号或文件，默认 linfen-2023" placeholder:"LIST"`
	At     day    `default:"2024-06-30" help:"认定哪一天的情况（YYYY-MM-DD，默认 2024-06-30）" placeholder:"DATE"`
	Elders int    `default:"780000" help:"合成的老年人数，默认 780000" placeholder:"N"`
	Seed   uint64 `default:"1" help:"随机种子，默认 1" placeholder:"N"`
}

// Run makes a population in memory, evaluates it, and shows what the list does.
func (c *sampleCmd) Run(e *env) error {
	prog, err := e.program(c.List, c.At.Date)
	if err != nil {
		return err
	}
	src := prog.Source
	place := src.Region
	if place == region.Nation {
		place = "1410"
	}
	fmt.Fprintf(e.stdout, "正在为%s合成 %s 位老年人（种子 %d；不含任何真实的人）……\n", region.Name(place), grouped(c.Elders), c.Seed)
	start := e.now()
	var cols population.Columns
	bar := e.progress("合成", int64(c.Elders))
	opt := synth.Options{Region: place, Elders: c.Elders, Seed: c.Seed, On: c.At.Date, FromAge: 60, UnknownShare: synth.DefaultUnknown}
	err = synth.Generate(opt, func(p *synth.Person) error {
		if cols.N%10000 == 0 {
			bar.set(int64(cols.N))
			if e.ctx.Err() != nil {
				return e.ctx.Err()
			}
		}
		return cols.Append(&p.Facts)
	})
	bar.end()
	if err != nil {
		return err
	}
	fmt.Fprintln(e.stdout, rate(cols.N, e.now().Sub(start)))

	start = e.now()
	pop := population.New(&cols)
	packed := e.now()
	r := engine.NewPlan(prog, c.At.Date).Run(pop, engine.Options{Workers: e.workers})
	ran := e.now()
	fmt.Fprintf(e.stdout, "按《%s》（%s）认定 %s：整理 %.1f 毫秒，认定 %s 人×%d 项 %.1f 毫秒\n\n",
		src.Title, src.ID, c.At, float64(packed.Sub(start).Microseconds())/1000, grouped(pop.Len()), len(prog.Items), float64(ran.Sub(packed).Microseconds())/1000)
	sum := make([]engine.Tally, len(prog.Items))
	for i := range sum {
		sum[i] = r.Tally(i)
	}
	tallies(e.stdout, prog, sum)
	c.lookAhead(e, engine.NewCalendar(prog, c.At.Date).Run(pop, e.workers))
	fmt.Fprint(e.stdout, "\n接下来可以试：\n"+
		"  bin/yian synth --region 1410 --elders 780000 --seed 1 -o people.csv\n"+
		"  bin/yian evaluate --list linfen-2023 --at 2024-06-30 people.csv -o results.csv\n"+
		"  bin/yian explain --list linfen-2023 --at 2024-06-30 --fact birth=1943-01-15 --fact hukou=141024 --fact income=dibao\n"+
		"  bin/yian packs；bin/yian check；bin/yian --help\n")
	return nil
}

// lookAhead tells how many people something will change for in the next months.
func (c *sampleCmd) lookAhead(e *env, changes *engine.Changes) {
	var within [3]int // 30, 60, 90 days
	changes.Days(func(_ int, on civil.Date, _ int) {
		for i := range within {
			if int(on-c.At.Date) <= 30*(i+1) {
				within[i]++
			}
		}
	})
	fmt.Fprintf(e.stdout, "\n今后 30、60、90 天内仅因年龄增长而有变化的人：%s、%s、%s\n", grouped(within[0]), grouped(within[1]), grouped(within[2]))
}
