package intakeweb

import (
	"strconv"
	"strings"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/errs"
	"yian/internal/history"
	"yian/internal/intake"
	"yian/internal/region"
	"yian/internal/ui"
	"yian/internal/web"
)

// shownFaults is how many faults the page of an import lists.
const shownFaults = 100

func (h *Pages) load(r *web.Request) (*intake.Import, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	return h.Imports.Get(r.Context(), r.Actor.Scope(access.PersonImport), n)
}

func (h *Pages) show(r *web.Request) (web.Response, error) {
	imp, err := h.load(r)
	if err != nil {
		return nil, err
	}
	p, err := h.page(r, imp)
	if err != nil {
		return nil, err
	}
	return web.Page("intake/show", p), nil
}

// page makes the page of an import in its state.
func (h *Pages) page(r *web.Request, imp *intake.Import) (*showPage, error) {
	p := &showPage{
		Frame: ui.Frame{Title: imp.FileName, Tags: []ui.Tag{tag(imp.State)}, Crumbs: []ui.Crumb{{Text: "导入", Href: "/imports"}}},
		Steps: steps(imp), Progress: bar(imp), Stats: stats(imp), Details: details(imp),
	}
	if imp.User != r.Actor.User {
		p.Lead = "由" + imp.UserName + "上传；文件内容只有上传人能看。"
		p.Actions = actions(imp, false)
		return p, nil
	}
	p.Note, p.Actions = note(imp), actions(imp, true)
	if imp.State == intake.Matching || imp.State == intake.Checked && r.Value("columns") != "" {
		head, err := h.Imports.Head(r.Context(), r.Actor, imp.ID)
		if err != nil {
			return nil, err
		}
		set := intake.Settings{Source: imp.Source, From: imp.From, Place: imp.Place, Mapping: imp.Mapping}
		if set.From.IsZero() {
			set.From = h.Imports.Today()
		}
		p.Form = columnForm(imp, head, set)
		return p, nil
	}
	if withFaults(imp) {
		faults, err := h.Imports.Faults(r.Context(), r.Actor, imp.ID, shownFaults)
		if err != nil {
			return nil, err
		}
		p.FaultsTitle, p.Faults = "没有通过的行", faultTable(faults)
		if len(faults) == shownFaults {
			p.FaultsTitle = "没有通过的行（前 " + strconv.Itoa(shownFaults) + " 处，全部见退回文件）"
		}
	}
	return p, nil
}

// withFaults reports whether there are rejected rows to show.
func withFaults(imp *intake.Import) bool {
	return !imp.Purged && (imp.State == intake.Checked || imp.State == intake.Done || imp.State == intake.Cancelled || imp.State == intake.Stopped) &&
		imp.Checked.Rejected+imp.Brought.Rejected > 0
}

// steps shows how far an import has come.
func steps(imp *intake.Import) ui.Steps {
	state := imp.State
	if state == intake.Stopped {
		state = imp.Back
	}
	at := map[intake.State]int{intake.Uploading: 0, intake.Reading: 0, intake.Matching: 1, intake.Checking: 2, intake.Checked: 3, intake.Committing: 3, intake.Done: 5}[state]
	if state == intake.Cancelled {
		at = -1
	}
	var s ui.Steps
	for i, text := range []string{"上传", "对应列", "试运行", "导入", "完成"} {
		s.Items = append(s.Items, ui.Step{Text: text, Done: i < at, Current: i == at})
	}
	return s
}

// note says to whoever uploaded the file what to do next.
func note(imp *intake.Import) ui.Note {
	switch imp.State {
	case intake.Uploading:
		return ui.Note{Tone: ui.Info, Text: "文件还在上传。"}
	case intake.Matching:
		return ui.Note{Tone: ui.Info, Title: "下一步：确认每一列是什么", Text: "系统按表头猜了一遍，请核对。没有对应的列不导入。确认后先试运行，不改动任何档案。"}
	case intake.Checked:
		if imp.Checked.Rejected == imp.Checked.Rows {
			return ui.Note{Tone: ui.Warning, Title: "没有可以导入的行", Text: "请看下面的原因：多半是列对应错了，或默认地区没有选。"}
		}
		n := ui.Note{Tone: ui.Info, Title: "下一步：确认导入", Text: "这是试运行的结果，档案还没有改动。"}
		if imp.Checked.Rejected > 0 {
			n.Text += "没有通过的行不会导入，可下载退回文件修改后另行上传。"
		}
		return n
	case intake.Done:
		if imp.Brought.Rejected > 0 {
			return ui.Note{Tone: ui.Warning, Title: "导入完成，有 " + ui.Number(imp.Brought.Rejected) + " 行退回", Text: "下载退回文件，按“原因”一列修改后直接上传即可，不必删去已导入的行。"}
		}
		return ui.Note{Tone: ui.Success, Title: "导入完成"}
	case intake.Failed:
		return ui.Note{Tone: ui.Danger, Title: "文件无法导入", Text: imp.Reason, Link: ui.Link{Text: "重新上传", Href: "/imports/new"}}
	case intake.Stopped:
		return ui.Note{Tone: ui.Danger, Title: "导入已中断", Text: imp.Reason}
	case intake.Cancelled:
		if imp.Brought.Rows > 0 {
			return ui.Note{Tone: ui.Warning, Title: "导入已取消", Text: imp.Reason + "取消前已处理 " + ui.Number(imp.Brought.Rows) + " 行，这些改动保留；再次导入同一文件不会重复。"}
		}
		return ui.Note{Title: "导入已取消", Text: imp.Reason + "档案没有改动。"}
	}
	return ui.Note{}
}

