package rules

import (
	"fmt"
	"math"
	"strings"

	"yian/internal/fact"
	"yian/internal/region"
)

// Op (条件种类) tells what an Expr is.
type Op uint8

// The kinds of expressions.
const (
	OpConst  Op = iota // Truth
	OpAnd              // all of Kids
	OpOr               // any of Kids
	OpNot              // not Kids[0]
	OpNamed            // the definition Name, which is Kids[0]
	OpAge              // Lo <= age <= Hi, in whole years
	OpCode             // the code of Fact is in Codes
	OpRegion           // the Region fact lies within Region
)

// Ages without a bound.
const (
	NoLo = math.MinInt16
	NoHi = math.MaxInt16
)

// Expr (条件表达式) is a condition of a compiled rule. Expressions are immutable and shared.
type Expr struct {
	Op     Op
	Kids   []*Expr
	Name   string
	Fact   fact.ID // Birth for OpAge
	Codes  uint16  // bit c is set when code c satisfies; never bit 0
	Lo, Hi int
	Region region.Code
	Truth  Truth
	Text   string // in Chinese, for explanations

	size int // nodes when definitions are written out, Kids included
}

// maxSize bounds a rule with its definitions written out: whoever walks it, walks all.
const maxSize = 20_000

// nodes counts x and everything below it.
func (x *Expr) nodes() int {
	if x.size == 0 {
		x.size = 1
		for _, k := range x.Kids {
			x.size = min(x.size+k.nodes(), 2*maxSize)
		}
	}
	return x.size
}

// MaxCodes is the greatest number of values of a fact that fits into Expr.Codes.
const MaxCodes = 15

func constant(t Truth) *Expr {
	return &Expr{Op: OpConst, Truth: t, Text: map[Truth]string{Yes: "总是满足", No: "总不满足", Unknown: "尚不能确定"}[t]}
}

func not(x *Expr) *Expr {
	return &Expr{Op: OpNot, Kids: []*Expr{x}, Text: "以下不成立"}
}

// join makes an n-ary conjunction or disjunction, flattening what cel-go nests.
func join(op Op, kids ...*Expr) *Expr {
	if len(kids) == 1 {
		return kids[0]
	}
	x := &Expr{Op: op, Text: "以下全部成立"}
	if op == OpOr {
		x.Text = "以下任一成立"
	}
	for _, k := range kids {
		if k.Op == op {
			x.Kids = append(x.Kids, k.Kids...)
		} else {
			x.Kids = append(x.Kids, k)
		}
	}
	return x
}

func named(name string, x *Expr) *Expr {
	return &Expr{Op: OpNamed, Name: name, Kids: []*Expr{x}, Text: x.Text}
}

func ageBetween(lo, hi int) *Expr {
	x := &Expr{Op: OpAge, Fact: fact.Birth, Lo: lo, Hi: hi}
	switch {
	case lo == NoLo && hi == NoHi:
		x.Text = "年龄已知"
	case hi == NoHi:
		x.Text = fmt.Sprintf("年满 %d 周岁", lo)
	case lo == NoLo:
		x.Text = fmt.Sprintf("未满 %d 周岁", hi+1)
	case lo == hi:
		x.Text = fmt.Sprintf("年龄为 %d 周岁", lo)
	default:
		x.Text = fmt.Sprintf("年龄 %d 至 %d 周岁", lo, hi)
	}
	return x
}

func codeIn(id fact.ID, codes uint16) *Expr {
	d := id.Def()
	var yes, no []string
	for i, v := range d.Values {
		if codes>>(i+1)&1 == 1 {
			yes = append(yes, v.Label)
		} else {
			no = append(no, v.Label)
		}
	}
	x := &Expr{Op: OpCode, Fact: id, Codes: codes}
	switch {
	case len(yes) == 0:
		x.Text = d.Label + "：没有值能满足"
	case d.Kind == fact.Bool && len(yes) == 1:
		x.Text = d.Label + "：" + yes[0]
	case len(no) == 1 && len(yes) > 4:
		x.Text = d.Label + "不是" + no[0]
	default:
		x.Text = d.Label + "是" + strings.Join(yes, "、")
	}
	return x
}

func inRegion(id fact.ID, c region.Code) *Expr {
	return &Expr{Op: OpRegion, Fact: id, Region: c, Text: id.Def().Label + "在" + region.Name(c)}
}

// allCodes has a bit for every value of the fact.
func allCodes(id fact.ID) uint16 { return 1<<(len(id.Def().Values)+1) - 2 }
