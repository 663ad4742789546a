package intake

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/blob"
	"yian/internal/db"
	"yian/internal/people"
)

const (
	maxColumns   = 200
	maxText      = 4 << 30 // bytes of all rows
	blockText    = 8 << 20 // bytes of the rows of a block
	headerWithin = 10      // rows: the header may stand below titles and notes
	sampleRows   = 3
)

// read turns an upload into blocks of rows. What was stored in an earlier turn is
// skipped.
func (s *Service) read(ctx context.Context, imp *Import) error {
	in := &upload{Reader: s.Blobs.Open(ctx, imp.Upload, imp.Pieces)}
	r := &reading{s: s, imp: imp, until: s.Now().Add(s.Limits.Turn * 4 / 3)} // a workbook is read from its beginning
	err := r.file(ctx, in)
	bad, isBad := errors.AsType[*badFile](err)
	switch {
	case in.err != nil:
		return in.err
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, errTurn):
		return s.again(ctx, imp)
	case isBad:
		return s.end(ctx, access.System("导入"), imp, Failed, bad.reason)
	}
	return err
}

// upload reads an upload and remembers an error, which is no fault of the file.
type upload struct {
	io.Reader
	err error
}

func (u *upload) Read(p []byte) (int, error) {
	n, err := u.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		u.err = err
	}
	return n, err
}

// badFile is a fault because of which a file is refused.
type badFile struct{ reason string }

func (b *badFile) Error() string { return b.reason }

// refused tells what is wrong with a file in the words of its reader.
func refused(err error) error {
	if fault, ok := errors.AsType[*people.FileError](err); ok {
		return &badFile{fault.Error()}
	}
	reason, _, _ := strings.Cut(err.Error(), ": ") // what follows is English
	return &badFile{reason}
}

// errTurn ends a turn before its work is done.
var errTurn = errors.New("intake: the turn is over")

// reading is the reading of a file in one turn.
type reading struct {
	s     *Service
	imp   *Import
	until time.Time
	table *people.Table
	early []row // until the header is known
	head  *Head
	met   int64 // rows, of which imp.Total were stored before
	all   int   // bytes of them

	// The block that is being filled, and blocks on their way into the database:
	text   []byte
	count  int
	blocks []stage
	pieces []blob.Piece
	size   int
}

func (r *reading) file(ctx context.Context, in io.Reader) (err error) {
	if r.table, err = people.OpenTable(in); err != nil {
		return refused(err)
	}
	defer r.table.Close()
	for row, err := range r.table.Rows(ctx) {
		if err != nil {
			return refused(err)
		}
		if r.head != nil {
			err = r.row(ctx, row.Line, row.Cells)
		} else if r.early = append(r.early, kept(row)); len(r.early) == headerWithin {
			err = r.begin(ctx)
		}
		if err != nil {
			return err
		}
	}
	if r.head == nil {
		if err := r.begin(ctx); err != nil {
			return err
		}
	}
	if r.met == 0 {
		return &badFile{"文件里只有表头，没有人员；请检查是不是选错了文件或工作表（读取第一个工作表）。"}
	}
	return r.finish(ctx)
}

// kept copies a row.
func kept(r people.Row) row {
	cells := make([]string, len(r.Cells))
	for i, c := range r.Cells {
		cells[i] = string(c)
	}
	return row{r.Line, cells}
}

// begin finds the header among the first rows: the first that names two things or more
// that are known, else the very first.
func (r *reading) begin(ctx context.Context) error {
	if len(r.early) == 0 {
		return &badFile{"文件是空的；第一行应是表头，如 姓名、身份证号。"}
	}
	at := 0
	for i, row := range r.early {
		known := map[Target]bool{}
		for _, cell := range row.cells {
			known[Guess(cell)] = true
		}
		delete(known, Ignored)
		if len(known) >= 2 {
			at = i
			break
		}
	}
	r.head = &Head{Header: r.early[at].cells}
	for i, name := range r.head.Header {
		r.head.Header[i] = strings.Join(strings.Fields(name), "")
	}
	if n := len(r.head.Header); n > maxColumns {
		return &badFile{"表头有 " + itoa(n) + " 列，最多 " + itoa(maxColumns) + " 列；请删去不导入的列。"}
	}
	early := r.early[at+1:]
	r.early = nil
	for _, row := range early {
		cells := make([][]byte, len(row.cells))
		for i, c := range row.cells {
			cells[i] = []byte(c)
		}
		if err := r.row(ctx, row.line, cells); err != nil {
			return err
		}
	}
	return nil
}

