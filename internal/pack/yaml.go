package pack

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"yian/internal/rules"
)

// Bounds of a file. They are far above any real pack and keep a hostile file from
// exhausting the parser, whose stack grows with the depth and whose time with the
// square of the keys.
const (
	maxBytes = 1 << 20
	maxKeys  = 20_000
	maxDepth = 32 // of brackets, and of "- - -" on one line
)

// document is a YAML file on its way into structs. Faults gather in errs, so that
// an author sees all of them at once.
type document struct {
	file  string
	lines []string
	errs  rules.Errors
}

func (d *document) fail(at rules.Pos, format string, args ...any) {
	d.errs = append(d.errs, &rules.Error{At: at, Msg: fmt.Sprintf(format, args...)})
}

func (d *document) pos(line, column int) rules.Pos {
	return rules.Pos{File: d.file, Line: line, Column: column}
}

// parse reads the bytes of a file. ok is false when there is nothing to go on with.
func parse(file string, data []byte) (d *document, root node, ok bool) {
	d = &document{file: file}
	top := d.pos(1, 1)
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	d.lines = strings.Split(string(data), "\n")
	switch {
	case len(data) > maxBytes:
		d.fail(top, "文件有 %d 字节，超过 %d 字节", len(data), maxBytes)
		return d, root, false
	case !utf8.Valid(data):
		d.notUTF8()
		return d, root, false
	}
	tokens := lexer.Tokenize(string(data))
	if tk, why := tooMuch(tokens); tk != nil {
		d.fail(d.tokenPos(tk), "%s", why)
		return d, root, false
	}
	f, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey()) // we report all duplicates ourselves
	if err != nil {
		d.syntax(err)
		return d, root, false
	}
	if len(f.Docs) > 1 {
		d.fail(d.nodePos(f.Docs[1].Body), "一个文件只能有一份文档，请去掉“---”")
	}
	if len(f.Docs) == 0 || f.Docs[0].Body == nil {
		d.fail(top, "文件是空的")
		return d, root, false
	}
	return d, d.node(f.Docs[0].Body), true
}

// notUTF8 says where the file stops being UTF-8.
func (d *document) notUTF8() {
	for i, line := range d.lines {
		if utf8.ValidString(line) {
			continue
		}
		column := 1
		for len(line) > 0 {
			r, size := utf8.DecodeRuneInString(line)
			if r == utf8.RuneError && size == 1 {
				break
			}
			line = line[size:]
			column++
		}
		d.fail(d.pos(i+1, column), "文件不是 UTF-8 编码，请另存为 UTF-8")
		return
	}
}

// tooMuch returns the token at which the file passes a bound, and which one.
func tooMuch(tokens token.Tokens) (*token.Token, string) {
	keys, depth, line, entries := 0, 0, 0, 0
	for _, tk := range tokens {
		switch tk.Type {
		case token.MappingValueType:
			keys++
		case token.SequenceStartType, token.MappingStartType:
			depth++
		case token.SequenceEndType, token.MappingEndType:
			depth--
		case token.SequenceEntryType, token.MappingKeyType, token.AnchorType, token.TagType:
			if tk.Position.Line != line {
				line, entries = tk.Position.Line, 0
			}
			entries++
		}
		switch {
		case keys > maxKeys:
			return tk, fmt.Sprintf("文件的键超过 %d 个", maxKeys)
		case depth > maxDepth || entries > maxDepth:
			return tk, fmt.Sprintf("嵌套超过 %d 层", maxDepth)
		}
	}
	return nil, ""
}

// syntax reports what the parser says. It stops at the first fault of a file.
func (d *document) syntax(err error) {
	at, msg := d.pos(1, 1), ""
	if se, ok := errors.AsType[*yaml.SyntaxError](err); ok {
		at, msg = d.tokenPos(se.Token), se.Message // its Error would print the file around it
	} else {
		msg = err.Error()
	}
	for _, known := range inChinese {
		if strings.Contains(msg, known.en) {
			d.fail(at, "YAML 语法错误：%s", known.zh)
			return
		}
	}
	d.fail(at, "YAML 语法错误：%s", msg)
}

// inChinese says the parser's frequent messages in Chinese, with what to do; the
// first that occurs in the message counts.
var inChinese = []struct{ en, zh string }{
	{"mapping value is not allowed in this context", "这里不能有“键: 值”；多半是缩进不齐，或文字里有“: ”而没有加引号"},
	{"value is not allowed in this context. map key-value", "这里不能有值；多半是缩进不齐"},
	{"cannot start any token", "这里不能用这个字符；缩进须用空格，不能用制表符"},
	{"tab character", "缩进须用空格，不能用制表符"},
	{"',' or ']' must be specified", "方括号里缺少“,”或“]”"},
	{"sequence end token ']' not found", "方括号没有结尾的“]”"},
	{"',' or '}' must be specified", "花括号里缺少“,”或“}”"},
	{"could not find flow mapping end token '}'", "花括号没有结尾的“}”"},
	{"could not find end character of double-quoted text", "双引号没有结尾"},
	{"could not find end character of single-quoted text", "单引号没有结尾"},
	{"non-map value is specified", "这里应是“键: 值”；多半是漏了冒号后的空格"},
	{"unexpected key name", "这里应是“键: 值”；多半是缩进不齐或漏了冒号"},
	{"block sequence entries are not allowed", "这里不能有“- ”开头的列表"},
	{"could not find '[' character corresponding to ']'", "“]”没有对应的“[”"},
	{"could not find '{' character corresponding to '}'", "“}”没有对应的“{”"},
	{"map key definition includes an implicit line break", "键与冒号须在同一行"},
	{"found invalid token", "这里有不认识的字符"},
	{"unexpected scalar value", "这里不能有值；多半是缩进不齐"},
	{"value is not allowed in this context", "这里不能有值；多半是缩进不齐"},
	{"expected map key-value delimiter ':'", "缺少冒号"},
	{"while scanning a quoted scalar, found unexpected end", "引号没有结尾"},
}

func (d *document) tokenPos(tk *token.Token) rules.Pos {
	if tk == nil || tk.Position == nil {
		return d.pos(1, 1)
	}
	return d.pos(max(tk.Position.Line, 1), max(tk.Position.Column, 1))
}

// nodePos returns where a node begins: a mapping at its first key.
func (d *document) nodePos(n ast.Node) rules.Pos {
	switch n := n.(type) {
	case nil:
		return d.pos(1, 1)
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return d.tokenPos(n.Values[0].Key.GetToken())
		}
	}
	return d.tokenPos(n.GetToken())
}
