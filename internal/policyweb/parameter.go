package policyweb

import (
	"math/big"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/errs"
	"yian/internal/pack"
	"yian/internal/policy"
	"yian/internal/rules"
	"yian/internal/ui"
	"yian/internal/web"
)

// parameterPage sets a figure of a list from a day on.
type parameterPage struct {
	ui.Frame
	Note   ui.Note
	Values ui.Table
	Form   ui.Form
}

// decimal writes a number without needless digits.
func decimal(n *big.Rat) string {
	digits, exact := n.FloatPrec()
	if !exact {
		digits = 6
	}
	return n.FloatString(digits)
}

// bounds are how a document states a figure.
var bounds = []ui.Option{{Value: "value", Label: "就是"}, {Value: "at_least", Label: "不低于"}, {Value: "at_most", Label: "不超过"}}

// statedAs is how the document states a value of a list's own: 不低于. Of those that are
// taken over only the ceilings are known.
func statedAs(l *pack.List, name string, v rules.Dated) string {
	bound := "value"
	if v.Most {
		bound = "at_most"
	}
	if own := ownParameter(l, name); own != nil {
		for _, o := range own.Values {
			if o.From == v.From {
				bound = o.Bound
			}
		}
	}
	return map[string]string{"at_least": "不低于 ", "at_most": "不超过 "}[bound]
}

// away is the choice of taking a value back.
const away = "remove"

// figureOf finds a figure of a version, or of a list that it takes over.
func (p *Pages) figureOf(r *web.Request) (*policy.Version, *pack.List, *rules.Parameter, error) {
	v, err := p.read(r)
	if err != nil {
		return nil, nil, nil, err
	}
	if err := r.Actor.NeedIn(access.PolicyWrite, v.Region); err != nil {
		return nil, nil, nil, err
	}
	if v.State != policy.Draft && v.State != policy.Published {
		return nil, nil, nil, errs.New(errs.Conflict, "这一版清单的状态是“%s”，标准不能修改。", v.State.Label())
	}
	s, err := p.parse(r.Context(), r.Actor, v)
	if err != nil {
		return nil, nil, nil, err
	}
	if src := s.list.Source(); src != nil {
		for i := range src.Parameters {
			if one := &src.Parameters[i]; one.Name == r.PathValue("name") {
				return v, s.list, one, nil
			}
		}
	}
	return nil, nil, nil, errs.New(errs.NotFound, "清单没有这项标准。")
}

func ownParameter(l *pack.List, name string) *pack.Parameter {
	for i := range l.Parameters {
		if l.Parameters[i].Name == name {
			return &l.Parameters[i]
		}
	}
	return nil
}

func (p *Pages) askParameter(r *web.Request) (web.Response, error) {
	v, l, figure, err := p.figureOf(r)
	if err != nil {
		return nil, err
	}
	return web.Page("policy/parameter", p.figurePage(r, v, l, figure, v.Version)), nil
}

func (p *Pages) figurePage(r *web.Request, v *policy.Version, l *pack.List, figure *rules.Parameter, version int64) *parameterPage {
	page := &parameterPage{Frame: ui.Frame{Title: "设定标准：" + figure.Label, Lead: place(v.Region) + "，" + v.Title, Narrow: true, Crumbs: back(v)}}
	page.Values = figureTable(l, figure)
	bound, from := r.Value("bound"), r.Value("from")
	if r.Method == http.MethodGet {
		bound, from = "value", p.Lists.Today().String()
	}
	options := bounds[:1]
	if v.State == policy.Draft {
		options = bounds
		if own := ownParameter(l, figure.Name); own != nil && len(own.Values) > 0 {
			options = append(slices.Clone(bounds), ui.Option{Value: away, Label: "取消本清单自这一天起的设定"})
		}
	} else {
		page.Note = ui.Note{Tone: ui.Info, Text: "已发布的清单不能改。保存时系统自动起草新的一版（已有草稿的，写进草稿），批准、发布以后才执行。"}
	}
	page.Form = ui.Simple(link(v.ID, "/parameters/"+figure.Name), "保存",
		ui.Field{Name: "from", Label: "从哪一天起", Kind: ui.KindDate, Required: true, Value: from, Width: "m"},
		ui.Field{Name: "bound", Label: "文件的说法", Kind: ui.KindSelect, Value: bound, Options: options, Width: "m"},
		ui.Field{Name: "value", Label: "数额", Required: true, Value: r.Value("value"), Unit: figure.Unit, InputMode: "decimal", Autocomplete: "off", Width: "s"},
		ui.Field{Name: "note", Label: "依据", Value: r.Value("note"), MaxLength: 200, Autocomplete: "off", Hint: "如：县政府常务会议纪要〔2026〕3 号。写入办理记录。"})
	page.Form.Hidden, page.Form.Cancel = carry(version), ui.Link{Href: link(v.ID, "")}
	return page
}

