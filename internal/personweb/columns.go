package personweb

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/person"
	"yian/internal/region"
	"yian/internal/ui"
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
	Toggle ui.Link // opens the choice
	Field  ui.Field
	Hidden []ui.Hidden
	Usual  ui.Link // to the usual columns
	chosen []string
}

// columnsOf reads the choice of columns out of an address. A name is always shown.
func columnsOf(v url.Values) columnChoice {
	wanted := v["col"]
	if len(wanted) == 0 && v.Get("cols") != "" {
		wanted = strings.Split(v.Get("cols"), ",")
	}
	c := columnChoice{chosen: []string{"name"}}
	for _, col := range columns {
		if col.key != "name" && slices.Contains(wanted, col.key) {
			c.chosen = append(c.chosen, col.key)
		}
	}
	if len(c.chosen) == 1 {
		c.chosen = usual
	}
	return c
}

// offer fills in the choice among all columns, where it is asked for.
func (c *columnChoice) offer(q person.Query, open bool) {
	if !open {
		c.Toggle = ui.Link{Text: "显示的列", Href: address(c.query(q), "open", openColumns), Icon: "columns-3"}
		return
	}
	c.Field = ui.Field{Name: "col", Label: "显示的列", Kind: ui.KindCheckboxes, Values: c.chosen}
	for _, col := range columns {
		if col.key != "name" {
			c.Field.Options = append(c.Field.Options, ui.Option{Value: col.key, Label: col.label})
		}
	}
	v := q.Values()
	for _, key := range slices.Sorted(maps.Keys(v)) {
		for _, text := range v[key] {
			c.Hidden = append(c.Hidden, ui.Hidden{Name: key, Value: text})
		}
	}
	c.Usual = ui.Link{Text: "恢复默认", Href: address(v)}
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
			h.Sort = address(c.query(q), "sort", string(col.sort))
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
