package ui_test

import (
	"bytes"
	"embed"
	"flag"
	"io/fs"
	"math"
	"os"
	"testing"
	"time"

	"yian/internal/civil"
	"yian/internal/errs"
	"yian/internal/money"
	"yian/internal/region"
	"yian/internal/ui"
	"yian/internal/ui/uitest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

//go:embed testdata/templates/*.html
var files embed.FS

// gallery is a page with every component in every state that looks different.
type gallery struct {
	ui.Frame
	Tabs     ui.Tabs
	Steps    ui.Steps
	Notes    []ui.Note
	Stats    []ui.Stat
	Charts   []ui.Chart
	Search   ui.SearchBar
	Table    ui.Table
	None     ui.Table
	Details  ui.Details
	Timeline ui.Timeline
	Progress []ui.Progress
	Tones    []ui.Tag
	Day      civil.Date
	NoDay    civil.Date
	At       civil.Instant
	Amount   money.Fen
	Count    int64
	Place    region.Code
	Form     ui.Form
	Confirm  ui.Confirm
}

type login struct {
	ui.Frame
	Form     ui.Form
	Accounts []ui.Pair
}

type count struct{ Count int }

func set(t testing.TB) ui.Set {
	t.Helper()
	sub, err := fs.Sub(files, "testdata")
	if err != nil {
		t.Fatal(err)
	}
	return ui.Set{
		FS:    sub,
		Pages: map[string]ui.Page{"test/gallery": &gallery{}, "test/login": &login{}},
		Parts: map[string][]ui.Part{"test/login": {{Name: "part", Data: count{}}}},
	}
}

func TestTemplatesFitTheirStructs(t *testing.T) { uitest.Templates(t, set(t)) }

func TestGallery(t *testing.T) {
	templates := uitest.Templates(t, set(t))
	golden(t, "gallery", uitest.Page(t, templates, "test/gallery", filledGallery(t)))
	golden(t, "login", uitest.Page(t, templates, "test/login", filledLogin()))
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := "testdata/" + name + ".golden.html"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, []byte(got)) {
		t.Errorf("%s looks different; look at it and run with -update\n%s", file, got)
	}
}

func frame(title string) ui.Frame {
	f := ui.Frame{
		Title:  title,
		Lead:   "尧都区的老年人，截至 2026-11-22。",
		Crumbs: []ui.Crumb{{Text: "临汾市", Href: "/"}, {Text: "老年人档案", Href: "/persons"}},
		Tags:   []ui.Tag{{Text: "在册", Tone: ui.Success}},
		Actions: []ui.Action{
			{Text: "导出", Href: "/exports", Icon: "download", Post: true, Hidden: []ui.Hidden{{Name: "list", Value: "persons"}}},
			{Text: "删除", Href: "/x", Danger: true, Post: true, Confirm: "确定删除吗？"},
			{Text: "合并", Refused: "没有疑似重复的档案"},
			{Text: "新增老年人", Href: "/persons/new", Icon: "plus", Primary: true},
		},
		Nav: []ui.NavGroup{
			{Items: []ui.NavItem{{Text: "工作台", Href: "/", Icon: "layout-dashboard"}}},
			{Label: "老年人", Items: []ui.NavItem{
				{Text: "老年人档案", Href: "/persons", Icon: "users"},
				{Text: "疑似重复", Href: "/persons/duplicates", Icon: "copy", Count: "12"},
				{Text: "批量导入", Href: "/imports", Icon: "file-import"},
			}},
			{Label: "管理", Items: []ui.NavItem{{Text: "账号与权限", Href: "/users", Icon: "shield-lock"}, {Text: "审计日志", Href: "/audit", Icon: "history"}}},
		},
		User: ui.UserBox{Name: "刘敏", Role: "县级民政干部", Place: "尧都区民政局", SignOut: "/logout", Menu: []ui.Link{{Text: "我的账号", Href: "/me", Icon: "user"}}},
		Regions: ui.RegionSwitch{Current: "141002", Options: []ui.Option{
			{Value: "1410", Label: "临汾市"}, {Value: "141002", Label: "　尧都区"},
		}},
		Flash: []ui.Toast{{Tone: ui.Success, Text: "已保存。", Link: ui.Link{Text: "查看", Href: "/persons/1"}}, {Tone: ui.Danger, Text: "导出失败，请再试一次。"}},
		Demo:  "演示环境：数据是虚构的，重启后清空。",
		Path:  "/persons?name=%E7%8E%8B&after=7",
	}
	f.Here("/persons/141")
	return f
}

