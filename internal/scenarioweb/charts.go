package scenarioweb

import (
	"cmp"
	"math"
	"slices"

	"yian/internal/civil"
	"yian/internal/money"
	"yian/internal/scenario"
	"yian/internal/simulate"
	"yian/internal/ui"
)

// mostBars is how many places a chart shows; the table has all.
const mostBars = 20

// yuan is an amount on a chart.
func yuan(f money.Fen) float64 { return float64(f) / 100 }

// bars makes series of the same categories.
func bars(names []string, values func(series int) ui.Figures) (out []ui.Series) {
	for i, name := range names {
		out = append(out, ui.Series{Name: name, Values: values(i)})
	}
	return out
}

// people are the counts of a change that a chart shows.
func people(all []simulate.Change) []ui.Series {
	return bars([]string{"新增", "失去", "转为待核"}, func(series int) (f ui.Figures) {
		for _, c := range all {
			f = append(f, float64([]int{c.Gain, c.Lose, c.Doubt}[series]))
		}
		return f
	})
}

// itemChart shows gainers and losers by item.
func itemChart(o *scenario.Outcome) ui.Chart {
	c := ui.Chart{ID: "by-item", Title: "各项目受影响的人", Axis: "服务项目", Unit: "人"}
	var all []simulate.Change
	for i := range o.Items {
		if l := &o.Items[i]; l.Change.Gain+l.Change.Lose+l.Change.Doubt > 0 {
			c.Categories, all = append(c.Categories, l.Name), append(all, l.Change)
		}
	}
	c.Series = people(all)
	return c
}

// costChart shows what each item that changes costs a month, before and after.
func costChart(o *scenario.Outcome) ui.Chart {
	c := ui.Chart{ID: "by-cost", Title: "各项目每月费用", Axis: "服务项目", Unit: "元/月", Text: "只含已经确定的标准。"}
	var all []simulate.Change
	for i := range o.Items {
		if l := &o.Items[i]; l.Change.Before.Fen != l.Change.After.Fen {
			c.Categories, all = append(c.Categories, l.Name), append(all, l.Change)
		}
	}
	c.Series = bars([]string{"原来", "改后"}, func(series int) (f ui.Figures) {
		for _, x := range all {
			f = append(f, yuan([]money.Fen{x.Before.Month(), x.After.Month()}[series]))
		}
		return f
	})
	return c
}

// placeChart shows the places that feel it most.
func placeChart(o *scenario.Outcome) ui.Chart {
	type place struct {
		name   string
		change simulate.Change
	}
	var all []place
	for k, code := range o.Places {
		if c := o.Place(k); c.Gain+c.Lose+c.Doubt > 0 {
			all = append(all, place{scenario.PlaceName(code), c})
		}
	}
	felt := func(p place) int { return p.change.Gain + p.change.Lose + p.change.Doubt }
	slices.SortStableFunc(all, func(a, b place) int { return cmp.Compare(felt(b), felt(a)) })
	c := ui.Chart{ID: "by-place", Title: "各地受影响的人", Axis: "地区", Unit: "人次"}
	if len(all) > mostBars {
		c.Text = "图中是影响最大的 20 个地区，全部见下表。"
		all = all[:mostBars]
	}
	var changes []simulate.Change
	for _, p := range all {
		c.Categories, changes = append(c.Categories, p.name), append(changes, p.change)
	}
	c.Series = people(changes)
	return c
}

// forecast fills in the years to come, or offers them.
func (p *showPage) forecast(sc *scenario.Scenario) {
	f := sc.Forecast
	p.Foretell = ui.Action{Text: "预测今后十年", Href: address(sc) + "/forecast", Icon: "timeline", Primary: f == nil, Post: true}
	if f == nil {
		p.Forecast = "逐月、逐年推算同一批老年人变老和去世以后的人数和费用。人多时要等一会儿。"
		return
	}
	p.Foretell.Text = "重新预测"
	p.Forecast = "从 " + f.Days[0].String() + " 起，现有的老年人逐年变老，按全国生命表去世；没有计入以后新满 60 周岁或新迁入的人，年龄以外的情况（收入、能力、户籍等）不变，今后清单不再改。每个月都是算出来的，不是估插的。"
	p.Courses = append(p.Courses,
		months(f, "months", "今后十年每月费用（逐月）", func(e simulate.Expected) float64 { return math.Round(e.YuanMonth) }, "元/月"),
		years(f, "years", "今后十年每月费用（每年一次）", func(e simulate.Expected) float64 { return math.Round(e.YuanMonth) }, "元/月"),
		years(f, "heads", "今后十年享受人数（每年一次）", func(e simulate.Expected) float64 { return math.Round(e.People) }, "人次"))
}

// months is a chart of every month.
func months(f *scenario.Forecast, id, title string, of func(simulate.Expected) float64, unit string) ui.Chart {
	return points(f, id, title, 1, func(d civil.Date) string { return d.String()[:7] }, of, unit)
}

// years is a chart of one month a year.
func years(f *scenario.Forecast, id, title string, of func(simulate.Expected) float64, unit string) ui.Chart {
	return points(f, id, title, 12, civil.Date.String, of, unit)
}

func points(f *scenario.Forecast, id, title string, step int, label func(civil.Date) string, of func(simulate.Expected) float64, unit string) ui.Chart {
	c := ui.Chart{ID: id, Title: title, Axis: "日期", Kind: ui.Lines, Unit: unit}
	var old, now ui.Figures
	for i := 0; i < len(f.Days); i += step {
		c.Categories = append(c.Categories, label(f.Days[i]))
		old, now = append(old, of(f.Total.Old[i])), append(now, of(f.Total.New[i]))
	}
	c.Series = []ui.Series{{Name: "原来", Values: old}, {Name: "改后", Values: now}}
	return c
}
