package people

import (
	"bytes"
	"fmt"
)

// FileError is a fault because of which a file is refused as a whole (文件错误).
type FileError struct {
	Line   int // 0: the fault has no line
	Reason string
}

func (e *FileError) Error() string {
	if e.Line == 0 {
		return e.Reason
	}
	return fmt.Sprintf("第 %d 行：%s", e.Line, e.Reason)
}

// tokenizer takes the cells of records from a block, by RFC 4180.
type tokenizer struct {
	block   *block
	delim   byte
	at      int // the beginning of the next record
	line    int // its line
	from    int // the beginning of the last record
	begun   int // its line
	cells   [][]byte
	scratch []byte // cells with doubled quotes
}

// skipEmpty goes on to the next line that is not empty; false: there is none.
func (t *tokenizer) skipEmpty() bool {
	text := t.block.text
	for t.at < len(text) {
		switch {
		case text[t.at] == '\n':
			t.at++
		case text[t.at] == '\r' && text[t.at+1] == '\n':
			t.at += 2
		default:
			return true
		}
		t.line++
	}
	return false
}

// record takes the next record. Its cells are good until the next call.
func (t *tokenizer) record() error {
	text := t.block.text
	t.cells, t.scratch = t.cells[:0], t.scratch[:0]
	t.from, t.begun = t.at, t.line
	for i := t.at; ; i++ {
		var cell []byte
		var err error
		if text[i] == '"' {
			cell, i, err = t.quoted(i)
		} else {
			cell, i, err = t.plain(i)
		}
		if err != nil {
			return err
		}
		t.cells = append(t.cells, cell)
		if text[i] == '\n' {
			t.at = i + 1
			t.line += bytes.Count(text[t.from:t.at], []byte{'\n'})
			break
		}
	}
	if t.at-t.from > maxRecord {
		return t.long()
	}
	return nil
}

// plain takes a cell without quotes; end is the place of what ends it.
func (t *tokenizer) plain(i int) (cell []byte, end int, err error) {
	text := t.block.text
	for end = i; text[end] != t.delim && text[end] != '\n'; end++ {
		if text[end] == '"' {
			return nil, 0, t.refuse(end, "引号出现在单元格中间；含引号的单元格应整个用引号括起，里面的引号写两遍")
		}
	}
	cell = text[i:end]
	if n := len(cell); text[end] == '\n' && n > 0 && cell[n-1] == '\r' {
		cell = cell[:n-1]
	}
	return cell, end, nil
}

// quoted takes a cell whose opening quote is at i.
func (t *tokenizer) quoted(i int) (cell []byte, end int, err error) {
	text := t.block.text
	i++
	doubled := -1 // where the cell begins in scratch
	for from := i; ; {
		n := bytes.IndexByte(text[i:], '"')
		if n < 0 {
			return nil, 0, t.refuse(len(text), "有一个引号直到文件末尾也没有结束")
		}
		i += n + 1
		if text[i] == '"' {
			if doubled < 0 {
				doubled = len(t.scratch)
			}
			t.scratch = append(t.scratch, text[from:i]...)
			i++
			from = i
			continue
		}
		cell = text[from : i-1]
		if doubled >= 0 {
			t.scratch = append(t.scratch, cell...)
			cell = t.scratch[doubled:]
		}
		break
	}
	if text[i] == '\r' && text[i+1] == '\n' {
		i++
	}
	if text[i] != t.delim && text[i] != '\n' {
		return nil, 0, t.refuse(i, "引号结束后还有文字；单元格里的引号应写两遍")
	}
	return cell, i, nil
}

// refuse makes the error for a fault at the place at. What lies behind the longest
// record that is read, or behind the sound part of the block, is not looked at.
func (t *tokenizer) refuse(at int, reason string) error {
	switch {
	case at-t.from > maxRecord:
		return t.long()
	case at >= len(t.block.text)-1 && t.block.tail != sound:
		return t.tailFault()
	default:
		line := t.begun
		if at < len(t.block.text) {
			line += bytes.Count(t.block.text[t.from:at], []byte{'\n'})
		}
		return &FileError{Line: line, Reason: reason}
	}
}

func (t *tokenizer) long() error {
	return &FileError{Line: t.begun, Reason: "从这一行开始的一条记录超过 1 MiB，可能漏了一个引号，或者文件不是人员表"}
}

// tailFault is the error of the last record of a block with a bad tail.
func (t *tokenizer) tailFault() error {
	if t.block.tail == tooLong || len(t.block.text)-t.from > maxRecord {
		return t.long()
	}
	return t.block.fault()
}
