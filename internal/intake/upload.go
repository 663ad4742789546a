package intake

import (
	"context"
	"errors"
	"io"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/blob"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/history"
	"yian/internal/id"
	"yian/internal/region"
)

// Upload (上传) is what is known of a file before it was looked into.
type Upload struct {
	Region region.Code // where the user works
	Source history.Source
	Name   string // of the file
}

// group is about how many bytes of sealed pieces are written in one transaction: a few
// tenths of a second.
const group = 8 << 20

// Upload takes a file piece by piece, and then has it read. No more than a group of
// pieces is in memory, and no transaction is open while more comes in.
func (s *Service) Upload(ctx context.Context, actor access.Actor, u Upload, r io.Reader) (id.ID, error) {
	if err := actor.NeedIn(access.PersonImport, u.Region); err != nil {
		return 0, err
	}
	if !u.Source.Known() || u.Source == history.Settled {
		var f errs.Fields
		f.Add("source", "请选择数据来自哪个部门")
		return 0, f.Err()
	}
	now := civil.At(s.Now())
	imp := &Import{
		ID: s.IDs.New(), Version: 1, User: actor.User, UserName: actor.Name, Region: u.Region, State: Uploading,
		Source: u.Source, FileName: fileName(u.Name), Upload: s.IDs.New(), Mapping: Mapping{}, Created: now, Updated: now,
	}
	in := &uploading{s: s, actor: actor, imp: imp}
	err := in.take(ctx, r)
	if err != nil && in.stored {
		// Whoever sent it may have gone; what came of it is of no use.
		err = errors.Join(err, s.end(context.WithoutCancel(ctx), actor, imp, Failed, "文件没有传完，请重新上传。"))
	}
	if err != nil {
		return 0, err
	}
	return imp.ID, nil
}

// uploading is an upload under way.
type uploading struct {
	s      *Service
	actor  access.Actor
	imp    *Import
	stored bool // the row is in the database
	held   []blob.Piece
	size   int
}

func (u *uploading) take(ctx context.Context, r io.Reader) error {
	buf := make([]byte, blob.PieceSize)
	for {
		n, err := io.ReadFull(r, buf)
		last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return err
		}
		u.imp.Bytes += int64(n)
		if u.imp.Bytes > u.s.Limits.Upload {
			return errs.New(errs.TooLarge, "文件超过 %d MB，请拆成几个文件，或压缩为 .csv.gz 后上传。", u.s.Limits.Upload>>20)
		}
		if u.imp.Bytes == 0 {
			var f errs.Fields
			f.Add("file", "文件是空的，请重新选择")
			return f.Err()
		}
		if n > 0 {
			p, err := u.s.Blobs.Seal(u.imp.Upload, u.imp.Pieces, buf[:n])
			if err != nil {
				return err
			}
			u.imp.Pieces++
			u.held, u.size = append(u.held, p), u.size+len(p.Sealed)
		}
		if last || u.size >= group {
			if err := u.flush(ctx, last); err != nil || last {
				return err
			}
		}
	}
}

// flush stores the pieces at hand; behind the last one the file is to be read.
func (u *uploading) flush(ctx context.Context, last bool) error {
	s, imp := u.s, u.imp
	if last {
		imp.State = Reading
	}
	err := s.Audit.Write(ctx, u.actor, actUpload, func(ctx context.Context, tx db.Tx) (c audit.Change, err error) {
		if u.stored {
			err = s.update(ctx, tx, imp, "state", "pieces", "bytes")
		} else {
			err = insert(ctx, tx, imp)
		}
		if err == nil {
			err = s.Blobs.Insert(ctx, tx, u.held)
		}
		if err == nil && last {
			err = s.Jobs.Enqueue(ctx, tx, work{imp.ID})
		}
		return change(imp, map[string]any{"bytes": imp.Bytes, "source": imp.Source}), err
	})
	u.stored = u.stored || err == nil
	u.held, u.size = nil, 0
	return err
}

// fileName keeps of a name what can be shown.
func fileName(name string) string {
	name = path.Base(strings.ReplaceAll(name, "\\", "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, name)
	if name == "" || name == "." || name == "/" {
		return "未命名"
	}
	if r := []rune(name); len(r) > 100 {
		name = string(r[:100]) + "…"
	}
	return name
}