// figureTable lists the values of a figure by their days.
func figureTable(l *pack.List, figure *rules.Parameter) ui.Table {
	t := ui.Table{
		ID: "values", Caption: "各时期的数额", Columns: []ui.Column{{Label: "从哪一天起"}, {Label: "数额"}, {Label: "谁写的"}},
		Empty: ui.EmptyState{Icon: "coin-yuan", Title: "还没有定过数额", Text: "没有定以前，享受的人看到“标准待定”，不计金额。"},
	}
	for _, v := range figure.Values {
		text := "未定"
		if v.Value != nil {
			text = statedAs(l, figure.Name, v) + decimal(v.Value) + " " + figure.Unit
		}
		who, own := "上级清单", ownParameter(l, figure.Name)
		if own != nil && slices.ContainsFunc(own.Values, func(o pack.Value) bool { return o.From == v.From }) {
			who = "本清单"
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: v.From.String()}, {Text: text}, {Text: who}}})
	}
	return t
}

var numberShape = regexp.MustCompile(`^(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?$`)

func (p *Pages) setParameter(r *web.Request) (web.Response, error) {
	v, l, figure, err := p.figureOf(r)
	if err != nil {
		return nil, err
	}
	var f errs.Fields
	from := day(r, &f, "from", "从哪一天起执行", true)
	value, bound := r.Value("value"), r.Value("bound")
	if bound != away && !numberShape.MatchString(value) {
		f.Add("value", "“%s”不是数额，请填写不带单位的数字，如 120 或 120.5", value)
	}
	if !slices.ContainsFunc(bounds, func(o ui.Option) bool { return o.Value == bound }) && bound != away {
		f.Add("bound", "请选择文件的说法")
	}
	to := v
	if err = f.Err(); err == nil {
		to, err = p.storeFigure(r, v, figure, bound, value, from)
	}
	if err != nil {
		page := p.figurePage(r, v, l, figure, seen(r))
		return again("policy/parameter", page, &page.Form, err)
	}
	return p.saved(r, to.ID, link(to.ID, ""))
}

// storeFigure writes a value into the draft; where the version is published, into one
// that is drafted for it.
func (p *Pages) storeFigure(r *web.Request, v *policy.Version, figure *rules.Parameter, bound, value string, from civil.Date) (*policy.Version, error) {
	note := strings.TrimSuffix(figure.Label+"："+r.Value("note"), "：")
	if v.State == policy.Published {
		return p.Lists.SetParameter(r.Context(), r.Actor, policy.Setting{List: v.List, Name: figure.Name, Value: value, From: from, Note: note})
	}
	return p.Lists.Edit(r.Context(), r.Actor, v.ID, seen(r), note, func(l *pack.List) error {
		own := ownParameter(l, figure.Name)
		if own == nil {
			l.Parameters = append(l.Parameters, pack.Parameter{Name: figure.Name, Label: figure.Label, Unit: figure.Unit, SetBy: figure.SetBy})
			own = &l.Parameters[len(l.Parameters)-1]
		}
		own.Values = slices.DeleteFunc(own.Values, func(o pack.Value) bool { return o.From == from })
		if bound != away {
			number, _ := new(big.Rat).SetString(value) // the shape fits
			own.Values = append(own.Values, pack.Value{Figure: pack.Figure{Bound: bound, Number: number}, From: from})
			slices.SortFunc(own.Values, func(a, b pack.Value) int { return int(a.From - b.From) })
		}
		return nil
	})
}
