package portal

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/policy"
	"yian/internal/questionnaire"
	"yian/internal/region"
	"yian/internal/rules"
	"yian/internal/ui"
	"yian/internal/web"
)

// startPage asks for whom the questions are answered.
type startPage struct {
	ui.Frame
	Form ui.Form
	Kept bool // there are answers already
}

// questionPage is one question.
type questionPage struct {
	ui.Frame
	Back    ui.Link
	Summary ui.ErrorSummary
	Fields  []ui.Field
	Date    *dateInput
	Skip    bool // 不知道 is a button of its own
}

// dateInput is a day in three boxes.
type dateInput struct{ Label, Hint, Error, Year, Month, Day string }

// answersPage shows all answers before the result.
type answersPage struct {
	ui.Frame
	Rows []answerRow
	Back ui.Link
}

type answerRow struct{ Question, Answer, Change string }

func (p *Pages) askStart(r *web.Request) (web.Response, error) {
	return web.Page("portal/start", p.startPage(r)), nil
}

func (p *Pages) startPage(r *web.Request) *startPage {
	page := &startPage{Frame: ui.Frame{Title: "我能享受哪些服务", Narrow: true}, Kept: p.kept(r) != nil}
	page.Form = ui.Simple("/public/check", "开始", ui.Field{
		Name: "whom", Label: "您为谁查询？", Kind: ui.KindRadio, Required: true,
		Options: []ui.Option{{Value: "self", Label: "为自己"}, {Value: "family", Label: "为父母或者其他家人", Hint: "后面的问题请按老人的情况回答"}},
	})
	return page
}

func (p *Pages) start(r *web.Request) (web.Response, error) {
	whom := r.Value("whom")
	if whom != "self" && whom != "family" {
		page := p.startPage(r)
		var faults errs.Fields
		faults.Add("whom", "请选择您为谁查询")
		return web.Again("portal/start", page, &page.Form, faults.Err())
	}
	if err := p.keep(r, &questionnaire.Answers{Family: whom == "family"}); err != nil {
		return nil, err
	}
	return web.Redirect(address(fact.Residence)), nil
}

func address(id fact.ID) string { return "/public/check/" + id.String() }

// walk follows the answers of the session; a is nil where there are none.
func (p *Pages) walk(r *web.Request) (a *questionnaire.Answers, path *questionnaire.Path, book *policy.Book, err error) {
	if a = p.kept(r); a == nil {
		return nil, nil, nil, nil
	}
	if book, err = p.Lists.Book(r.Context(), p.today()); err != nil {
		return nil, nil, nil, err
	}
	return a, p.follow(book, a), book, nil
}

func (p *Pages) follow(book *policy.Book, a *questionnaire.Answers) *questionnaire.Path {
	return questionnaire.Walk(func(place region.Code) *rules.Program {
		if ruling := book.For(place); ruling != nil {
			return ruling.Program
		}
		return nil
	}, a, p.today())
}

// expired sends somebody without answers to the start.
func expired() web.Response {
	return web.Redirect("/public/check", ui.Toast{Tone: ui.Info, Text: "请从这里开始。为了保护隐私，半小时没有操作时回答会自动清除。"})
}

// toNext sends somebody to the question that is open, or to his answers.
func toNext(path *questionnaire.Path) web.Response {
	if path.Done {
		return web.Redirect("/public/check/answers")
	}
	return web.Redirect(address(path.Next))
}

// open returns the question of the path, where it was asked already or is the next.
func open(r *web.Request, path *questionnaire.Path) (fact.ID, bool) {
	id, known := fact.ByName(r.PathValue("question"))
	return id, known && (slices.Contains(path.Asked, id) || !path.Done && path.Next == id)
}

func (p *Pages) question(r *web.Request) (web.Response, error) {
	a, path, _, err := p.walk(r)
	if err != nil || a == nil {
		return expired(), err
	}
	id, ok := open(r, path)
	if !ok {
		return toNext(path), nil
	}
	text, said := a.Text(id)
	page, err := p.questionPage(a, path, id, input{text: text, said: said})
	if err != nil {
		return nil, err
	}
	return web.Page("portal/question", page), nil
}

