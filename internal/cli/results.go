package cli

import (
	"bufio"
	"encoding/json"
	"io"
	"strconv"

	"github.com/parquet-go/parquet-go"

	"yian/internal/engine"
	"yian/internal/fact"
	"yian/internal/people"
	"yian/internal/rules"
)

// output is the file of results in one of its formats; nil where none is wanted.
type output struct {
	file   *outFile
	format format
}

// format writes results. render may run for several batches at once; write gets
// what it made, in order.
type format interface {
	render(r *rows) any
	write(rendered any) error
	end() error
}

func (c *evaluateCmd) output(prog *rules.Program) (*output, error) {
	if c.Out == "" {
		return nil, nil
	}
	f, err := create(c.Out, c.People)
	if err != nil {
		return nil, err
	}
	out := &output{file: f}
	switch c.Format {
	case "jsonl":
		out.format = &jsonLines{text{w: bufio.NewWriterSize(f, 1<<20)}}
	case "parquet":
		out.format = newParquet(f)
	default:
		out.format, err = newCSV(f, prog)
	}
	return out, err
}

func (o *output) done() error {
	if o == nil {
		return nil
	}
	if err := o.format.end(); err != nil {
		return err
	}
	return o.file.done()
}

func (o *output) discard() {
	if o != nil {
		o.file.discard()
	}
}

// rows is the results of one batch.
type rows struct {
	batch  *people.Batch
	result *engine.Result
	all    bool
}

// row is one person and one item.
type row struct {
	person  int
	item    int
	result  rules.Truth
	amount  rules.Quantity
	missing fact.Set
}

// each calls f for the rows that are to be written, by person, then item.
func (r *rows) each(f func(*row)) {
	plan := r.result.Plan
	var one row
	for one.person = range r.batch.Columns.N {
		var who fact.Person
		gathered := false
		for one.item = range plan.Program.Items {
			one.result, one.amount, one.missing = r.result.Truth(one.item, one.person), rules.Quantity{}, 0
			switch one.result {
			case rules.No:
				if !r.all {
					continue
				}
			case rules.Yes:
				one.amount = r.result.Amount(one.item, one.person)
			}
			if one.result == rules.Unknown || r.result.Open(one.item, one.person) {
				if !gathered {
					who, gathered = r.batch.Columns.Person(one.person), true
				}
				one.missing = plan.Program.Decide(one.item, &who, plan.On).Missing
			}
			f(&one)
		}
	}
}

// appendAmount writes the amount in yuan: empty where none is granted, unset where
// the county has yet to set it, unknown where it hangs on a missing fact.
func appendAmount(b []byte, q rules.Quantity) []byte {
	switch q.State {
	case rules.Fixed:
		return q.Fen().Append(b)
	case rules.Unset:
		return append(b, "unset"...)
	case rules.Undecided:
		return append(b, "unknown"...)
	default:
		return b
	}
}

// appendTimes writes a frequency: empty where none is stated, unknown where it hangs
// on a missing fact.
func appendTimes(b []byte, q rules.Quantity) []byte {
	switch q.State {
	case rules.Fixed:
		return strconv.AppendInt(b, q.N, 10)
	case rules.None:
		return b
	default:
		return appendAmount(b, rules.Quantity{State: q.State})
	}
}

// text is a file of lines.
type text struct{ w *bufio.Writer }

func (t *text) write(rendered any) error {
	_, err := t.w.Write(rendered.([]byte))
	return err
}

func (t *text) end() error { return t.w.Flush() }

// csvFile writes person,item_no,item,name,result,amount_yuan,missing,clause.
type csvFile struct {
	text
	head [][3][]byte // by item and result: ,15,nursing-subsidy,护理补贴,yes,
	tail [][]byte    // by item: ,附件第15项\n
}

