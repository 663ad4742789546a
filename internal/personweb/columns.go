package personweb

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/person"
	"yian/internal/region"
	"yian/internal/ui"
	"yian/internal/web"
)

// column is something that the list can show of a person.
type column struct {
	key, label string
	number     bool
	wide       bool
	sort       person.Sort
	cell       func(p *person.Person, on civil.Date) ui.Cell
}

// columns lists the columns in the order in which they stand; facts follow.
var columns = func() []column {
	all := []column{
		{key: "name", label: "姓名", sort: person.ByInitials, cell: nameCell},
		{key: "sex", label: "性别", cell: factCell(fact.Sex)},
		{key: "age", label: "年龄", number: true, sort: person.ByAge, cell: ageCell},
		{key: "birth", label: "出生日期", cell: factCell(fact.Birth)},
		{key: "number", label: "证件号码", cell: func(p *person.Person, _ civil.Date) ui.Cell { return text(p.MaskedNumber()) }},
		{key: "phones", label: "电话", cell: func(p *person.Person, _ civil.Date) ui.Cell { return text(strings.Join(p.Phones, "、")) }},
		{key: "region", label: "服务地区", sort: person.ByRegion, cell: func(p *person.Person, _ civil.Date) ui.Cell { return text(near(p.Region)) }},
		{key: "address", label: "住址", wide: true, cell: func(p *person.Person, _ civil.Date) ui.Cell { return text(p.Address) }},
		{key: "hukou", label: "户籍地", cell: factCell(fact.Hukou)},
		{key: "residence", label: "居住地", cell: factCell(fact.Residence)},
	}
	for f := range fact.Count {
		if f.Coded() && f != fact.Sex {
			all = append(all, column{key: f.String(), label: f.Def().Label, cell: factCell(f)})
		}
	}
	return append(all,
		column{key: "state", label: "档案状态", cell: func(p *person.Person, _ civil.Date) ui.Cell { return ui.Cell{Tags: []ui.Tag{stateTag(p.State)}} }},
		column{key: "updated", label: "更新时间", cell: func(p *person.Person, _ civil.Date) ui.Cell { return text(ui.Instant(p.Updated)) }},
	)
}()

// usual are the columns shown unless others are chosen.
var usual = []string{"name", "sex", "age", "number", "region", "ability", "income"}

func nameCell(p *person.Person, _ civil.Date) ui.Cell {
	cell := ui.Cell{Text: p.Name, Href: link(p.ID, "")}
	if p.State != person.Alive {
		cell.Tags = []ui.Tag{stateTag(p.State)}
	}
	return cell
}

func ageCell(p *person.Person, on civil.Date) ui.Cell {
	years, ok := p.Age(on)
	if !ok {
		return text("")
	}
	return text(strconv.Itoa(years))
}

func factCell(f fact.ID) func(*person.Person, civil.Date) ui.Cell {
	return func(p *person.Person, _ civil.Date) ui.Cell {
		if !p.Facts.Known(f) {
			return text("")
		}
		if f == fact.Hukou || f == fact.Residence {
			return text(near(p.Facts.Region(f)))
		}
		return text(p.Facts.Label(f))
	}
}

// text is a cell; what is unknown shows as a dash.
func text(s string) ui.Cell {
	if s == "" {
		s = ui.Unknown
	}
	return ui.Cell{Text: s}
}

// near tells a region by its last two names, which is enough inside one county.
func near(c region.Code) string {
	parts := strings.Fields(Place(c))
	return strings.Join(parts[max(0, len(parts)-2):], " ")
}

// columnChoice is which columns are shown.
type columnChoice struct {
	Field  ui.Field
	Hidden []ui.Hidden
	Usual  string // the address that shows the usual ones; empty if they are shown
	chosen []string
}

