package portal

import (
	"bytes"
	"context"
	"encoding/csv"
	"slices"
	"strconv"
	"sync"

	"yian/internal/civil"
	"yian/internal/region"
	"yian/internal/ui"
	"yian/internal/web"
)

// Dimension (统计维度) is something that elders are counted by.
type Dimension struct {
	Label      string
	Categories []string
}

// Dimensions are what the open figures are counted by, in the order of County.Groups.
var Dimensions = []Dimension{
	{"年龄", []string{"不满 60 周岁", "60—69 周岁", "70—79 周岁", "80—89 周岁", "90—99 周岁", "100 周岁及以上", "出生日期不详"}},
	{"性别", []string{"未知", "男", "女"}},
	{"能力等级", []string{"未评估", "能力完好", "轻度失能", "中度失能", "重度失能", "完全失能"}},
}

// County (县的人数) are the elders of a county, or of a larger place without those of its
// counties, where no more is known of them.
type County struct {
	Region region.Code
	People int
	Groups [][]int // as Dimensions; each adds up to People
}

// published are the figures of a day.
type published struct {
	on   civil.Date
	root *Place // nil: too few people
}

// shelf keeps the figures of a day: they are the same for everybody all day, so that
// two visits cannot be compared.
type shelf struct {
	mu   sync.Mutex
	last *published
}

func (p *Pages) publication(ctx context.Context) (*published, error) {
	p.published.mu.Lock()
	defer p.published.mu.Unlock()
	on := p.today()
	if last := p.published.last; last != nil && last.on == on {
		return last, nil
	}
	counties, err := p.Counties(ctx, on)
	if err != nil {
		return nil, err
	}
	out := &published{on: on, root: plant(counties)}
	if !Protect(out.root) {
		out.root = nil
	}
	p.published.last = out
	return out, nil
}

// plant makes the tree of places from their counties.
func plant(counties []County) *Place {
	counties = slices.Clone(counties)
	slices.SortFunc(counties, func(a, b County) int {
		if a.Region < b.Region {
			return -1
		}
		return 1
	})
	root := newPlace("全国")
	known := map[region.Code]*Place{}
	for _, c := range counties {
		if c.People == 0 {
			continue
		}
		at := root
		at.count(c)
		for _, n := range []int{2, 4, 6} {
			if len(c.Region) < n {
				break
			}
			code := c.Region[:n]
			if known[code] == nil {
				known[code] = newPlace(region.Name(code))
				at.Below = append(at.Below, known[code])
			}
			at = known[code]
			at.count(c)
		}
		if len(c.Region) < 6 { // those of no county stand beside the counties
			rest := newPlace(at.Name + "（未分到下级）")
			rest.count(c)
			at.Below = append(at.Below, rest)
		}
	}
	for len(root.Below) == 1 && len(root.Below[0].Below) > 0 {
		root = root.Below[0]
	}
	return root
}

func newPlace(name string) *Place {
	p := &Place{Name: name, Groups: make([][]int, len(Dimensions))}
	for d := range Dimensions {
		p.Groups[d] = make([]int, len(Dimensions[d].Categories))
	}
	return p
}

func (p *Place) count(c County) {
	p.People += c.People
	for d, group := range c.Groups {
		p.Groups[d] = add(p.Groups[d], group)
	}
}

// figuresPage shows the open figures.
type figuresPage struct {
	ui.Frame
	On     civil.Date
	Tables []ui.Table
	Note   ui.Note
}

// mark stands for a number that is not published.
const mark = "*"

func (p *Pages) figures(r *web.Request) (web.Response, error) {
	if p.Counties == nil {
		return nil, web.NotFound()
	}
	pub, err := p.publication(r.Context())
	if err != nil {
		return nil, err
	}
	page := &figuresPage{Frame: ui.Frame{Title: "公开数据", Lead: "登记在册的老年人，按地区统计。"}, On: pub.on}
	if pub.root == nil {
		page.Note = ui.Note{Tone: ui.Info, Title: "暂不公布", Text: "登记的人数太少，公布会泄露个人情况。"}
		return web.Page("portal/figures", page), nil
	}
	for d := range Dimensions {
		page.Tables = append(page.Tables, table(pub.root, d))
	}
	return web.Page("portal/figures", page), nil
}

// table shows one dimension.
func table(root *Place, d int) ui.Table {
	t := ui.Table{
		ID: "figures-" + strconv.Itoa(d), Caption: "按" + Dimensions[d].Label + "统计的老年人数",
		Columns: []ui.Column{{Label: "地区"}, {Label: "合计", Number: true}},
	}
	for _, name := range Dimensions[d].Categories {
		t.Columns = append(t.Columns, ui.Column{Label: name, Number: true})
	}
	rows(root, "", func(p *Place, path string) {
		row := ui.Row{Cells: []ui.Cell{{Text: path}, {Text: ui.Number(p.People)}}}
		for c, n := range p.Groups[d] {
			text := ui.Number(n)
			if p.Hidden[d][c] {
				text = mark
			}
			row.Cells = append(row.Cells, ui.Cell{Text: text})
		}
		t.Rows = append(t.Rows, row)
	})
	return t
}

// rows calls f for a place and those below, with the names that lead there.
func rows(p *Place, above string, f func(p *Place, path string)) {
	path := p.Name
	if above != "" {
		path = above + " " + p.Name
	}
	f(p, path)
	for _, below := range p.Below {
		rows(below, path, f)
	}
}

// download gives out the same figures as a file.
func (p *Pages) download(r *web.Request) (web.Response, error) {
	if p.Counties == nil {
		return nil, web.NotFound()
	}
	pub, err := p.publication(r.Context())
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString("\ufeff") // without it spreadsheets take the file for another encoding
	w := csv.NewWriter(&b)
	lines := [][]string{{"统计日期", "地区", "维度", "类别", "人数"}}
	if pub.root != nil {
		rows(pub.root, "", func(p *Place, path string) {
			lines = append(lines, []string{pub.on.String(), path, "合计", "合计", strconv.Itoa(p.People)})
			for d, dim := range Dimensions {
				for c, name := range dim.Categories {
					text := strconv.Itoa(p.Groups[d][c])
					if p.Hidden[d][c] {
						text = mark
					}
					lines = append(lines, []string{pub.on.String(), path, dim.Label, name, text})
				}
			}
		})
	}
	if err := w.WriteAll(lines); err != nil {
		return nil, err
	}
	return web.Download("老年人统计-"+pub.on.String()+".csv", "text/csv; charset=utf-8", b.Bytes()), nil
}
