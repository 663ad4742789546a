package policyweb

import (
	"slices"
	"strconv"
	"strings"

	"yian/internal/fact"
	"yian/internal/policyform"
	"yian/internal/region"
	"yian/internal/rules"
	"yian/internal/ui"
)

// itemPage makes the page of an item with the fields as they were written.
func (p *Pages) itemPage(e *editor, version int64) *itemPage {
	page := &itemPage{Frame: ui.Frame{Title: "修改项目", Lead: e.was.Name, Crumbs: back(e.sheet.Version)}, Other: byText, Label: "改用文字写规则"}
	page.Form = ui.Form{Action: itemLink(e.ID, e.was.ID), Cancel: ui.Link{Href: link(e.ID, "")}, Hidden: append(carry(version), ui.Hidden{Name: "by", Value: e.by})}
	switch {
	case e.isNew:
		page.Title, page.Form.Action = "新增项目", link(e.ID, "/add")
	case !e.own:
		page.Title, page.Note = "改写承接的项目", ui.Note{Tone: ui.Info, Text: "这个项目承接自上级清单。保存以后由本清单自己写明，不再随上级变化；不能低于上级。"}
	default:
		page.Actions = []ui.Action{{
			Text: "删除项目", Href: link(e.ID, "/items/"+e.was.ID+"/delete"), Icon: "trash", Post: true, Danger: true, Hidden: carry(version),
			Confirm: "从草稿里删除“" + e.was.Name + "”？",
		}}
	}
	add := func(s ui.Section, f fold) {
		page.Form.Sections, page.Folds = append(page.Form.Sections, s), append(page.Folds, f)
	}
	if e.by == byForm {
		e.conditionSections(add)
	} else {
		page.Other, page.Label = byForm, "改用表单写规则"
		add(ui.Section{Title: "谁能享受", Text: "可用的写法：age >= 80、income in [\"dibao\", \"tekun\"]、hukou.within(\"1410\")、dementia、&&、||、! 和清单里定义的条件。", Fields: []ui.Field{
			{Name: "when", Label: "规则", Kind: ui.KindTextarea, Rows: 6, Required: true, Value: e.Get("when"), HideLabel: true},
		}}, fold{})
	}
	e.grantSections(add)
	e.wordSections(add)
	return page
}

// conditionSections are the fields that say who is entitled.
func (e *editor) conditionSections(add func(ui.Section, fold)) {
	named := e.namedOptions()
	add(ui.Section{Title: "谁能享受：以下全部符合", Columns: true, Fields: e.placeFields("all", "至少", "至多")}, fold{})
	if len(named) > 0 {
		add(ui.Section{Title: "并且符合清单定义的条件", Text: "勾选的全部都要符合。", Fields: []ui.Field{
			{Name: "all_named", Label: "清单定义的条件", HideLabel: true, Kind: ui.KindCheckboxes, Options: named, Values: e.Values["all_named"]},
		}}, fold{})
	}
	facts, set := e.factFields("all")
	add(ui.Section{Title: "其他情况（每一行选中的值，符合任意一个即可）", Fields: facts}, fold{Folded: true, Open: set})
	some := e.placeFields("any", "或至少", "或至多")
	if len(named) > 0 {
		some = append(some, ui.Field{Name: "any_named", Label: "清单定义的条件", Kind: ui.KindCheckboxes, Options: named, Values: e.Values["any_named"]})
	}
	more, set := e.factFields("any")
	set = set || e.Get("any_lo")+e.Get("any_hi")+e.Get("any_hukou")+e.Get("any_residence") != "" || len(e.Values["any_named"]) > 0
	add(ui.Section{Title: "此外，以下至少符合一项（没有的不填）", Fields: append(some, more...)}, fold{Folded: true, Open: set})
}

