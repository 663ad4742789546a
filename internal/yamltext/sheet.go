package yamltext

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Sheet is YAML that is being written. The zero value is empty.
type Sheet struct {
	buf bytes.Buffer

	depth int  // of the block that is being written
	dash  bool // the next key is the first of an element of a list
}

// step is how far a block is indented.
const step = 2

// key begins a line with a key.
func (s *Sheet) key(name string) {
	indent := s.depth * step
	if s.dash {
		s.dash = false
		s.buf.WriteString(strings.Repeat(" ", indent-step) + "- ")
	} else {
		s.buf.WriteString(strings.Repeat(" ", indent))
	}
	s.buf.WriteString(name + ":")
}

// Line writes a key with a value that was made ready.
func (s *Sheet) Line(name, value string) {
	s.key(name)
	s.buf.WriteString(" " + value + "\n")
}

// Under writes what stands below a key.
func (s *Sheet) Under(name string, body func()) {
	s.key(name)
	s.buf.WriteString("\n")
	s.depth++
	body()
	s.depth--
}

// Element writes one element of a list whose first key follows the dash.
func (s *Sheet) Element(body func()) {
	s.depth++
	s.dash = true
	body()
	s.dash = false
	s.depth--
}

// Text writes a text that must be there.
func (s *Sheet) Text(name, value string) {
	if strings.Contains(value, "\n") && blockable(value) {
		s.block(name, value)
		return
	}
	s.Line(name, Scalar(value, false))
}

// MayText writes a text if there is one.
func (s *Sheet) MayText(name, value string) {
	if value != "" {
		s.Text(name, value)
	}
}

// block writes a text of several lines.
func (s *Sheet) block(name, value string) {
	s.key(name)
	s.buf.WriteString(" |-\n")
	indent := strings.Repeat(" ", (s.depth+1)*step)
	for line := range strings.SplitSeq(value, "\n") {
		if line != "" {
			s.buf.WriteString(indent + line)
		}
		s.buf.WriteString("\n")
	}
}

// Source writes a piece of code, such as a rule. Lines after the first keep their own indentation, which the
// reader keeps too, but for those that would leave the block.
func (s *Sheet) Source(name, rule string) {
	if !strings.Contains(rule, "\n") {
		s.Line(name, formula(rule, false))
		return
	}
	s.key(name)
	s.buf.WriteString(" |-\n")
	indent := strings.Repeat(" ", (s.depth+1)*step)
	for i, line := range strings.Split(rule, "\n") {
		bare := strings.TrimLeft(line, " ")
		switch {
		case strings.TrimSpace(bare) == "":
		case i == 0 || len(line)-len(bare) < len(indent):
			s.buf.WriteString(indent + bare)
		default:
			s.buf.WriteString(line)
		}
		s.buf.WriteString("\n")
	}
}

// Texts writes a list of short texts on a line, if there are any.
func (s *Sheet) Texts(name string, values []string) {
	if len(values) > 0 {
		s.Line(name, List(values))
	}
}

// Entry writes an element of a list that fits on a line and was made ready.
func (s *Sheet) Entry(value string) {
	s.buf.WriteString(strings.Repeat(" ", s.depth*step) + "- " + value + "\n")
}

// Bytes returns what was written.
func (s *Sheet) Bytes() []byte { return s.buf.Bytes() }

// List returns a list of texts in brackets.
func List(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = Scalar(v, true)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// Flow is a mapping in braces.
type Flow []string

// Add adds a key with a value that was made ready.
func (f *Flow) Add(name, ready string) { *f = append(*f, name+": "+ready) }

// Text adds a text, if there is one.
func (f *Flow) Text(name, value string) {
	if value != "" {
		f.Add(name, Scalar(value, true))
	}
}

// Source adds a piece of code of one line.
func (f *Flow) Source(name, rule string) { f.Add(name, formula(rule, true)) }

// String returns the mapping in braces.
func (f Flow) String() string { return "{" + strings.Join(f, ", ") + "}" }

// words are read as something else than text by some reader of YAML.
var words = regexp.MustCompile(`(?i)^(true|false|yes|no|on|off|y|n|null|inf|nan)$`)

// Scalar writes a text so that it is read as that text. Within braces and brackets
// more is quoted.
func Scalar(v string, inFlow bool) string {
	if plain(v, inFlow) {
		return v
	}
	return quote(v)
}

// plain reports whether a text can stand without quotation marks.
func plain(v string, inFlow bool) bool {
	first, _ := utf8.DecodeRuneInString(v)
	if v == "" || !unicode.IsLetter(first) && (first < utf8.RuneSelf || !unicode.IsPrint(first)) {
		return false
	}
	if words.MatchString(v) || strings.Contains(v, ": ") || strings.Contains(v, " #") || strings.HasSuffix(v, ":") || !printable(v) {
		return false
	}
	if strings.TrimSpace(v) != v {
		return false
	}
	return !inFlow || !strings.ContainsAny(v, ",[]{}:#\"'")
}

func printable(v string) bool {
	return utf8.ValidString(v) && !strings.ContainsFunc(v, func(r rune) bool { return !unicode.IsPrint(r) || r == '\ufeff' })
}

// blockable reports whether a text of several lines can be written as a block.
func blockable(v string) bool {
	for line := range strings.SplitSeq(v, "\n") {
		if !printable(line) || strings.TrimRight(line, " ") != line {
			return false
		}
	}
	return strings.TrimSpace(v) == v
}

// quote writes a text in quotation marks: single ones where a double one would have to
// be escaped, so that the places of a rule's parts stay what they are.
func quote(v string) string {
	if printable(v) && strings.ContainsAny(v, `"\`) {
		return "'" + strings.ReplaceAll(v, "'", "''") + "'"
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range v {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case unicode.IsPrint(r) && r != '\ufeff':
			b.WriteRune(r)
		case r <= 0xff:
			b.WriteString(`\x` + hex(r, 2))
		case r <= 0xffff:
			b.WriteString(`\u` + hex(r, 4))
		default:
			b.WriteString(`\U` + hex(r, 8))
		}
	}
	b.WriteByte('"')
	return b.String()
}

func hex(r rune, digits int) string {
	s := strconv.FormatInt(int64(r), 16)
	return strings.Repeat("0", digits-len(s)) + s
}

var figureShape = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)

// formula writes a rule on a line. A bare number is a rule as it stands.
func formula(v string, inFlow bool) string {
	if figureShape.MatchString(v) {
		return v
	}
	return Scalar(v, inFlow)
}
