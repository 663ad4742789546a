package policyweb

import (
	"slices"
	"strconv"
	"strings"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/errs"
	"yian/internal/policy"
	"yian/internal/region"
	"yian/internal/ui"
	"yian/internal/web"
)

// listsPage shows the lists of all places that one looks after, and those above.
type listsPage struct {
	ui.Frame
	Notices []ui.Note
	Table   ui.Table
}

// noticeDays is how long a publication of the level above is told.
const noticeDays = 60

func (p *Pages) lists(r *web.Request) (web.Response, error) {
	scope := r.Scope(access.PolicyRead)
	shelves, err := p.Lists.Lists(r.Context(), scope)
	if err != nil {
		return nil, err
	}
	page := &listsPage{
		Frame: ui.Frame{Title: "服务清单", Lead: "各地的基本养老服务清单：现行的一版、将要施行的一版和正在办理的一版。"},
		Table: ui.Table{
			Caption: "各地的服务清单",
			Columns: []ui.Column{{Label: "地区"}, {Label: "现行清单", Wide: true}, {Label: "项目", Number: true}, {Label: "将要施行"}, {Label: "正在办理"}, {Label: "备案"}},
			Empty:   ui.EmptyState{Icon: "clipboard-list", Title: "还没有服务清单", Text: "上级发布清单以后，本地可以承接它，写上自己的项目和标准。"},
		},
	}
	if r.Actor.Can(access.PolicyWrite) {
		page.Actions = []ui.Action{{Text: "起草清单", Href: "/policies/new", Icon: "plus", Primary: true}}
		page.Table.Empty.Action = ui.Action{Text: "起草清单", Href: "/policies/new", Icon: "plus"}
	}
	for i := range shelves {
		row, err := p.shelfRow(r, &shelves[i])
		if err != nil {
			return nil, err
		}
		page.Table.Rows = append(page.Table.Rows, row)
	}
	since := civil.At(p.Lists.Now().AddDate(0, 0, -noticeDays))
	told, err := p.Lists.Notices(r.Context(), scope, since)
	if err != nil {
		return nil, err
	}
	for i := range told {
		v := &told[i]
		if v.PublishedBy == 0 {
			continue // it came with the program
		}
		page.Notices = append(page.Notices, ui.Note{
			Tone: ui.Info, Title: place(v.Region) + "发布了新的清单", Text: v.Title + edition(v) + "，自 " + v.RulesFrom.String() + " 起施行。请对照修改本地清单。",
			Link: ui.Link{Text: "查看", Href: link(v.ID, "")},
		})
	}
	return web.Page("policy/lists", page), nil
}

func (p *Pages) shelfRow(r *web.Request, sh *policy.Shelf) (ui.Row, error) {
	row := ui.Row{ID: "l" + sh.List, Cells: []ui.Cell{
		{Text: place(sh.Region), Note: levelText(sh.Region)}, {Text: ui.Unknown, Note: sh.Title}, {Text: ui.Unknown}, {Text: "无"}, {Text: "无"}, {Text: "无"},
	}}
	if v := sh.InForce; v != nil {
		row.Cells[1] = ui.Cell{Text: v.Title, Href: link(v.ID, ""), Note: "第 " + strconv.FormatInt(v.No, 10) + " 版，自 " + v.RulesFrom.String() + " 起施行"}
		book, err := p.Lists.Book(r.Context(), p.Lists.Today())
		if err != nil {
			return row, err
		}
		if ruling := book.Find(v.ID); ruling != nil {
			row.Cells[2] = ui.Cell{Text: ui.Number(len(ruling.Source.Items))}
			if number := ruling.List.Document.Number; number != "" {
				row.Cells[1].Note = number + "；" + row.Cells[1].Note
			}
		}
	}
	if v := sh.Next; v != nil {
		row.Cells[3] = ui.Cell{Text: "第 " + strconv.FormatInt(v.No, 10) + " 版", Href: link(v.ID, ""), Note: v.RulesFrom.String() + " 起"}
	}
	if v := sh.OnItsWay; v != nil {
		row.Cells[4] = ui.Cell{Text: "第 " + strconv.FormatInt(v.No, 10) + " 版", Href: link(v.ID, ""), Tags: []ui.Tag{stateTag(v.State)}}
	}
	if f := sh.Filing; f != nil {
		row.Cells[5] = ui.Cell{Text: "第 " + strconv.FormatInt(f.No, 10) + " 版", Href: "/filings/" + f.ID.String(), Tags: []ui.Tag{filingTag(f.State)}}
	} else if sh.Region == region.Nation {
		row.Cells[5] = ui.Cell{Text: "不需要"}
	}
	return row, nil
}

