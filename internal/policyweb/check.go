package policyweb

import (
	"strconv"
	"strings"

	"yian/internal/access"
	"yian/internal/errs"
	"yian/internal/pack"
	"yian/internal/policy"
	"yian/internal/ui"
	"yian/internal/web"
)

// checkPage is what is known of a version before people decide on it.
type checkPage struct {
	ui.Frame
	Tabs     ui.Tabs
	Note     ui.Note
	Findings ui.Table
	Tests    ui.Table
	Compared string // with which list
	Apart    ui.Note
	Items    ui.Table
}

func (p *Pages) check(r *web.Request) (web.Response, error) {
	v, err := p.read(r)
	if err != nil {
		return nil, err
	}
	report, err := p.Lists.Check(r.Context(), r.Actor.Scope(access.PolicyRead), v.ID)
	if err != nil {
		return nil, err
	}
	page := &checkPage{Tabs: tabs(v, "/check"), Note: verdict(report)}
	if _, err := p.frame(r, v, &page.Frame); err != nil {
		return nil, err
	}
	page.Findings = findings(report.Findings, func(f *pack.Finding) bool { return true })
	page.Findings.ID = "findings"
	page.Findings.Empty = ui.EmptyState{Icon: "circle-check", Title: "文字和规则没有错误"}
	page.Tests = tests(report)
	if report.Findings.Errors() > 0 && report.Upper == nil {
		page.Compared = "改正错误以后，系统才能与上级清单逐项对照。"
	} else if report.Upper != nil {
		page.Compared = place(report.Upper.Region) + "《" + report.Upper.Title + "》"
		page.Items = conformance(report.Items)
		page.Items.Empty = ui.EmptyState{Icon: "scale", Title: "没有可以对照的项目"}
		if report.Apart != "" {
			page.Apart = ui.Note{Tone: ui.Warning, Title: "无法逐项对照", Text: report.Apart}
		}
	}
	return web.Page("policy/check", page), nil
}

// verdict says in a sentence what came out.
func verdict(report *policy.Report) ui.Note {
	if err := report.Err(); err != nil {
		return ui.Note{Tone: ui.Danger, Title: errs.Message(err), Text: "没有改完的清单不能送审，也不能发布。"}
	}
	if n := len(report.Below()); n > 0 {
		return ui.Note{
			Tone: ui.Warning, Title: "有 " + strconv.Itoa(n) + " 个项目低于上级清单",
			Text: "可以送审和发布，但报送备案时要写明理由，上级可能退回。逐项对照里每一项都举出一位会因此吃亏的老人。",
		}
	}
	text := "测试人物都得到应得的结果。"
	if report.Upper != nil && report.Apart == "" {
		text += "逐项对照，不低于上级清单。"
	}
	return ui.Note{Tone: ui.Success, Title: "没有错误", Text: text}
}

// findings lists what is wrong with a text.
func findings(all pack.Findings, which func(f *pack.Finding) bool) ui.Table {
	t := ui.Table{Caption: "文字和规则的问题", Columns: []ui.Column{{Label: "级别"}, {Label: "在哪里"}, {Label: "问题", Wide: true}}}
	for i := range all {
		f := &all[i]
		if !which(f) {
			continue
		}
		tag := ui.Tag{Text: f.Severity.Label()}
		if f.Severity == pack.Error {
			tag.Tone = ui.Danger
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Tags: []ui.Tag{tag}}, {Text: where(f)}, {Text: f.Msg}}})
	}
	return t
}

// ofTests reports whether a finding is about the test people.
func ofTests(f *pack.Finding) bool { return strings.HasSuffix(f.At.File, "/tests") }

func where(f *pack.Finding) string {
	text := "清单"
	if ofTests(f) {
		text = "测试人物"
	}
	if f.At.Line == 0 {
		return text
	}
	return text + "第 " + strconv.Itoa(f.At.Line) + " 行"
}

// shownTests is how many test people are listed that get what they should.
const shownTests = 200

// tests lists the test people: first those who do not get what they should.
func tests(report *policy.Report) ui.Table {
	failed := report.Failed()
	t := ui.Table{
		ID: "tests", Caption: "测试人物的结果",
		Columns: []ui.Column{{Label: "测试人物", Wide: true}, {Label: "项目"}, {Label: "结果"}},
		Empty:   ui.EmptyState{Icon: "user-check", Title: "还没有测试人物", Text: "清单自己写的每个项目至少要有 3 位测试人物：有应得的，有不应得的，有差一点的。"},
		Pager:   ui.Pager{Text: "共 " + strconv.Itoa(len(report.Tests)) + " 项期望，" + strconv.Itoa(len(failed)) + " 项不符"},
	}
	name := func(item string) string {
		if it := report.List.Item(item); it != nil {
			return it.Name
		}
		return item
	}
	for _, one := range failed {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: one.Person, Note: "测试人物第 " + strconv.Itoa(one.At.Line) + " 行"}, {Text: name(one.Item)}, {Tags: []ui.Tag{{Text: "不符", Tone: ui.Danger}}, Note: one.Failure},
		}})
	}
	for _, one := range report.Tests {
		if one.Failure == "" && len(t.Rows) < shownTests {
			t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: one.Person}, {Text: name(one.Item)}, {Tags: []ui.Tag{{Text: "相符", Tone: ui.Success}}}}})
		}
	}
	if len(t.Rows) == 0 {
		t.Pager = ui.Pager{}
	}
	return t
}

// conformance compares item by item with the list above.
func conformance(items []policy.Conformance) ui.Table {
	t := ui.Table{
		ID: "conformance", Caption: "与上级清单逐项对照",
		Columns: []ui.Column{{Label: "上级项目"}, {Label: "本清单的项目"}, {Label: "结论"}, {Label: "说明", Wide: true}},
	}
	for i := range items {
		c := &items[i]
		own := ui.Cell{Text: "没有"}
		if c.Lower != nil {
			own = ui.Cell{Text: c.Lower.Name}
		}
		t.Rows = append(t.Rows, ui.Row{ID: "c-" + c.Upper.ID, Cells: []ui.Cell{
			{Text: c.Upper.Name}, own, {Tags: []ui.Tag{conformTag(c)}}, {Text: strings.Join(c.Sentences, ""), Note: strings.Join(c.Notes, "；")},
		}})
	}
	return t
}

// conformTag marks whether an item is kept.
func conformTag(c *policy.Conformance) ui.Tag {
	if c.Proved() {
		return ui.Tag{Text: "不低于", Tone: ui.Success}
	}
	return ui.Tag{Text: c.Findings[0].Fault.Label(), Tone: ui.Danger}
}
