package entitlementweb

import (
	"fmt"
	"strings"

	"yian/internal/fact"
	"yian/internal/money"
	"yian/internal/rules"
	"yian/internal/ui"
)

// resultLabel is a result as people read it here.
func resultLabel(t rules.Truth) string {
	switch t {
	case rules.Yes:
		return "可享受"
	case rules.No:
		return "不符合"
	}
	return "还不确定"
}

func resultTag(t rules.Truth) ui.Tag {
	return ui.Tag{Text: resultLabel(t), Tone: map[rules.Truth]ui.Tone{rules.Yes: ui.Success, rules.Unknown: ui.Warning}[t]}
}

// yuan is a sum without the fen that it does not have.
func yuan(f money.Fen) string { return strings.TrimSuffix(ui.Yuan(f), ".00") + " 元" }

// every is the period of a grant: 每月, 一次性; empty where none is stated.
func every(g *rules.Grant) string {
	switch g.Per {
	case "":
		return ""
	case rules.PerOnce:
		return g.PeriodLabel()
	}
	return "每" + g.PeriodLabel()
}

// granted tells what somebody gets of an item: 每月 120 元. Empty where the list states
// neither a sum nor a number nor a share.
func granted(g *rules.Grant, d *rules.Decision) string {
	var parts []string
	add := func(format string, args ...any) {
		parts = append(parts, strings.TrimSpace(fmt.Sprintf(format, args...)))
	}
	switch d.Amount.State {
	case rules.Fixed:
		most := ""
		if d.Amount.Most {
			most = "不超过 "
		}
		add("%s %s%s", every(g), most, yuan(d.Amount.Fen()))
	case rules.Unset:
		add("金额待定：%s", d.Amount.How)
	case rules.Undecided:
		add("金额还不能确定")
	}
	switch d.Times.State {
	case rules.Fixed:
		add("%s %d 次", every(g), d.Times.N)
	case rules.Unset:
		add("次数待定：%s", d.Times.How)
	case rules.Undecided:
		add("次数还不能确定")
	}
	switch d.Share.State {
	case rules.Fixed, rules.Unset:
		add("%s", d.Share.How)
	case rules.Undecided:
		add("优惠幅度还不能确定")
	}
	return strings.Join(parts, "，")
}

// outcome is a decision in a line: 可享受，每月 120 元.
func outcome(g *rules.Grant, d *rules.Decision) string {
	return strings.TrimSuffix(resultLabel(d.Result)+"，"+granted(g, d), "，")
}

// startLabel tells how a service begins; empty where the list does not say.
func startLabel(start string) string {
	switch start {
	case rules.Automatic:
		return "免申即享，不用申请"
	case rules.Application:
		return "需要本人或家属申请"
	case rules.Referral:
		return "由有关部门转介"
	}
	return ""
}

// reason is a condition of a result with those below it.
type reason struct {
	Tag      ui.Tag
	Text     string
	Value    string // what is recorded of the person
	Deciding bool   // the result stands on it
	Kids     []reason
}

func reasonOf(n *rules.Node) reason {
	r := reason{Text: n.Text, Value: n.Value, Deciding: n.Deciding}
	switch n.Result {
	case rules.Yes:
		r.Tag = ui.Tag{Text: "成立", Tone: ui.Success}
	case rules.No:
		r.Tag = ui.Tag{Text: "不成立"}
	default:
		r.Tag = ui.Tag{Text: "未知", Tone: ui.Warning}
	}
	for i := range n.Kids {
		r.Kids = append(r.Kids, reasonOf(&n.Kids[i]))
	}
	return r
}

// tree is all conditions of a decision: those of the result, then those of what is granted.
func tree(x *rules.Explanation) []reason {
	all := []reason{reasonOf(&x.Rule)}
	for i := range x.Cases {
		all = append(all, reasonOf(&x.Cases[i]))
	}
	return all
}

// brief is what a result stands on, in a line.
func brief(x *rules.Explanation) string {
	var parts []string
	seen := map[string]bool{}
	var walk func(n *rules.Node)
	walk = func(n *rules.Node) {
		if !n.Deciding {
			return
		}
		for i := range n.Kids {
			walk(&n.Kids[i])
		}
		if len(n.Kids) > 0 {
			return
		}
		text := n.Text
		if n.Value != "" {
			text += "（" + n.Value + "）"
		}
		if !seen[text] {
			seen[text] = true
			parts = append(parts, text)
		}
	}
	walk(&x.Rule)
	return strings.Join(parts, "；")
}

// missing is a fact that could still decide something, and who can tell it.
type missing struct {
	Label, Department string
	Link              ui.Link // where it is recorded; none for who may not
}

func missingOf(set fact.Set, record func(fact.ID) ui.Link) []missing {
	var all []missing
	for _, f := range set.IDs() {
		all = append(all, missing{Label: f.Def().Label, Department: f.Def().Department, Link: record(f)})
	}
	return all
}
