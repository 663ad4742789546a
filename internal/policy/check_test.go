package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"yian/internal/civil"
	"yian/internal/pack"
)

// TestTooManyItems tries a list with as many items as a list may have, and with one more.
func TestTooManyItems(t *testing.T) {
	for n, refused := range map[int]bool{MostItems: false, MostItems + 1: true} {
		text := "list: many-2026\ntitle: 多项清单\nregion: \"141024\"\n" +
			"document: {title: 通知, issuer: 县政府}\neffective: {from: 2026-01-01}\nitems:\n"
		for i := range n {
			text += fmt.Sprintf("  - {no: %d, id: item-%d, name: 第%d项, audience: 老年人, content: 服务, type: 关爱服务, lead: 民政局, "+
				"when: age >= 60, grant: {kind: service}, clause: {at: 第%d项, text: 服务}}\n", i+1, i+1, i+1, i+1)
		}
		p := pack.Read("many-2026", []byte(text), nil)
		r := (&library{Library: pack.LibraryOf(p), own: p}).try(civil.New(2026, 6, 30))
		found := slices.ContainsFunc(r.Findings, func(f pack.Finding) bool { return strings.Contains(f.Msg, "个项目，最多 62 个") })
		if found != refused {
			t.Errorf("%d items: refused %v, want %v; found %v", n, found, refused, r.Findings)
		}
	}
}