func (p *Pages) questionPage(a *questionnaire.Answers, path *questionnaire.Path, id fact.ID, in input) (*questionPage, error) {
	q := questionnaire.Ask(id, a.Family)
	page := &questionPage{Frame: ui.Frame{Title: q.Text, Narrow: true}, Back: back(path, id)}
	switch {
	case id == fact.Birth:
		page.Skip = true
		page.Date = &dateInput{Label: q.Text, Hint: q.Help, Error: in.fault, Year: in.parts[0], Month: in.parts[1], Day: in.parts[2]}
		if y, m, d := splitDay(in.text); in.parts == [3]string{} {
			page.Date.Year, page.Date.Month, page.Date.Day = y, m, d
		}
		if in.fault != "" {
			page.Summary.Faults = []errs.Field{{Name: "year", Message: in.fault}}
		}
		return page, nil
	case id.Coded():
		page.Fields = []ui.Field{choices(path, id, &q, in, p.today())}
	default:
		page.Skip = true
		fields, err := p.placeFields(path, id, &q, in)
		if err != nil {
			return nil, err
		}
		page.Fields = fields
	}
	page.Summary = ui.Summary(page.Fields...)
	return page, nil
}

// back leads to the question before.
func back(path *questionnaire.Path, id fact.ID) ui.Link {
	i := slices.Index(path.Asked, id)
	if i < 0 {
		i = len(path.Asked)
	}
	if i == 0 {
		return ui.Link{Text: "返回", Href: "/public/check", Icon: "arrow-left"}
	}
	return ui.Link{Text: "上一题", Href: address(path.Asked[i-1]), Icon: "arrow-left"}
}

func (p *Pages) answer(r *web.Request) (web.Response, error) {
	a, path, book, err := p.walk(r)
	if err != nil || a == nil {
		return expired(), err
	}
	id, ok := open(r, path)
	if !ok {
		return toNext(path), nil
	}
	in, err := p.read(r, path, id)
	if err != nil {
		return nil, err
	}
	if in.fault == "" && !in.more {
		if err := a.Say(id, in.text, p.today()); err != nil {
			in.fault = errs.Text(err)
		}
	}
	if in.fault != "" || in.more {
		page, err := p.questionPage(a, path, id, in)
		if err != nil {
			return nil, err
		}
		if in.fault != "" {
			page.Status = http.StatusUnprocessableEntity
		}
		return web.Page("portal/question", page), nil
	}
	if err := p.keep(r, a); err != nil {
		return nil, err
	}
	return toNext(p.follow(book, a)), nil
}

// answers shows what was answered, each with a link to change it.
func (p *Pages) answers(r *web.Request) (web.Response, error) {
	a, path, _, err := p.walk(r)
	if err != nil || a == nil {
		return expired(), err
	}
	if !path.Done {
		return toNext(path), nil
	}
	page := &answersPage{
		Frame: ui.Frame{Title: "请核对您的回答", Lead: "不对的可以修改。问题只问到能判断为止，改了一个回答，后面的问题可能会变。", Narrow: true},
		Back:  ui.Link{Text: "上一题", Href: address(path.Asked[len(path.Asked)-1]), Icon: "arrow-left"},
	}
	for _, id := range path.Asked {
		q := questionnaire.Ask(id, a.Family)
		page.Rows = append(page.Rows, answerRow{Question: q.Text, Answer: said(path, id, &q), Change: address(id)})
	}
	return web.Page("portal/answers", page), nil
}

// said is an answer as people read it.
func said(path *questionnaire.Path, id fact.ID, q *questionnaire.Question) string {
	switch who := &path.Person; {
	case !who.Known(id):
		return "不知道"
	case id == fact.Birth:
		y, m, d := who.Birth.Date()
		return fmt.Sprintf("%d 年 %d 月 %d 日", y, int(m), d)
	case id.Coded():
		return q.Answer(who.Codes[id])
	default:
		return placeName(who.Region(id))
	}
}

// placeName is the name of a place with those of the larger ones around it.
func placeName(c region.Code) string {
	switch c {
	case region.Nation:
		return "全国"
	case abroad:
		return abroadName
	}
	var names []string
	for _, n := range []int{2, 4, 6, 9, 12} {
		if n <= len(c) {
			names = append(names, region.Name(c[:n]))
		}
	}
	return strings.Join(names, " ")
}
