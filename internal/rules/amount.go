package rules

import (
	"math/big"
	"slices"
	"strconv"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"yian/internal/money"
)

// State (金额状态) tells what is known of an amount or a frequency.
type State uint8

// The states of a quantity. They are different things: nothing is granted, a sum
// is granted, a sum is granted that the county has yet to set, the sum depends on
// a fact that nobody has recorded.
const (
	None State = iota
	Fixed
	Unset
	Undecided
)

// String returns none, fixed, unset or undecided.
func (s State) String() string { return [...]string{"none", "fixed", "unset", "undecided"}[s] }

// Quantity (金额或次数) is an amount in fen, a number of services, or a share in words (How).
type Quantity struct {
	State State
	N     int64    // when Fixed
	Most  bool     // no more than N: it hangs on a ceiling
	Unset []string // when Unset: the parameters that lack a value
	How   string   // how it was reached, in Chinese
}

// Fen returns the quantity as money.
func (q Quantity) Fen() money.Fen { return money.Fen(q.N) }

// Choice (金额分情形) is a decision tree of disjoint cases: an inner node asks When, a leaf
// (When nil) is a Quantity.
type Choice struct {
	When       *Expr
	Then, Else *Choice
	Leaf       Quantity
}

// No grant is larger: sums over a whole country then fit.
const (
	maxYuan  = 100_000_000
	maxTimes = 1_000_000
	maxCases = 200 // of one formula
)

// formula is a Choice whose leaves are still exact numbers.
type formula struct {
	when      *Expr
	then, els *formula
	value     *big.Rat // nil: unset
	most      bool     // hangs on a ceiling
	unset     []string
	how       string
	composed  bool // how needs parentheses inside a product
	formula   bool // made by an operation
}

// cases lowers the cases of an amount (in yuan) or a frequency to a decision tree.
// It returns nil when the document states none.
func (c *compiler) cases(s *scope, list []Case, isMoney bool) *Choice {
	root := &Choice{}
	at := root
	for i, one := range list {
		tree := c.quantity(s, one.Is, isMoney)
		if tree == nil {
			return nil
		}
		if i < len(list)-1 && one.When.CEL == "" {
			c.errs.add(list[i+1].Is.At, "前一种情形没有 when，对所有人成立，这一种永远轮不到")
		}
		next, ok := c.link(s, at, one.When, tree)
		if !ok {
			return nil
		}
		if next == nil {
			break
		}
		at = next
	}
	if len(list) == 0 {
		return nil
	}
	return root
}

// link puts a case at a place of the tree and returns the place of the next; nil
// after a case that holds for everybody. ok is false after an error.
func (c *compiler) link(s *scope, at *Choice, when Text, tree *Choice) (next *Choice, ok bool) {
	if when.CEL == "" {
		*at = *tree
		return nil, true
	}
	cond := c.rule(s, when)
	if cond == nil {
		return nil, false
	}
	*at = Choice{When: cond, Then: tree, Else: &Choice{}}
	return at.Else, true
}

// shares lowers the cases of a discount. Equal words have equal numbers.
func (c *compiler) shares(s *scope, list []Share) *Choice {
	number := map[string]int64{}
	root := &Choice{}
	at := root
	for _, one := range list {
		if number[one.Is] == 0 {
			number[one.Is] = int64(len(number) + 1)
		}
		if at == nil {
			c.errs.add(one.When.At, "前一种情形没有 when，对所有人成立，这一种永远轮不到")
			break
		}
		var ok bool
		if at, ok = c.link(s, at, one.When, &Choice{Leaf: Quantity{State: Fixed, N: number[one.Is], How: one.Is}}); !ok {
			return nil
		}
	}
	if len(list) == 0 {
		return nil
	}
	return root
}

// quantity lowers one formula.
func (c *compiler) quantity(s *scope, src Text, isMoney bool) *Choice {
	t, ok := c.parse(s, src)
	if !ok {
		return nil
	}
	root := t.parsed.NativeRep().Expr()
	f, err := t.number(root)
	if err != nil {
		return nil
	}
	widen(root)
	if !t.check(false) {
		return nil
	}
	tree, err := t.round(f, isMoney)
	if err != nil {
		return nil
	}
	return tree
}

// number lowers an expression of numbers and parameters.
func (t *text) number(e ast.Expr) (*formula, error) {
	switch e.Kind() {
	case ast.LiteralKind:
		if r, ok := rat(e); ok {
			return &formula{value: r, how: decimal(r)}, nil
		}
	case ast.IdentKind:
		return t.parameter(e)
	case ast.CallKind:
		call := e.AsCall()
		args := call.Args()
		switch fn := call.FunctionName(); fn {
		case operators.Conditional:
			return t.ternary(args)
		case operators.Negate:
			if x, err := t.number(args[0]); err != nil || x.when == nil && x.value != nil {
				if err != nil {
					return nil, err
				}
				v := new(big.Rat).Neg(x.value)
				return &formula{value: v, how: decimal(v)}, nil
			}
		case operators.Add, operators.Subtract, operators.Multiply, operators.Divide:
			a, err := t.number(args[0])
			b, err2 := t.number(args[1])
			if err != nil || err2 != nil {
				return nil, errRefused
			}
			return t.arith(e, fn, a, b)
		}
	}
	return nil, t.refuse(e, "金额和次数只能由数、参数、+ - * / 和 ?: 组成")
}

// rat reads a number as it is written: 1.3 is thirteen tenths, not a binary fraction.
func rat(e ast.Expr) (*big.Rat, bool) {
	switch v := e.AsLiteral().(type) {
	case types.Int:
		return new(big.Rat).SetInt64(int64(v)), true
	case types.Double:
		return new(big.Rat).SetString(strconv.FormatFloat(float64(v), 'g', -1, 64))
	default:
		return nil, false
	}
}