// bar is the progress of work in the background.
func bar(imp *intake.Import) ui.Progress {
	p := ui.Progress{ID: "progress", Poll: "/imports/" + imp.ID.String() + "/progress"}
	switch imp.State {
	case intake.Reading:
		p.Label, p.Text = "正在读取文件", "已读 "+ui.Number(imp.Total)+" 行"
	case intake.Checking:
		p.Label, p.Done, p.Goal = "正在试运行", imp.Checked.Rows, imp.Total
	case intake.Committing:
		p.Label, p.Done, p.Goal = "正在导入", imp.Brought.Rows, imp.Total
	default:
		return ui.Progress{}
	}
	return p
}

// progress answers the poll of the progress; when the work is over the page is loaded anew.
func (h *Pages) progress(r *web.Request) (web.Response, error) {
	imp, err := h.load(r)
	if err != nil {
		return nil, err
	}
	if p := bar(imp); p.ID != "" && r.HTMX() {
		return web.Component("progress", p), nil
	}
	return web.Redirect("/imports/" + imp.ID.String()), nil
}

// stats are the counts of the last run.
func stats(imp *intake.Import) []ui.Stat {
	c, verb := imp.Checked, "将"
	if imp.State == intake.Done || imp.State == intake.Committing || imp.Brought.Rows > 0 {
		c, verb = imp.Brought, "已"
	}
	if c.Rows == 0 || imp.State == intake.Checking || imp.State == intake.Committing {
		return nil
	}
	number := ui.Number[int64]
	all := []ui.Stat{
		{Label: verb + "新建档案", Value: number(c.Created), Unit: "人", Icon: "user-plus"},
		{Label: verb + "更新", Value: number(c.Changed), Unit: "人", Icon: "pencil"},
		{Label: "没有变化", Value: number(c.Unchanged), Unit: "人", Icon: "check"},
		{Label: "与其他来源矛盾", Value: number(c.Conflicts), Unit: "人", Icon: "scale", Note: "已含在上面，导入后由人核定"},
		{Label: "退回", Value: number(c.Rejected), Unit: "行", Icon: "alert-circle"},
	}
	if c.Conflicts > 0 {
		all[3].Tone = ui.Warning
	}
	if c.Rejected > 0 {
		all[4].Tone = ui.Danger
	}
	return all
}

// details tells of the file.
func details(imp *intake.Import) ui.Details {
	kind := imp.Format
	if imp.Encoding != "" && kind != "XLSX" {
		kind += "，" + imp.Encoding
	}
	d := ui.Details{Pairs: []ui.Pair{
		{Term: "来源", Text: imp.Source.Label()},
		{Term: "格式", Text: kind},
		{Term: "大小", Text: ui.Number((imp.Bytes+1023)/1024) + " KB"},
		{Term: "行数", Text: ui.Number(imp.Total)},
		{Term: "上传", Text: ui.Instant(imp.Created), Note: imp.UserName + " · " + region.Name(imp.Region)},
	}}
	if !imp.From.IsZero() {
		d.Pairs = append(d.Pairs, ui.Pair{Term: "信息起始日期", Text: imp.From.String()})
	}
	if imp.Place != "" {
		d.Pairs = append(d.Pairs, ui.Pair{Term: "默认地区", Text: region.Name(imp.Place)})
	}
	if imp.Purged {
		d.Pairs = append(d.Pairs, ui.Pair{Term: "文件内容", Text: "已按期清除"})
	}
	return d
}

// actions are what can be done now.
func actions(imp *intake.Import, own bool) []ui.Action {
	at := "/imports/" + imp.ID.String()
	post := func(text, icon, path string) ui.Action {
		return ui.Action{Text: text, Icon: icon, Href: at + path, Post: true, Hidden: []ui.Hidden{{Name: "version", Value: strconv.FormatInt(imp.Version, 10)}}}
	}
	var all []ui.Action
	if own && imp.State == intake.Checked && imp.Checked.Rejected < imp.Checked.Rows {
		commit := post("开始导入", "player-play", "/commit")
		commit.Icon, commit.Primary = "check", true
		commit.Confirm = "将新建 " + ui.Number(imp.Checked.Created) + " 份、更新 " + ui.Number(imp.Checked.Changed) + " 份档案。现在导入吗？"
		all = append(all, commit)
	}
	if own && imp.State == intake.Checked {
		all = append(all, ui.Action{Text: "修改列的对应", Icon: "columns-3", Href: at + "?columns=1"}, post("重新试运行", "refresh", "/check"))
	}
	if own && imp.State == intake.Stopped {
		again := post("继续", "refresh", "/continue")
		again.Primary = true
		all = append(all, again)
	}
	if own && withFaults(imp) {
		all = append(all, ui.Action{Text: "下载退回文件", Icon: "download", Href: at + "/rejects"})
	}
	if !imp.State.Ended() && imp.State != intake.Uploading {
		cancel := post("取消导入", "x", "/cancel")
		cancel.Danger, cancel.Confirm = true, "取消后不能继续；已导入的行保留。确定取消吗？"
		all = append(all, cancel)
	}
	return all
}

