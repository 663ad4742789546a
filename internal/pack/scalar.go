package pack

import (
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"yian/internal/civil"
	"yian/internal/region"
	"yian/internal/rules"
)

func quoted(s *ast.StringNode) bool {
	return s.Token.Type == token.SingleQuoteType || s.Token.Type == token.DoubleQuoteType
}

// raw returns a scalar as it is written: true, 2 and 1.50 are text here. ok is false
// for lists, mappings and nothing at all.
func (n node) raw() (s string, ok bool) {
	switch v := n.ast.(type) {
	case *ast.StringNode:
		return v.Value, true
	case *ast.LiteralNode:
		return v.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return v.GetToken().Value, true
	default:
		return "", false
	}
}

// str returns a text; numbers and yes-no values that YAML does not take for text are refused.
func (n node) str() (s string, ok bool) {
	switch n.ast.(type) {
	case *ast.StringNode, *ast.LiteralNode:
		s, _ = n.raw()
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		s, _ = n.raw()
		n.fail("这里应是文字，请加引号：%q", s)
		return "", false
	default:
		n.want("文字")
		return "", false
	}
	if s = strings.TrimSpace(s); s == "" {
		n.fail("这里应有文字，却是空的")
		return "", false
	}
	return s, true
}

func text(to *string) read {
	return func(n node) { *to, _ = n.str() }
}

func texts(to *[]string) read {
	return each("文字", func(n node) {
		if s, ok := n.str(); ok {
			*to = append(*to, s)
		}
	})
}

func refs(to *[]Ref) read {
	return each("名字", func(n node) {
		if s, ok := n.str(); ok {
			*to = append(*to, Ref{Name: s, At: n.at})
		}
	})
}

// The shapes of identifiers.
var (
	idShape     = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	nameShape   = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	metricShape = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$`)
)

// ident reads an identifier like old-age-allowance.
func ident(to *string) read {
	return func(n node) {
		s, ok := n.str()
		if ok && !idShape.MatchString(s) {
			n.fail("编号 %q 只能由小写字母、数字和单个连字符组成，如 old-age-allowance", s)
			return
		}
		*to = s
	}
}

// oneOf reads one of a few words.
func oneOf(to *string, words ...string) read {
	return func(n node) {
		s, ok := n.str()
		if ok && !slices.Contains(words, s) {
			n.fail("%q 不在可用的值之内：%s", s, strings.Join(words, "、"))
			return
		}
		*to = s
	}
}

func boolean(to *bool) read {
	return func(n node) {
		b, ok := n.ast.(*ast.BoolNode)
		if !ok {
			n.want("true 或 false")
			return
		}
		*to = b.Value
	}
}

// day reads an ISO date.
func day(to *civil.Date) read {
	return func(n node) {
		s, ok := n.str()
		if !ok {
			return
		}
		d, err := civil.Parse(s)
		if err != nil || !strings.Contains(s, "-") {
			n.fail("日期 %q 无效，应为 YYYY-MM-DD 的真实日期，如 2023-12-16", s)
			return
		}
		*to = d
	}
}

// code reads a region code; "" is the whole country.
func code(to *region.Code) read {
	return func(n node) {
		s, ok := n.ast.(*ast.StringNode)
		if !ok {
			n.want(`加引号的区划代码，如 "1410"`)
			return
		}
		if s.Value == "" {
			*to = region.Nation
			return
		}
		c, err := region.Parse(s.Value)
		switch {
		case err != nil:
			n.fail("%s", err)
		case string(c) != s.Value:
			n.fail("区划代码请写不带尾零的 %q", c)
		default:
			*to = c
		}
	}
}

var (
	wholeShape   = regexp.MustCompile(`^(0|[1-9][0-9]{0,8})$`)
	decimalShape = regexp.MustCompile(`^(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?$`)
)

// digits returns a number as it is written, if it has the shape.
func (n node) digits(shape *regexp.Regexp, what string) (string, bool) {
	switch n.ast.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		if s, _ := n.raw(); shape.MatchString(s) {
			return s, true
		}
	}
	n.want(what)
	return "", false
}

func whole(to *int) read {
	return func(n node) {
		if s, ok := n.digits(wholeShape, "不带引号的非负整数"); ok {
			*to, _ = strconv.Atoi(s) // the shape fits
		}
	}
}

// decimal reads an exact number: 1.3 is thirteen tenths.
func decimal(to **big.Rat) read {
	return func(n node) {
		if s, ok := n.digits(decimalShape, "不带引号的非负数"); ok {
			*to, _ = new(big.Rat).SetString(s)
		}
	}
}

// cel reads a CEL text and keeps where it begins.
func cel(to *rules.Text) read {
	return func(n node) {
		s, at, ok := n.source()
		if !ok {
			n.want("规则（一段文字）")
			return
		}
		if v, _ := n.raw(); strings.TrimSpace(v) == "" {
			n.fail("这里应有一条规则，却是空的")
			return
		}
		*to = rules.Text{CEL: s, At: at}
	}
}
