package workbench

import (
	"fmt"
	"net/url"

	"yian/internal/fact"
	"yian/internal/region"
	"yian/internal/snapshot"
	"yian/internal/ui"
)

// builder makes blocks of figures; people tells whether they link to lists.
type builder struct {
	people bool
	region region.Code
}

// figures fills the page.
func (p *homePage) figures(f *snapshot.Figures, b builder) {
	disabled := count(f, fact.Ability, "mild", "moderate", "severe", "total")
	aid := count(f, fact.Income, "dibao", "tekun")
	old := older(f, 80)
	p.Stats = []ui.Stat{
		{Label: "在册老年人", Value: ui.Number(f.People), Unit: "人", Icon: "users", Tone: ui.Info, Href: b.list()},
		{Label: "80 岁及以上", Value: ui.Number(old), Unit: "人", Note: "占 " + share(old, f.People), Icon: "calendar", Tone: ui.Success, Href: b.list("age_from", "80")},
		{
			Label: "经评估失能", Value: ui.Number(disabled), Unit: "人", Note: unknown(f, fact.Ability, "未评估"), Icon: "wheelchair", Tone: ui.Warning,
			Href: b.list("ability", "mild", "ability", "moderate", "ability", "severe", "ability", "total"),
		},
		{Label: "特困和低保", Value: ui.Number(aid), Unit: "人", Note: "占 " + share(aid, f.People), Icon: "heart-handshake", Tone: ui.Danger, Href: b.list("income", "dibao", "income", "tekun")},
	}
	p.Ages = ages(f)
	p.Ability = ability(f)
	p.Groups = b.groups(f)
	if len(f.Below) > 1 {
		p.Below = b.below(f)
	}
}

// count adds up values of a fact.
func count(f *snapshot.Figures, id fact.ID, names ...string) (n int) {
	for _, name := range names {
		if c, ok := id.CodeOf(name); ok && int(c) < len(f.Facts[id]) {
			n += f.Facts[id][c]
		}
	}
	return n
}

// unknown says of how many people a fact is not known; that is no no.
func unknown(f *snapshot.Figures, id fact.ID, word string) string {
	if len(f.Facts[id]) == 0 || f.Facts[id][0] == 0 {
		return ""
	}
	return word + " " + ui.Number(f.Facts[id][0]) + " 人"
}

// older counts the people of an age that begins a band, or more.
func older(f *snapshot.Figures, age int) (n int) {
	for _, band := range f.Ages {
		if band.From >= age {
			n += band.Count
		}
	}
	return n
}

// share is a part in per cent; a part too small for it still shows as more than none.
func share(n, of int) string {
	switch {
	case of == 0:
		return ui.Unknown
	case n > 0 && n*1000 < of:
		return "不到 0.1%"
	}
	return fmt.Sprintf("%.1f%%", float64(n)*100/float64(of))
}

// ages is the age bands as bars.
func ages(f *snapshot.Figures) ui.Chart {
	c := ui.Chart{ID: "ages", Title: "年龄分布", Axis: "年龄（岁）", Unit: "人"}
	if f.NoBirth > 0 {
		c.Text = "另有 " + ui.Number(f.NoBirth) + " 人出生日期未知，不在图中。"
	}
	values := ui.Figures{}
	for _, band := range f.Ages {
		label := fmt.Sprintf("%d–%d", band.From, band.To)
		switch {
		case band.To == 0:
			label = fmt.Sprintf("%d 岁及以上", band.From)
		case band.From == 0:
			label = fmt.Sprintf("%d 岁以下", band.To+1)
		}
		c.Categories = append(c.Categories, label)
		values = append(values, float64(band.Count))
	}
	c.Series = []ui.Series{{Name: "人数", Values: values}}
	return c
}

// ability is the levels of ability as bars, those not assessed among them.
func ability(f *snapshot.Figures) ui.Chart {
	c := ui.Chart{ID: "ability", Title: "能力等级", Axis: "等级", Unit: "人", Text: "未评估不等于能力完好。"}
	counts := f.Facts[fact.Ability]
	if len(counts) == 0 {
		return ui.Chart{}
	}
	values := ui.Figures{}
	for code, n := range counts {
		if code == 0 {
			continue
		}
		c.Categories = append(c.Categories, fact.Ability.Label(fact.Code(code)))
		values = append(values, float64(n))
	}
	c.Categories = append(c.Categories, "未评估")
	c.Series = []ui.Series{{Name: "人数", Values: append(values, float64(counts[0]))}}
	return c
}

// special are the groups that the state looks after first: facts and the values of them.
var special = []struct {
	label  string
	fact   fact.ID
	values []string
}{
	{"特困人员", fact.Income, []string{"tekun"}},
	{"低保", fact.Income, []string{"dibao"}},
	{"低保边缘和刚性支出困难", fact.Income, []string{"edge", "rigid"}},
	{"重度和完全失能", fact.Ability, []string{"severe", "total"}},
	{"失智", fact.Dementia, []string{"true"}},
	{"重度残疾（一、二级）", fact.DisabilityGrade, []string{"1", "2"}},
	{"独居", fact.LivesAlone, []string{"true"}},
	{"空巢", fact.EmptyNest, []string{"true"}},
	{"留守", fact.LeftBehind, []string{"true"}},
	{"计划生育特殊家庭", fact.FPSpecial, []string{"true"}},
	{"无赡养人或其无能力", fact.NoSupporter, []string{"true"}},
}

// groups lists them with their people, and how many are not known to be in or out.
func (b builder) groups(f *snapshot.Figures) ui.Table {
	t := ui.Table{ID: "groups", Caption: "重点人群", Columns: []ui.Column{{Label: "人群", Wide: true}, {Label: "人数", Number: true}, {Label: "占比", Number: true}, {Label: "情况未知", Number: true}}}
	for _, g := range special {
		if len(f.Facts[g.fact]) == 0 {
			continue
		}
		n := count(f, g.fact, g.values...)
		var pairs []string
		for _, v := range g.values {
			pairs = append(pairs, g.fact.String(), v)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: g.label, Href: b.list(pairs...)}, {Text: ui.Number(n)}, {Text: share(n, f.People)}, {Text: ui.Number(f.Facts[g.fact][0])},
		}})
	}
	return t
}

// list is the address of the people behind a figure, for those who may see them.
func (b builder) list(pairs ...string) string {
	if !b.people {
		return ""
	}
	if len(pairs) == 0 {
		return "/persons"
	}
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return "/persons?" + v.Encode()
}
