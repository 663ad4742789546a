package history

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"yian/internal/fact"
)

var update = flag.Bool("update", false, "rewrite docs/precedence.md")

const docsFile = "../../docs/precedence.md"

// TestDocsFollowThePrecedence keeps docs/precedence.md the same as the table.
func TestDocsFollowThePrecedence(t *testing.T) {
	var b strings.Builder
	b.WriteString(`# 来源优先级 Which source counts

同一天有几个来源对同一信息项的说法不同时，数字小的算数；数字相同，则起始日期晚的算数；再相同，则登记晚的算数。数字大的来源若说法更新而不同，不会改动当前值，而是列为“争议”，由工作人员核定。由 ` + "`internal/history/source.go`" + ` 生成（` + "`make golden`" + `），请勿手改。

| 信息项 |`)
	for _, s := range Sources {
		b.WriteString(" " + s.Label + " |")
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(Sources)) + "\n")
	for id := range fact.Count {
		fmt.Fprintf(&b, "| %s |", id.Def().Label)
		for _, s := range Sources {
			fmt.Fprintf(&b, " %d |", Rank(s.Source, id))
		}
		b.WriteString("\n")
	}
	if *update {
		if err := os.WriteFile(docsFile, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(docsFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != b.String() {
		t.Errorf("%s differs from the table; run make golden", docsFile)
	}
}

func TestRank(t *testing.T) {
	for _, tc := range []struct {
		source Source
		fact   fact.ID
		want   int
	}{
		{Aid, fact.Income, 1},
		{Eldercare, fact.Income, 2},
		{Town, fact.Income, 3},
		{Village, fact.Income, 4},
		{Self, fact.Income, 5},
		{Other, fact.Income, 6},
		{Settled, fact.Income, 1},
		{Document, fact.Birth, 1},
		{Document, fact.Income, 6},
		{Village, fact.Residence, 1},
		{Town, fact.WantsCentral, 1},
		{Source("nobody"), fact.Income, 6},
	} {
		if got := Rank(tc.source, tc.fact); got != tc.want {
			t.Errorf("%s counts %d for %s, want %d", tc.source, got, tc.fact, tc.want)
		}
	}
}

// TestSomebodyAnswersForEveryFact finds a department of the vocabulary that is no source.
func TestSomebodyAnswersForEveryFact(t *testing.T) {
	for id := range fact.Count {
		n := 0
		for _, s := range Sources {
			if s.Department == id.Def().Department {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%d sources answer for %s (%s), want 1", n, id, id.Def().Department)
		}
	}
}
