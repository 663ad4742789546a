package entitlementweb

import (
	"context"
	"fmt"
	"strings"
	"time"

	"yian/internal/civil"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/person"
	"yian/internal/policy"
	"yian/internal/region"
	"yian/internal/rules"
	"yian/internal/ui"
	"yian/internal/web"
)

// monthView compares what was known in a past month with what is known of it now.
type monthView struct {
	Heading   string
	Then, Now string // headings
	Note      ui.Note
	Rows      []monthRow
}

// monthRow is an item then and now.
type monthRow struct {
	Name                string
	Then, Now           ui.Tag
	ThenText, NowText   string // what is granted
	ThenBrief, NowBrief string // what it stands on
	Different           bool
}

// month reads which month is asked for; empty: the present. on is its last day.
func (page *personPage) month(r *web.Request, one *person.Person, today civil.Date) (month string, on civil.Date) {
	text := r.Value("month")
	f := ui.Field{Name: "month", Label: "看过去某个月的情况", Kind: ui.KindMonth, Value: text, Max: today.String()[:7], Width: "m", Placeholder: "2026-03"}
	first, err := civil.Parse(text + "-01")
	switch {
	case text == "":
	case err != nil:
		f.Error = "请按“年-月”填写，如 " + today.String()[:7]
	case first > today:
		f.Error = "这个月还没有到，今天是 " + today.String()
	case first.EndOfMonth() < today:
		month, on = text, first.EndOfMonth()
	}
	page.Month = ui.SearchBar{Action: address(one, ""), Submit: "查看", Fields: []ui.Field{f}}
	if f.Error != "" {
		page.Faults, page.Status = ui.Summary(f), errs.Invalid.Status()
	}
	return month, on
}

// beijing is the time of the whole country.
var beijing = time.FixedZone("北京时间", 8*60*60)

// endOf returns the last moment of a day by the clocks of the country.
func endOf(d civil.Date) civil.Instant {
	y, m, day := d.Date()
	return civil.At(time.Date(y, m, day+1, 0, 0, 0, 0, beijing)) - 1
}

// judged is what a list grants somebody by what is known at a moment.
type judged struct {
	ruling *policy.Ruling
	items  map[string]rules.Explanation
	order  []string
	none   string // why there is nothing
}

// judge decides all items of a day for the facts of a state.
func (p *Pages) judge(ctx context.Context, who *fact.Person, on civil.Date) (judged, error) {
	j := judged{items: map[string]rules.Explanation{}, none: "清单中没有"}
	book, err := p.Lists.Book(ctx, on)
	if err != nil {
		return j, err
	}
	at := servedIn(who)
	if at == "" {
		j.none = "不知道住在哪里"
		return j, nil
	}
	if j.ruling = book.For(at); j.ruling == nil {
		j.none = "没有施行的清单"
		return j, nil
	}
	for i := range j.ruling.Program.Items {
		x := j.ruling.Program.Explain(i, who, on)
		j.items[x.Item.ID] = x
		j.order = append(j.order, x.Item.ID)
	}
	return j, nil
}

// servedIn is who served somebody of whom the facts are known.
func servedIn(p *fact.Person) region.Code {
	if p.Residence != "" {
		return p.Residence
	}
	return p.Hukou
}

func (p *Pages) monthView(r *web.Request, records []history.Record, month string, on civil.Date) (v monthView, err error) {
	states := [2]history.State{history.Resolve(records, on, endOf(on)), history.Resolve(records, on, 0)}
	var sides [2]judged
	for i := range states {
		if sides[i], err = p.judge(r.Context(), &states[i].Person, on); err != nil {
			return v, err
		}
	}
	v = monthView{Then: "截至 " + on.String() + " 所知", Now: "现在所知"}
	different := 0
	order := sides[0].order
	for _, item := range sides[1].order {
		if _, both := sides[0].items[item]; !both {
			order = append(order, item)
		}
	}
	for _, item := range order {
		row := rowOf(&sides[0], &sides[1], item)
		if row.Different {
			different++
		}
		v.Rows = append(v.Rows, row)
	}
	v.Heading = month + " 的待遇：当时所知与现在所知一致"
	if different > 0 {
		v.Heading = fmt.Sprintf("%s 的待遇：当时所知与现在所知有 %d 项不同", month, different)
	}
	if len(v.Rows) == 0 {
		v.Heading = month + " 的待遇"
		v.Note = ui.Note{Tone: ui.Info, Title: "没有可以认定的", Text: "那时他所在的地方还没有施行的服务清单，或者还不知道他住在哪里。"}
	}
	return v, nil
}

func rowOf(then, now *judged, item string) monthRow {
	var row monthRow
	a, before := then.items[item]
	b, after := now.items[item]
	if row.Name = nameOf(&a); row.Name == "" {
		row.Name = nameOf(&b)
	}
	row.Then, row.ThenText, row.ThenBrief = then.side(&a, before)
	row.Now, row.NowText, row.NowBrief = now.side(&b, after)
	row.Different = before != after || before && !a.Same(b.Decision)
	return row
}

func nameOf(x *rules.Explanation) string {
	if x.Item == nil {
		return ""
	}
	return fmt.Sprintf("%d. %s", x.Item.No, x.Item.Name)
}

// side shows one side of a row; there is false where the list had no such item.
func (j *judged) side(x *rules.Explanation, there bool) (tag ui.Tag, text, why string) {
	if !there {
		return ui.Tag{Text: j.none}, "", ""
	}
	return resultTag(x.Result), granted(&x.Item.Grant, &x.Decision), strings.TrimSpace(brief(x))
}
