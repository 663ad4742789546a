package cli

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/rules"
)

type explainCmd struct {
	List string   `required:"" help:"清单的编号或文件" placeholder:"LIST"`
	At   day      `default:"${today}" help:"认定哪一天的情况（YYYY-MM-DD，默认今天）" placeholder:"DATE"`
	Fact []string `sep:"none" help:"一项事实，写作 名字=值，可多次给出；没有给出的为未知" placeholder:"NAME=VALUE"`
	Item string   `help:"只说明这一项" placeholder:"ID"`
	JSON bool     `name:"json" help:"输出 JSON"`
}

// Run explains every item, or one, for a person described on the command line.
func (c *explainCmd) Run(e *env) error {
	prog, err := e.program(c.List, c.At.Date)
	if err != nil {
		return err
	}
	who, err := readFacts(c.Fact, c.At.Date)
	if err != nil {
		return err
	}
	var items []int
	if c.Item != "" {
		i := prog.Find(c.Item)
		if i < 0 {
			return fmt.Errorf("清单 %s 没有项目 %q；它的项目是：%s", prog.Source.ID, c.Item, strings.Join(itemIDs(prog), "、"))
		}
		items = append(items, i)
	} else {
		for i := range prog.Items {
			items = append(items, i)
		}
	}
	if c.JSON {
		return c.json(e.stdout, prog, who, items)
	}
	c.text(e.stdout, prog, who, items)
	return nil
}

// readFacts reads NAME=VALUE pairs.
func readFacts(pairs []string, on civil.Date) (*fact.Person, error) {
	var who fact.Person
	for _, pair := range pairs {
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			return nil, fmt.Errorf("--fact %s 应写作 名字=值，如 income=dibao", pair)
		}
		id, known := factNamed(strings.TrimSpace(name))
		if !known {
			if name == rules.AgeName {
				return nil, fmt.Errorf("请给出出生日期（birth=YYYY-MM-DD）而不是 age")
			}
			return nil, fmt.Errorf("没有名为 %q 的事实；可用：%s", name, strings.Join(factNames(), "、"))
		}
		if who.Known(id) {
			return nil, fmt.Errorf("事实 %s 给出了两次", name)
		}
		if err := who.Set(id, value); err != nil {
			return nil, fmt.Errorf("--fact %s：%w", pair, err)
		}
	}
	if _, why := who.Implausible(on); why != "" {
		return nil, fmt.Errorf("这些事实不可能同时成立：%s", why)
	}
	return &who, nil
}

// factNamed finds a fact by its name or its Chinese label, as people files do.
func factNamed(name string) (fact.ID, bool) {
	for id := range fact.Count {
		if d := id.Def(); name == d.Name || name == d.Label {
			return id, true
		}
	}
	return 0, false
}

func factNames() []string {
	var out []string
	for id := range fact.Count {
		out = append(out, id.String())
	}
	return out
}

func itemIDs(prog *rules.Program) []string {
	var out []string
	for i := range prog.Items {
		out = append(out, prog.Items[i].ID)
	}
	return out
}

func (c *explainCmd) text(w io.Writer, prog *rules.Program, who *fact.Person, items []int) {
	fmt.Fprintf(w, "%s（%s），认定日 %s\n", prog.Source.Title, prog.Source.ID, c.At)
	for _, i := range items {
		x := prog.Explain(i, who, c.At.Date)
		fmt.Fprintf(w, "\n%d %s：%s\n", x.Item.No, x.Item.Name, sentence(x))
		fmt.Fprintf(w, "  依据 %s：%s\n", x.Item.ClauseAt, x.Item.ClauseText)
		tree(w, x.Rule, 1)
		for k, n := range x.Cases {
			if k == 0 {
				fmt.Fprintln(w, "  金额、次数和优惠逐条看：")
			}
			tree(w, n, 2)
		}
		if months := c.due(prog, i, who); x.Item.Grant.Per == rules.PerMonth && months != never {
			fmt.Fprintf(w, "  %d 年应给付的月份：%s\n", c.At.Year(), dueText(months))
		}
		if x.Amount.State == rules.Fixed {
			fmt.Fprintf(w, "  算法：%s\n", x.Amount.How)
		}
		for _, id := range x.Missing.IDs() {
			fmt.Fprintf(w, "  缺少：%s（%s），由%s提供\n", id.Def().Label, id, id.Def().Department)
		}
		if x.Result != rules.No {
			for _, a := range x.Item.Attest {
				fmt.Fprintf(w, "  须经办人确认：%s\n", a)
			}
		}
	}
	if next, changes := prog.NextChange(who, c.At.Date); next != 0 {
		var names []string
		for _, ch := range changes {
			names = append(names, prog.Items[ch.Item].Name)
		}
		fmt.Fprintf(w, "\n下一次因年龄的变化：%s，满 %d 周岁：%s\n", next, civil.Age(who.Birth, next), strings.Join(names, "、"))
	}
}

// due returns for each month of the year of evaluation whether item i is due.
func (c *explainCmd) due(prog *rules.Program, i int, who *fact.Person) [12]rules.Truth {
	return prog.MonthsDue(i, who, c.At.Year())
}

// never is the months of what is not due at all.
var never = [12]rules.Truth{rules.No, rules.No, rules.No, rules.No, rules.No, rules.No, rules.No, rules.No, rules.No, rules.No, rules.No, rules.No}

// dueText lists months: 3、4、5；未知：6.
func dueText(months [12]rules.Truth) string {
	var yes, open []string
	for m, t := range months {
		switch t {
		case rules.Yes:
			yes = append(yes, strconv.Itoa(m+1))
		case rules.Unknown:
			open = append(open, strconv.Itoa(m+1))
		}
	}
	s := "无"
	if len(yes) > 0 {
		s = strings.Join(yes, "、")
	}
	if len(open) > 0 {
		s += "；未知：" + strings.Join(open, "、")
	}
	return s
}

// sentence tells the result in words.
func sentence(x rules.Explanation) string {
	switch x.Result {
	case rules.No:
		return "不能享受"
	case rules.Unknown:
		return "尚不能确定"
	}
	s := "可以享受"
	each := "每" + x.Item.Grant.PeriodLabel()
	if x.Item.Grant.Per == rules.PerOnce {
		each = x.Item.Grant.PeriodLabel()
	}
	switch x.Amount.State {
	case rules.Fixed:
		s += "，" + each + map[bool]string{true: "不超过 ", false: " "}[x.Amount.Most] + yuan(x.Amount.Fen()) + " 元"
	case rules.Unset:
		s += "，金额待定：" + x.Amount.How
	case rules.Undecided:
		s += "，金额尚不能确定"
	}
	switch x.Times.State {
	case rules.Fixed:
		s += fmt.Sprintf("，%s %d 次", each, x.Times.N)
	case rules.Undecided:
		s += "，次数尚不能确定"
	}
	switch x.Share.State {
	case rules.Fixed:
		s += "，" + x.Share.How
	case rules.Undecided:
		s += "，优惠幅度尚不能确定"
	}
	return s
}

// tree prints the conditions; those that decide are marked.
func tree(w io.Writer, n rules.Node, depth int) {
	mark := [...]string{"？", "√", "×"}[n.Result]
	line := strings.Repeat("  ", depth) + mark + " " + n.Text
	if n.Value != "" {
		line += "（现为：" + n.Value + "）"
	}
	if n.Deciding {
		line += " ←"
	}
	fmt.Fprintln(w, line)
	for _, k := range n.Kids {
		tree(w, k, depth+1)
	}
}
