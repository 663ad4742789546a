package pack

import (
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"

	"yian/internal/near"
	"yian/internal/rules"
)

// Marks (位置) remembers where an object and the values of its keys stand, for messages.
type Marks struct {
	At     rules.Pos
	values map[string]rules.Pos
}

// Where returns the place of the value of a key; of the object where it lacks the key.
func (m *Marks) Where(key string) rules.Pos {
	if at, ok := m.values[key]; ok {
		return at
	}
	return m.At
}

// Has reports whether the file gives the key.
func (m *Marks) Has(key string) bool {
	_, ok := m.values[key]
	return ok
}

// Ref (引用) is a name that refers to something else, with its place.
type Ref struct {
	Name string
	At   rules.Pos
}

// node is a value in the file.
type node struct {
	doc *document
	ast ast.Node
	at  rules.Pos
}

func (d *document) node(n ast.Node) node {
	return node{doc: d, ast: n, at: d.nodePos(n)}
}

func (n node) fail(format string, args ...any) { n.doc.fail(n.at, format, args...) }

// want reports that the node is something else than it should be.
func (n node) want(what string) {
	if what[0] < utf8.RuneSelf {
		what = " " + what // between Chinese and Latin letters
	}
	n.fail("这里应是%s，却是%s", what, n.kind())
}

// kind names what the node is.
func (n node) kind() string {
	switch v := n.ast.(type) {
	case *ast.MappingNode:
		return "“键: 值”"
	case *ast.SequenceNode:
		return "列表"
	case *ast.StringNode, *ast.LiteralNode:
		return "文字"
	case *ast.IntegerNode, *ast.FloatNode:
		return "数字 " + v.GetToken().Value
	case *ast.BoolNode:
		return "是否值 " + v.GetToken().Value
	case *ast.NullNode:
		return "空值"
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode:
		return "锚点、别名或标签（政策包不使用）"
	default:
		return "别的写法"
	}
}

func (n node) null() bool {
	_, ok := n.ast.(*ast.NullNode)
	return ok
}

// read takes a value out of a node.
type read func(node)

// field is a key that an object may or must have.
type field struct {
	key      string
	required bool
	read     read
}

func must(key string, r read) field { return field{key, true, r} }
func may(key string, r read) field  { return field{key, false, r} }

// object reads a mapping with the given keys. what names it in messages.
func (n node) object(m *Marks, what string, fields ...field) {
	m.At = n.at
	m.values = map[string]rules.Pos{}
	known := make([]string, len(fields))
	for i, f := range fields {
		known[i] = f.key
	}
	ok := n.pairs(what, func(key Ref, v node) {
		for _, f := range fields {
			if f.key == key.Name {
				m.values[key.Name] = v.at
				if v.null() {
					n.doc.fail(key.At, "%s的 %s 没有值，请写上，或删去这个键", what, key.Name)
					return
				}
				f.read(v)
				return
			}
		}
		n.doc.fail(key.At, "%s里不认识的键 %q%s", what, key.Name, suggest(key.Name, known))
	})
	for _, f := range fields {
		if ok && f.required && !m.Has(f.key) {
			n.fail("%s缺少必需的键 %s", what, f.key)
		}
	}
}

// pairs calls f for each key of a mapping, duplicates apart.
func (n node) pairs(what string, f func(key Ref, v node)) bool {
	m, ok := n.ast.(*ast.MappingNode)
	if !ok {
		n.want(what + "（“键: 值”）")
		return false
	}
	first := map[string]int{}
	for _, kv := range m.Values {
		tk := kv.Key.GetToken()
		key := Ref{Name: tk.Value, At: n.doc.tokenPos(tk)}
		if _, scalar := kv.Key.(ast.ScalarNode); !scalar || kv.Key.IsMergeKey() {
			n.doc.fail(key.At, "这里的键须是一个名字")
			continue
		}
		if line, dup := first[key.Name]; dup {
			n.doc.fail(key.At, "键 %q 重复，已见于第 %d 行", key.Name, line)
			continue
		}
		first[key.Name] = key.At.Line
		v := n.doc.node(kv.Value)
		if v.null() {
			v.at = key.At
		}
		f(key, v)
	}
	return true
}

// each reads a list, calling f for every element.
func each(what string, f read) read {
	return func(n node) {
		s, ok := n.ast.(*ast.SequenceNode)
		if !ok {
			n.want(what + "的列表")
			return
		}
		for _, v := range s.Values {
			f(n.doc.node(v))
		}
	}
}

// source returns the text of a scalar and where it begins: after a quotation mark,
// or on the first line of a block that is not blank. A block keeps its lines as
// they stand, with their indentation, so that places within it can be told.
func (n node) source() (s string, at rules.Pos, ok bool) {
	lit, block := n.ast.(*ast.LiteralNode)
	if block {
		s, at = n.doc.block(lit.Start.Position.Line)
		return s, at, true
	}
	if s, ok = n.raw(); !ok {
		return "", n.at, false
	}
	at = n.at
	if str, isText := n.ast.(*ast.StringNode); isText && quoted(str) {
		at.Column++
	}
	trimmed := strings.TrimLeft(s, " ")
	at.Column += len(s) - len(trimmed)
	return strings.TrimRight(trimmed, " "), at, true
}

// block returns the lines of the block scalar whose header stands on a line.
func (d *document) block(header int) (string, rules.Pos) {
	first, indent := header, 0
	for ; first < len(d.lines); first++ {
		if rest := strings.TrimLeft(d.lines[first], " "); rest != "" {
			indent = len(d.lines[first]) - len(rest)
			break
		}
	}
	last := first
	for last < len(d.lines) && (strings.TrimSpace(d.lines[last]) == "" || strings.HasPrefix(d.lines[last], strings.Repeat(" ", indent))) {
		last++
	}
	return strings.TrimSpace(strings.Join(d.lines[first:last], "\n")), d.pos(first+1, indent+1)
}

// suggest ends a message about an unknown name with the nearest known one, or with
// all of them where none is near.
func suggest(name string, known []string) string {
	if len(known) == 0 {
		return ""
	}
	best := near.Order(name, known)
	if near.Distance(name, best[0]) <= max(2, len(name)/3) {
		return "，是不是 " + best[0] + "？"
	}
	return "，可用：" + strings.Join(known, "、")
}