func (t *text) parameter(e ast.Expr) (*formula, error) {
	name := e.AsIdent()
	p := t.scope.param(name)
	if p == nil {
		return nil, t.refuse(e, "不认识的参数 %q%s", name, t.scope.suggest(name))
	}
	label := p.Label
	if label == "" {
		label = name
	}
	v := p.On(t.c.at)
	switch {
	case v.Value == nil:
		return &formula{unset: []string{name}, how: label + "（未定）"}, nil
	case v.Most:
		return &formula{value: v.Value, most: true, how: label + "不超过 " + decimal(v.Value)}, nil
	}
	return &formula{value: v.Value, how: label + " " + decimal(v.Value)}, nil
}

func (t *text) ternary(args []ast.Expr) (*formula, error) {
	when, err := t.condition(args[0])
	then, err2 := t.number(args[1])
	els, err3 := t.number(args[2])
	if err != nil || err2 != nil || err3 != nil {
		return nil, errRefused
	}
	return &formula{when: when, then: then, els: els}, nil
}

// arith combines two formulas; cases of either side become cases of the result.
func (t *text) arith(e ast.Expr, fn string, a, b *formula) (*formula, error) {
	if a.cases()*b.cases() > maxCases {
		return nil, t.refuse(e, "展开后的情形超过 %d 种，请用 when 分别写明", maxCases)
	}
	for _, side := range []*formula{a, b} {
		if side.when == nil {
			continue
		}
		pair := func(x *formula) (*formula, error) {
			if side == a {
				return t.arith(e, fn, x, b)
			}
			return t.arith(e, fn, a, x)
		}
		then, err := pair(side.then)
		if err != nil {
			return nil, err
		}
		els, err := pair(side.els)
		if err != nil {
			return nil, err
		}
		return &formula{when: side.when, then: then, els: els}, nil
	}
	sign := map[string]string{operators.Add: " + ", operators.Subtract: " − ", operators.Multiply: " × ", operators.Divide: " ÷ "}[fn]
	sum := fn == operators.Add || fn == operators.Subtract
	out := &formula{formula: true, most: a.most || b.most, how: a.side(!sum) + sign + b.side(!sum || fn == operators.Subtract), composed: sum}
	if fn == operators.Divide && b.value != nil && b.value.Sign() == 0 {
		return nil, t.refuse(e, "除数为 0")
	}
	out.unset = append(slices.Clone(a.unset), b.unset...)
	slices.Sort(out.unset)
	out.unset = slices.Compact(out.unset)
	if len(out.unset) > 0 {
		return out, nil
	}
	out.value = new(big.Rat)
	switch fn {
	case operators.Add:
		out.value.Add(a.value, b.value)
	case operators.Subtract:
		out.value.Sub(a.value, b.value)
	case operators.Multiply:
		out.value.Mul(a.value, b.value)
	default:
		out.value.Quo(a.value, b.value)
	}
	return out, nil
}

// cases counts the leaves.
func (f *formula) cases() int {
	if f.when == nil {
		return 1
	}
	return f.then.cases() + f.els.cases()
}

func (f *formula) side(product bool) string {
	if product && f.composed {
		return "(" + f.how + ")"
	}
	return f.how
}

// round turns exact numbers into fen or whole services.
func (t *text) round(f *formula, isMoney bool) (*Choice, error) {
	if f.when != nil {
		then, err := t.round(f.then, isMoney)
		if err != nil {
			return nil, err
		}
		els, err := t.round(f.els, isMoney)
		if err != nil {
			return nil, err
		}
		return &Choice{When: f.when, Then: then, Else: els}, nil
	}
	q := Quantity{State: Unset, Unset: f.unset, How: f.how}
	if f.value != nil {
		if f.value.Sign() < 0 {
			t.c.errs.add(t.src.At, "结果为负数（%s），金额和次数不能为负", decimal(f.value))
			return nil, errRefused
		}
		if limit := map[bool]int64{true: maxYuan, false: maxTimes}[isMoney]; f.value.Cmp(new(big.Rat).SetInt64(limit)) > 0 {
			t.c.errs.add(t.src.At, "结果是 %s，超过 %d，请核对单位", decimal(f.value), limit)
			return nil, errRefused
		}
		q = Quantity{State: Fixed, Most: f.most, How: f.how}
		switch {
		case isMoney:
			q.N = int64(money.FromYuan(f.value))
		case f.value.IsInt():
			q.N = f.value.Num().Int64()
		default:
			t.c.errs.add(t.src.At, "次数须是整数，这里是 %s", decimal(f.value))
			return nil, errRefused
		}
		if isMoney && f.formula {
			q.How += " = " + q.Fen().String()
		}
	}
	return &Choice{Leaf: q}, nil
}

// widen turns whole numbers in the places of amounts into decimals, because CEL
// has no arithmetic between the two: 1 * nursing_subsidy is meant.
func widen(e ast.Expr) {
	switch e.Kind() {
	case ast.LiteralKind:
		if n, ok := e.AsLiteral().(types.Int); ok {
			e.SetKindCase(ast.NewExprFactory().NewLiteral(e.ID(), types.Double(n)))
		}
	case ast.CallKind:
		call := e.AsCall()
		switch call.FunctionName() {
		case operators.Conditional:
			widen(call.Args()[1])
			widen(call.Args()[2])
		case operators.Add, operators.Subtract, operators.Multiply, operators.Divide, operators.Negate:
			for _, a := range call.Args() {
				widen(a)
			}
		}
	}
}

// decimal writes an exact number without needless zeros.
func decimal(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	return strings.TrimRight(strings.TrimRight(r.FloatString(6), "0"), ".")
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