// placeFields ask for ages and regions.
func (e *editor) placeFields(half, least, most string) []ui.Field {
	regions := func(name, label string) ui.Field {
		f := ui.Field{Name: name, Label: label, Kind: ui.KindSelect, Value: e.Get(name), Options: []ui.Option{{Label: "不限"}}}
		codes := []region.Code{e.Region}
		if one, err := region.Parse(f.Value); err == nil && f.Value != "" && one != e.Region {
			codes = append(codes, one)
		}
		for _, c := range codes {
			if c != region.Nation {
				f.Options = append(f.Options, ui.Option{Value: string(c), Label: place(c)})
			}
		}
		return f
	}
	return []ui.Field{
		{Name: half + "_lo", Label: "年龄" + least, Kind: ui.KindNumber, Value: e.Get(half + "_lo"), Unit: "岁", Min: "0", Max: strconv.Itoa(fact.MaxAge), Width: "s"},
		{Name: half + "_hi", Label: "年龄" + most, Kind: ui.KindNumber, Value: e.Get(half + "_hi"), Unit: "岁", Min: "0", Max: strconv.Itoa(fact.MaxAge), Width: "s"},
		regions(half+"_hukou", "户籍在"), regions(half+"_residence", "居住在"),
	}
}

// factFields ask for the values of all other facts.
func (e *editor) factFields(half string) (out []ui.Field, set bool) {
	for f := range fact.Count {
		if !f.Coded() {
			continue
		}
		field := ui.Field{Name: half + "_" + f.String() + "_is", Label: f.Def().Label, Kind: ui.KindCheckboxes, Values: e.Values[half+"_"+f.String()+"_is"]}
		for _, v := range f.Def().Values {
			field.Options = append(field.Options, ui.Option{Value: v.Name, Label: v.Label})
		}
		out, set = append(out, field), set || len(field.Values) > 0
	}
	return out, set
}

// namedOptions are the definitions of the list in plain words.
func (e *editor) namedOptions() []ui.Option {
	define := e.named
	src := rules.Source{ID: e.List, Region: e.Region, From: e.source.From, Parameters: e.source.Parameters}
	for _, d := range define {
		src.Items = append(src.Items, rules.Item{ID: d.Name, Define: define, When: rules.Text{CEL: d.Name}})
	}
	program, err := rules.Compile(&src, src.From)
	options := make([]ui.Option, len(define))
	for i, d := range define {
		if options[i] = (ui.Option{Value: d.Name, Label: d.Name}); err == nil {
			options[i] = ui.Option{Value: d.Name, Label: policyform.Sentence(program.Items[i].Own), Hint: d.Name}
		}
	}
	return options
}

// grantSections are the fields that say what the item gives.
func (e *editor) grantSections(add func(ui.Section, fold)) {
	add(ui.Section{Title: "给什么", Columns: true, Fields: []ui.Field{
		e.choice("kind", "形式", false, [][2]string{{rules.Cash, "现金"}, {rules.Service, "服务"}, {rules.Discount, "优惠"}, {rules.Priority, "优先"}, {rules.InKind, "实物"}}),
		e.choice("per", "周期", true, [][2]string{{rules.PerMonth, "每月"}, {rules.PerYear, "每年"}, {rules.PerOnce, "一次性"}, {rules.PerDay, "每天"}}),
		e.choice("first", "从哪个月起", true, [][2]string{{rules.SameMonth, "当月起"}, {rules.NextMonth, "次月起"}}),
	}}, fold{})
	var names []string
	for i := range e.source.Parameters {
		names = append(names, e.source.Parameters[i].Name+"（"+e.source.Parameters[i].Label+"）")
	}
	hint := "写数额，或标准的名字，或算式，如 70、nursing_subsidy、1.3 * dibao_standard。"
	if len(names) > 0 {
		hint += "可用的标准：" + strings.Join(names, "、") + "。"
	}
	for _, kind := range []struct{ name, title, is, text string }{
		{policyform.AmountCases, "金额（元）", "金额", hint}, {policyform.TimesCases, "次数", "次数", "写次数或标准的名字。"}, {policyform.ShareCases, "优惠", "优惠", "用文件的原话，如：半价、免费。"},
	} {
		s := ui.Section{Title: kind.title, Text: kind.text + "有几种情形的逐一写，先写的优先；情形不写的，是其他所有人。", Columns: true}
		n := e.cases(kind.name)
		for i := range min(n+spareCases, policyform.MaxCases) {
			no := strconv.Itoa(i + 1)
			s.Fields = append(s.Fields,
				ui.Field{Name: policyform.CaseField(kind.name, "when", i), Label: "情形 " + no, Value: e.Get(policyform.CaseField(kind.name, "when", i)), Placeholder: "age >= 80", Autocomplete: "off"},
				ui.Field{Name: policyform.CaseField(kind.name, "is", i), Label: kind.is + " " + no, Value: e.Get(policyform.CaseField(kind.name, "is", i)), Autocomplete: "off"})
		}
		add(s, fold{Folded: true, Open: n > 0 || kind.name == policyform.AmountCases && e.Get("kind") == rules.Cash})
	}
}

