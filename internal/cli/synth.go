package cli

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"strings"

	"yian/internal/fact"
	"yian/internal/people"
	"yian/internal/region"
	"yian/internal/synth"
)

type synthCmd struct {
	Region     string  `required:"" help:"区划代码，如 1410（临汾市）" placeholder:"CODE"`
	Elders     int     `required:"" help:"60 岁及以上的人数" placeholder:"N"`
	Seed       uint64  `default:"1" help:"随机种子，默认 1；同一种子得到同一文件" placeholder:"N"`
	Out        string  `short:"o" required:"" help:"写到哪个文件（CSV 或 CSV.gz）" placeholder:"FILE"`
	At         day     `default:"2024-06-30" help:"按哪一天的年龄（YYYY-MM-DD，默认 2024-06-30）" placeholder:"DATE"`
	FromAge    int     `default:"60" help:"最小年龄，默认 60；小于 60 时另加较年轻的人，供逐年预测" placeholder:"N"`
	Unknown    float64 `default:"0.08" help:"未知事实的比例（0 至 1，默认 0.08）" placeholder:"SHARE"`
	Names      bool    `help:"加上姓名（虚构）"`
	CitizenIDs bool    `name:"citizen-ids" help:"加上身份证号（校验位有效，但不属于任何人）"`
}

// Run writes a people file.
func (c *synthCmd) Run(e *env) error {
	place, err := region.Parse(c.Region)
	if err != nil {
		return err
	}
	opt := synth.Options{
		Region: place, Elders: c.Elders, Seed: c.Seed, On: c.At.Date, FromAge: c.FromAge,
		UnknownShare: c.Unknown, Names: c.Names, CitizenIDs: c.CitizenIDs,
	}
	if strings.HasSuffix(c.Out, ".xlsx") {
		return fmt.Errorf("合成人员写成 CSV 或 CSV.gz，请把 %s 改为 .csv 或 .csv.gz", c.Out)
	}
	out, err := create(c.Out)
	if err != nil {
		return err
	}
	defer out.discard()
	start := e.now()
	n, err := c.write(e, opt, out)
	if err != nil {
		return err
	}
	if err := out.done(); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "%s 人写入 %s\n%s\n", grouped(n), c.Out, rate(n, e.now().Sub(start)))
	return nil
}

// write writes every fact, then the name and the identity number if they are wanted.
func (c *synthCmd) write(e *env, opt synth.Options, out io.Writer) (n int, err error) {
	w := bufio.NewWriterSize(out, 1<<20)
	if strings.HasSuffix(c.Out, ".gz") {
		zip := gzip.NewWriter(w)
		defer func() { // closing it writes the end of the file into the buffer
			if e := zip.Close(); err == nil {
				err = e
			}
			if e := w.Flush(); err == nil {
				err = e
			}
		}()
		return c.writeTo(e, opt, bufio.NewWriterSize(zip, 1<<20))
	}
	return c.writeTo(e, opt, w)
}

func (c *synthCmd) writeTo(e *env, opt synth.Options, w *bufio.Writer) (n int, err error) {
	var layout people.Layout
	for id := range fact.Count {
		layout = append(layout, id)
	}
	line := func(b []byte, name, number string) error {
		b = b[:len(b)-1] // the end of the line
		if c.Names {
			b = append(append(b, ','), name...)
		}
		if c.CitizenIDs {
			b = append(append(b, ','), number...)
		}
		_, err := w.Write(append(b, '\n'))
		return err
	}
	if err := line(layout.AppendHeader(nil), "name", "citizen_id"); err != nil {
		return 0, err
	}
	bar := e.progress("生成", int64(c.Elders))
	defer bar.end()
	var b []byte
	err = synth.Generate(opt, func(p *synth.Person) error {
		if n%10000 == 0 {
			bar.set(int64(n))
			if e.ctx.Err() != nil {
				return e.ctx.Err()
			}
		}
		n++
		b = layout.AppendRow(b[:0], []byte(p.ID), &p.Facts)
		return line(b, p.Name, p.CitizenID)
	})
	if err != nil {
		return 0, err
	}
	return n, w.Flush()
}
