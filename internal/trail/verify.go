package trail

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"time"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/ui"
	"yian/internal/web"
)

// verifyTime is how long a verification may take.
const verifyTime = 10 * time.Minute

var verified = audit.Action{Code: "audit.verify", Label: "校验审计记录"}

// Actions lists what this module writes to the trail.
var Actions = []audit.Action{verified}

// verifyPage asks for a verification and tells how it ended.
type verifyPage struct {
	ui.Frame
	Note     ui.Note
	Details  ui.Details
	Problems ui.Table
	Form     ui.Form
}

func newVerifyPage(noted string) *verifyPage {
	page := &verifyPage{
		Frame: ui.Frame{
			Title: "校验审计记录", Narrow: true, Crumbs: []ui.Crumb{{Text: "审计记录", Href: "/audit"}},
			Lead: "重新计算每条记录的封签、整条审计链和档案的封签，找出被手工改动、删除或添加的内容。",
		},
		Form: ui.Simple("/audit/verify", "开始校验", ui.Field{
			Name: "noted", Label: "上次抄下的链头", Value: noted, Autocomplete: "off",
			Hint: "选填。填写后还能发现审计记录连同链头被整段截去或替换。",
		}),
	}
	page.Form.Cancel = ui.Link{Href: "/audit"}
	return page
}

// whole refuses whoever does not audit the whole: the trail is verified as one.
func (p *Pages) whole(ctx context.Context, actor access.Actor) error {
	root, err := p.Root(ctx)
	if err != nil {
		return err
	}
	return actor.NeedIn(access.AuditRead, root)
}

func (p *Pages) askVerify(r *web.Request) (web.Response, error) {
	if err := p.whole(r.Context(), r.Actor); err != nil {
		return nil, err
	}
	page := newVerifyPage("")
	page.Note = ui.Note{Text: "数据多时需要几分钟，请不要关闭页面。也可以在服务器上运行 yian audit verify。"}
	return web.Page("trail/verify", page), nil
}

var headForm = regexp.MustCompile(`^[0-9]{1,19}:[0-9a-f]*$`)

func (p *Pages) verify(r *web.Request) (web.Response, error) {
	ctx := r.Context()
	if err := p.whole(ctx, r.Actor); err != nil {
		return nil, err
	}
	noted := r.Value("noted")
	page := newVerifyPage(noted)
	if noted != "" && !headForm.MatchString(noted) {
		return web.Again("trail/verify", page, &page.Form, errs.Fields{{Name: "noted", Message: "链头应是“数字:十六进制”的样子，请照原样粘贴"}}.Err())
	}
	if !p.verifying.TryLock() {
		return web.Again("trail/verify", page, &page.Form, errs.New(errs.TooMany, "已有人正在校验，请稍后再试。"))
	}
	defer p.verifying.Unlock()
	started := p.Now()
	report, err := p.Audit.Verify(ctx, noted)
	if err != nil {
		return nil, err
	}
	if err := p.record(ctx, r.Actor, report); err != nil {
		return nil, err
	}
	page.tell(report, p.Now().Sub(started))
	return web.Page("trail/verify", page), nil
}

// record puts on the trail that it was verified, and how that ended.
func (p *Pages) record(ctx context.Context, actor access.Actor, report *audit.Report) error {
	root, err := p.Root(ctx)
	if err != nil {
		return err
	}
	return p.Audit.Write(ctx, actor, verified, func(context.Context, db.Tx) (audit.Change, error) {
		return audit.Change{Kind: "audit", Subject: report.Head, Region: root, Detail: map[string]any{
			"entries": report.Entries, "problems": int64(len(report.Problems)) + report.More,
		}}, nil
	})
}

// tell shows how a verification ended.
func (page *verifyPage) tell(report *audit.Report, took time.Duration) {
	if report.OK() {
		page.Note = ui.Note{Tone: ui.Success, Title: "没有发现改动", Text: "请把下面的链头抄到系统以外的地方，下次校验时填写。"}
	} else {
		page.Note = ui.Note{
			Tone: ui.Danger, Title: fmt.Sprintf("发现 %s 处与写入时不符", ui.Number(int64(len(report.Problems))+report.More)),
			Text: "请保护现场：不要再改动数据库，保存备份，并报告安全负责人。",
		}
	}
	page.Details.Pairs = []ui.Pair{
		{Term: "链头", Text: report.Head},
		{Term: "审计记录", Text: ui.Number(report.Entries) + " 条", Note: fmt.Sprintf("其中 %s 条还没有封入链，一分钟内自动封入", ui.Number(report.Waiting))},
	}
	for _, table := range slices.Sorted(maps.Keys(report.Rows)) {
		page.Details.Pairs = append(page.Details.Pairs, ui.Pair{Term: tableName(table), Text: ui.Number(report.Rows[table]) + " 行"})
	}
	page.Details.Pairs = append(page.Details.Pairs, ui.Pair{Term: "用时", Text: fmt.Sprintf("%.1f 秒", took.Seconds())})
	page.Problems = ui.Table{ID: "problems", Caption: "发现的问题", Columns: []ui.Column{{Label: "在哪里"}, {Label: "编号"}, {Label: "问题", Wide: true}}}
	for _, x := range report.Problems {
		page.Problems.Rows = append(page.Problems.Rows, ui.Row{Cells: []ui.Cell{{Text: tableName(x.Table)}, {Text: x.Row}, {Text: x.Message}}})
	}
	if report.More > 0 {
		page.Problems.Pager.Text = fmt.Sprintf("只列出前 %d 处，另有 %s 处", len(report.Problems), ui.Number(report.More))
	}
}

// tableName names a table for people.
func tableName(table string) string {
	names := map[string]string{
		"audit_entry": "审计记录", "audit_head": "审计链头", "person": "老年人档案", "person_record": "档案的信息记录",
	}
	if name := names[table]; name != "" {
		return name
	}
	return table
}