// cases counts the cases that are written.
func (e *editor) cases(kind string) int {
	n := 0
	for i := range policyform.MaxCases {
		if e.Get(policyform.CaseField(kind, "is", i))+e.Get(policyform.CaseField(kind, "when", i)) != "" {
			n = i + 1
		}
	}
	return n
}

func (e *editor) choice(name, label string, open bool, options [][2]string) ui.Field {
	f := ui.Field{Name: name, Label: label, Kind: ui.KindSelect, Value: e.Get(name), Width: "m"}
	if open {
		f.Options = append(f.Options, ui.Option{Label: "没有写明"})
	}
	for _, o := range options {
		f.Options = append(f.Options, ui.Option{Value: o[0], Label: o[1]})
	}
	return f
}

// wordFields are the words of an item.
var wordFields = []ui.Field{
	{Name: "no", Label: "序号", InputMode: "numeric", Required: true, Width: "xs"},
	{Name: "id", Label: "编号", Required: true, Width: "m", Hint: "小写英文字母、数字和连字符，以后不能改，如 meal-subsidy。"},
	{Name: "name", Label: "项目名称", Required: true, MaxLength: 100},
	{Name: "audience", Label: "对象", Required: true, MaxLength: 300},
	{Name: "content", Label: "服务内容", Kind: ui.KindTextarea, MaxLength: 5000},
	{Name: "type", Label: "服务类型", Required: true, MaxLength: 50, Width: "m", Hint: "如：物质帮助、照护服务、关爱服务。"},
	{Name: "lead", Label: "牵头部门", MaxLength: 100, Width: "m"},
	{Name: "joint", Label: "配合部门", MaxLength: 300, Hint: "几个部门用顿号隔开。"},
	{Name: "start", Label: "怎样开始", Kind: ui.KindSelect, Width: "m", Options: []ui.Option{
		{Label: "没有写明"}, {Value: rules.Automatic, Label: "免申即享"}, {Value: rules.Application, Label: "依申请"}, {Value: rules.Referral, Label: "转介"},
	}},
	{Name: "attest", Label: "要由人确认的情况", MaxLength: 500, Hint: "规则判断不了、由经办人核实的，几项用分号隔开。"},
	{Name: "added", Label: "本地增加的项目（上级清单没有）", Kind: ui.KindCheckbox},
	{Name: "clause_at", Label: "条款的位置", Required: true, MaxLength: 100, Width: "m", Placeholder: "附件第15项"},
	{Name: "clause", Label: "条款的原文", Kind: ui.KindTextarea, Required: true, MaxLength: 5000},
	{Name: "answers", Label: "对应上级清单的哪一项", MaxLength: 60, Width: "m", Hint: "编号与上级相同的不填。"},
	{Name: "remark", Label: "编制说明", Kind: ui.KindTextarea, MaxLength: 10000, Hint: "对条款怎样理解、为什么这样写规则。"},
}

func (e *editor) wordSections(add func(ui.Section, fold)) {
	s := ui.Section{Title: "文字"}
	for _, f := range slices.Clone(wordFields) {
		if f.Name == "id" && !e.isNew {
			continue
		}
		f.Value, f.Autocomplete = e.Get(f.Name), "off"
		s.Fields = append(s.Fields, f)
	}
	add(s, fold{})
}
