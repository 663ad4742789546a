package people

import (
	"encoding/binary"
	"hash/maphash"
	"math/bits"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/population"
)

// job is what all parsers of a file share.
type job struct {
	*header
	on     civil.Date
	oldest civil.Date // nobody was born on this day or before
	seed   maphash.Seed
}

// parser turns blocks into batches. It is used by one goroutine at a time.
type parser struct {
	*job
	tokens tokenizer
	places [2]places // of Hukou and Residence

	// Of the block at work:
	block *block
	out   *Batch
	codes [][]fact.Code // by column of the file
	index [2][]uint32
	none  fact.Code // of DisabilityKind
	line  int
	count int // records until now
}

func newParser(j *job) *parser {
	none, _ := fact.DisabilityKind.CodeOf("none")
	return &parser{job: j, none: none, codes: make([][]fact.Code, len(j.columns))}
}

// parse fills in what the block holds. An error refuses the whole file.
func (p *parser) parse(b *block) error {
	b.decode()
	p.begin(b)
	t := &p.tokens
	*t = tokenizer{block: b, delim: p.delim, line: b.line, cells: t.cells, scratch: t.scratch}
	for t.skipEmpty() {
		p.line = t.line
		if b.rowLines != nil && p.count < len(b.rowLines) {
			p.line = int(b.rowLines[p.count])
		}
		p.count++
		if next, ok := p.fast(t.at); ok && !p.doubtful() {
			p.commit(t.at)
			t.from, t.begun = t.at, t.line
			t.at = next
			t.line++
			continue
		}
		if err := p.slow(); err != nil {
			return err
		}
	}
	if b.tail != sound {
		return t.tailFault()
	}
	p.end()
	return nil
}

// begin makes room for the rows of the block: as many as it can have at most.
func (p *parser) begin(b *block) {
	rows := min(b.records, len(b.text)/len(p.columns)+1)
	out := &Batch{Header: p.names, Bytes: b.consumed}
	coded := 0
	for _, c := range p.columns {
		if c.role == codeRole {
			coded++
		}
	}
	slab := make([]fact.Code, coded*rows)
	for i, c := range p.columns {
		switch c.role {
		case codeRole:
			p.codes[i], slab = slab[:rows:rows], slab[rows:]
			out.Columns.Codes[c.fact] = p.codes[i]
		case birthRole:
			out.Columns.Birth = make([]uint16, rows)
		case regionRole:
			r := regionsOf(&out.Columns, c.fact)
			r.Index = make([]uint32, rows)
			p.index[c.fact-fact.Hukou] = r.Index
			p.places[c.fact-fact.Hukou].begin(r)
		}
	}
	out.IDs.ends = make([]uint32, 0, rows)
	out.IDs.text = make([]byte, 0, 12*rows)
	p.block, p.out, p.count = b, out, 0
}

// end cuts the columns to the accepted rows.
func (p *parser) end() {
	p.out.IDs.text = p.out.IDs.text[:p.idStart()]
	cut(&p.out.Columns)
	p.block.batch, p.out = p.out, nil
}

// regionsOf returns the column of a Region fact.
func regionsOf(c *population.Columns, id fact.ID) *population.Regions {
	if id == fact.Hukou {
		return &c.Hukou
	}
	return &c.Residence
}

const (
	lows  = 0x0101010101010101
	highs = 0x8080808080808080
)

// zeros marks the bytes of x that are zero; the lowest mark is exact.
func zeros(x uint64) uint64 { return (x - lows) & ^x & highs }

// fast reads the row that begins at i if there is nothing odd about it: no quotes,
// the right number of cells, all values as rules write them. It writes to the place
// behind the accepted rows and returns where the next row begins.
func (p *parser) fast(i int) (next int, ok bool) {
	text := p.block.text
	text = text[:len(text)+padding]
	begin, row, last := i, p.out.Columns.N, len(p.columns)-1
	delims := uint64(p.delim) * lows
	for at := range p.columns {
		c := &p.columns[at]
		start := i
		word := binary.LittleEndian.Uint64(text[i:])
		for {
			if m := zeros(word^delims) | zeros(word^'\n'*lows) | zeros(word^'"'*lows); m != 0 {
				i += bits.TrailingZeros64(m) >> 3
				break
			}
			i += 8
			word = binary.LittleEndian.Uint64(text[i:])
		}
		n := i - start
		if at == last {
			if text[i] != '\n' {
				return 0, false
			}
			if n > 0 && text[i-1] == '\r' {
				n--
			}
		} else if text[i] != p.delim {
			return 0, false
		}
		i++
		if n == 0 {
			switch c.role {
			case codeRole:
				p.codes[at][row] = fact.Unknown
			case birthRole:
				p.out.Columns.Birth[row] = 0
			case regionRole:
				p.index[c.fact-fact.Hukou][row] = 0
			case idRole:
				return 0, false
			}
			continue
		}
		switch c.role {
		case codeRole:
			if n > 16 {
				return 0, false
			}
			code := c.table.find(words(text, start, n))
			if code == fact.Unknown {
				return 0, false
			}
			p.codes[at][row] = code
		case birthRole:
			day, ok := isoDay(text[start : start+n])
			if !ok {
				return 0, false
			}
			p.out.Columns.Birth[row] = day
		case regionRole:
			if n > 16 {
				return 0, false
			}
			lo, hi := words(text, start, n)
			index, ok := p.places[c.fact-fact.Hukou].find(text[start:start+n], lo, hi)
			if !ok {
				return 0, false
			}
			p.index[c.fact-fact.Hukou][row] = index
		case idRole:
			id := text[start : start+n]
			if !plainID(id) {
				return 0, false
			}
			p.out.IDs.text = append(p.out.IDs.text[:p.idStart()], id...)
		}
	}
	return i, i-begin <= maxRecord
}

// plainID reports whether nothing about an id needs a closer look.
func plainID(id []byte) bool {
	first, last := id[0], id[len(id)-1]
	return len(id) <= maxID && first > ' ' && first < 0x7f && last > ' ' && last < 0x7f &&
		(len(id) == 1 || id[1] != '.' && id[1]|0x20 != 'e')
}

// idStart returns where the id of the row at work begins.
func (p *parser) idStart() uint32 {
	if n := len(p.out.IDs.ends); n > 0 {
		return p.out.IDs.ends[n-1]
	}
	return 0
}

// commit accepts the row behind the accepted ones, which begins at the place from.
func (p *parser) commit(from int) {
	ids := &p.out.IDs
	id := ids.text[p.idStart():]
	ids.ends = append(ids.ends, uint32(len(ids.text)))
	b := p.block
	b.starts = append(b.starts, uint32(from))
	b.lines = append(b.lines, uint32(p.line))
	b.hashes = append(b.hashes, maphash.Bytes(p.seed, id))
	p.out.Columns.N++
}
