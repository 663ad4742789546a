package cli

import (
	"io"

	"github.com/parquet-go/parquet-go"

	"yian/internal/rules"
)

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
