package personapi

import (
	"context"
	"fmt"
	"time"

	"yian/internal/access"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/person"
	"yian/internal/web"
)

// batchTime is how long a batch may take.
const batchTime = time.Minute

// BatchStatement (批量申报) is what a source states about whoever has a number.
type BatchStatement struct {
	Number   string `json:"number" minLength:"1" maxLength:"40" example:"141002XXXXXXXXXXXX" doc:"证件号码"`
	Document string `json:"document,omitempty" enum:"resident_id,hk_macao_permit,taiwan_permit,residence_permit,permanent_residence,passport" doc:"证件类型；不写时由号码判断，护照必须写"`
	Name     string `json:"name,omitempty" maxLength:"50" example:"某某" doc:"姓名；写了就核对"`
	Statement
}

type batchInput struct {
	Body struct {
		Statements []BatchStatement `json:"statements" minItems:"1" maxItems:"1000" doc:"逐条申报"`
	} `nameHint:"StatementBatch"`
}

// BatchResult (批量结果) is what became of a statement of a batch.
type BatchResult struct {
	Result    string      `json:"result" enum:"recorded,unchanged,rejected" doc:"recorded 已登记，unchanged 这个来源已经说过，rejected 没有办理"`
	Person    id.ID       `json:"person,omitempty" doc:"档案编号"`
	Conflicts []FactName  `json:"conflicts,omitempty" doc:"更优先的来源有不同说法、待人核定的项"`
	Reason    string      `json:"reason,omitempty" doc:"没有办理的原因"`
	Errors    []web.Fault `json:"errors,omitempty" doc:"逐项的问题"`
}

type batchOutput struct {
	Body struct {
		Recorded  int           `json:"recorded" doc:"已登记的条数"`
		Unchanged int           `json:"unchanged" doc:"没有新内容的条数"`
		Rejected  int           `json:"rejected" doc:"没有办理的条数"`
		Results   []BatchResult `json:"results" doc:"逐条结果，顺序与申报相同"`
	} `nameHint:"BatchResults"`
}

func (a *api) batch(ctx context.Context, in *batchInput) (*batchOutput, error) {
	told := make([]person.Told, len(in.Body.Statements))
	for i := range told {
		s := &in.Body.Statements[i]
		told[i] = person.Told{Document: kindOf(s.Document), Number: s.Number, Name: s.Name, Statement: s.statement()}
	}
	heard, err := a.Hear(ctx, access.From(ctx), told)
	if err != nil {
		return nil, err
	}
	out := &batchOutput{}
	out.Body.Results = make([]BatchResult, len(heard))
	for i := range heard {
		r := newResult(i, &heard[i])
		out.Body.Results[i] = r
		switch heard[i].Result {
		case person.Rejected:
			out.Body.Rejected++
		case person.Unchanged:
			out.Body.Unchanged++
		default:
			out.Body.Recorded++
		}
	}
	return out, nil
}

func newResult(row int, h *person.Applied) BatchResult {
	switch h.Result {
	case person.Unchanged:
		return BatchResult{Result: "unchanged", Person: h.Person}
	case person.Rejected:
		r := BatchResult{Result: "rejected", Reason: errs.Message(h.Err)}
		for _, f := range errs.FieldsOf(inBody(fmt.Sprintf("body.statements[%d].", row), h.Err)) {
			r.Errors = append(r.Errors, web.Fault{Location: f.Name, Message: f.Message})
		}
		return r
	default:
		return BatchResult{Result: "recorded", Person: h.Person, Conflicts: factNames(h.Conflicts.IDs())}
	}
}
