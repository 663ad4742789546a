package rules

import (
	"errors"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"yian/internal/fact"
	"yian/internal/region"
)

// errRefused stands for an error that is already listed in compiler.errs.
var errRefused = errors.New("refused")

// text is one CEL text on its way through the compiler.
type text struct {
	c      *compiler
	scope  *scope
	src    Text
	parsed *cel.Ast
	info   *ast.SourceInfo
}

// parse reads the text; syntax errors go to the compiler's list.
func (c *compiler) parse(s *scope, src Text) (*text, bool) {
	if strings.TrimSpace(src.CEL) == "" {
		c.errs.add(src.At, "这里应有一条规则，却是空的")
		return nil, false
	}
	parsed, iss := s.env.Parse(src.CEL)
	if iss.Err() != nil {
		for _, e := range iss.Errors() {
			c.errs.add(place(src.At, e.Location), "语法错误：%s", syntax(e.Message))
		}
		return nil, false
	}
	return &text{c: c, scope: s, src: src, parsed: parsed, info: parsed.NativeRep().SourceInfo()}, true
}

// syntax puts the most frequent messages of the parser into Chinese.
func syntax(msg string) string {
	msg = strings.TrimPrefix(msg, "Syntax error: ")
	for en, zh := range map[string]string{
		"mismatched input": "多余或错位的", "extraneous input": "多余的", "missing": "缺少",
		" at '": "，在 '", "token recognition error at:": "不认识的字符", "expecting": "，此处应为", "no viable alternative at input": "读不懂",
	} {
		msg = strings.ReplaceAll(msg, en, zh)
	}
	return strings.ReplaceAll(msg, "<EOF>", "规则结尾")
}

// place turns a position within a text into one of the file.
func place(at Pos, loc common.Location) Pos {
	if loc == nil || loc.Line() <= 1 {
		if loc != nil && loc.Column() > 0 {
			at.Column += loc.Column()
		}
		return at
	}
	at.Line += loc.Line() - 1
	at.Column = loc.Column() + 1
	return at
}

func (t *text) refuse(e ast.Expr, format string, args ...any) error {
	t.c.errs.add(place(t.src.At, t.info.GetStartLocation(e.ID())), format, args...)
	return errRefused
}

// condition lowers a boolean expression.
func (t *text) condition(e ast.Expr) (*Expr, error) {
	switch e.Kind() {
	case ast.LiteralKind:
		if b, ok := e.AsLiteral().(types.Bool); ok {
			return constant(TruthOf(bool(b))), nil
		}
	case ast.IdentKind:
		return t.name(e)
	case ast.CallKind:
		return t.call(e)
	}
	return nil, t.refuse(e, "这里应是一个条件（真或假），如 age >= 60")
}

// name lowers a bare name: a definition or a fact of two values.
func (t *text) name(e ast.Expr) (*Expr, error) {
	name := e.AsIdent()
	if x, ok, err := t.scope.definition(t.c, name); ok {
		return x, err
	}
	id, err := t.fact(e)
	if err != nil {
		return nil, err
	}
	if id == fact.Birth || id.Def().Kind != fact.Bool {
		return nil, t.refuse(e, "%s 不是“是/否”的事实，须与值比较，如 %s", name, example(name, id))
	}
	return codeIn(id, 1<<fact.True), nil
}

// fact finds the fact of a name; age stands for the birth date.
func (t *text) fact(e ast.Expr) (fact.ID, error) {
	if e.Kind() != ast.IdentKind {
		return 0, t.refuse(e, "比较的一边须是事实的名字，另一边须是确定的值")
	}
	name := e.AsIdent()
	if name == AgeName {
		return fact.Birth, nil
	}
	id, ok := fact.ByName(name)
	switch {
	case name == fact.Birth.String():
		return 0, t.refuse(e, "规则里请用 age（周岁），不要直接用 birth")
	case ok:
		return id, nil
	case t.scope.param(name) != nil:
		return 0, t.refuse(e, "参数 %s 只能用于金额和次数，不能用于条件", name)
	}
	return 0, t.refuse(e, "不认识的名字 %q：既不是事实，也不是本清单的 define%s", name, t.scope.suggest(name))
}

func example(name string, id fact.ID) string {
	d := id.Def()
	switch {
	case id == fact.Birth:
		return "age >= 60"
	case d.Kind == fact.Region:
		return name + `.within("1410")`
	case d.Kind == fact.Level:
		return name + " <= 2"
	}
	return name + ` == "` + d.Values[0].Name + `"`
}

// call lowers an operator or function.
func (t *text) call(e ast.Expr) (*Expr, error) {
	call := e.AsCall()
	args := call.Args()
	switch fn := call.FunctionName(); fn {
	case operators.LogicalAnd, operators.LogicalOr:
		op := OpAnd
		if fn == operators.LogicalOr {
			op = OpOr
		}
		return t.join(op, args)
	case operators.LogicalNot:
		x, err := t.condition(args[0])
		if err != nil {
			return nil, err
		}
		return not(x), nil
	case operators.Equals, operators.NotEquals, operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals:
		return t.compare(e, fn, args[0], args[1])
	case operators.In:
		return t.in(e, args[0], args[1])
	case "within":
		return t.within(e, call)
	case operators.Conditional:
		return nil, t.refuse(e, "条件里不能用 ?:，请改写为 && 与 ||（?: 只用于金额）")
	case operators.Add, operators.Subtract, operators.Multiply, operators.Divide, operators.Modulo, operators.Negate:
		return nil, t.refuse(e, "条件里不能做算术，请直接写出比较的值")
	default:
		return nil, t.refuse(e, "不能用 %s：规则只接受比较、in、within、&&、||、! 和 define 的名字", strings.Trim(fn, "_@"))
	}
}

func (t *text) join(op Op, args []ast.Expr) (*Expr, error) {
	var kids []*Expr
	var failed error
	for _, a := range args { // all of them, so that every fault is told at once
		x, err := t.condition(a)
		if err != nil {
			failed = err
			continue
		}
		kids = append(kids, x)
	}
	if failed != nil {
		return nil, failed
	}
	return join(op, kids...), nil
}

func (t *text) within(e ast.Expr, call ast.CallExpr) (*Expr, error) {
	if !call.IsMemberFunction() || len(call.Args()) != 1 {
		return nil, t.refuse(e, `within 的写法是 hukou.within("1410")`)
	}
	id, err := t.fact(call.Target())
	if err != nil {
		return nil, err
	}
	if id.Def().Kind != fact.Region {
		return nil, t.refuse(e, "%s 不是地区，不能用 within", id)
	}
	lit, ok := literal(call.Args()[0]).(types.String)
	if !ok {
		return nil, t.refuse(e, `within 里须是写明的区划代码，如 "1410"`)
	}
	code, err := region.Parse(string(lit))
	if err != nil {
		return nil, t.refuse(e, "%s", err)
	}
	if string(code) != string(lit) {
		return nil, t.refuse(e, "区划代码请写不带尾零的 %q", code)
	}
	return inRegion(id, code), nil
}