// columnsOf reads the choice of columns out of an address. A name is always shown.
func columnsOf(v url.Values) columnChoice {
	c := columnChoice{Field: ui.Field{Name: "col", Label: "显示的列", Kind: ui.KindCheckboxes}, chosen: usual}
	wanted := v["col"]
	if len(wanted) == 0 && v.Get("cols") != "" {
		wanted = strings.Split(v.Get("cols"), ",")
	}
	var chosen []string
	for _, col := range columns {
		if col.key == "name" || slices.Contains(wanted, col.key) {
			chosen = append(chosen, col.key)
		}
		if col.key != "name" {
			c.Field.Options = append(c.Field.Options, ui.Option{Value: col.key, Label: col.label})
		}
	}
	if len(chosen) > 1 {
		c.chosen = chosen
	}
	c.Field.Values = c.chosen
	for key, values := range v {
		if key == "col" || key == "cols" || key == "after" || key == "before" {
			continue
		}
		for _, text := range values {
			c.Hidden = append(c.Hidden, ui.Hidden{Name: key, Value: text})
		}
	}
	slices.SortFunc(c.Hidden, func(a, b ui.Hidden) int { return strings.Compare(a.Name+"="+a.Value, b.Name+"="+b.Value) })
	if !slices.Equal(c.chosen, usual) {
		v = clone(v, "col", "cols")
		c.Usual = address("/persons", v)
	}
	return c
}

// clone copies parameters without some of them.
func clone(v url.Values, without ...string) url.Values {
	out := url.Values{}
	for key, values := range v {
		if !slices.Contains(without, key) {
			out[key] = values
		}
	}
	return out
}

// query is the address of the list with these columns, without the place in it.
func (c columnChoice) query(q person.Query) url.Values {
	v := q.Values()
	if !slices.Equal(c.chosen, usual) {
		v.Set("cols", strings.Join(c.chosen, ","))
	}
	return v
}

func (c columnChoice) each(do func(column)) {
	for _, col := range columns {
		if slices.Contains(c.chosen, col.key) {
			do(col)
		}
	}
}

// headings are the columns of the table, each with the address that sorts by it.
func (c columnChoice) headings(q person.Query) []ui.Column {
	by := q.Sort
	if by == "" && q.Name == "" && q.Initials == "" {
		by = person.ByRegion
	}
	var all []ui.Column
	c.each(func(col column) {
		h := ui.Column{Label: col.label, Number: col.number, Wide: col.wide}
		if col.sort != "" {
			h.Sort = address("/persons", c.query(q), "sort", string(col.sort))
			switch {
			case by != col.sort:
			case by == person.ByAge: // the oldest first
				h.Sorted = "descending"
			default:
				h.Sorted = "ascending"
			}
		}
		all = append(all, h)
	})
	return all
}

func (c columnChoice) cells(p *person.Person, on civil.Date) []ui.Cell {
	var all []ui.Cell
	c.each(func(col column) { all = append(all, col.cell(p, on)) })
	return all
}

// askExport asks what of the list is to be taken out, and why; the module of exports
// takes it from there.
func (p *Pages) askExport(r *web.Request) (web.Response, error) {
	v := r.URL.Query()
	q, err := person.ParseQuery(v)
	if err != nil {
		return nil, err
	}
	columns := columnsOf(v)
	n, exact, err := p.People.Count(r.Context(), r.Scope(access.PersonExport), q, countUpTo)
	if err != nil {
		return nil, err
	}
	page := &formPage{
		Frame: ui.Frame{Title: "导出名单", Narrow: true, Crumbs: []ui.Crumb{{Text: "老年人档案", Href: address("/persons", columns.query(q))}}},
		Note:  ui.Note{Tone: ui.Info, Title: "将导出 " + counted(n, exact), Text: "在后台生成 XLSX 文件，完成后到“导出”里下载，过期自动删除。导出和下载都记入审计记录。"},
	}
	page.Form = ui.Simple("/exports", "开始导出",
		ui.Field{Name: "columns", Label: "导出的列", Kind: ui.KindCheckboxes, Values: columns.chosen, Options: append([]ui.Option{{Value: "name", Label: "姓名"}}, columns.Field.Options...)})
	if r.Actor.Can(access.PersonUnmask) {
		page.Form.Sections[0].Fields = append(page.Form.Sections[0].Fields,
			ui.Field{Name: "clear", Label: "导出完整的证件号码和电话", Kind: ui.KindCheckbox, Hint: "默认遮住中间几位。导出完整号码必须说明用途。"},
			ui.Field{Name: "purpose", Label: "用途", MaxLength: 100, Autocomplete: "off", Hint: "如：与县医保局核对参保情况。"})
	}
	page.Form.Hidden = []ui.Hidden{{Name: "query", Value: q.Values().Encode()}}
	page.Form.Cancel = ui.Link{Href: address("/persons", columns.query(q))}
	return web.Page("person/form", page), nil
}

func counted(n int, exact bool) string {
	if exact {
		return ui.Number(n) + " 人"
	}
	return "超过 " + ui.Number(n) + " 人"
}
