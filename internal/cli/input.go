package cli

import (
	"errors"
	"fmt"
	"io"
	"os"

	"yian/internal/civil"
	"yian/internal/people"
	"yian/internal/population"
)

// input reads a people file and keeps the rows that were refused.
type input struct {
	e       *env
	path    string
	rejects string // the file that refused rows go to
	file    *outFile
	w       *people.RejectWriter
	report  people.Report
}

func (e *env) input(path, out string) *input {
	if out == "" {
		out = path
	}
	return &input{e: e, path: path, rejects: out + ".rejects.csv"}
}

// read hands the batches of the file to each, in order.
func (in *input) read(on civil.Date, each func(*people.Batch) error) error {
	f, err := os.Open(in.path)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("没有人员文件 %s", in.path)
		}
		return fmt.Errorf("不能读人员文件：%w", err)
	}
	defer func() { _ = f.Close() }() // only read
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.IsDir() {
		return fmt.Errorf("%s 是文件夹，请给出人员文件", in.path)
	}
	bar := in.e.progress("认定", info.Size())
	defer bar.end()
	opt := people.Options{On: on, Workers: in.e.workers, BlockBytes: 4 << 20}
	in.report, err = people.Read(in.e.ctx, io.Reader(f), opt, func(b *people.Batch) error {
		bar.set(b.Bytes)
		if err := in.keep(b); err != nil {
			return err
		}
		return each(b)
	})
	if err != nil {
		return fmt.Errorf("%s：%w", in.path, err)
	}
	return nil
}

// keep writes the refused rows of a batch aside.
func (in *input) keep(b *people.Batch) (err error) {
	if len(b.Rejects) == 0 {
		return nil
	}
	if in.file == nil {
		if in.file, err = create(in.rejects, in.path); err != nil {
			return err
		}
		in.w = people.NewRejectWriter(in.file)
	}
	return in.w.Write(b)
}

// done names the file of refused rows.
func (in *input) done() error {
	if in.file == nil {
		in.stale()
		return nil
	}
	if err := in.w.Flush(); err != nil {
		return err
	}
	return in.file.done()
}

// stale tells of the refused rows of an earlier run. They may be being mended, so
// they stay.
func (in *input) stale() {
	if _, err := os.Stat(in.rejects); err == nil {
		fmt.Fprintf(in.e.stderr, "yian: 这次没有被拒绝的行；%s 是以前留下的，与这次的结果无关\n", in.rejects)
	}
}

func (in *input) discard() {
	if in.file != nil {
		in.file.discard()
	}
}

// tell says what was read, and ends with exitInput if rows were refused.
func (in *input) tell(w io.Writer) error {
	r := in.report
	fmt.Fprintf(w, "%s：%s，%s；读入 %s 行，接受 %s，拒绝 %s\n",
		in.path, r.Format, r.Encoding, grouped(r.Rows), grouped(r.Accepted), grouped(r.Rejected))
	if r.Rejected == 0 {
		return nil
	}
	fmt.Fprintf(in.e.stderr, "yian: 有 %s 行被拒绝，原因逐行写在 %s；改正后可以直接再次读入该文件\n", grouped(r.Rejected), in.rejects)
	return status(exitInput)
}

// population reads a whole file into memory, with everybody's id.
func (in *input) population(on civil.Date) (*population.Population, *roll, error) {
	var batches []*population.Columns
	ids := &roll{}
	err := in.read(on, func(b *people.Batch) error {
		batches = append(batches, &b.Columns)
		ids.add(&b.IDs)
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	return population.New(population.Concat(batches)), ids, nil
}

// roll is the ids of a population that was read in batches.
type roll struct {
	parts []*people.IDs
	start []int
	n     int
}

func (r *roll) add(ids *people.IDs) {
	r.parts, r.start = append(r.parts, ids), append(r.start, r.n)
	r.n += ids.Len()
}

// at returns the id of person i.
func (r *roll) at(i int) []byte {
	lo, hi := 0, len(r.start)
	for hi-lo > 1 {
		if mid := (lo + hi) / 2; r.start[mid] <= i {
			lo = mid
		} else {
			hi = mid
		}
	}
	return r.parts[lo].At(i - r.start[lo])
}
