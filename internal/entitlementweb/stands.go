package entitlementweb

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"yian/internal/access"
	"yian/internal/entitlement"
	"yian/internal/fact"
	"yian/internal/outreach"
	"yian/internal/rules"
	"yian/internal/ui"
)

// stands asks the results whether a matter is so, since when, and what there is to say.
func (p *Pages) stands(ctx context.Context, scope access.Scope, s *subject) error {
	standing, err := p.standing(ctx, scope, s.one.ID)
	if err != nil || standing == nil {
		return err
	}
	switch s.matter.Occasion {
	case outreach.Newly:
		s.newly(standing)
	case outreach.Changing:
		s.changing(standing)
	case outreach.Missing:
		s.missing(standing)
	case outreach.Lost:
		changes, err := p.Results.History(ctx, scope, s.one.ID)
		if err != nil {
			return err
		}
		s.lost(standing, changes)
	}
	return nil
}

func (s *subject) say(term, text string) {
	if text != "" {
		s.what.Pairs = append(s.what.Pairs, ui.Pair{Term: term, Text: text})
	}
}

// newly: he is entitled to the item.
func (s *subject) newly(standing *entitlement.Standing) {
	it := itemOf(standing, s.matter.Item)
	if it == nil || it.Result != rules.Yes {
		return
	}
	s.matter.On = it.Since
	s.gets = s.granted(&rules.Decision{Amount: it.Amount, Times: it.Times, Share: it.Share})
	s.say("可以享受", s.gets)
	s.say("从哪一天起", it.Since.String())
	if item := s.item(); item != nil {
		s.say("内容", item.Content)
		s.say("怎样办理", startLabel(item.Start))
		s.say("须确认", strings.Join(item.Attest, "；"))
	}
	if len(it.Missing.IDs()) > 0 {
		s.say("顺便问清", labels(it.Missing))
	}
}

func (s *subject) granted(d *rules.Decision) string {
	if g := grantOf(s.ruling, s.matter.Item); g != nil {
		if text := granted(g, d); text != "" {
			return text
		}
		return g.KindLabel()
	}
	return resultLabel(rules.Yes)
}

// changing: a birthday brings something.
func (s *subject) changing(standing *entitlement.Standing) {
	i := slices.IndexFunc(standing.Coming, func(c entitlement.Coming) bool { return c.Item == s.matter.Item })
	g := grantOf(s.ruling, s.matter.Item)
	if i < 0 || g == nil {
		return
	}
	s.matter.On = standing.Next
	s.say("什么时候", standing.Next.String())
	s.gets = comingText(g, &standing.Coming[i])
	s.say("会有什么变化", s.gets)
	if item := s.item(); item != nil {
		s.say("怎样办理", startLabel(item.Start))
	}
}

// missing: the fact could still decide something.
func (s *subject) missing(standing *entitlement.Standing) {
	f, ok := fact.ByName(s.matter.Item)
	if !ok {
		return
	}
	var names []string
	for i := range standing.Items {
		if it := &standing.Items[i]; it.Missing.Has(f) {
			name := it.ID
			if item := s.ruling.Item(it.ID); item != nil {
				name = item.Name
			}
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return
	}
	s.say("要问清的", f.Def().Label)
	s.say("由谁提供", f.Def().Department)
	s.concerns = strings.Join(names[:min(fewNames, len(names))], "、")
	s.say("关系到", strings.Join(names, "、"))
	s.what.Pairs[0].Action = ui.Action{Text: "登记", Href: "/persons/" + s.one.ID.String() + "/facts/new?fact=" + f.String(), Icon: "plus"}
}

// lost: he was entitled to the item and is not any more.
func (s *subject) lost(standing *entitlement.Standing, changes []entitlement.Change) {
	if it := itemOf(standing, s.matter.Item); it != nil && it.Result == rules.Yes {
		return
	}
	for _, c := range slices.Backward(changes) {
		if c.Kind != entitlement.OfItem || c.Item != s.matter.Item || c.Was != rules.Yes || c.Is == rules.Yes {
			continue
		}
		s.matter.On = c.On
		s.say("从哪一天起", c.On.String())
		s.say("为什么", c.Cause.Label()+"，现在"+c.IsReason)
		s.say("原来", c.WasReason)
		return
	}
}

func labels(set fact.Set) string {
	var all []string
	for _, f := range set.IDs() {
		all = append(all, fmt.Sprintf("%s（%s）", f.Def().Label, f.Def().Department))
	}
	return strings.Join(all, "、")
}
