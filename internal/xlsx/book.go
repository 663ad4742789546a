package xlsx

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"strconv"
	"strings"
)

const (
	maxFile   = 1 << 30  // bytes of a file
	maxSheet  = 16 << 30 // bytes of an unpacked sheet
	maxShared = 1 << 30  // bytes of the texts that cells share
	maxPart   = 64 << 20 // bytes of any other part
)

// errTooLarge says that a workbook unfolds to more than any has.
var errTooLarge = errors.New("xlsx: the workbook unfolds to more than is read")

// book is an open workbook.
type book struct {
	parts  map[string]*zip.File // by name in lower case
	shared texts
	days   []bool // by style: whether it shows days
	y1904  bool   // whether days are counted from 1904
}

// texts are the texts that cells share, in one piece of memory.
type texts struct {
	all  []byte
	ends []uint32
}

func (t *texts) at(i int) ([]byte, bool) {
	if i < 0 || i >= len(t.ends) {
		return nil, false
	}
	from := uint32(0)
	if i > 0 {
		from = t.ends[i-1]
	}
	return t.all[from:t.ends[i]], true
}

// openBook reads all of a workbook but its sheets, and returns the name of the first
// sheet that can be seen.
func openBook(r io.Reader) (b *book, sheet string, err error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, "", err
	}
	if len(data) > maxFile {
		return nil, "", errTooLarge
	}
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, "", err
	}
	b = &book{parts: map[string]*zip.File{}}
	for _, f := range archive.File {
		b.parts[partName(f.Name)] = f
	}
	main, err := b.target("_rels/.rels", "", "/officeDocument")
	if err != nil {
		return nil, "", err
	}
	if sheet, err = b.readWorkbook(main); err != nil {
		return nil, "", err
	}
	relations := path.Join(path.Dir(main), "_rels", path.Base(main)+".rels")
	if name, err := b.target(relations, path.Dir(main), "/styles"); err == nil {
		if err := b.readStyles(name); err != nil {
			return nil, "", err
		}
	}
	if name, err := b.target(relations, path.Dir(main), "/sharedStrings"); err == nil {
		if err := b.readShared(name); err != nil {
			return nil, "", err
		}
	}
	return b, sheet, nil
}

// partName is how parts are looked up, whatever wrote them.
func partName(name string) string {
	return strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(name, "\\", "/"), "/"))
}

// open opens a part.
func (b *book) open(name string) (io.ReadCloser, error) {
	f := b.parts[partName(name)]
	if f == nil {
		return nil, fmt.Errorf("xlsx: the workbook lacks %s", name)
	}
	return f.Open()
}

