// Package people reads and writes files of people (人员文件): one row a person, an
// id and any of the facts of the vocabulary, as CSV, gzipped CSV or XLSX, in UTF-8
// or GB18030. What a file is, is seen from its content, never from its name.
//
// A file is cut into blocks at the ends of records; blocks are parsed in parallel
// straight into columns and delivered in their order. A row that cannot be true is
// rejected as a whole with all its reasons and can be written, mended and read
// again. A file that cannot be understood is refused with the line and what to do.
//
// Whether an id occurred before is decided exactly: a table of 64-bit words finds
// candidates by hash and every candidate is compared byte by byte. It holds about
// 20 bytes a person besides the id.
package people

import (
	"context"
	"hash/maphash"
	"io"
	"runtime"
	"sync"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/ordered"
	"yian/internal/population"
)

const (
	defaultBlock = 1 << 20
	maxBlock     = 16 << 20
)

// Options (读取选项) say how a file is read.
type Options struct {
	On         civil.Date // the day of evaluation (评定日), by which rows are plausible
	Workers    int        // goroutines that parse; 0: one a core
	BlockBytes int        // about how much of the file makes a batch; 0: 1 MiB
}

// Report sums up a file (读取报告).
type Report struct {
	Format   string   // CSV, CSV.gz or XLSX
	Encoding string   // UTF-8, UTF-8（带 BOM） or GB18030
	Columns  []string // the header as the file has it, without the columns of a rejects file
	Facts    fact.Set // of which the file has a column
	Rows     int      // Accepted + Rejected
	Accepted int
	Rejected int
}

// Batch is some consecutive rows of a file (一批人员). Its memory is not used
// again: it may be kept and handed to other goroutines.
type Batch struct {
	Columns population.Columns // of the accepted rows, in their order
	IDs     IDs                // of the accepted rows
	Rejects []Reject           // the other rows
	Header  []string           // Report.Columns, for the file of rejects
	Bytes   int64              // of the input read until now, as stored (compressed); a workbook is read whole at first
}

// IDs holds the ids (编号) of people in one piece of memory.
type IDs struct {
	text []byte
	ends []uint32
}

// Len returns the number of ids.
func (s *IDs) Len() int { return len(s.ends) }

// At returns the id of person i. It must not be changed.
func (s *IDs) At(i int) []byte {
	start := uint32(0)
	if i > 0 {
		start = s.ends[i-1]
	}
	return s.text[start:s.ends[i]:s.ends[i]]
}

// source gives the blocks of a file.
type source interface {
	next() (*block, bool, error)
	encoding() string
	close()
}

// Read reads a file and calls each for its batches, in the order of the file and
// on the goroutine of the caller. A file without rows gives no batch.
//
// After an error, what each has got is a beginning of the file and no more, and the
// report tells what was known until then. When ctx ends, Read returns once the
// blocks at work are done; only a call of r.Read that hangs can keep it longer.
func Read(ctx context.Context, r io.Reader, opt Options, each func(*Batch) error) (Report, error) {
	var report Report
	if opt.On.IsZero() {
		return report, &FileError{Reason: "没有给出评定日，无法判断出生日期是否合理"}
	}
	if opt.Workers <= 0 {
		opt.Workers = runtime.GOMAXPROCS(0)
	}
	if opt.BlockBytes <= 0 {
		opt.BlockBytes = defaultBlock
	}
	opt.BlockBytes = min(opt.BlockBytes, maxBlock)

	src, format, err := open(r, opt.BlockBytes)
	if err != nil {
		return report, err
	}
	defer src.close()
	report.Format = format
	first, head, err := begin(ctx, src)
	report.Encoding = src.encoding()
	if err != nil {
		return report, err
	}
	report.Columns, report.Facts = head.names, head.facts

	job := &job{header: head, on: opt.On, oldest: civil.LatestBirth(fact.MaxAge+1, opt.On), seed: maphash.MakeSeed()}
	parsers := sync.Pool{New: func() any { return newParser(job) }}
	seen := newSeen(job.seed)
	next := func() (*block, bool, error) {
		if b := first; b != nil {
			first = nil
			return b, true, nil
		}
		return src.next()
	}
	parse := func(b *block) (*block, error) {
		p := parsers.Get().(*parser)
		defer parsers.Put(p)
		return b, p.parse(b)
	}
	deliver := func(b *block) error {
		batch := b.finish(job, seen)
		b.recycle()
		report.Accepted += batch.Columns.N
		report.Rejected += len(batch.Rejects)
		report.Rows = report.Accepted + report.Rejected
		if batch.Columns.N+len(batch.Rejects) == 0 {
			return nil
		}
		return each(batch)
	}
	err = ordered.Map(ctx, opt.Workers, next, parse, deliver)
	report.Encoding = src.encoding()
	return report, err
}

// begin finds the first block with a record and reads the header from it.
func begin(ctx context.Context, src source) (*block, *header, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		b, ok, err := src.next()
		if err != nil {
			return nil, nil, err
		}
		if !ok {
			return nil, nil, &FileError{Reason: "文件是空的，第一行应是表头，如 id,birth,sex,hukou"}
		}
		b.decode()
		head, err := b.readHeader()
		if err != nil {
			return nil, nil, err
		}
		if head != nil {
			return b, head, nil
		}
		b.recycle()
	}
}
