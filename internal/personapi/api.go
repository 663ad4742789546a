package personapi

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"yian/internal/access"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/id"
	"yian/internal/person"
	"yian/internal/web"
)

// The groups of operations in the description.
const (
	filesTag = "老年人档案"
	factsTag = "信息"
)

const (
	people = "/api/v1/persons"
	one    = people + "/{id}"
	record = one + "/records/{record}"
)

// api is the operations on a register.
type api struct{ *person.Service }

// Register adds the operations to a site.
func Register(m *web.Mux, s *person.Service) {
	a := &api{s}
	a.registerFiles(m)
	a.registerFacts(m)
}

// Carried marks an Idempotency-Key in the transaction of a write; it is for
// person.Deps.OnChange.
func Carried(ctx context.Context, tx db.Tx, _ []id.ID) error { return web.Carried(ctx, tx) }

// operation is the beginning of a description.
func operation(method, path, name, tag, summary, description string, statuses ...int) huma.Operation {
	return huma.Operation{
		OperationID: name, Method: method, Path: path, Tags: []string{tag}, Summary: summary, Description: description, Errors: statuses,
	}
}

func (a *api) registerFiles(m *web.Mux) {
	list := operation(http.MethodGet, people, "list-persons", filesTag, "查询名单",
		"按条件查询管理范围内的老年人，条件之间为“且”，同一项信息的多个取值为“或”。不写 state 时只查在册的。查询记入审计。")
	list.Parameters = factParameters()
	web.Operation(m, access.PersonRead, list, a.list)

	create := operation(http.MethodPost, people, "create-person", filesTag, "新建档案",
		"性别和出生日期可以不填，由证件号码得出。户籍地和居住地至少填一个。")
	create.DefaultStatus = http.StatusCreated
	web.Operation(m, access.PersonWrite, create, a.create, web.Keyed())

	web.Operation(m, access.PersonRead, operation(http.MethodPost, people+"/lookup", "lookup-person", filesTag, "按证件号码或电话查找",
		"号码写在正文里。只在管理范围内查找；找不到时 persons 为空。查找记入审计。"), a.lookup)

	web.Operation(m, access.PersonRead, operation(http.MethodGet, one, "show-person", filesTag, "查看档案",
		"查看记入审计。"), a.show)

	web.Operation(m, access.PersonWrite, operation(http.MethodPatch, one, "change-person", filesTag, "修改档案",
		"只改给出的各项；没有给出或为 null 的不变，空文字和空列表表示清除，location 为 {} 表示清除坐标。"+
			"打码的号码和电话照原样送回时保持不变。户籍、性别、出生日期等信息用“登记信息”修改。", 409, 412), a.change)

	web.Operation(m, access.PersonWrite, operation(http.MethodPost, one+"/state", "set-person-state", filesTag, "变更档案状态",
		"在册、迁出或去世。", 409, 412), a.setState, web.Keyed())

	transfer := operation(http.MethodPost, one+"/transfer", "transfer-person", filesTag, "移交档案",
		"老年人搬到管理范围以外时，把档案移交给新居住地；移交以后本方不再看到。", 409, 412)
	web.Operation(m, access.PersonWrite, transfer, a.transfer, web.Keyed())

	web.Operation(m, access.PersonUnmask, operation(http.MethodPost, one+"/unmask", "unmask-person", filesTag, "查看完整号码",
		"必须写明用途；用途和查看人记入审计。"), a.unmask)
}

func (a *api) registerFacts(m *web.Mux) {
	web.Operation(m, access.PersonRead, operation(http.MethodGet, one+"/facts", "list-facts", factsTag, "某日有效的信息及来源",
		"不带参数时为今天、按现在所知。on 查过去或将来某一天，known 按当时所知回看。未知的各项列在 unknown。查看记入审计。"), a.facts)

	web.Operation(m, access.PersonRead, operation(http.MethodGet, one+"/records", "list-records", factsTag, "全部登记记录",
		"从最早登记的开始。记录只增不改：更正、终止和撤回都是后来的记录。查看记入审计。"), a.records)

	created := func(op huma.Operation) huma.Operation {
		op.DefaultStatus = http.StatusCreated
		return op
	}
	web.Operation(m, access.FactRecord, created(operation(http.MethodPost, one+"/records", "create-record", factsTag, "登记信息",
		"登记一个来源从某日起对几项信息的说法。与更优先的来源不一致时不会覆盖，列在 conflicts，由人核定。", 409)), a.record, web.Keyed())
	web.Operation(m, access.FactRecord, created(operation(http.MethodPost, record+"/correct", "correct-record", factsTag, "更正记录",
		"用新的记录取代原记录中的这几项。不写 source 时来源不变。", 409)), a.correct, web.Keyed())
	web.Operation(m, access.FactRecord, created(operation(http.MethodPost, record+"/end", "end-record", factsTag, "终止记录",
		"原记录中的这几项从某日起不再有效。", 409)), a.end, web.Keyed())
	web.Operation(m, access.FactRecord, created(operation(http.MethodPost, record+"/withdraw", "withdraw-record", factsTag, "撤回记录",
		"撤回原记录中的这几项，如同没有登记过。", 409)), a.withdraw, web.Keyed())

	web.Operation(m, access.FactRecord, operation(http.MethodPost, "/api/v1/statements:batch", "create-statements", factsTag, "批量登记信息",
		"供部门系统按证件号码报送，一次最多 1000 条，逐条答复结果，在一个事务里办理。只登记已有档案的人；同一来源说过的不再登记，所以重复报送没有影响。"),
		a.batch, web.Keyed(), web.Body(4<<20), web.Slow(batchTime))
}

// PathID (档案地址) is the number of a person in the path.
type PathID struct {
	ID string `path:"id" maxLength:"20" doc:"档案编号"`
}

func (p PathID) person() (id.ID, error) { return parseID(p.ID) }

func parseID(text string) (id.ID, error) {
	v, err := id.Parse(text)
	if err != nil {
		return 0, web.NotFound()
	}
	return v, nil
}

// Matched (读到的版本) is the version that a change was made to.
type Matched struct {
	IfMatch string `header:"If-Match" required:"true" maxLength:"30" example:"\"3\"" doc:"读到的版本（ETag）"`
}

func (m Matched) version() (int64, error) {
	v, err := strconv.ParseInt(strings.Trim(m.IfMatch, `"`), 10, 64)
	if err != nil {
		f := errs.Fields{}
		f.Add("header.If-Match", "应为读取档案时得到的 ETag，如 \"3\"")
		return 0, f.Err()
	}
	return v, nil
}

func etag(version int64) string { return strconv.Quote(strconv.FormatInt(version, 10)) }

// inBody names the faults of an error by where they are in the body: facts below
// facts, the point below location, items of lists by their index. at is where the
// part of the body begins.
func inBody(at string, err error) error {
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || len(e.Fields) == 0 {
		return err
	}
	moved := *e
	moved.Fields = slices.Clone(e.Fields)
	for i, f := range moved.Fields {
		moved.Fields[i].Name = at + bodyName(f.Name)
	}
	return &moved
}

func bodyName(field string) string {
	if _, ok := fact.ByName(field); ok {
		return "facts." + field
	}
	if field == "lon" || field == "lat" {
		return "location." + field
	}
	var b strings.Builder
	for i, part := range strings.Split(field, ".") {
		switch _, err := strconv.Atoi(part); {
		case err == nil:
			part = "[" + part + "]"
		case i > 0:
			part = "." + part
		}
		b.WriteString(part)
	}
	return b.String()
}
