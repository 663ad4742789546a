package intake

import (
	"context"
	"io"
	"slices"
	"strings"

	"yian/internal/access"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/people"
)

// Faults returns what is wrong with the first rejected rows of the actor's own file,
// as the last run found it.
func (s *Service) Faults(ctx context.Context, actor access.Actor, n id.ID, limit int) (all []Fault, err error) {
	imp, err := s.own(ctx, actor, n)
	if err != nil {
		return nil, err
	}
	scope := actor.Scope(access.PersonImport)
	for after := int64(-1); len(all) < limit; {
		outcomes, err := s.rejected(ctx, scope, imp.ID, after, 10)
		if err != nil || len(outcomes) == 0 {
			return all, err
		}
		for _, o := range outcomes {
			after = o.n
			faults, err := s.faults(imp.ID, o)
			if err != nil {
				return nil, err
			}
			all = append(all, faults[:min(len(faults), limit-len(all))]...)
		}
	}
	return all, nil
}

// Rejects returns the file of the rejected rows of the actor's own import, to be
// mended and uploaded again: the columns as they came, the line, and the reasons.
func (s *Service) Rejects(ctx context.Context, actor access.Actor, n id.ID) (io.ReadCloser, error) {
	imp, err := s.own(ctx, actor, n)
	if err != nil {
		return nil, err
	}
	if imp.Purged {
		return nil, errs.New(errs.NotFound, "文件内容已按期清除，不能再下载退回文件。")
	}
	if imp.State == Checking || imp.State == Reading || imp.State == Matching {
		return nil, wrongState(imp)
	}
	head, err := s.head(imp)
	if err != nil {
		return nil, err
	}
	if err := s.Audit.Read(ctx, actor, actFetch, change(imp, nil)); err != nil {
		return nil, err
	}
	out, in := io.Pipe()
	w := &rejectWriter{s: s, scope: actor.Scope(access.PersonImport), imp: imp, header: head.Header, width: len(core(head.Header)), w: in}
	go func() { in.CloseWithError(w.write(ctx)) }()
	return out, nil
}

// rejectWriter writes a file of rejected rows.
type rejectWriter struct {
	s      *Service
	scope  access.Scope
	imp    *Import
	header []string
	width  int // columns of the file, without those of an earlier file of rejects
	w      io.Writer
	buf    []byte
}

func (w *rejectWriter) write(ctx context.Context) error {
	w.buf = append(w.buf, "\ufeff"...)
	w.row(slices.Concat(w.header[:w.width], service))
	for after := int64(-1); ; {
		outcomes, err := w.s.rejected(ctx, w.scope, w.imp.ID, after, 10)
		if err != nil {
			return err
		}
		if len(outcomes) == 0 {
			return nil
		}
		for _, o := range outcomes {
			after = o.n
			if err := w.block(ctx, o); err != nil {
				return err
			}
		}
	}
}

// block writes the rejected rows of a block.
func (w *rejectWriter) block(ctx context.Context, o outcome) error {
	faults, err := w.s.faults(w.imp.ID, o)
	if err != nil {
		return err
	}
	sealed, err := w.s.Blobs.Load(ctx, w.imp.ID, o.n)
	if err != nil {
		return err
	}
	rows, err := w.s.rows(sealed)
	if err != nil {
		return err
	}
	for len(faults) > 0 {
		n := 1
		for n < len(faults) && faults[n].Row == faults[0].Row {
			n++
		}
		w.reject(rows[faults[0].Row], faults[:n])
		faults = faults[n:]
	}
	_, err = w.w.Write(w.buf)
	w.buf = w.buf[:0]
	return err
}

// reject writes a row. One with too many cells has no place for them: it leaves its
// columns empty, so that it cannot be taken for mended by mistake.
func (w *rejectWriter) reject(r row, faults []Fault) {
	cells := make([]string, w.width, w.width+len(service))
	if len(r.cells) <= len(w.header) {
		for i := range min(w.width, len(r.cells)) {
			cells[i] = guarded(r.cells[i])
		}
	}
	reasons := make([]string, len(faults))
	for i, f := range faults {
		reasons[i] = f.Reason
		if f.Column != "" {
			reasons[i] = f.Column + "：" + f.Reason
		}
	}
	w.row(append(cells, itoa(r.line), guarded(strings.Join(reasons, "；"))))
}

func (w *rejectWriter) row(cells []string) {
	for i, c := range cells {
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		w.buf = people.AppendCell(w.buf, c)
	}
	w.buf = append(w.buf, '\r', '\n')
}

// guarded keeps a spreadsheet from taking a cell for a formula, or a long number for a
// quantity, of which it would keep fifteen digits. What it adds is taken away again
// when the file comes back.
func guarded(cell string) string {
	switch {
	case formula(cell):
		return "'" + cell
	case len(cell) > 11 && strings.Trim(cell, "0123456789") == "":
		return cell + "\t"
	default:
		return cell
	}
}
