package portal

import (
	"strconv"
	"time"

	"yian/internal/civil"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/questionnaire"
	"yian/internal/region"
	"yian/internal/ui"
	"yian/internal/web"
)

// input is an answer as the form sent it.
type input struct {
	text  string    // as answers keep it
	said  bool      // something was chosen, be it 不知道
	parts [3]string // year, month and day as they were typed
	fault string
	more  bool // the form only asks for the next level of a place
}

const (
	dontKnow  = "unknown" // no fact has a value of this name
	samePlace = "same"
	elsewhere = "other"
)

// read reads the answer to a question; wrong ones keep what was typed.
func (p *Pages) read(r *web.Request, path *questionnaire.Path, id fact.ID) (in input, err error) {
	if err := r.ParseForm(); err != nil {
		return in, errs.New(errs.Invalid, "提交的内容无法读取，请返回重试。").Because(err)
	}
	in.said = true
	if r.Value("unknown") != "" || r.Value("answer") == dontKnow {
		return in, nil
	}
	switch {
	case id == fact.Birth:
		in.birth(r)
	case id.Coded():
		if in.text = r.Value("answer"); in.text == "" {
			in.said, in.fault = false, "请选一个答案；不清楚的选“不知道”"
		}
	default:
		p.readPlace(r, path, id, &in)
	}
	return in, nil
}

// birth reads the three boxes of a day.
func (in *input) birth(r *web.Request) {
	in.parts = [3]string{r.Value("year"), r.Value("month"), r.Value("day")}
	var n [3]int
	for i, text := range in.parts {
		var err error
		if n[i], err = strconv.Atoi(text); err != nil || n[i] < 1 || n[i] > 9999 {
			in.fault = "请把年、月、日都填上数字，例如 1945 年 3 月 27 日；不清楚的点“不知道”"
			return
		}
	}
	day := civil.New(n[0], time.Month(n[1]), n[2])
	if y, m, d := day.Date(); y != n[0] || int(m) != n[1] || d != n[2] {
		in.fault = "没有这一天，请核对年、月、日"
		return
	}
	in.text = day.String()
}

// splitDay takes a kept day apart again.
func splitDay(text string) (year, month, day string) {
	on, err := civil.Parse(text)
	if err != nil {
		return "", "", ""
	}
	y, m, d := on.Date()
	return strconv.Itoa(y), strconv.Itoa(int(m)), strconv.Itoa(d)
}

// readPlace reads the selects of a place, and for the hukou whether it is the residence.
func (p *Pages) readPlace(r *web.Request, path *questionnaire.Path, id fact.ID, in *input) {
	in.more = r.Form.Has(ui.MoreButton)
	chosen := ui.DeepestRegion(r.Form["place"])
	in.text = string(chosen)
	if id == fact.Hukou && path.Person.Residence != "" {
		switch r.Value("answer") {
		case samePlace:
			in.text, in.more = string(path.Person.Residence), false
			return
		case elsewhere:
		default:
			if !in.more {
				in.said, in.fault = false, "请选一个答案；不清楚的点“不知道”"
			}
			return
		}
	}
	below, err := p.toCounty(chosen)
	if !in.more && (err != nil || len(below) > 0) {
		in.fault = "请一直选到县（市、区）；不清楚的点“不知道”"
	}
}

// choices is the list of answers to a question with fixed ones.
func choices(path *questionnaire.Path, id fact.ID, q *questionnaire.Question, in input, on civil.Date) ui.Field {
	f := ui.Field{Name: "answer", Label: q.Text, HideLabel: true, Kind: ui.KindRadio, Hint: q.Help, Error: in.fault, Value: in.text}
	for _, code := range path.Values(id, on) {
		f.Options = append(f.Options, ui.Option{Value: id.ValueName(code), Label: q.Answer(code)})
	}
	f.Options = append(f.Options, ui.Option{Value: dontKnow, Label: "不知道"})
	if in.said && in.text == "" && in.fault == "" {
		f.Value = dontKnow
	}
	return f
}

// placeFields are the selects of a place; for the hukou, whether it is the residence.
func (p *Pages) placeFields(path *questionnaire.Path, id fact.ID, q *questionnaire.Question, in input) ([]ui.Field, error) {
	chosen := region.Code(in.text)
	home := path.Person.Residence
	levels, err := p.selects("place", chosen)
	if err != nil {
		return nil, err
	}
	place := ui.RegionField("place", q.Text, levels)
	if id != fact.Hukou || home == "" {
		place.HideLabel, place.Hint, place.Error = true, q.Help, in.fault
		return []ui.Field{place}, nil
	}
	place.Label = "在别的地方的，请选择户籍地"
	same := ui.Field{
		Name: "answer", Label: q.Text, HideLabel: true, Kind: ui.KindRadio, Hint: q.Help,
		Options: []ui.Option{{Value: samePlace, Label: "就在居住地", Hint: placeName(home)}, {Value: elsewhere, Label: "在别的地方"}},
	}
	switch {
	case in.text == "":
	case chosen == home && !in.more:
		same.Value = samePlace
	default:
		same.Value = elsewhere
	}
	if in.said && in.fault != "" {
		place.Error, same.Value = in.fault, elsewhere
	} else {
		same.Error = in.fault
	}
	if same.Value == samePlace { // the selects are for another place
		if place.Region, err = p.selects("place", region.Nation); err != nil {
			return nil, err
		}
	}
	return []ui.Field{same, place}, nil
}
