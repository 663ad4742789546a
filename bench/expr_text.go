package main

import (
	"fmt"
	"math/bits"
	"strings"

	"yian/internal/fact"
	"yian/internal/region"
	"yian/internal/rules"
)

// exprText writes a condition for expr: that it is known to hold, or known not to.
func exprText(x *rules.Expr, want bool) string {
	switch x.Op {
	case rules.OpAnd, rules.OpOr:
		parts := make([]string, len(x.Kids))
		for i, k := range x.Kids {
			parts[i] = exprText(k, want)
		}
		if (x.Op == rules.OpAnd) == want {
			return "(" + strings.Join(parts, " && ") + ")"
		}
		return "(" + strings.Join(parts, " || ") + ")"
	case rules.OpNot:
		return exprText(x.Kids[0], !want)
	case rules.OpNamed:
		return exprText(x.Kids[0], want)
	case rules.OpAge:
		return exprAge(x, want)
	case rules.OpCode:
		return exprCodes(x.Fact, x.Codes, want)
	case rules.OpRegion:
		return exprWithin(variable(x.Fact), x.Region, want)
	default:
		return fmt.Sprint(x.Truth == rules.TruthOf(want))
	}
}

func exprAge(x *rules.Expr, want bool) string {
	lo := max(x.Lo, 0)
	switch {
	case want && x.Hi == rules.NoHi:
		return fmt.Sprintf("age >= %d", lo)
	case want:
		return fmt.Sprintf("(age >= %d && age <= %d)", lo, x.Hi)
	case x.Hi == rules.NoHi:
		return fmt.Sprintf("(age >= 0 && age < %d)", lo)
	default:
		return fmt.Sprintf("(age >= 0 && age < %d || age > %d)", lo, x.Hi)
	}
}

// exprCodes writes "the code is one of some": a comparison, a range or a list.
func exprCodes(id fact.ID, codes uint16, want bool) string {
	if !want {
		codes = ^codes & (1<<(len(id.Def().Values)+1) - 2)
	}
	name := variable(id)
	lo, n := bits.TrailingZeros16(codes), bits.OnesCount16(codes)
	switch {
	case n == 1:
		return fmt.Sprintf("%s == %d", name, lo)
	case codes>>lo == 1<<n-1:
		return fmt.Sprintf("(%s >= %d && %s <= %d)", name, lo, name, lo+n-1)
	}
	return fmt.Sprintf("%s in [%s]", name, codeList(codes))
}

// codeList lists the codes of a set: 2, 4, 5.
func codeList(codes uint16) string {
	var out []string
	for ; codes != 0; codes &= codes - 1 {
		out = append(out, fmt.Sprint(bits.TrailingZeros16(codes)))
	}
	return strings.Join(out, ", ")
}

func exprWithin(name string, within region.Code, want bool) string {
	if want {
		return fmt.Sprintf("%s startsWith %q", name, within)
	}
	return fmt.Sprintf("!(%s startsWith %q) && !(%q startsWith %s)", name, within, within, name)
}