// each hands every element and text of a part to do.
func (b *book) each(name string, most int64, do func(*scanner) error) (err error) {
	r, err := b.open(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	s := newScanner(r, most)
	for {
		switch err := s.next(); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if err := do(s); err != nil {
			return err
		}
	}
}

// relation is a line of a part of relationships.
type relation struct{ id, kind, target string }

func (b *book) relations(name string) (all []relation, err error) {
	err = b.each(name, maxPart, func(s *scanner) error {
		if s.is("Relationship") {
			all = append(all, relation{s.value("Id"), s.value("Type"), s.value("Target")})
		}
		return nil
	})
	return all, err
}

// target returns the part that a relationship of a kind leads to.
func (b *book) target(relations, folder, kind string) (string, error) {
	all, err := b.relations(relations)
	if err != nil {
		return "", err
	}
	for _, r := range all {
		if strings.HasSuffix(r.kind, kind) {
			return resolve(folder, r.target), nil
		}
	}
	return "", fmt.Errorf("xlsx: the workbook lacks its part %s", kind)
}

// resolve makes the name of a part of where a relationship points.
func resolve(folder, target string) string {
	if absolute, ok := strings.CutPrefix(target, "/"); ok {
		return absolute
	}
	return path.Join(folder, target)
}

// readWorkbook finds the first sheet that can be seen, and how days are counted.
func (b *book) readWorkbook(name string) (string, error) {
	var sheet, hidden string // by relationship
	err := b.each(name, maxPart, func(s *scanner) error {
		switch {
		case s.is("workbookPr"):
			v := s.value("date1904")
			b.y1904 = v == "1" || v == "true"
		case s.is("sheet"):
			id := s.relationID()
			if state := s.value("state"); state == "hidden" || state == "veryHidden" {
				if hidden == "" {
					hidden = id
				}
			} else if sheet == "" {
				sheet = id
			}
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	if sheet == "" {
		sheet = hidden
	}
	all, err := b.relations(path.Join(path.Dir(name), "_rels", path.Base(name)+".rels"))
	if err != nil {
		return "", err
	}
	for _, r := range all {
		if sheet != "" && r.id == sheet {
			return resolve(path.Dir(name), r.target), nil
		}
	}
	return "", errors.New("xlsx: the workbook has no sheet")
}

// relationID returns the attribute r:id of a sheet, whatever the prefix is.
func (s *scanner) relationID() string {
	if id := s.attr("r:id"); id != nil {
		return string(id)
	}
	m := anyID.FindSubmatch(s.attrs)
	if m == nil {
		return ""
	}
	return string(m[1])
}

var anyID = regexp.MustCompile(`\s\w+:id="([^"]*)"`)

// readStyles finds the styles that show days.
func (b *book) readStyles(name string) error {
	formats := map[int]string{}
	in := false // cellXfs
	return b.each(name, maxPart, func(s *scanner) error {
		switch {
		case s.is("numFmt"):
			if id, err := strconv.Atoi(s.value("numFmtId")); err == nil {
				formats[id] = s.value("formatCode")
			}
		case s.is("cellXfs"):
			in = !s.empty
		case s.ends("cellXfs"):
			in = false
		case in && s.is("xf"):
			id, err := strconv.Atoi(s.value("numFmtId"))
			b.days = append(b.days, err == nil && showsDays(id, formats[id]))
		}
		return nil
	})
}

// notShown are the parts of a number format that are no symbols: texts in quotes,
// escaped characters, colors and locales.
var notShown = regexp.MustCompile(`"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|(?i)general`)

// showsDays reports whether a number format shows a day; code is empty if the
// format is built in (ECMA-376 part 1, 18.8.30).
func showsDays(id int, code string) bool {
	if code != "" {
		return strings.ContainsAny(strings.ToLower(notShown.ReplaceAllString(code, "")), "ymda")
	}
	return id >= 14 && id <= 17 || id == 22 || id >= 27 && id <= 31 || id == 36 || id >= 50 && id <= 58
}

// readShared reads the texts that cells share.
func (b *book) readShared(name string) error {
	var t textOf
	return b.each(name, maxShared, func(s *scanner) error {
		if s.is("si") {
			t.begin()
		}
		t.take(s)
		if s.ends("si") {
			b.shared.all = append(b.shared.all, unfold(t.text)...)
			if len(b.shared.all) > maxShared {
				return errTooLarge
			}
			b.shared.ends = append(b.shared.ends, uint32(len(b.shared.all)))
		}
		return nil
	})
}

// textOf gathers the text of a cell from its runs; how Chinese characters are
// pronounced is no part of it.
type textOf struct {
	text     []byte
	in       bool // t
	phonetic bool // rPh
}

func (t *textOf) begin() { t.text, t.in, t.phonetic = t.text[:0], false, false }

func (t *textOf) take(s *scanner) {
	switch {
	case s.name == nil:
		if t.in && !t.phonetic {
			t.text = append(t.text, s.text...)
		}
	case string(s.name) == "t":
		t.in = !s.end && !s.empty
	case string(s.name) == "rPh":
		t.phonetic = !s.end && !s.empty
	}
}

// unfold resolves the characters that a text writes as _x000D_, because XML does not
// hold them.
func unfold(b []byte) []byte {
	i := bytes.Index(b, []byte("_x"))
	if i < 0 {
		return b
	}
	out := make([]byte, 0, len(b))
	for i >= 0 {
		out = append(out, b[:i]...)
		b = b[i:]
		if v, ok := folded(b); ok {
			out = append(out, string(rune(v))...)
			b = b[len("_xHHHH_"):]
		} else {
			out = append(out, b[:2]...)
			b = b[2:]
		}
		i = bytes.Index(b, []byte("_x"))
	}
	return append(out, b...)
}

func folded(b []byte) (uint64, bool) {
	if len(b) < len("_xHHHH_") || b[6] != '_' {
		return 0, false
	}
	v, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	return v, err == nil
}
