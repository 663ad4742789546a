package errs_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"yian/internal/errs"
)

func TestKindSurvivesWrapping(t *testing.T) {
	err := error(errs.New(errs.Stale, "别人刚刚改过").Because(io.ErrUnexpectedEOF))
	errs.Wrap(&err, "person %d", 7)
	if errs.KindOf(err) != errs.Stale || errs.Message(err) != "别人刚刚改过" || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatalf("got %v of kind %d, message %q", err, errs.KindOf(err), errs.Message(err))
	}
	if !strings.HasPrefix(err.Error(), "person 7: ") {
		t.Errorf("no context: %v", err)
	}
}

func TestInternalTextIsNotShown(t *testing.T) {
	err := errors.New("dial tcp 10.0.0.1: refused")
	if got := errs.Message(err); strings.Contains(got, "10.0.0.1") || errs.KindOf(err).Status() != 500 {
		t.Errorf("the reader sees %q", got)
	}
}

func TestWrapOfNil(t *testing.T) {
	var err error
	errs.Wrap(&err, "x")
	if err != nil {
		t.Fatal(err)
	}
}

func TestFields(t *testing.T) {
	var f errs.Fields
	if f.Err() != nil {
		t.Fatal("no fault is an error")
	}
	f.Check("birth", errors.New("日期不存在"))
	f.Check("name", nil)
	f.Add("name", "请填写%s", "姓名")
	err := f.Err()
	if got := errs.FieldsOf(err); len(got) != 2 || got[0].Message != "日期不存在" || got[1] != (errs.Field{Name: "name", Message: "请填写姓名"}) {
		t.Fatalf("got %v", got)
	}
	if !errs.Is(err, errs.Invalid) || errs.Is(nil, errs.Internal) {
		t.Error("wrong kind")
	}
}

func TestEveryKindHasAStatus(t *testing.T) {
	for k := errs.Internal; k <= errs.Unavailable; k++ {
		if k.Status() < 400 {
			t.Errorf("kind %d has status %d", k, k.Status())
		}
	}
}
