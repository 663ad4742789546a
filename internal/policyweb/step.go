package policyweb

import (
	"net/http"
	"slices"
	"strconv"

	"yian/internal/access"
	"yian/internal/errs"
	"yian/internal/policy"
	"yian/internal/region"
	"yian/internal/ui"
	"yian/internal/web"
)

// stepPage asks before a version goes a step further.
type stepPage struct {
	ui.Frame
	Note    ui.Note
	Effects ui.Table // whom it gives and takes from; without columns it is not shown
	Confirm ui.Confirm
}

// step is something that is done to a version in one go.
type step struct {
	path, verb, icon string
	right            access.Permission
	from             []policy.State // where it can be done
	text, warning    string
	note, hint       string // label of what the actor writes about it
	must             bool   // it must be written
	field            string // where faults of it are told
	primary, danger  bool
	done             string
	do               func(p *Pages, r *web.Request, v *policy.Version, note string) error
}

// steps are what can be done to a version, in the order of the buttons.
var steps = []*step{
	{
		path: "submit", verb: "送审", icon: "gavel", right: access.PolicyWrite, from: []policy.State{policy.Draft}, primary: true,
		text: "把这一版送给同级人民政府审批。送审以后不能再改；审批人可以退回。", note: "说明", hint: "写给审批人：改了什么、依据什么文件。", done: "已送审。",
		do: func(p *Pages, r *web.Request, v *policy.Version, note string) error {
			_, err := p.Lists.Submit(r.Context(), r.Actor, v.ID, seen(r), note)
			return err
		},
	},
	{
		path: "approve", verb: "批准", icon: "circle-check", right: access.PolicyApprove, from: []policy.State{policy.Review}, primary: true,
		text: "同意这一版清单。批准以后还要发布，定下从哪一天起施行。", note: "意见", done: "已批准。下一步：发布。",
		do: func(p *Pages, r *web.Request, v *policy.Version, note string) error {
			_, err := p.Lists.Approve(r.Context(), r.Actor, v.ID, seen(r), note)
			return err
		},
	},
	{
		path: "publish", verb: "发布", icon: "flag", right: access.PolicyApprove, from: []policy.State{policy.Approved}, primary: true,
		text:    "发布这一版清单，从下面写明的一天起按它认定每一位老人的待遇。",
		warning: "发布以后内容永远不能再改，只能另起草一版代替它。",
		note:    "说明", done: "已发布。", do: (*Pages).publish,
	},
	{
		path: "return", verb: "退回", icon: "arrow-back-up", right: access.PolicyApprove, from: []policy.State{policy.Review, policy.Approved},
		text: "把这一版退回起草人修改。", note: "退回的理由", hint: "写清楚哪一项要怎样改。", must: true, done: "已退回修改。",
		do: func(p *Pages, r *web.Request, v *policy.Version, note string) error {
			_, err := p.Lists.Return(r.Context(), r.Actor, v.ID, seen(r), note)
			return err
		},
	},
	{
		path: "file", verb: "报送备案", icon: "inbox", right: access.PolicyFile, from: []policy.State{policy.Approved, policy.Published},
		text: "把这一版报送上级民政部门备案。", note: "理由", field: "reason",
		hint: "低于上级清单的，必须写明理由；不低于的可以不写。", done: "已报送备案。", do: (*Pages).file,
	},
	{
		path: "discard", verb: "作废", icon: "trash", right: access.PolicyWrite, from: []policy.State{policy.Draft}, danger: true,
		text: "作废这份草稿。现行的清单不受影响。", warning: "作废以后不能恢复，要改须另行起草。", note: "为什么作废", done: "草稿已作废。",
		do: func(p *Pages, r *web.Request, v *policy.Version, note string) error {
			_, err := p.Lists.Discard(r.Context(), r.Actor, v.ID, seen(r), note)
			return err
		},
	},
}

// actions are the buttons for what the actor may do with a version now.
func actions(r *web.Request, v *policy.Version, moves []policy.Step) []ui.Action {
	var out []ui.Action
	if v.State == policy.Draft && can(r, access.PolicyWrite, v.Region) {
		out = append(out,
			ui.Action{Text: "新增项目", Href: link(v.ID, "/add"), Icon: "plus"},
			ui.Action{Text: "标题和文件", Href: link(v.ID, "/head"), Icon: "file-text"},
			ui.Action{Text: "修改文字", Href: link(v.ID, "/text"), Icon: "pencil"},
			ui.Action{Text: "测试人物", Href: link(v.ID, "/tests"), Icon: "user-check"})
	}
	for _, s := range steps {
		if !slices.Contains(s.from, v.State) || !can(r, s.right, v.Region) || s.path == "file" && (v.Region == region.Nation || filed(moves)) {
			continue
		}
		a := ui.Action{Text: s.verb, Href: link(v.ID, "/"+s.path), Icon: s.icon, Primary: s.primary, Danger: s.danger}
		if s.path == "approve" && hadHand(r.Actor, v, moves) {
			a = ui.Action{Text: s.verb, Icon: s.icon, Refused: "您起草、修改或提请审批过这一版，请由另一人批准"}
		}
		out = append(out, a)
	}
	if v.State == policy.Published && can(r, access.PolicyWrite, v.Region) {
		out = append(out, ui.Action{
			Text: "起草新版本", Href: "/policies/new", Icon: "copy", Post: true,
			Hidden: []ui.Hidden{{Name: "list", Value: v.List}, {Name: "from", Value: v.ID.String()}},
		})
	}
	return out
}

