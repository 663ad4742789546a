package entitlementweb

import (
	"context"
	"net/url"
	"slices"

	"yian/internal/civil"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/outreach"
	"yian/internal/region"
	"yian/internal/ui"
	"yian/internal/web"
)

// assignBox gives the chosen rows to somebody.
type assignBox struct {
	Assignee, Due ui.Field
	Back          string
}

// fewPlaces is up to how many villages those who work in each are offered; of rows from
// more of them only those who work in all.
const fewPlaces = 8

// placesOf returns the places whose workers are offered for rows.
func placesOf(rows []task) []region.Code {
	var all []region.Code
	at := rows[0].Region
	for i := range rows {
		at = both(at, rows[i].Region)
		if !slices.Contains(all, rows[i].Region) {
			all = append(all, rows[i].Region)
		}
	}
	if len(all) > fewPlaces {
		return []region.Code{at}
	}
	return all
}

// workersFor lists who may work with some of the rows.
func (p *Pages) workersFor(ctx context.Context, rows []task) (all []Worker, err error) {
	for _, at := range placesOf(rows) {
		some, err := p.Workers(ctx, at)
		if err != nil {
			return nil, err
		}
		for _, w := range some {
			if !slices.ContainsFunc(all, func(o Worker) bool { return o.User == w.User }) {
				all = append(all, w)
			}
		}
	}
	return all, nil
}

// assignBox offers to give rows to somebody.
func (p *Pages) assignBox(r *web.Request, q query, rows []task) (assignBox, error) {
	workers, err := p.workersFor(r.Context(), rows)
	if err != nil {
		return assignBox{}, err
	}
	b := assignBox{
		Assignee: ui.Field{Name: "assignee", Label: "把勾选的分给", Kind: ui.KindSelect, Width: "m", Options: []ui.Option{{Label: "请选择"}, {Value: mine, Label: "我自己"}}},
		Due:      ui.Field{Name: "due", Label: "办理期限", Kind: ui.KindDate, Width: "m", Min: p.Results.Today().String()},
	}
	for _, w := range workers {
		if w.User != r.Actor.User {
			b.Assignee.Options = append(b.Assignee.Options, ui.Option{Value: w.User.String(), Label: w.Name + noted(w.Note)})
		}
	}
	b.Assignee.Options = append(b.Assignee.Options, ui.Option{Value: nobody, Label: "收回，不分给人"})
	v := q.values()
	if q.from != "" {
		v.Set("from", q.from)
	}
	if q.after != "" {
		v.Set("after", q.after)
	}
	b.Back = v.Encode()
	return b, nil
}

func noted(note string) string {
	if note == "" {
		return ""
	}
	return "（" + note + "）"
}

// both returns the innermost region that holds both.
func both(a, b region.Code) region.Code {
	for _, n := range [...]int{12, 9, 6, 4, 2} {
		if len(a) >= n && len(b) >= n && a[:n] == b[:n] {
			return a[:n]
		}
	}
	return region.Nation
}

// assign gives the chosen rows to somebody.
func (p *Pages) assign(r *web.Request) (web.Response, error) {
	back, err := url.ParseQuery(r.Value("back"))
	if err != nil {
		return nil, web.NotFound()
	}
	to := "/entitlements?" + back.Encode()
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	occasion := outreach.Occasion(back.Get("on"))
	var matters []outreach.Matter
	for _, key := range r.PostForm["matter"] {
		m, ok := matterOf(occasion, key)
		if !ok {
			return nil, web.NotFound()
		}
		matters = append(matters, m)
	}
	user, due, err := p.assignment(r)
	n := 0
	if err == nil {
		n, err = p.Work.Assign(r.Context(), r.Actor, matters, user, due)
	}
	if fields := errs.FieldsOf(err); len(fields) > 0 {
		return web.Redirect(to, ui.Toast{Tone: ui.Danger, Text: "没有分派：" + fields[0].Message + "。"}), nil
	}
	if err != nil {
		return nil, err
	}
	if user == 0 {
		return web.Redirect(to, web.Done("已收回 %d 件。", n)), nil
	}
	return web.Redirect(to, web.Done("已分派 %d 件。", n)), nil
}

// assignment reads to whom and until when.
func (p *Pages) assignment(r *web.Request) (user id.ID, due civil.Date, err error) {
	var faults errs.Fields
	switch text := r.Value("assignee"); text {
	case "":
		faults.Add("assignee", "请选择分给谁")
	case mine:
		user = r.Actor.User
	case nobody:
	default:
		if user, err = id.Parse(text); err != nil {
			faults.Add("assignee", "没有这位工作人员，请重新选择")
		}
	}
	if text := r.Value("due"); text != "" {
		if due, err = civil.Parse(text); err != nil {
			faults.Add("due", "办理期限请按“年-月-日”填写")
		}
	}
	return user, due, faults.Err()
}

// matterOf reads what a checkbox stands for.
func matterOf(occasion outreach.Occasion, key string) (m outreach.Matter, ok bool) {
	t, ok := placeOf(key)
	if !ok {
		return m, false
	}
	m = t.Matter
	m.Occasion = occasion
	return m, true
}