func filledGallery(t *testing.T) *gallery {
	t.Helper()
	return &gallery{
		Frame: frame("组件一览"),
		Tabs:  ui.Tabs{Label: "王秀兰的档案", Items: []ui.Tab{{Text: "概况", Href: "/persons/1", Active: true}, {Text: "事实", Href: "/persons/1/facts", Count: "23"}, {Text: "经过", Href: "/persons/1/log"}}},
		Steps: ui.Steps{Items: []ui.Step{{Text: "上传文件", Href: "/imports/1", Done: true}, {Text: "对应列", Current: true}, {Text: "试运行"}, {Text: "导入"}}},
		Notes: []ui.Note{
			{Tone: ui.Warning, Title: "有 2 项事实来源不一致", Text: "民政说是低保，残联说是无。请核实。", Link: ui.Link{Text: "去核实", Href: "/conflicts"}},
			{Text: "尚未评估能力。"},
			{Tone: ui.Danger, Title: "档案已注销"},
			{},
		},
		Stats: []ui.Stat{
			{Label: "在册老人", Value: "128,406", Unit: "人", Note: "较上月 +312", Icon: "users", Tone: ui.Info, Href: "/persons"},
			{Label: "本月补贴", Value: "1,846.2", Unit: "万元", Note: "预算 62%", Icon: "coin-yuan", Tone: ui.Success},
			{Label: "待办审核", Value: "57", Note: "超期 4", Icon: "clipboard-check", Tone: ui.Warning},
			{Label: "今日告警", Icon: "bell", Tone: ui.Danger},
		},
		Charts:   charts(),
		Search:   search(),
		Table:    people(),
		None:     ui.Table{ID: "none", Empty: ui.EmptyState{Icon: "user-search", Title: "没有找到符合条件的老年人", Text: "检查姓名有没有写错，或者减少一个条件。", Action: ui.Action{Text: "新增老年人", Href: "/persons/new"}}},
		Details:  details(),
		Timeline: timeline(),
		Progress: []ui.Progress{
			{ID: "import-1", Label: "正在导入 people.xlsx", Done: 12_500, Goal: 50_000, Text: "3 行有误", Poll: "/imports/1/progress", Tone: ui.Info},
			{ID: "import-2", Label: "正在读取文件", Text: "请稍候", Poll: "/imports/2/progress"},
			{ID: "import-3", Label: "导入完成", Done: 50_000, Goal: 50_000, Tone: ui.Success, Links: []ui.Link{{Text: "下载未导入的行", Href: "/imports/3/rejects", Icon: "download"}}},
		},
		Tones:   []ui.Tag{{Text: "草稿"}, {Text: "审核中", Tone: ui.Info}, {Text: "已通过", Tone: ui.Success, Icon: "check"}, {Text: "待审核", Tone: ui.Warning}, {Text: "已退回", Tone: ui.Danger}},
		Day:     civil.New(2026, time.November, 22),
		At:      civil.At(time.Date(2026, time.November, 21, 20, 5, 0, 0, time.UTC)),
		Amount:  184_620_050,
		Count:   1_284_060,
		Place:   "141002",
		Form:    form(t),
		Confirm: confirm(),
	}
}

func charts() []ui.Chart {
	return []ui.Chart{
		{
			ID: "c1", Title: "近六个月服务人次与补贴发放", Text: "服务人次半年增长两成。", Axis: "月份", Unit: "人次", RightUnit: "万元",
			Categories: []string{"6月", "7月", "8月", "9月", "10月", "11月"},
			Series: []ui.Series{
				{Name: "上门服务", Values: ui.Figures{8200, 8700, 9100, 8900, 9600, 10250}},
				{Name: "补贴", Kind: ui.Lines, Right: true, Values: ui.Figures{1640.5, 1667, math.NaN(), 1720, 1770, 1846.2}},
			},
		},
		{
			ID: "c2", Title: "照护等级分布", Axis: "等级", Kind: ui.Donut, Unit: "人", Categories: []string{"能力完好", "轻度失能", "中度失能", "重度失能", "完全失能"},
			Series: []ui.Series{{Name: "人数", Values: ui.Figures{61_000, 38_000, 20_100, 9_306, 0}}},
		},
	}
}

