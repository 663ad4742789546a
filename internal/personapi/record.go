package personapi

import (
	"context"
	"strings"
	"time"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/id"
	"yian/internal/person"
)

// FactValue (有效信息) is the value of a fact and where it comes from.
type FactValue struct {
	Fact           FactName   `json:"fact"`
	Label          string     `json:"label" example:"困难类别" doc:"中文名称"`
	Department     string     `json:"department" example:"民政（社会救助）" doc:"数据责任部门"`
	Value          string     `json:"value" example:"dibao" doc:"取值"`
	ValueLabel     string     `json:"value_label" example:"低保" doc:"取值的中文"`
	Record         id.ID      `json:"record" doc:"出自哪条记录"`
	Source         Source     `json:"source"`
	From           civil.Date `json:"from" format:"date" doc:"从哪天起有效"`
	To             civil.Date `json:"to,omitzero" format:"date" doc:"从哪天起不再有效"`
	RecordedAt     time.Time  `json:"recorded_at" doc:"登记时间"`
	ContradictedBy *Claim     `json:"contradicted_by,omitempty" doc:"较次要的来源后来的不同说法，待人核定"`
}

// Claim (不同说法) is what another source says.
type Claim struct {
	Record id.ID  `json:"record" doc:"出自哪条记录"`
	Source Source `json:"source"`
	Value  string `json:"value" example:"none" doc:"取值"`
}

type factsInput struct {
	PathID
	On    string `query:"on" format:"date" example:"2026-01-01" doc:"哪一天；不写为今天"`
	Known string `query:"known" maxLength:"40" example:"2026-01-01T00:00:00Z" doc:"按什么时候所知，RFC 3339（地址里的 + 要写成 %2B）；不写为现在"`
}

type factsOutput struct {
	Body struct {
		On      civil.Date  `json:"on" format:"date" doc:"哪一天"`
		Known   *time.Time  `json:"known,omitempty" doc:"按什么时候所知；没有则为现在"`
		Facts   []FactValue `json:"facts" doc:"已知的信息"`
		Unknown []FactName  `json:"unknown" doc:"未知的信息"`
	} `nameHint:"FactsOfDay"`
}

func (a *api) facts(ctx context.Context, in *factsInput) (*factsOutput, error) {
	who, err := in.person()
	if err != nil {
		return nil, err
	}
	on, known, err := in.moments(a.Today())
	if err != nil {
		return nil, err
	}
	all, err := a.History(ctx, access.From(ctx), who)
	if err != nil {
		return nil, err
	}
	out := &factsOutput{}
	out.Body.On = on
	if known != 0 {
		at := known.Beijing()
		out.Body.Known = &at
	}
	out.Body.Facts, out.Body.Unknown = factValues(all, history.Resolve(all, on, known))
	return out, nil
}

// moments reads for which day and as known at which moment facts are asked for.
func (in *factsInput) moments(today civil.Date) (on civil.Date, known civil.Instant, err error) {
	var faults errs.Fields
	on = today
	if in.On != "" {
		on, err = civil.Parse(in.On)
		faults.Check("query.on", err)
	}
	if in.Known != "" {
		at, err := time.Parse(time.RFC3339Nano, strings.Replace(in.Known, " ", "+", 1)) // what a + that was not escaped becomes
		if known = civil.At(at); err != nil || known <= 0 {
			faults.Add("query.known", "应为带时区的时间，如 2026-01-01T00:00:00Z")
		}
	}
	return on, known, faults.Err()
}

// factValues lists what holds and what is unknown.
func factValues(all []history.Record, state history.State) (values []FactValue, unknown []FactName) {
	byID := make(map[id.ID]*history.Record, len(all))
	for i := range all {
		byID[all[i].ID] = &all[i]
	}
	claims := map[fact.ID]*history.Record{}
	for _, c := range state.Contradictions {
		claims[c.Fact] = byID[c.Claimed]
	}
	values, unknown = []FactValue{}, []FactName{}
	for f := range fact.Count {
		held := byID[state.Holders[f]]
		if held == nil {
			unknown = append(unknown, FactName(f.String()))
			continue
		}
		v := FactValue{
			Fact: FactName(f.String()), Label: f.Def().Label, Department: f.Def().Department,
			Value: state.Person.Text(f), ValueLabel: state.Person.Label(f),
			Record: held.ID, Source: Source(held.Source), From: held.From, To: held.To, RecordedAt: held.At.Beijing(),
		}
		if c := claims[f]; c != nil {
			v.ContradictedBy = &Claim{Record: c.ID, Source: Source(c.Source), Value: c.Facts.Person.Text(f)}
		}
		values = append(values, v)
	}
	return values, unknown
}

type recordsOutput struct {
	Body struct {
		Records []Record `json:"records" doc:"从最早登记的开始"`
	} `nameHint:"RecordList"`
}