// filed reports whether the level above has the version, or has accepted it.
func filed(moves []policy.Step) (yes bool) {
	for _, m := range moves {
		switch m.Move {
		case policy.Filed, policy.FilingAnswer:
			yes = true
		case policy.FilingRefusal:
			yes = false
		}
	}
	return yes
}

// hadHand reports whether the actor made any of the version.
func hadHand(a access.Actor, v *policy.Version, moves []policy.Step) bool {
	return a.User == v.CreatedBy || a.User == v.UpdatedBy || slices.ContainsFunc(moves, func(m policy.Step) bool {
		return m.By == a.User && slices.Contains([]policy.Move{policy.Drafted, policy.Changed, policy.Submitted}, m.Move)
	})
}

// ask makes the handler of the page that asks before a step.
func (p *Pages) ask(s *step) web.Handler {
	return func(r *web.Request) (web.Response, error) {
		v, err := p.read(r)
		if err != nil {
			return nil, err
		}
		page, err := p.stepPage(r, v, s)
		if err != nil {
			return nil, err
		}
		return web.Page("policy/step", page), nil
	}
}

// take makes the handler that takes a step.
func (p *Pages) take(s *step) web.Handler {
	return func(r *web.Request) (web.Response, error) {
		v, err := p.read(r)
		if err != nil {
			return nil, err
		}
		if err = s.do(p, r, v, r.Value(s.noteField())); err == nil {
			return web.Redirect(link(v.ID, ""), web.Done("%s", s.done)), nil
		}
		page, wrong := p.stepPage(r, v, s)
		if wrong != nil {
			return nil, wrong
		}
		return again("policy/step", page, &page.Confirm.Form, err)
	}
}

func (s *step) noteField() string {
	if s.field != "" {
		return s.field
	}
	return "note"
}

func (p *Pages) stepPage(r *web.Request, v *policy.Version, s *step) (*stepPage, error) {
	f := ui.Simple(link(v.ID, "/"+s.path), s.verb, ui.Field{
		Name: s.noteField(), Label: s.note, Kind: ui.KindTextarea, Hint: s.hint, Required: s.must, Value: lines(r, s.noteField()), MaxLength: 2000,
	})
	f.Hidden, f.Danger, f.Cancel = carry(v.Version), s.danger, ui.Link{Href: link(v.ID, "")}
	if r.Method == http.MethodPost {
		f.Hidden = carry(seen(r))
	}
	page := &stepPage{
		Frame: ui.Frame{Title: s.verb + "清单", Narrow: true, Crumbs: back(v), Tags: []ui.Tag{stateTag(v.State)}},
		Confirm: ui.Confirm{Text: s.text, Warning: s.warning, Details: ui.Details{Pairs: []ui.Pair{
			{Term: "清单", Text: v.Title, Note: place(v.Region) + "，第 " + strconv.FormatInt(v.No, 10) + " 版"},
		}}, Form: f},
	}
	if s.path == "publish" {
		from := r.Value("from")
		if from == "" {
			from = p.Lists.Today().String()
		}
		fields := &page.Confirm.Form.Sections[0].Fields
		*fields = slices.Insert(*fields, 0, ui.Field{Name: "from", Label: "从哪一天起施行", Kind: ui.KindDate, Required: true, Value: from, Min: p.Lists.Today().String(), Width: "m"})
	}
	switch {
	case slices.Contains(s.from, v.State):
		return page, p.weigh(r, v, s, page)
	default:
		page.Note = ui.Note{Tone: ui.Warning, Text: "这一版清单的状态是“" + v.State.Label() + "”，现在不能" + s.verb + "。"}
	}
	return page, nil
}

// weigh shows what the step does to people, and where the list falls below the upper one.
func (p *Pages) weigh(r *web.Request, v *policy.Version, s *step, page *stepPage) error {
	if s.path != "submit" && s.path != "approve" && s.path != "publish" && s.path != "file" {
		return nil
	}
	report, err := p.Lists.Check(r.Context(), r.Actor.Scope(access.PolicyRead), v.ID)
	if err != nil {
		return err
	}
	page.Note = verdict(report)
	if page.Note.Tone != ui.Success {
		page.Note.Link = ui.Link{Text: "规则与测试", Href: link(v.ID, "/check")}
	}
	if s.path == "file" {
		return nil
	}
	page.Effects, err = p.effects(r, v)
	return err
}

func (p *Pages) publish(r *web.Request, v *policy.Version, note string) error {
	var faults errs.Fields
	from := day(r, &faults, "from", "从哪一天起施行", true)
	if err := faults.Err(); err != nil {
		return err
	}
	_, err := p.Lists.Publish(r.Context(), r.Actor, v.ID, seen(r), from, note)
	return err
}

func (p *Pages) file(r *web.Request, v *policy.Version, note string) error {
	if v.Version != seen(r) {
		return stale()
	}
	_, err := p.Lists.File(r.Context(), r.Actor, v.ID, note)
	return err
}

func stale() error {
	return errs.New(errs.Stale, "这一版清单刚刚被别人改过，您的操作没有生效。请刷新后再办。")
}
