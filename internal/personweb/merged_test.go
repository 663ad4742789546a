package personweb_test

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/db"
	"yian/internal/id"
)

// TestAMergedFileLeadsToTheOneThatWasKept suspects two more files, merges the one that
// is shown, and tries to write in it.
func TestAMergedFileLeadsToTheOneThatWasKept(t *testing.T) {
	s, gone := full(t)
	b := s.as(t, 1)
	record := strings.TrimSuffix(regexp.MustCompile(gone+`/records/\w+/correct`).FindString(b.get(t, gone).body), "/correct")
	keep := s.create(t, "王秀兰", "14100219400115004", "141002001")
	s.pairs = []id.ID{7, 8}
	if n := strings.Count(b.get(t, gone).want(t, 200, "另有 2 份档案可能是同一个人").body, "可能有两份档案"); n != 1 {
		t.Errorf("the suspicion is told %d times", n)
	}

	was, err := id.Parse(strings.TrimPrefix(gone, "/persons/"))
	if err != nil {
		t.Fatal(err)
	}
	system := access.System("测试")
	err = s.trail.Write(t.Context(), system, audit.Action{Code: "test", Label: "合并"}, func(ctx context.Context, tx db.Tx) (audit.Change, error) {
		_, err := s.people.Join(ctx, tx, system, keep.ID, was, "同一人")
		return audit.Change{Kind: "pair", Region: "141002"}, err
	})
	if err != nil {
		t.Fatal(err)
	}
	b.get(t, gone).want(t, 200, "这份档案已并入另一份").lacks(t, "可能有两份档案")
	for _, below := range []string{"/edit", "/facts/new", "/state", "/transfer", "/photo/new"} {
		a := b.get(t, gone+below).want(t, 200, "这里是保留的档案")
		if a.path != "/persons/"+keep.ID.String() {
			t.Errorf("%s leads to %s", below, a.path)
		}
	}
	b.post(t, gone+"/edit", "name", "甲乙").want(t, 200, "没有改动").lacks(t, "甲乙")
	b.get(t, record+"/correct").want(t, 409, "请到保留的档案中办理")
}
