package rules

import (
	"fmt"
	"math/big"
	"strings"

	"yian/internal/civil"
	"yian/internal/region"
)

// Pos (位置) is a place in a file. Line and column count from 1; the zero Pos is no place.
type Pos struct {
	File         string
	Line, Column int
}

// String returns file:line:column, as editors understand it.
func (p Pos) String() string {
	if p.File == "" {
		return fmt.Sprintf("%d:%d", p.Line, p.Column)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Text (规则原文) is a piece of CEL and where it stands.
type Text struct {
	CEL string
	At  Pos // of its first character
}

// Source is a service list (基本养老服务清单) ready to be compiled. It is made by
// package pack from YAML; inherited items are already among Items.
type Source struct {
	ID         string
	Title      string
	Region     region.Code // whose list it is
	From, To   civil.Date  // the days it rules; To zero: no end
	Parameters []Parameter // the values that hold for every item, inherited ones too
	Items      []Item
}

// Parameter is a figure (补贴标准等参数) that changes without the rule changing.
type Parameter struct {
	Name   string
	Label  string
	Unit   string
	SetBy  string // who sets it where the document does not: county …
	Values []Dated
	At     Pos
}

// Dated (参数取值) is a value that holds from a day on. Nil: unset again.
type Dated struct {
	From  civil.Date
	Value *big.Rat
	Most  bool // a ceiling (不超过), which guarantees nothing
}

// On returns the value in force on the day; a nil Value if nobody has set one.
func (p *Parameter) On(day civil.Date) Dated {
	var best *Dated
	for i := range p.Values {
		v := &p.Values[i]
		if v.From <= day && (best == nil || v.From >= best.From) {
			best = v
		}
	}
	if best == nil {
		return Dated{}
	}
	return *best
}

// Definition (条件定义) is a named condition (define) of a list.
type Definition struct {
	Name string
	Rule Text
}

// Item is one service of a list (服务项目).
type Item struct {
	No         int
	ID         string
	Answers    string // the id of the upper list's item that it answers to; usually ID
	Name       string
	Define     []Definition // of the list that wrote the item
	When       Text
	Grant      Grant
	Excludes   []string // ids that it cannot be held with
	Prefer     string   // "higher": of two that exclude each other the better is kept
	Start      string   // how it begins: Automatic, Application or Referral; empty: not stated
	Attest     []string // what only an officer can confirm
	ClauseAt   string   // where the clause stands: 附件第15项
	ClauseText string   // its words
	Lead       string   // 牵头部门
	At         Pos
}

// The ways in which a service starts.
const (
	Automatic   = "automatic"   // 免申即享
	Application = "application" // 依申请
	Referral    = "referral"    // 转介
)

// The kinds of grants.
const (
	Cash     = "cash"     // 现金
	Service  = "service"  // 服务
	Discount = "discount" // 优惠
	Priority = "priority" // 优先
	InKind   = "in_kind"  // 实物
)

// The periods of grants.
const (
	PerMonth = "month"
	PerYear  = "year"
	PerOnce  = "once"
	PerDay   = "day"
)

// Which month is the first one due.
const (
	SameMonth = "same_month" // 当月起: the month in which the condition is met
	NextMonth = "next_month" // 次月起: the month after it
)

// Grant is what an item gives (给付).
type Grant struct {
	Kind   string
	Per    string
	First  string // SameMonth (the default) or NextMonth
	Amount []Case // in yuan; empty: no cash is stated
	Times  []Case // services a period; empty: no frequency is stated
	Share  []Share
	At     Pos
}

// Share is one case of how much of a price is waived (优惠幅度), in the document's
// words: the first whose When holds counts.
type Share struct {
	When Text // empty: always
	Is   string
}

// KindLabel returns the kind as people read it.
func (g *Grant) KindLabel() string {
	return map[string]string{Cash: "现金", Service: "服务", Discount: "优惠", Priority: "优先", InKind: "实物"}[g.Kind]
}

// PeriodLabel returns the period as people read it; 每 goes before all but 一次性.
func (g *Grant) PeriodLabel() string {
	return map[string]string{PerMonth: "月", PerYear: "年", PerOnce: "一次性", PerDay: "日", "": "未写明的周期"}[g.Per]
}

// Case (给付情形) is one case of an amount or a frequency: the first whose When holds counts.
type Case struct {
	When Text // empty: always
	Is   Text
}

// Error (规则错误) is a fault in a rule, with its place and what to do about it.
type Error struct {
	At  Pos
	Msg string
}

func (e *Error) Error() string { return e.At.String() + ": " + e.Msg }

// Errors (规则错误) is every fault found in one go.
type Errors []*Error

func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, one := range e {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

func (e *Errors) add(at Pos, format string, args ...any) {
	*e = append(*e, &Error{At: at, Msg: fmt.Sprintf(format, args...)})
}
