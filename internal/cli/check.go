package cli

import (
	"fmt"
	"strconv"

	"yian/internal/pack"
)

type checkCmd struct {
	Path []string `arg:"" optional:"" help:"政策包的名字（linfen）、文件夹或清单文件；不给出时检查所有内置的政策包"`
}

// Run checks packs and runs their tests.
func (c *checkCmd) Run(e *env) error {
	lib, err := e.library()
	if err != nil {
		return err
	}
	packs := lib.Packs()
	if len(c.Path) > 0 {
		packs = nil
		for _, name := range c.Path {
			found, err := lib.Open(name)
			if err != nil {
				return err
			}
			packs = append(packs, found...)
		}
	}
	failed := false
	for _, p := range packs {
		findings := pack.Check(p, lib)
		for _, f := range findings {
			fmt.Fprintln(e.stdout, f)
		}
		tests := pack.RunTests(p, lib)
		bad := 0
		for _, t := range tests {
			if t.Failure != "" {
				bad++
				fmt.Fprintf(e.stdout, "%s: 错误：测试“%s”的 %s：%s\n", t.At, t.Person, t.Item, t.Failure)
			}
		}
		s := p.Summary()
		fmt.Fprintf(e.stdout, "%s：%d 个错误；%d 处预期，%d 处不符\n", s.Name, findings.Errors(), len(tests), bad)
		failed = failed || findings.Errors() > 0 || bad > 0
	}
	if failed {
		return status(exitNo)
	}
	return nil
}

type packsCmd struct{}

// Run lists what is embedded.
func (c *packsCmd) Run(e *env) error {
	lib, err := e.library()
	if err != nil {
		return err
	}
	lines := [][]string{{"政策包", "地区", "清单", "标题", "项目", "任务", "指标", "规划", "测试", "待定参数"}}
	for _, p := range lib.Packs() {
		s := p.Summary()
		lines = append(lines, []string{
			s.Place, s.Name, s.List, s.Title, strconv.Itoa(s.Items), strconv.Itoa(s.Tasks),
			strconv.Itoa(s.Indicators), strconv.Itoa(s.Norms), strconv.Itoa(s.Tests), strconv.Itoa(s.Unset),
		})
	}
	table(e.stdout, "llllrrrrrr", lines)
	return nil
}
