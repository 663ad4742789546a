package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/rules"
)

type explainCmd struct {
	List string   `required:"" help:"清单的编号或文件" placeholder:"LIST"`
	At   day      `default:"${today}" help:"认定哪一天的情况（YYYY-MM-DD）" placeholder:"DATE"`
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
		id, known := fact.ByName(strings.TrimSpace(name))
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
			return nil, err
		}
	}
	if _, why := who.Implausible(on); why != "" {
		return nil, fmt.Errorf("这些事实不可能同时成立：%s", why)
	}
	return &who, nil
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
		s += "，" + each + " " + yuan(x.Amount.Fen()) + " 元"
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

type jsonExplanation struct {
	No      int           `json:"item_no"`
	ID      string        `json:"item"`
	Name    string        `json:"name"`
	Result  string        `json:"result"`
	Amount  *string       `json:"amount_yuan"` // null where none is granted; "unset", "unknown" or yuan
	How     string        `json:"how,omitempty"`
	Unset   []string      `json:"unset_parameters,omitempty"`
	Kind    string        `json:"kind"`
	Per     string        `json:"per,omitempty"`
	Times   *int64        `json:"times,omitempty"`
	Share   string        `json:"share,omitempty"`
	Missing []jsonMissing `json:"missing"`
	Attest  []string      `json:"attest,omitempty"`
	Clause  jsonClause    `json:"clause"`
	Rule    jsonNode      `json:"rule"`
	Cases   []jsonNode    `json:"cases,omitempty"`
}

type jsonMissing struct {
	Fact       string `json:"fact"`
	Label      string `json:"label"`
	Department string `json:"department"`
}

type jsonClause struct {
	At   string `json:"at"`
	Text string `json:"text"`
}

type jsonNode struct {
	Text     string     `json:"text"`
	Value    string     `json:"value,omitempty"`
	Result   string     `json:"result"`
	Deciding bool       `json:"deciding"`
	Kids     []jsonNode `json:"conditions,omitempty"`
}

type jsonNext struct {
	On    string   `json:"on"`
	Items []string `json:"items"`
}

func (c *explainCmd) json(w io.Writer, prog *rules.Program, who *fact.Person, items []int) error {
	out := struct {
		List  string            `json:"list"`
		At    string            `json:"at"`
		Facts map[string]string `json:"facts"`
		Items []jsonExplanation `json:"items"`
		Next  *jsonNext         `json:"next_change"`
	}{List: prog.Source.ID, At: c.At.String(), Facts: known(who)}
	for _, i := range items {
		out.Items = append(out.Items, jsonOf(prog.Explain(i, who, c.At.Date)))
	}
	if next, changes := prog.NextChange(who, c.At.Date); next != 0 {
		out.Next = &jsonNext{On: next.String()}
		for _, ch := range changes {
			out.Next.Items = append(out.Next.Items, prog.Items[ch.Item].ID)
		}
	}
	return writeJSON(w, out)
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// known returns the recorded facts as files write them.
func known(who *fact.Person) map[string]string {
	out := map[string]string{}
	for id := range fact.Count {
		if who.Known(id) {
			out[id.String()] = who.Text(id)
		}
	}
	return out
}

func jsonOf(x rules.Explanation) jsonExplanation {
	out := jsonExplanation{
		No: x.Item.No, ID: x.Item.ID, Name: x.Item.Name, Result: x.Result.String(),
		How: x.Amount.How, Unset: x.Amount.Unset, Kind: x.Item.Grant.Kind, Per: x.Item.Grant.Per,
		Missing: []jsonMissing{}, Clause: jsonClause{x.Item.ClauseAt, x.Item.ClauseText}, Rule: jsonTree(x.Rule),
	}
	if x.Amount.State != rules.None {
		s := string(appendAmount(nil, x.Amount))
		out.Amount = &s
	}
	if x.Times.State == rules.Fixed {
		out.Times = &x.Times.N
	}
	if x.Share.State == rules.Fixed {
		out.Share = x.Share.How
	}
	for _, id := range x.Missing.IDs() {
		out.Missing = append(out.Missing, jsonMissing{id.String(), id.Def().Label, id.Def().Department})
	}
	if x.Result != rules.No {
		out.Attest = x.Item.Attest
	}
	for _, n := range x.Cases {
		out.Cases = append(out.Cases, jsonTree(n))
	}
	return out
}

func jsonTree(n rules.Node) jsonNode {
	out := jsonNode{Text: n.Text, Value: n.Value, Result: n.Result.String(), Deciding: n.Deciding}
	for _, k := range n.Kids {
		out.Kids = append(out.Kids, jsonTree(k))
	}
	return out
}