// row takes a row into the block at hand.
func (r *reading) row(ctx context.Context, line int, cells [][]byte) error {
	if n := len(r.head.Header) - len(cells); n > 0 && r.table.Format() == "XLSX" {
		cells = append(cells, make([][]byte, n)...) // a workbook does not store empty cells
	}
	if len(r.head.Samples) < sampleRows {
		r.head.Samples = append(r.head.Samples, kept(people.Row{Cells: cells}).cells)
	}
	if r.met++; r.met > r.s.Limits.Rows {
		return &badFile{"文件超过 " + itoa(int(r.s.Limits.Rows)) + " 行，请拆成几个文件分别导入。"}
	}
	for _, c := range cells {
		r.all += len(c)
	}
	if r.all > maxText {
		return &badFile{"文件内容超过 4 GB，不像人员表；请检查文件。"}
	}
	if r.met <= r.imp.Total {
		return nil // stored in an earlier turn
	}
	r.text = appendRow(r.text, line, cells)
	r.count++
	if r.count < r.s.batch(r.imp) && len(r.text) < blockText {
		return nil
	}
	return r.block(ctx)
}

// large is from how many bytes on a file is large.
const large = 16 << 20

// batch is how many rows of a file one transaction brings. SQLite has one writer, who
// pays by the page that he changes, and a block changes pages all over the indexes: five
// times the rows change little more than twice the pages. But others wait for him so much
// longer, which only the large file of a first load is worth.
func (s *Service) batch(imp *Import) int {
	if s.DB.Engine() == db.SQLite && imp.Bytes >= large {
		return 5 * s.Limits.Batch
	}
	return s.Limits.Batch
}

// block seals the block at hand, and stores those that wait if they are many.
func (r *reading) block(ctx context.Context) error {
	n := r.imp.Blocks + int64(len(r.blocks))
	p, err := r.s.Blobs.Seal(r.imp.ID, n, r.text)
	if err != nil {
		return err
	}
	r.blocks, r.pieces = append(r.blocks, stage{n, r.count}), append(r.pieces, p)
	r.size += len(p.Sealed)
	r.text, r.count = r.text[:0], 0
	if r.size < group {
		return nil
	}
	if err := r.flush(ctx, false); err != nil {
		return err
	}
	if !r.s.Now().Before(r.until) {
		return errTurn
	}
	return nil
}

// finish stores what is left: the columns come next.
func (r *reading) finish(ctx context.Context) error {
	if r.count > 0 {
		if err := r.block(ctx); err != nil {
			return err
		}
	}
	b, err := json.Marshal(r.head)
	if err != nil {
		return err
	}
	head, err := r.s.Blobs.Seal(r.imp.ID, headPiece, b)
	if err != nil {
		return err
	}
	imp := r.imp
	imp.Head, imp.State = head.Sealed, Matching
	if imp.Mapping, err = r.s.mapping(ctx, imp, r.head.Header); err != nil {
		return err
	}
	return r.flush(ctx, true)
}

// mapping returns what the columns were for the last time, else what they seem to be for.
func (s *Service) mapping(ctx context.Context, imp *Import, header []string) (Mapping, error) {
	known := core(header)
	m, err := s.keptMapping(ctx, imp.Source, fingerprint(known))
	if err != nil {
		return nil, err
	}
	if len(m) != len(known) {
		return guess(header), nil
	}
	return append(m, make(Mapping, len(header)-len(known))...), nil
}

// flush stores the blocks at hand and how far the reading has come.
func (r *reading) flush(ctx context.Context, last bool) error {
	imp, s := r.imp, r.s
	imp.Blocks += int64(len(r.blocks))
	for _, b := range r.blocks {
		imp.Total += int64(b.count)
	}
	imp.Format, imp.Encoding = r.table.Format(), r.table.Encoding()
	imp.Attempts, imp.LeaseUntil = 0, s.leaseEnd()
	columns := []string{"blocks", "total", "format", "encoding", "attempts", "lease_until"}
	if last {
		columns = append(columns, "state", "head", "mapping")
	}
	err := s.Audit.Write(ctx, access.System("导入"), actRead, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		if err := s.update(ctx, tx, imp, columns...); err != nil {
			return audit.Nothing, err
		}
		if err := s.Blobs.Insert(ctx, tx, r.pieces); err != nil {
			return audit.Nothing, err
		}
		if err := insertBlocks(ctx, tx, imp.ID, r.blocks); err != nil {
			return audit.Nothing, err
		}
		if last { // the rows are all there is to it now
			if err := s.Blobs.Delete(ctx, tx, imp.Upload); err != nil {
				return audit.Nothing, err
			}
		}
		return change(imp, map[string]any{"rows": imp.Total, "format": imp.Format}), nil
	})
	r.blocks, r.pieces, r.size = nil, nil, 0
	return err
}

// rows returns the rows of a block.
func (s *Service) rows(p blob.Piece) ([]row, error) {
	b, err := s.Blobs.Unseal(p)
	if err != nil {
		return nil, err
	}
	return readRows(b)
}