func (a *api) records(ctx context.Context, in *PathID) (*recordsOutput, error) {
	who, err := in.person()
	if err != nil {
		return nil, err
	}
	all, err := a.History(ctx, access.From(ctx), who)
	if err != nil {
		return nil, err
	}
	live := history.Surviving(all)
	out := &recordsOutput{}
	out.Body.Records = make([]Record, len(all))
	for i := range all {
		out.Body.Records[i] = newRecord(&all[i], live[i])
	}
	return out, nil
}

// Outcome (登记结果) is what a statement changed.
type Outcome struct {
	Record    id.ID      `json:"record" doc:"新记录的编号"`
	Changed   []FactName `json:"changed" doc:"今天有效的取值因此改变的项"`
	Conflicts []FactName `json:"conflicts" doc:"更优先的来源有不同说法、待人核定的项"`
}

type outcomeOutput struct{ Body Outcome }

func newOutcome(o *person.Outcome, err error) (*outcomeOutput, error) {
	if err != nil {
		return nil, inBody("", err)
	}
	return &outcomeOutput{Outcome{o.Record, factNames(o.Changed), factNames(o.Conflicts)}}, nil
}

// Statement (申报) is what a source states.
type Statement struct {
	Source   StatedSource `json:"source"`
	From     civil.Date   `json:"from" format:"date" example:"2026-01-01" doc:"从哪天起有效"`
	To       civil.Date   `json:"to,omitzero" format:"date" doc:"从哪天起不再有效；不写则一直有效"`
	Evidence string       `json:"evidence,omitempty" maxLength:"500" example:"低保证" doc:"依据"`
	Facts    Facts        `json:"facts" minProperties:"1" doc:"说了什么"`
}

func (s *Statement) statement() person.Statement {
	return person.Statement{Source: history.Source(s.Source), From: s.From, To: s.To, Evidence: s.Evidence, Facts: s.Facts.statement()}
}

type recordInput struct {
	PathID
	Body Statement
}

func (a *api) record(ctx context.Context, in *recordInput) (*outcomeOutput, error) {
	who, err := in.person()
	if err != nil {
		return nil, err
	}
	return newOutcome(a.Record(ctx, access.From(ctx), who, in.Body.statement()))
}

// RecordPath (记录地址) is a record of a person in the path.
type RecordPath struct {
	PathID
	Record string `path:"record" maxLength:"20" doc:"记录编号"`
}

func (p RecordPath) record() (person, record id.ID, err error) {
	if person, err = p.person(); err != nil {
		return 0, 0, err
	}
	record, err = parseID(p.Record)
	return person, record, err
}

type correctInput struct {
	RecordPath
	Body struct {
		Source   StatedSource `json:"source,omitempty" doc:"不写则与原记录相同"`
		From     civil.Date   `json:"from" format:"date" example:"2026-01-01" doc:"从哪天起有效"`
		To       civil.Date   `json:"to,omitzero" format:"date" doc:"从哪天起不再有效；不写则一直有效"`
		Evidence string       `json:"evidence,omitempty" maxLength:"500" doc:"依据"`
		Facts    Facts        `json:"facts" doc:"更正后的取值"`
	} `nameHint:"Correction"`
}

func (a *api) correct(ctx context.Context, in *correctInput) (*outcomeOutput, error) {
	who, old, err := in.record()
	if err != nil {
		return nil, err
	}
	b := Statement(in.Body)
	return newOutcome(a.Correct(ctx, access.From(ctx), who, old, b.statement()))
}

type endInput struct {
	RecordPath
	Body struct {
		Facts    []FactName `json:"facts" minItems:"1" doc:"哪些项"`
		On       civil.Date `json:"on" format:"date" example:"2026-01-01" doc:"从哪天起不再有效"`
		Evidence string     `json:"evidence,omitempty" maxLength:"500" doc:"依据"`
	} `nameHint:"Ending"`
}

func (a *api) end(ctx context.Context, in *endInput) (*outcomeOutput, error) {
	who, old, err := in.record()
	if err != nil {
		return nil, err
	}
	return newOutcome(a.End(ctx, access.From(ctx), who, old, factIDs(in.Body.Facts), in.Body.On, in.Body.Evidence))
}

type withdrawInput struct {
	RecordPath
	Body struct {
		Facts    []FactName `json:"facts" minItems:"1" doc:"哪些项"`
		Evidence string     `json:"evidence,omitempty" maxLength:"500" doc:"依据"`
	} `nameHint:"Withdrawal"`
}

func (a *api) withdraw(ctx context.Context, in *withdrawInput) (*outcomeOutput, error) {
	who, old, err := in.record()
	if err != nil {
		return nil, err
	}
	return newOutcome(a.Withdraw(ctx, access.From(ctx), who, old, factIDs(in.Body.Facts), in.Body.Evidence))
}