func newCSV(w io.Writer, prog *rules.Program) (*csvFile, error) {
	f := &csvFile{text: text{w: bufio.NewWriterSize(w, 1<<20)}}
	for i := range prog.Items {
		it := &prog.Items[i]
		var head [3][]byte
		for t := range head {
			b := append(strconv.AppendInt([]byte{','}, int64(it.No), 10), ',')
			b = append(people.AppendCell(b, it.ID), ',')
			b = append(people.AppendCell(b, it.Name), ',')
			head[t] = append(append(b, rules.Truth(t).String()...), ',')
		}
		f.head = append(f.head, head)
		f.tail = append(f.tail, append(people.AppendCell([]byte{','}, it.ClauseAt), '\n'))
	}
	_, err := f.w.WriteString("person,item_no,item,name,result,amount_yuan,missing,clause\n")
	return f, err
}

func (f *csvFile) render(r *rows) any {
	b := make([]byte, 0, r.batch.Columns.N*600)
	names := map[fact.Set]string{}
	var id []byte
	last := -1
	r.each(func(one *row) {
		if one.person != last {
			last = one.person
			id = people.AppendCell(id[:0], r.batch.IDs.At(one.person))
		}
		b = append(b, id...)
		b = append(b, f.head[one.item][one.result]...)
		b = append(appendAmount(b, one.amount), ',')
		if one.missing != 0 {
			s, ok := names[one.missing]
			if !ok {
				s = one.missing.String()
				names[one.missing] = s
			}
			b = append(b, s...)
		}
		b = append(b, f.tail[one.item]...)
	})
	return b
}

// jsonLines writes one object a line.
type jsonLines struct{ text }

// jsonRow is a line of results.
type jsonRow struct {
	Person  string   `json:"person"`
	ItemNo  int      `json:"item_no"`
	Item    string   `json:"item"`
	Name    string   `json:"name"`
	Result  string   `json:"result"`
	Amount  *string  `json:"amount_yuan"` // null where none is granted; "unset", "unknown" or yuan
	Missing []string `json:"missing"`
	Clause  string   `json:"clause"`
}

func (f *jsonLines) render(r *rows) any {
	var b []byte
	r.each(func(one *row) {
		it := &r.result.Plan.Program.Items[one.item]
		line := jsonRow{
			Person: string(r.batch.IDs.At(one.person)), ItemNo: it.No, Item: it.ID, Name: it.Name,
			Result: one.result.String(), Missing: one.missing.Names(), Clause: it.ClauseAt,
		}
		if one.amount.State != rules.None {
			s := string(appendAmount(nil, one.amount))
			line.Amount = &s
		}
		text, _ := json.Marshal(&line) // strings and numbers always marshal
		b = append(append(b, text...), '\n')
	})
	return b
}

// parquetFile writes the same columns as the CSV; the amount is a decimal number
// and its state stands beside it.
type parquetFile struct {
	w *parquet.GenericWriter[parquetRow]
}

type parquetRow struct {
	Person      string   `parquet:"person"`
	ItemNo      int32    `parquet:"item_no"`
	Item        string   `parquet:"item,dict"`
	Name        string   `parquet:"name,dict"`
	Result      string   `parquet:"result,dict"`
	AmountYuan  *int64   `parquet:"amount_yuan,optional,decimal(2:18)"`
	AmountState string   `parquet:"amount_state,dict"`
	Missing     []string `parquet:"missing,list"`
	Clause      string   `parquet:"clause,dict"`
}

func newParquet(w io.Writer) *parquetFile {
	return &parquetFile{parquet.NewGenericWriter[parquetRow](w, parquet.Compression(&parquet.Zstd))}
}

func (f *parquetFile) render(r *rows) any {
	var out []parquetRow
	r.each(func(one *row) {
		it := &r.result.Plan.Program.Items[one.item]
		line := parquetRow{
			Person: string(r.batch.IDs.At(one.person)), ItemNo: int32(it.No), Item: it.ID, Name: it.Name,
			Result: one.result.String(), AmountState: one.amount.State.String(), Missing: one.missing.Names(), Clause: it.ClauseAt,
		}
		if one.amount.State == rules.Fixed {
			fen := one.amount.N
			line.AmountYuan = &fen
		}
		out = append(out, line)
	})
	return out
}

func (f *parquetFile) write(rendered any) error {
	_, err := f.w.Write(rendered.([]parquetRow))
	return err
}

func (f *parquetFile) end() error { return f.w.Close() }
