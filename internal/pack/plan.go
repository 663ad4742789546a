package pack

import (
	"yian/internal/civil"
	"yian/internal/rules"
)

// Plan is the tasks (重点任务) that a document sets.
type Plan struct {
	Marks
	ID       string
	Document string // id of one of the pack's documents
	Note     string
	Tasks    []Task
}

// Task is one task of a plan (任务).
type Task struct {
	Marks
	No         string
	Title      string
	Lead       []string   // 牵头单位
	Joint      []string   // 配合单位
	Due        civil.Date // zero: the document gives none
	Clause     Clause
	Note       string
	Indicators []Indicator
}

// Indicator is a figure that a task must reach (指标).
type Indicator struct {
	Marks
	ID       string
	Name     string
	Target   Target
	Due      civil.Date
	Metric   string // what the system computes; empty when Reported
	Reported bool   // somebody reports it
	Note     string
}

// Target (目标值) is what an indicator must reach; its Bound is at_least, equals, at_most or above.
type Target struct {
	Marks
	Figure
	Unit string
}

// Norm is a planning figure (规划指标) of a place.
type Norm struct {
	Marks
	ID     string
	Name   string
	Value  Figure
	Unit   string
	Clause Clause
	Note   string
}

var targetBounds = []string{"at_least", "equals", "at_most", "above"}

func (p *Plan) read(n node) {
	n.object(&p.Marks, "计划",
		must("plan", ident(&p.ID)),
		must("document", ident(&p.Document)),
		may("note", text(&p.Note)),
		must("tasks", each("任务", func(n node) {
			var t Task
			t.read(n)
			p.Tasks = append(p.Tasks, t)
		})),
	)
	tasks, indicators := map[string]rules.Pos{}, map[string]rules.Pos{}
	for _, t := range p.Tasks {
		n.doc.once(tasks, t.No, t.Where("no"), "任务序号")
		for _, i := range t.Indicators {
			n.doc.once(indicators, i.ID, i.Where("id"), "指标编号")
		}
	}
}

func (t *Task) read(n node) {
	n.object(&t.Marks, "任务",
		must("no", text(&t.No)),
		must("title", text(&t.Title)),
		must("lead", texts(&t.Lead)),
		may("joint", texts(&t.Joint)),
		may("due", day(&t.Due)),
		must("clause", t.Clause.read),
		may("note", text(&t.Note)),
		may("indicators", each("指标", func(n node) {
			var i Indicator
			i.read(n)
			t.Indicators = append(t.Indicators, i)
		})),
	)
	if t.Has("lead") && len(t.Lead) == 0 {
		n.doc.fail(t.Where("lead"), "任务须有牵头单位（lead），不能是空列表")
	}
}

func (i *Indicator) read(n node) {
	n.object(&i.Marks, "指标",
		must("id", ident(&i.ID)),
		must("name", text(&i.Name)),
		must("target", func(n node) {
			i.Target.Figure.object(n, &i.Target.Marks, "目标（target）", targetBounds, must("unit", text(&i.Target.Unit)))
		}),
		may("due", day(&i.Due)),
		may("metric", func(n node) {
			text(&i.Metric)(n)
			if i.Metric != "" && !metricShape.MatchString(i.Metric) {
				n.fail("metric 应是用点分开的英文名，如 visit.monthly_rate，却是 %q", i.Metric)
			}
		}),
		may("reported", func(n node) {
			boolean(&i.Reported)(n)
			if !i.Reported {
				n.fail("reported 只写 true；由系统计算的指标用 metric")
			}
		}),
		may("note", text(&i.Note)),
	)
	if i.values != nil && i.Has("id") && i.Has("metric") == i.Has("reported") {
		n.fail("指标须恰好有 metric（由系统计算）和 reported: true（由人上报）之一")
	}
}

func (m *Norm) read(n node) {
	n.object(&m.Marks, "规划指标",
		must("name", text(&m.Name)),
		must("value", func(n node) { m.Value.object(n, &Marks{}, "规划指标的值", targetBounds) }),
		must("unit", text(&m.Unit)),
		must("clause", m.Clause.read),
		may("note", text(&m.Note)),
	)
}

func readNorms(to *[]Norm) read {
	return named("规划指标", func(name Ref, n node) {
		m := Norm{ID: name.Name}
		m.read(n)
		*to = append(*to, m)
	})
}
