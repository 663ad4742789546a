package people

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"yian/internal/fact"
	"yian/internal/near"
)

// role is what a column is for.
type role uint8

const (
	ignored role = iota // 姓名, 身份证号 and the columns that a rejects file adds
	idRole
	birthRole
	regionRole
	codeRole
)

// column is a column of the file.
type column struct {
	role  role
	fact  fact.ID
	table *codeTable // of codeRole
}

// header is what the first record says of the others.
type header struct {
	names   []string // as the file has them, without the columns that a rejects file adds
	columns []column // one for each cell of a record
	facts   fact.Set
	delim   byte
}

// known maps every name that a header may have, in lower case, to its column.
// The names of one column have the same role and fact.
var known = func() map[string]column {
	m := map[string]column{
		"id": {role: idRole}, "编号": {role: idRole},
		"name": {}, "姓名": {},
		"citizen_id": {}, "身份证号": {},
	}
	for id := range fact.Count {
		c := column{fact: id, role: codeRole}
		switch id.Def().Kind {
		case fact.Date:
			c.role = birthRole
		case fact.Region:
			c.role = regionRole
		default:
			c.table = newCodeTable(id)
		}
		m[id.Def().Name], m[id.Def().Label] = c, c
	}
	return m
}()

// same tells which of the ignored names mean the same.
var same = map[string]string{"姓名": "name", "身份证号": "citizen_id"}

// service are the columns that a file of rejects has behind those of its origin.
var service = []string{"line", "column", "value", "reason"}

// readHeader reads the header from a block and cuts it off; nil if the block has no record.
func (b *block) readHeader() (*header, error) {
	t := tokenizer{block: b, delim: ',', line: b.line}
	if !t.skipEmpty() {
		if b.tail != sound {
			return nil, t.tailFault()
		}
		return nil, nil
	}
	if bytes.HasPrefix(b.text[t.at:], utf8BOM) {
		t.at += len(utf8BOM) // GB18030 has a BOM too
	}
	line := t.line
	if len(b.rowLines) > 0 { // a sheet, always with commas
		line = int(b.rowLines[0])
	} else {
		feed := t.at + bytes.IndexByte(b.text[t.at:], '\n')
		t.delim = delimiter(b.text[t.at:feed])
	}
	if err := t.record(); err != nil {
		return nil, err
	}
	if t.at == len(b.text) && b.tail != sound {
		return nil, t.tailFault()
	}
	names := make([]string, len(t.cells))
	for i, cell := range t.cells {
		names[i] = string(bytes.TrimSpace(cell))
	}
	b.cutHeader(t.at, t.line)
	return newHeader(names, t.delim, line)
}

// cutHeader removes the header, which ends at the place at.
func (b *block) cutHeader(at, line int) {
	b.text = append(b.text[:0], b.text[at:]...)
	b.line = line
	if len(b.rowLines) > 0 {
		b.rowLines = append(b.rowLines[:0], b.rowLines[1:]...)
	}
	b.pad()
}

// delimiter returns which of comma, tab and semicolon the header line has most of.
func delimiter(line []byte) byte {
	best, most := byte(','), bytes.Count(line, []byte{','})
	for _, d := range []byte{'\t', ';'} {
		if n := bytes.Count(line, []byte{d}); n > most {
			best, most = d, n
		}
	}
	return best
}

// newHeader finds out what the columns are for. All faults are told at once.
func newHeader(names []string, delim byte, line int) (*header, error) {
	h := &header{names: names, columns: make([]column, len(names)), delim: delim}
	if n := len(names) - len(service); n > 0 && slices.EqualFunc(names[n:], service, strings.EqualFold) {
		h.names = names[:n:n]
	}
	var faults []string
	first := map[string]int{}
	hasID := false
	for i, name := range h.names {
		key := strings.ToLower(name)
		c, ok := known[key]
		if !ok {
			faults = append(faults, unknown(i, name))
			continue
		}
		h.columns[i] = c
		switch {
		case c.role == idRole:
			key, hasID = "id", true
		case c.role != ignored:
			key = c.fact.String()
			h.facts = h.facts.Add(c.fact)
		case same[key] != "":
			key = same[key]
		}
		if prev, dup := first[key]; dup {
			faults = append(faults, fmt.Sprintf("第 %d 列“%s”与第 %d 列“%s”重复", i+1, name, prev+1, h.names[prev]))
			continue
		}
		first[key] = i
	}
	if !hasID {
		faults = append(faults, "缺少 id（编号）列")
	}
	if h.facts == 0 {
		faults = append(faults, "没有任何事实列，至少要有一列，如 birth（出生日期）")
	}
	const most = 10
	if len(faults) > most {
		faults = append(faults[:most], fmt.Sprintf("等 %d 处", len(faults)))
	}
	if faults != nil {
		return nil, &FileError{Line: line, Reason: "表头" + strings.Join(faults, "；")}
	}
	return h, nil
}

// unknown tells about a column that nobody knows.
func unknown(i int, name string) string {
	switch name = shorten(name); strings.ToLower(name) {
	case "":
		return fmt.Sprintf("第 %d 列没有名称", i+1)
	case "age", "年龄":
		return fmt.Sprintf("第 %d 列“%s”不能用：年龄天天在变，请提供 birth(出生日期)", i+1, name)
	}
	return fmt.Sprintf("第 %d 列“%s”不认识，最接近的是 %s", i+1, name, nearest(strings.ToLower(name)))
}

// nearest returns the known name at the least distance, the first by the alphabet of several.
func nearest(name string) string {
	best, least := "", -1
	for k := range known {
		if d := near.Distance(name, k); least < 0 || d < least || d == least && k < best {
			best, least = k, d
		}
	}
	c := known[best]
	switch {
	case c.role == ignored:
		return best
	case c.role == idRole:
		return "id（编号）"
	default:
		return c.fact.Def().Name + "（" + c.fact.Def().Label + "）"
	}
}
