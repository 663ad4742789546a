package rules

import (
	"strconv"

	"yian/internal/civil"
	"yian/internal/fact"
)

// Explanation (认定说明) tells why a decision is as it is.
type Explanation struct {
	Item *Item
	Decision
	Rule  Node
	Cases []Node // the conditions that were asked for what is granted, in order
}

// Node (说明条目) is one condition of an explanation.
type Node struct {
	Text     string // in Chinese: 年满 80 周岁
	Value    string // what is recorded of the person: 81 岁, 未知; empty for and, or, not
	Result   Truth
	Deciding bool // the result above stands on this one
	Kids     []Node
}

// Explain decides item i and shows every condition with the person's value.
func (p *Program) Explain(i int, who *fact.Person, on civil.Date) Explanation {
	it := &p.Items[i]
	e := Explanation{Item: it.Item, Decision: p.Decide(i, who, on), Rule: it.Rule.explain(who, on, true)}
	if e.Result == Yes {
		for _, c := range it.Choices() {
			for c != nil && c.When != nil {
				n := c.When.explain(who, on, true)
				e.Cases = append(e.Cases, n)
				if n.Result == Unknown {
					break
				}
				if n.Result == Yes {
					c = c.Then
				} else {
					c = c.Else
				}
			}
		}
	}
	return e
}

// explain builds the node of x. A condition decides when the one above it does and
// has its result because of this one: all parts of a conjunction that holds, the
// failed parts of one that fails, the open parts of one that is open.
func (x *Expr) explain(who *fact.Person, on civil.Date, deciding bool) Node {
	if x.Op == OpNamed { // its name is the author's; the reader sees what it stands for
		return x.Kids[0].explain(who, on, deciding)
	}
	n := Node{Text: x.Text, Result: x.Eval(who, on), Deciding: deciding}
	if x.Op >= OpAge {
		n.Value = value(x.Fact, who, on)
		return n
	}
	if len(x.Kids) == 0 {
		return n
	}
	n.Kids = make([]Node, len(x.Kids))
	want := n.Result
	if x.Op == OpNot {
		want = want.Not()
	}
	for i, k := range x.Kids {
		kid := k.explain(who, on, deciding)
		if deciding && kid.Result != want {
			kid.undecide()
		}
		n.Kids[i] = kid
	}
	return n
}

// undecide clears the mark of a node and everything below it.
func (n *Node) undecide() {
	n.Deciding = false
	for i := range n.Kids {
		n.Kids[i].undecide()
	}
}

func value(id fact.ID, who *fact.Person, on civil.Date) string {
	if id == fact.Birth && who.Birth != 0 {
		return strconv.Itoa(civil.Age(who.Birth, on)) + " 岁"
	}
	return who.Label(id)
}
