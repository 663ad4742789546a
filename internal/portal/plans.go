package portal

import (
	"strconv"
	"strings"

	"yian/internal/pack"
	"yian/internal/ui"
	"yian/internal/web"
)

// plansPage lists the targets of the plans. It tells no progress: nobody has reported
// or computed any yet.
type plansPage struct {
	ui.Frame
	Tables []ui.Table
}

func (p *Pages) plans(*web.Request) (web.Response, error) {
	page := &plansPage{Frame: ui.Frame{Title: "工作目标", Lead: "各地养老服务文件定下的任务和指标。"}}
	for i, one := range p.Plans {
		if one.Plan == nil {
			continue
		}
		page.Tables = append(page.Tables, targets(one, "plan-"+strconv.Itoa(i)))
	}
	return web.Page("portal/plans", page), nil
}

// targets lists the indicators of a plan.
func targets(p *pack.Pack, name string) ui.Table {
	t := ui.Table{
		ID: name, Caption: p.Name, Columns: []ui.Column{{Label: "任务"}, {Label: "指标", Wide: true}, {Label: "目标"}, {Label: "期限"}, {Label: "怎样得出"}},
		Empty: ui.EmptyState{Title: "文件没有定下可以计量的指标"},
	}
	for _, task := range p.Plan.Tasks {
		for i := range task.Indicators {
			one := &task.Indicators[i]
			how := ui.Tag{Text: "可由系统计算", Tone: ui.Info}
			if one.Reported {
				how = ui.Tag{Text: "需填报"}
			}
			when := "文件没有写期限"
			switch {
			case one.Due != 0:
				when = one.Due.String()
			case task.Due != 0: // it may be that of a part of the task
				when = "任务期限 " + task.Due.String()
			}
			t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
				{Text: task.Title, Note: strings.Join(task.Lead, "、")},
				{Text: one.Name, Note: task.Clause.Place},
				{Text: target(&one.Target)},
				{Text: when},
				{Tags: []ui.Tag{how}},
			}})
		}
	}
	return t
}

// target tells what an indicator must reach.
func target(t *pack.Target) string {
	if t.Number == nil {
		return ui.Unknown
	}
	return map[string]string{"at_least": "不少于 ", "at_most": "不超过 ", "above": "超过 "}[t.Bound] + decimal(t.Number) + " " + t.Unit
}