// faultTable lists faults.
func faultTable(faults []intake.Fault) ui.Table {
	t := ui.Table{ID: "faults", Caption: "没有通过的行", Columns: []ui.Column{{Label: "行", Number: true}, {Label: "列"}, {Label: "内容"}, {Label: "原因", Wide: true}}}
	for _, f := range faults {
		column := f.Column
		if column == "" {
			column = "整行"
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: ui.Number(f.Line)}, {Text: column}, {Text: f.Value}, {Text: f.Reason}}})
	}
	return t
}

// columnForm asks what the columns are for.
func columnForm(imp *intake.Import, head *intake.Head, set intake.Settings) ui.Form {
	options := []ui.Option{{Value: "", Label: "不导入"}}
	for _, t := range intake.Targets {
		options = append(options, ui.Option{Value: string(t.Target), Label: t.Group + " · " + t.Label})
	}
	columns := make([]ui.Field, len(head.Header))
	for i := range head.Header {
		f := ui.Field{Name: intake.Field(i), Label: strconv.Itoa(i+1) + ". " + intake.ColumnName(head.Header, i), Kind: ui.KindSelect, Options: options}
		if i < len(set.Mapping) {
			f.Value = string(set.Mapping[i])
		}
		var samples []string
		for _, row := range head.Samples {
			if i < len(row) && row[i] != "" {
				samples = append(samples, row[i])
			}
		}
		if f.Hint = "（空）"; len(samples) > 0 {
			f.Hint = "如：" + strings.Join(samples, "、")
		}
		columns[i] = f
	}
	return ui.Form{
		Action: "/imports/" + imp.ID.String() + "/mapping", Submit: "保存并试运行",
		Hidden: []ui.Hidden{{Name: "version", Value: strconv.FormatInt(imp.Version, 10)}},
		Sections: []ui.Section{
			{Title: "关于这份数据", Columns: true, Fields: []ui.Field{
				sourceField(string(set.Source)),
				{Name: "from", Label: "信息从哪一天起有效", Kind: ui.KindDate, Value: set.From.String(), Required: true, Hint: "一般是数据统计的日期；文件里有起始日期列的，以列为准。"},
				placeField(imp.Region, set.Place),
			}},
			{Title: "每一列是什么", Text: "灰色小字是文件开头几行的内容，证件号码和电话已遮盖。", Columns: true, Fields: columns},
		},
	}
}

// placeField asks where people belong whose row names no place.
func placeField(top, value region.Code) ui.Field {
	f := ui.Field{
		Name: "place", Label: "行里没有户籍地和居住地的", Kind: ui.KindSelect, Value: string(value),
		Hint: "只用于新建的档案；已有档案的户籍地和居住地不变。", Options: []ui.Option{{Value: "", Label: "退回"}, {Value: string(top), Label: "算作居住在" + region.Name(top)}},
	}
	for _, d := range region.Below(top) {
		f.Options = append(f.Options, ui.Option{Value: string(d.Code), Label: "算作居住在" + d.Name})
	}
	return f
}

// match takes what the columns are for.
func (h *Pages) match(r *web.Request) (web.Response, error) {
	imp, err := h.load(r)
	if err != nil {
		return nil, err
	}
	head, err := h.Imports.Head(r.Context(), r.Actor, imp.ID)
	if err != nil {
		return nil, err
	}
	set := intake.Settings{Source: history.Source(r.Value("source")), Mapping: make(intake.Mapping, len(head.Header))}
	var f errs.Fields
	for i := range head.Header {
		set.Mapping[i] = intake.Target(r.Value(intake.Field(i)))
	}
	if text := r.Value("from"); text != "" {
		set.From, err = civil.Parse(text)
		f.Check("from", err)
	}
	if text := r.Value("place"); text != "" {
		set.Place, err = region.Parse(text)
		f.Check("place", err)
	}
	version, _ := strconv.ParseInt(r.Value("version"), 10, 64) // a wrong one is stale
	if err = f.Err(); err == nil {
		err = h.Imports.Match(r.Context(), r.Actor, imp.ID, version, set)
	}
	if err == nil {
		return web.Redirect("/imports/"+imp.ID.String(), web.Done("已保存，开始试运行")), nil
	}
	p, pageErr := h.page(r, imp)
	if pageErr != nil {
		return nil, pageErr
	}
	p.Form = columnForm(imp, head, set)
	return web.Again("intake/show", p, &p.Form, err)
}
