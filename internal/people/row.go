package people

import (
	"bytes"
	"fmt"
	"hash/maphash"
	"unicode/utf8"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/population"
)

// maxID is the greatest length of an id in bytes.
const maxID = 255

// slow reads a row with all that may be odd about it, and rejects it if something is wrong.
func (p *parser) slow() error {
	t := &p.tokens
	from := t.at
	if err := t.record(); err != nil {
		return err
	}
	if blank(t.cells) { // what Excel often leaves behind the last row
		return nil
	}
	if len(t.cells) != len(p.columns) {
		reason := fmt.Sprintf("表头有 %d 个单元格，这一行有 %d 个", len(p.columns), len(t.cells))
		p.reject(nil, t.cells, []CellError{{Line: p.line, Reason: reason}})
		return nil
	}
	var id []byte
	var errs []CellError
	for i, cell := range t.cells {
		cell = bytes.TrimSpace(cell)
		if p.columns[i].role == idRole {
			id = cell
		}
		err := p.set(i, cell)
		if err == nil {
			continue
		}
		e := CellError{Line: p.line, Column: p.names[i], Reason: err.Error()}
		if p.columns[i].role != idRole { // which would name a person in messages
			e.Value = shorten(string(cell))
		}
		errs = append(errs, e)
	}
	if p.doubtful() {
		person := p.person()
		if at, why := person.Implausible(p.on); why != "" {
			errs = append(errs, CellError{Line: p.line, Column: p.nameOf(at), Value: person.Text(at), Reason: why})
		}
	}
	if errs != nil {
		p.reject(id, t.cells[:len(p.names)], errs)
		return nil
	}
	p.out.IDs.text = append(p.out.IDs.text[:p.idStart()], id...)
	p.commit(from)
	return nil
}

// blank reports whether no cell of a row holds anything.
func blank(cells [][]byte) bool {
	for _, c := range cells {
		if len(bytes.TrimSpace(c)) > 0 {
			return false
		}
	}
	return true
}

// set writes the value of a cell to the place behind the accepted rows; unknown if
// it is empty or not valid.
func (p *parser) set(i int, cell []byte) (err error) {
	c, out, row := &p.columns[i], &p.out.Columns, p.out.Columns.N
	switch c.role {
	case idRole:
		err = checkID(cell)
	case codeRole:
		var code fact.Code
		if n := len(cell); n > 0 && n <= 16 {
			var padded [2 * padding]byte
			copy(padded[:], cell)
			code = c.table.find(words(padded[:], 0, n))
		}
		if code == fact.Unknown && len(cell) > 0 {
			code, err = c.fact.Parse(shorten(string(cell)))
		}
		p.codes[i][row] = code
	case birthRole:
		var day uint16
		if len(cell) > 0 {
			day, err = birthDay(cell)
		}
		out.Birth[row] = day
	case regionRole:
		var index uint32
		if len(cell) > 0 {
			if index, err = p.places[c.fact-fact.Hukou].lookUp(cell); err != nil && scientific(cell) {
				err = errScientific
			}
		}
		p.index[c.fact-fact.Hukou][row] = index
	}
	return err
}

func birthDay(cell []byte) (uint16, error) {
	if day, ok := isoDay(cell); ok {
		return day, nil
	}
	birth, err := civil.Parse(shorten(string(cell)))
	if err != nil {
		return 0, err
	}
	return population.Day(birth)
}

var errScientific = fmt.Errorf("像是被 Excel 改成了科学计数法，位数已经丢失；请把这一列设为“文本”后重新填写")

func checkID(id []byte) error {
	switch {
	case len(id) == 0:
		return fmt.Errorf("编号为空")
	case len(id) > maxID:
		return fmt.Errorf("编号超过 %d 字节", maxID)
	case scientific(id):
		return errScientific
	default:
		return nil
	}
}

// scientific reports whether a number has the form 1.41002E+11.
func scientific(b []byte) bool {
	digit := func(c byte) bool { return c-'0' <= 9 }
	if len(b) < 3 || !digit(b[0]) {
		return false
	}
	i := 1
	if b[i] == '.' {
		for i++; i < len(b) && digit(b[i]); i++ {
			continue
		}
	}
	if i >= len(b) || b[i]|0x20 != 'e' {
		return false
	}
	if i++; i >= len(b) || b[i] != '+' { // 1E5 may be somebody's id; Excel writes the sign
		return false
	}
	i++
	from := i
	for i < len(b) && digit(b[i]) {
		i++
	}
	return i > from && i == len(b)
}

// doubtful reports whether fact.Person.Implausible has to look at the row behind
// the accepted ones: quickly, and never less often than that finds something.
func (p *parser) doubtful() bool {
	c := &p.out.Columns
	row := c.N
	if c.Birth != nil && c.Birth[row] != 0 {
		if birth := population.Date(c.Birth[row]); birth > p.on || birth <= p.oldest {
			return true
		}
	}
	kind, grade := c.Codes[fact.DisabilityKind], c.Codes[fact.DisabilityGrade]
	return kind != nil && grade != nil && grade[row] > 1 && kind[row] == p.none
}

// person gathers the row behind the accepted ones.
func (p *parser) person() fact.Person {
	c := &p.out.Columns
	var person fact.Person
	if c.Birth != nil {
		person.Birth = population.Date(c.Birth[c.N])
	}
	for id := range fact.Count {
		if c.Codes[id] != nil {
			person.Codes[id] = c.Codes[id][c.N]
		}
	}
	for i := range p.index {
		id := fact.Hukou + fact.ID(i)
		if r := regionsOf(c, id); r.Index != nil {
			code := r.Codes[r.Index[c.N]]
			if id == fact.Hukou {
				person.Hukou = code
			} else {
				person.Residence = code
			}
		}
	}
	return person
}

// nameOf returns what the file calls the fact.
func (p *parser) nameOf(id fact.ID) string {
	for i, c := range p.columns {
		if c.role > idRole && c.fact == id {
			return p.names[i]
		}
	}
	return id.String()
}

// reject keeps the row for the file of rejects. id is empty if it is not known.
func (p *parser) reject(id []byte, cells [][]byte, errs []CellError) {
	r := rejected{row: Reject{Line: p.line, Cells: texts(cells), Reasons: errs}}
	if len(id) > 0 && len(id) <= maxID {
		r.id, r.hash = bytes.Clone(id), maphash.Bytes(p.seed, id)
	}
	p.block.rejected = append(p.block.rejected, r)
}

// texts copies cells.
func texts(cells [][]byte) []string {
	out := make([]string, len(cells))
	for i, cell := range cells {
		out[i] = string(cell)
	}
	return out
}

// shorten cuts a text for messages.
func shorten(s string) string {
	const most = 40
	if len(s) <= most || utf8.RuneCountInString(s) <= most {
		return s
	}
	n := 0
	for i := range s {
		if n++; n > most {
			return s[:i] + "…"
		}
	}
	return s
}