func search() ui.SearchBar {
	return ui.SearchBar{
		Action: "/persons", Live: true, Hidden: []ui.Hidden{{Name: "sort", Value: "name"}},
		Fields: []ui.Field{
			{Name: "q", Label: "姓名或证件号码", Kind: ui.KindSearch, Value: "王", Placeholder: "如：王秀兰", Autocomplete: "off"},
			{Name: "level", Label: "能力等级", Kind: ui.KindSelect, Width: "m", Options: []ui.Option{{Label: "全部"}, {Value: "mild", Label: "轻度失能"}, {Value: "severe", Label: "重度失能"}}},
		},
		More: []ui.Field{
			{Name: "from", Label: "年龄从", Kind: ui.KindNumber, Min: "0", Max: "130", Unit: "岁", Value: "80", Width: "s"},
			{Name: "to", Label: "到", Kind: ui.KindNumber, Min: "0", Max: "130", Unit: "岁", Width: "s"},
		},
	}
}

func people() ui.Table {
	row := func(id, name, street, amount string, tag ui.Tag, day string) ui.Row {
		return ui.Row{ID: "p" + id, Cells: []ui.Cell{
			{Text: name, Href: "/persons/" + id, Note: "1410021943********"},
			{Text: street},
			{Text: "高龄津贴"},
			{Text: amount},
			{Tags: []ui.Tag{tag}},
			{Text: day},
			{Links: []ui.Link{{Text: "审核", Href: "/cases/" + id}, {Text: "退回", Href: "/cases/" + id + "/return"}}},
		}}
	}
	return ui.Table{
		Caption: "待办审核",
		Columns: []ui.Column{
			{Label: "姓名", Sort: "/persons?sort=name", Sorted: "ascending"},
			{Label: "所属街道"},
			{Label: "业务", Wide: true},
			{Label: "金额（元）", Number: true, Sort: "/persons?sort=amount"},
			{Label: "状态"},
			{Label: "提交日期"},
			{Label: "操作", Quiet: true},
		},
		Rows: []ui.Row{
			row("1", "王秀兰", "解放路街道", "300.00", ui.Tag{Text: "待审核", Tone: ui.Warning}, "2026-11-18"),
			row("2", "李建国", "鼓楼西街街道", "600.00", ui.Tag{Text: "已通过", Tone: ui.Success}, "2026-11-17"),
			row("3", "张桂芳", "解放路街道", "120.00", ui.Tag{Text: "审核中", Tone: ui.Info}, "2026-11-17"),
			row("4", "赵玉珍", "乡贤街街道", "4,800.00", ui.Tag{Text: "已退回", Tone: ui.Danger}, "2026-11-15"),
		},
		Pager: ui.Pager{Previous: "/persons?before=1", Next: "/persons?after=4", Text: "第 51–54 条，共约 2.1 万条"},
	}
}

func details() ui.Details {
	return ui.Details{Pairs: []ui.Pair{
		{Term: "姓名", Text: "王秀兰"},
		{Term: "证件号码", Text: "1410021943********", Action: ui.Action{Text: "显示", Href: "/persons/1/unmask"}},
		{Term: "居住地", Text: "临汾市尧都区解放路街道", Href: "/persons?region=141002001"},
		{Term: "困难类别", Text: "低保", Tags: []ui.Tag{{Text: "来源不一致", Tone: ui.Warning}}, Note: "民政（社会救助），2026-10-08 起"},
		{Term: "失智"},
	}}
}

func timeline() ui.Timeline {
	return ui.Timeline{Events: []ui.Event{
		{When: "2026-11-18 09:12", By: "刘敏（尧都区民政局）", Title: "记录困难类别：低保", Tone: ui.Success, Tags: []ui.Tag{{Text: "现行"}}, Details: []ui.Pair{{Term: "有效期", Text: "2026-10-08 起"}, {Term: "依据", Text: "低保证"}}, Links: []ui.Link{{Text: "更正", Href: "/facts/9/correct"}, {Text: "结束", Href: "/facts/9/end"}}},
		{When: "2026-03-02 10:00", By: "残联", Title: "残疾等级：二级", Text: "数据交换，批次 20260302。", Tone: ui.Info},
		{When: "2025-01-01 00:00", Title: "建档"},
	}}
}

