package rules

import (
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"yian/internal/fact"
)

// literal returns the value of a literal, a negated number included; nil if e is none.
func literal(e ast.Expr) ref.Val {
	switch e.Kind() {
	case ast.LiteralKind:
		return e.AsLiteral()
	case ast.CallKind:
		if c := e.AsCall(); c.FunctionName() == operators.Negate {
			if n, ok := literal(c.Args()[0]).(types.Int); ok {
				return -n
			}
		}
	}
	return nil
}

var mirrored = map[string]string{
	operators.Less: operators.Greater, operators.Greater: operators.Less,
	operators.LessEquals: operators.GreaterEquals, operators.GreaterEquals: operators.LessEquals,
	operators.Equals: operators.Equals, operators.NotEquals: operators.NotEquals,
}

// compare lowers a comparison of a fact with a literal, in either order.
func (t *text) compare(e ast.Expr, fn string, a, b ast.Expr) (*Expr, error) {
	if literal(a) != nil {
		a, b, fn = b, a, mirrored[fn]
	}
	id, err := t.fact(a)
	if err != nil {
		return nil, err
	}
	val := literal(b)
	if val == nil {
		return nil, t.refuse(b, "事实只能与写明的值比较，不能与另一个事实、参数或算式比较")
	}
	if id == fact.Birth {
		n, ok := val.(types.Int)
		if !ok {
			return nil, t.refuse(b, "age 须与整数比较，如 age >= 80")
		}
		return age(fn, clampAge(int64(n))), nil
	}
	code, err := t.code(id, b, val)
	if err != nil {
		return nil, err
	}
	switch {
	case fn == operators.Equals:
		return codeIn(id, 1<<code), nil
	case fn == operators.NotEquals:
		return codeIn(id, allCodes(id)&^(1<<code)), nil
	case id.Def().Kind != fact.Level:
		return nil, t.refuse(e, "%s 的值没有大小之分，请用 ==、!= 或 in", id)
	}
	return codeIn(id, levels(id, fn, code)), nil
}

// levels returns the codes c of a Level fact for which "c fn code" holds.
func levels(id fact.ID, fn string, code fact.Code) uint16 {
	below := uint16(1)<<code - 2 // the codes smaller than code
	switch fn {
	case operators.Less:
		return below
	case operators.LessEquals:
		return below | 1<<code
	case operators.Greater:
		return allCodes(id) &^ (below | 1<<code)
	default:
		return allCodes(id) &^ below
	}
}

func age(fn string, n int) *Expr {
	switch fn {
	case operators.Equals:
		return ageBetween(n, n)
	case operators.NotEquals:
		return not(ageBetween(n, n))
	case operators.Less:
		return ageBetween(NoLo, n-1)
	case operators.LessEquals:
		return ageBetween(NoLo, n)
	case operators.Greater:
		return ageBetween(n+1, NoHi)
	default:
		return ageBetween(n, NoHi)
	}
}

// clampAge keeps thresholds that nobody can reach within the calendar.
func clampAge(n int64) int { return int(min(max(n, -1000), 1000)) }

// code finds the code of a literal for a coded fact.
func (t *text) code(id fact.ID, e ast.Expr, val ref.Val) (fact.Code, error) {
	var name string
	switch d := id.Def(); {
	case d.Kind == fact.Region:
		return 0, t.refuse(e, `%s 请用 %s.within("…") 判断`, id, id)
	case d.Kind == fact.Enum:
		s, ok := val.(types.String)
		if !ok {
			return 0, t.refuse(e, "%s 须与带引号的值比较，可用：%s", id, id.Choices())
		}
		name = string(s)
	case d.Kind == fact.Level:
		n, ok := val.(types.Int)
		if !ok {
			return 0, t.refuse(e, "%s 须与整数比较", id)
		}
		name = itoa(int64(n))
	default:
		b, ok := val.(types.Bool)
		if !ok {
			return 0, t.refuse(e, "%s 只有 true 和 false", id)
		}
		name = map[bool]string{true: "true", false: "false"}[bool(b)]
	}
	code, ok := id.CodeOf(name)
	if !ok {
		return 0, t.refuse(e, "%s 没有值 %q，可用：%s", id, name, id.Choices())
	}
	return code, nil
}

// in lowers "fact in [literals]".
func (t *text) in(e, left, right ast.Expr) (*Expr, error) {
	id, err := t.fact(left)
	if err != nil {
		return nil, err
	}
	if right.Kind() != ast.ListKind {
		return nil, t.refuse(right, `in 的右边须是写明的列表，如 ["dibao", "tekun"]`)
	}
	elems := right.AsList().Elements()
	if len(elems) == 0 {
		return nil, t.refuse(e, "in 的列表是空的，没有人能满足")
	}
	var codes uint16
	var ages []*Expr
	for _, el := range elems {
		val := literal(el)
		if val == nil {
			return nil, t.refuse(el, "in 的列表里只能是写明的值")
		}
		if id == fact.Birth {
			n, ok := val.(types.Int)
			if !ok {
				return nil, t.refuse(el, "age 须与整数比较")
			}
			ages = append(ages, age(operators.Equals, clampAge(int64(n))))
			continue
		}
		code, err := t.code(id, el, val)
		if err != nil {
			return nil, err
		}
		codes |= 1 << code
	}
	if id == fact.Birth {
		return join(OpOr, ages...), nil
	}
	return codeIn(id, codes), nil
}