// stateTag is the state of a version in its colour.
func stateTag(s policy.State) ui.Tag {
	tone := map[policy.State]ui.Tone{policy.Draft: ui.Neutral, policy.Review: ui.Warning, policy.Approved: ui.Info, policy.Published: ui.Success}[s]
	return ui.Tag{Text: s.Label(), Tone: tone}
}

// askNew asks of which place the next version is to be written.
func (p *Pages) askNew(r *web.Request) (web.Response, error) {
	page, err := p.newPage(r)
	if err != nil {
		return nil, err
	}
	return web.Page("policy/form", page), nil
}

// firstOf marks the choice of a place's first list.
const firstOf = "region:"

func (p *Pages) newPage(r *web.Request) (*formPage, error) {
	scope := r.Actor.Scope(access.PolicyWrite)
	shelves, err := p.Lists.Lists(r.Context(), scope)
	if err != nil {
		return nil, err
	}
	var options []ui.Option
	has := map[region.Code]bool{}
	for i := range shelves {
		sh := &shelves[i]
		if !scope.Contains(sh.Region) {
			continue
		}
		has[sh.Region] = true
		o := ui.Option{Value: sh.List, Label: place(sh.Region) + "：" + sh.Title, Hint: "以现行的一版为底稿"}
		if v := sh.OnItsWay; v != nil {
			o.Disabled, o.Hint = true, "第 "+strconv.FormatInt(v.No, 10)+" 版正在办理（"+v.State.Label()+"），办完或作废以后才能起草下一版"
		}
		options = append(options, o)
	}
	for _, c := range places(scope) {
		if !has[c] {
			options = append(options, ui.Option{Value: firstOf + string(c), Label: place(c) + "：第一份清单", Hint: "承接现行的上级清单，只写本地增加和提高的部分"})
		}
	}
	page := &formPage{
		Frame: ui.Frame{Title: "起草清单", Narrow: true, Crumbs: []ui.Crumb{home}},
		Form: ui.Simple("/policies/new", "开始起草",
			ui.Field{Name: "list", Label: "起草哪里的清单", Kind: ui.KindRadio, Required: true, Value: r.Value("list"), Options: options},
			ui.Field{Name: "note", Label: "为什么起草", Value: r.Value("note"), MaxLength: 200, Autocomplete: "off", Hint: "如：落实上级文件、年度调整标准。写入办理记录。"}),
	}
	page.Form.Cancel = ui.Link{Href: home.Href}
	return page, nil
}

// places are the regions of a scope and the divisions right below, which may have lists
// of their own.
func places(scope access.Scope) []region.Code {
	var out []region.Code
	for _, c := range scope.Regions() {
		out = append(out, c)
		if len(c) >= 6 { // towns have no lists
			continue
		}
		for _, d := range region.Below(c) {
			out = append(out, d.Code)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (p *Pages) begin(r *web.Request) (web.Response, error) {
	list, note := r.Value("list"), r.Value("note")
	from, err := asked(r, "from")
	if err != nil {
		return nil, err
	}
	var v *policy.Version
	switch c, first := strings.CutPrefix(list, firstOf); {
	case list == "":
		err = (&errs.Fields{{Name: "list", Message: "请选择起草哪里的清单"}}).Err()
	case first:
		var at region.Code
		if at, err = region.Parse(c); err == nil {
			v, err = p.Lists.DraftNew(r.Context(), r.Actor, at, note)
		} else {
			err = (&errs.Fields{{Name: "list", Message: "请选择起草哪里的清单"}}).Err()
		}
	default:
		v, err = p.Lists.Draft(r.Context(), r.Actor, list, from, note)
	}
	if err == nil {
		return web.Redirect(link(v.ID, ""), web.Done("已起草第 %d 版，可以开始修改。", v.No)), nil
	}
	page, wrong := p.newPage(r)
	if wrong != nil {
		return nil, wrong
	}
	return again("policy/form", page, &page.Form, err)
}