func form(t *testing.T) ui.Form {
	t.Helper()
	counties, err := ui.Regions("residence", "/regions", "1410", "141002", func(c region.Code) ([]ui.Option, error) {
		if c == "1410" {
			return []ui.Option{{Value: "141002", Label: "尧都区"}, {Value: "141021", Label: "曲沃县"}}, nil
		}
		return []ui.Option{{Value: "141002001", Label: "解放路街道"}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	home := ui.RegionField("residence", "居住地", counties)
	home.Hint = "选到村（社区）最好，至少选到县。"
	f := ui.Form{
		Action: "/persons", Upload: true, Hidden: []ui.Hidden{{Name: "version", Value: "3"}}, Cancel: ui.Link{Href: "/persons"},
		Sections: []ui.Section{
			{Title: "身份", Text: "与身份证一致。", Columns: true, Fields: []ui.Field{
				{Name: "name", Label: "姓名", Required: true, Autocomplete: "off", MaxLength: 50, Autofocus: true},
				{Name: "number", Label: "身份证号码", Required: true, Value: "14100219430115002", Hint: "18 位，最后一位可以是 X。", InputMode: "numeric"},
				{Name: "birth", Label: "出生日期", Kind: ui.KindDate, Value: "1943-01-15", Width: "m"},
				{Name: "pension", Label: "月收入", Kind: ui.KindNumber, Unit: "元", Step: "0.01", Width: "m"},
				{Name: "ethnic", Label: "民族", Kind: ui.KindSelect, Value: "02", Options: []ui.Option{{Value: "01", Label: "汉族"}, {Value: "02", Label: "蒙古族"}, {Value: "99", Label: "停用", Disabled: true}}},
				{Name: "phone", Label: "电话", Kind: ui.KindTel, Value: "010-6605", ReadOnly: true},
			}},
			{Title: "情况", Fields: []ui.Field{
				{Name: "dementia", Label: "是否失智", Kind: ui.KindRadio, Required: true, Value: "", Options: []ui.Option{{Value: "true", Label: "是", Hint: "有诊断证明"}, {Value: "false", Label: "否"}, {Value: "", Label: "不清楚"}}},
				{Name: "aids", Label: "已有服务", Kind: ui.KindCheckboxes, Values: []string{"meal"}, Options: []ui.Option{{Value: "meal", Label: "助餐"}, {Value: "bath", Label: "助浴"}}},
				{Name: "agree", Label: "本人或监护人已同意", Kind: ui.KindCheckbox, Value: "1", Hint: "同意书存档。"},
				home,
				{Name: "note", Label: "备注", Kind: ui.KindTextarea, Value: "<b>不要</b>\n换行"},
				{Name: "file", Label: "附件", Kind: ui.KindFile, Accept: ".csv,.xlsx", Multiple: true},
				{Name: "password", Label: "口令", Kind: ui.KindPassword, Value: "never shown", Autocomplete: "current-password"},
			}},
		},
	}
	f.Fail(&errs.Error{Kind: errs.Invalid, Fields: []errs.Field{
		{Name: "name", Message: "请填写姓名"}, {Name: "number", Message: "身份证号码少一位，应为 18 位"}, {Name: "dementia", Message: "请选择是、否或不清楚"}, {Name: "nowhere", Message: "这位老年人已在册"},
	}})
	return f
}

func confirm() ui.Confirm {
	return ui.Confirm{
		Text: "将把两份档案合并为一份。", Warning: "合并后 30 天内可以撤销。",
		Details: ui.Details{Pairs: []ui.Pair{{Term: "保留", Text: "王秀兰"}, {Term: "并入", Text: "王秀蓝"}}},
		Form:    ui.Form{Action: "/merge", Submit: "合并", Danger: true, Cancel: ui.Link{Text: "返回", Href: "/persons"}, Sections: []ui.Section{{Fields: []ui.Field{{Name: "reason", Label: "理由", Required: true}}}}},
	}
}

func filledLogin() *login {
	return &login{
		Frame: ui.Frame{Title: "登录", Lead: "请用您的账号登录。", Bare: true, Large: true, Theme: "dark", Demo: "演示环境", Path: "/login"},
		Form: ui.Simple("/login", "登录",
			ui.Field{Name: "user", Label: "账号", Required: true, Autocomplete: "username", Autofocus: true},
			ui.Field{Name: "password", Label: "口令", Kind: ui.KindPassword, Required: true, Autocomplete: "current-password"}),
		Accounts: []ui.Pair{{Term: "村（社区）工作人员", Text: "village / demo"}},
	}
}
