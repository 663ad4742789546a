package portal

import (
	"cmp"
	"fmt"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/policy"
	"yian/internal/questionnaire"
	"yian/internal/region"
	"yian/internal/rules"
	"yian/internal/ui"
	"yian/internal/web"
)

// resultPage tells what somebody can get.
type resultPage struct {
	ui.Frame
	Whom     string
	Place    string
	List     ui.Link
	Note     ui.Note
	Entitled []outcome
	Open     []outcome
	Not      []outcome
	Change   string
	Changes  []string
	Other    ui.Link // the list of the place of the hukou, where it is another
	Offices  []Office
	On       civil.Date
}

// outcome is an item with its result.
type outcome struct {
	Name, Content, Grant, Start, Lead string
	ClauseAt, Clause, Href            string
	Reasons                           []questionnaire.Reason
	Attest                            []string
	Missing                           []lack
}

// lack is a fact that would decide an item, and who can tell it.
type lack struct{ Label, Department string }

func (p *Pages) result(r *web.Request) (web.Response, error) {
	a, path, book, err := p.walk(r)
	if err != nil || a == nil {
		return expired(), err
	}
	if !path.Done {
		return toNext(path), nil
	}
	place := cmp.Or(path.Person.Residence, path.Person.Hukou)
	ruling := book.For(place)
	page := &resultPage{Frame: ui.Frame{Title: "可以享受的服务"}, Whom: "您", Place: placeName(place), On: p.today()}
	if a.Family {
		page.Whom = "您的家人"
	}
	if page.Offices, err = p.offices(r.Context(), place); err != nil {
		return nil, err
	}
	if ruling == nil {
		page.Note = ui.Note{Tone: ui.Warning, Title: "还没有这个地方的清单", Text: "请向居住地的村（居）民委员会或者乡镇（街道）咨询。"}
		return web.Page("portal/result", page), nil
	}
	page.List = ui.Link{Text: ruling.List.Title, Href: "/public/lists/" + slug(ruling.Source.Region)}
	page.fill(book, ruling, path.Result(p.today()))
	if h := path.Person.Hukou; h != "" && h != place {
		if other := book.For(h); other != nil && other != ruling {
			page.Other = ui.Link{Text: other.List.Title, Href: "/public/lists/" + slug(other.Source.Region)}
		}
	}
	return web.Page("portal/result", page), nil
}

func (page *resultPage) fill(book *policy.Book, ruling *policy.Ruling, res *questionnaire.Result) {
	w := words{book, ruling}
	for _, o := range res.Entitled {
		page.Entitled = append(page.Entitled, w.outcome(&o))
	}
	for _, o := range res.Open {
		page.Open = append(page.Open, w.outcome(&o))
	}
	for _, o := range res.Not {
		page.Not = append(page.Not, w.outcome(&o))
	}
	if res.Next == 0 {
		return
	}
	page.Change = fmt.Sprintf("%s（%s）", in(res.On, res.Next), res.Next)
	for _, c := range res.Changes {
		page.Changes = append(page.Changes, w.change(&c))
	}
}

// outcome puts an item into words.
func (w words) outcome(o *questionnaire.Outcome) outcome {
	out := outcome{
		Name: o.Item.Name, Start: startWords(o.Item.Start), Lead: o.Item.Lead, ClauseAt: o.Item.ClauseAt, Clause: o.Item.ClauseText,
		Href: "/public/lists/" + slug(w.ruling.Source.Region) + "/" + o.Item.ID, Reasons: o.Reasons, Attest: o.Item.Attest,
	}
	if it := w.ruling.Item(o.Item.ID); it != nil {
		out.Content = it.Content
	}
	if o.Result == rules.Yes {
		out.Grant = w.granted(o.Item, &o.Decision)
	}
	for _, id := range o.Unknown() {
		d := id.Def()
		out.Missing = append(out.Missing, lack{label(id), d.Department})
	}
	return out
}

// label names a fact that is missing.
func label(id fact.ID) string {
	if id == fact.Birth {
		return "出生日期"
	}
	return id.Def().Label
}

// change tells what growing older brings.
func (w words) change(c *rules.Change) string {
	item := w.ruling.Program.Items[c.Item].Item
	switch {
	case c.Before.Result != rules.Yes && c.Then.Result == rules.Yes:
		return "可以享受“" + item.Name + "”" + dashed(w.granted(item, &c.Then))
	case c.Before.Result == rules.Yes && c.Then.Result == rules.No:
		return "不再享受“" + item.Name + "”"
	case c.Then.Result == rules.Yes:
		return "“" + item.Name + "”有变化" + dashed(w.granted(item, &c.Then))
	case c.Then.Result == rules.Unknown:
		return "有可能享受“" + item.Name + "”，要看还不知道的情况"
	default:
		return "不可能再享受“" + item.Name + "”"
	}
}

func dashed(text string) string {
	if text == "" {
		return ""
	}
	return "：" + text
}

// in tells how far a day lies ahead.
func in(from, to civil.Date) string {
	y1, m1, d1 := from.Date()
	y2, m2, d2 := to.Date()
	months := (y2-y1)*12 + int(m2) - int(m1)
	if d2 < d1 {
		months--
	}
	switch {
	case months == 0:
		return fmt.Sprintf("再过 %d 天", to-from)
	case months < 12:
		return fmt.Sprintf("再过 %d 个月", months)
	case months%12 == 0:
		return fmt.Sprintf("再过 %d 年", months/12)
	default:
		return fmt.Sprintf("再过 %d 年 %d 个月", months/12, months%12)
	}
}

// slug is a region in an address.
func slug(c region.Code) string {
	if c == region.Nation {
		return "nation"
	}
	return string(c)
}

func startWords(start string) string {
	switch start {
	case rules.Automatic:
		return "免申即享：符合条件的由政府主动提供，不用申请"
	case rules.Application:
		return "依申请：要提出申请"
	case rules.Referral:
		return "转介：由有关部门转来办理"
	default:
		return "清单没有写明怎样办理，请向下面的窗口咨询"
	}
}
