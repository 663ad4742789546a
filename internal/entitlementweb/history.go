package entitlementweb

import (
	"slices"
	"strings"

	"yian/internal/access"
	"yian/internal/entitlement"
	"yian/internal/money"
	"yian/internal/personweb"
	"yian/internal/policy"
	"yian/internal/rules"
	"yian/internal/ui"
	"yian/internal/web"
)

// historyPage tells what became other of a person's results, and why.
type historyPage struct {
	ui.Frame
	Tabs     ui.Tabs
	Back     ui.Link
	Timeline ui.Timeline
	Empty    ui.EmptyState
}

func (p *Pages) history(r *web.Request) (web.Response, error) {
	one, _, err := p.open(r)
	if err != nil {
		return nil, err
	}
	changes, err := p.Results.History(r.Context(), r.Actor.Scope(access.EntitlementRead), one.ID)
	if err != nil {
		return nil, err
	}
	book, err := p.Lists.Book(r.Context(), p.Results.Today())
	if err != nil {
		return nil, err
	}
	page := &historyPage{
		Frame: personweb.Frame(r, one, p.Results.Today()), Tabs: personweb.Tabs(r, one, "/entitlements"),
		Back: ui.Link{Text: "返回现在的待遇", Href: address(one, ""), Icon: "arrow-left"},
	}
	for _, c := range slices.Backward(changes) {
		page.Timeline.Events = append(page.Timeline.Events, eventOf(&c, book.For(c.Region)))
	}
	if len(page.Timeline.Events) == 0 {
		page.Empty = ui.EmptyState{Icon: "history", Title: "还没有变化", Text: "从第一次认定起，结果没有变过。"}
	}
	return web.Page("entitlement/history", page), nil
}

// eventOf tells of one change, with the reason before and after.
func eventOf(c *entitlement.Change, ruling *policy.Ruling) ui.Event {
	e := ui.Event{When: c.On.String(), By: c.Cause.Label(), Tone: resultTag(c.Is).Tone, Title: changeTitle(c, ruling)}
	if c.Kind == entitlement.OfTag {
		e.Tone = ui.Info
	}
	if c.WasReason != "" {
		e.Details = append(e.Details, ui.Pair{Term: "原来", Text: c.WasReason})
	}
	if c.IsReason != "" {
		e.Details = append(e.Details, ui.Pair{Term: "现在", Text: c.IsReason})
	}
	e.Details = append(e.Details, ui.Pair{Term: "认定时间", Text: ui.Instant(c.At)})
	return e
}

func changeTitle(c *entitlement.Change, ruling *policy.Ruling) string {
	if c.Kind == entitlement.OfTag {
		label := c.Item
		if t := entitlement.FindTag(c.Item); t != nil {
			label = t.Label
		}
		return label + "：" + tagLabel(c.Was) + " → " + tagLabel(c.Is)
	}
	name := c.Item
	if ruling != nil {
		if it := ruling.Item(c.Item); it != nil {
			name = it.Name
		}
	}
	g := grantOf(ruling, c.Item)
	return name + "：" + sideText(g, c.Was, c.WasAmount) + " → " + sideText(g, c.Is, c.IsAmount)
}

func tagLabel(t rules.Truth) string {
	return map[rules.Truth]string{rules.Yes: "是", rules.No: "否", rules.Unknown: "未知"}[t]
}

// sideText is a result with its sum, as it was stored.
func sideText(g *rules.Grant, t rules.Truth, fen *int64) string {
	text := resultLabel(t)
	if t != rules.Yes || fen == nil {
		return text
	}
	sum := yuan(money.Fen(*fen))
	if g != nil {
		sum = strings.TrimSpace(every(g) + " " + sum)
	}
	return text + "，" + sum
}
