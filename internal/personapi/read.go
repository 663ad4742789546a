package personapi

import (
	"context"
	"errors"
	"net/url"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/document"
	"yian/internal/errs"
	"yian/internal/person"
	"yian/internal/phone"
	"yian/internal/region"
)

var (
	listAction   = audit.Action{Code: "person.list", Label: "接口查询名单"}
	lookupAction = audit.Action{Code: "person.lookup", Label: "接口按号码查找"}
)

type listInput struct {
	Name     string `query:"name" maxLength:"50" doc:"姓名，从头匹配"`
	Initials string `query:"initials" maxLength:"50" doc:"姓名的拼音首字母，从头匹配"`
	Region   string `query:"region" maxLength:"12" example:"141002" doc:"地区，含下级"`
	AgeFrom  int    `query:"age_from" minimum:"0" maximum:"130" doc:"最小年龄（周岁）"`
	AgeTo    int    `query:"age_to" minimum:"0" maximum:"130" doc:"最大年龄（周岁）"`
	State    string `query:"state" enum:"alive,moved,deceased,merged,any" doc:"档案状态；any 不论状态（已并入的除外）；不写为在册"`
	Sort     string `query:"sort" enum:"region,name,initials,age" doc:"顺序；不写时按地区和姓名，按姓名查时按姓名"`
	After    string `query:"after" maxLength:"20" doc:"上一页答复的 next"`
	Before   string `query:"before" maxLength:"20" doc:"下一页答复的 prev"`
	Limit    int    `query:"limit" minimum:"1" maximum:"500" default:"50" doc:"一页多少人"`

	values url.Values
}

// Actions lists what this module writes to the audit trail.
var Actions = []audit.Action{
	listAction,
	lookupAction,
}

// Resolve implements huma.Resolver: conditions on facts may come several times.
func (in *listInput) Resolve(ctx huma.Context) []error {
	at := ctx.URL()
	in.values = at.Query()
	return nil
}

type listOutput struct {
	Body struct {
		Persons []Person `json:"persons" doc:"老年人"`
		Next    string   `json:"next,omitempty" doc:"下一页的 after；没有则已是最后一页"`
		Prev    string   `json:"prev,omitempty" doc:"上一页的 before；没有则已是第一页"`
	} `nameHint:"PersonList"`
}

func (a *api) list(ctx context.Context, in *listInput) (*listOutput, error) {
	q, err := person.ParseQuery(in.values)
	if err != nil {
		return nil, inQuery(err)
	}
	q.Limit = in.Limit
	actor := access.From(ctx)
	scope := actor.Scope(access.PersonRead)
	page, err := a.List(ctx, scope, q)
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(in.values))
	for name := range in.values {
		names = append(names, name)
	}
	slices.Sort(names)
	if err := a.looked(ctx, actor, listAction, q.Region, map[string]any{"conditions": names, "people": len(page.People)}); err != nil {
		return nil, err
	}
	out := &listOutput{}
	out.Body.Persons = newPersons(page.People)
	out.Body.Next, out.Body.Prev = page.Next, page.Prev
	return out, nil
}

func newPersons(all []person.Person) []Person {
	out := make([]Person, len(all))
	for i := range all {
		out[i] = newPerson(&all[i])
	}
	return out
}

// inQuery names the faults of an error by their parameters.
func inQuery(err error) error {
	e, ok := errors.AsType[*errs.Error](err)
	if !ok {
		return err
	}
	moved := *e
	moved.Fields = slices.Clone(e.Fields)
	for i := range moved.Fields {
		moved.Fields[i].Name = "query." + moved.Fields[i].Name
	}
	return &moved
}

// looked puts a look at several people on the trail, where those who answer for the
// region find it.
func (a *api) looked(ctx context.Context, actor access.Actor, action audit.Action, at region.Code, detail map[string]any) error {
	if regions := actor.Scope(access.PersonRead).Regions(); at == "" && len(regions) > 0 {
		at = regions[0]
	}
	return a.Audit.Read(ctx, actor, action, audit.Change{Kind: "person", Region: at, Detail: detail})
}

type lookupInput struct {
	Body struct {
		Number string `json:"number,omitempty" maxLength:"40" example:"141002XXXXXXXXXXXX" doc:"证件号码"`
		Phone  string `json:"phone,omitempty" maxLength:"40" example:"138XXXXXXXX" doc:"本人或联系人的电话"`
	} `nameHint:"PersonLookup"`
}

type lookupOutput struct {
	Body struct {
		Persons []Person `json:"persons" doc:"找到的老年人；电话可能是几个人共用的"`
	} `nameHint:"PersonsFound"`
}

func (a *api) lookup(ctx context.Context, in *lookupInput) (*lookupOutput, error) {
	byNumber := in.Body.Number != ""
	if byNumber == (in.Body.Phone != "") {
		f := errs.Fields{}
		f.Add("number", "证件号码和电话填一个，也只填一个")
		return nil, f.Err()
	}
	text, err := kept(in.Body.Number, in.Body.Phone)
	if err != nil {
		return nil, err
	}
	actor := access.From(ctx)
	scope := actor.Scope(access.PersonRead)
	q, err := a.Find(ctx, scope, text)
	if err != nil {
		return nil, err
	}
	out := &lookupOutput{}
	out.Body.Persons = []Person{}
	by := map[bool]string{true: "number", false: "phone"}[byNumber]
	if byNumber && q.NumberIndex != nil || !byNumber && q.PhoneIndex != nil {
		page, err := a.List(ctx, scope, q)
		if err != nil {
			return nil, err
		}
		out.Body.Persons = newPersons(page.People)
	}
	detail := map[string]any{"by": by, "people": len(out.Body.Persons)}
	return out, a.looked(ctx, actor, lookupAction, "", detail)
}

// kept returns a number or a phone in the form in which it is looked for.
func kept(number, tel string) (string, error) {
	var f errs.Fields
	if number == "" {
		n, err := phone.Parse(tel)
		f.Check("phone", err)
		return n.Text(), f.Err()
	}
	kinds := document.Guess(number)
	if len(kinds) == 0 {
		_, err := document.Parse(document.ResidentID, number)
		f.Check("number", err)
		return "", f.Err()
	}
	doc, err := document.Parse(kinds[0], number)
	f.Check("number", err)
	return doc.Number(), f.Err()
}

type personOutput struct {
	ETag string `header:"ETag" doc:"版本，修改时写在 If-Match 里" example:"\"3\""`
	Body PersonFile
}

func newPersonOutput(p *person.Person) *personOutput {
	return &personOutput{ETag: etag(p.Version), Body: newFile(p)}
}

func (a *api) show(ctx context.Context, in *PathID) (*personOutput, error) {
	person, err := in.person()
	if err != nil {
		return nil, err
	}
	p, err := a.Show(ctx, access.From(ctx), person, "")
	if err != nil {
		return nil, err
	}
	return newPersonOutput(p), nil
}

type unmaskInput struct {
	PathID
	Body struct {
		What    string `json:"what" enum:"number,phones" doc:"number 证件号码，phones 本人和联系人的电话"`
		Purpose string `json:"purpose" minLength:"4" maxLength:"500" example:"核对津贴发放对象" doc:"用途，至少 4 个字"`
	} `nameHint:"UnmaskRequest"`
}

type unmaskOutput struct {
	Body struct {
		Value string `json:"value" doc:"完整的证件号码；或电话，一行一个，联系人的电话后面是姓名"`
	} `nameHint:"Unmasked"`
}

func (a *api) unmask(ctx context.Context, in *unmaskInput) (*unmaskOutput, error) {
	who, err := in.person()
	if err != nil {
		return nil, err
	}
	value, err := a.Unmask(ctx, access.From(ctx), who, person.Shown(in.Body.What), in.Body.Purpose)
	if err != nil {
		return nil, err
	}
	out := &unmaskOutput{}
	out.Body.Value = value
	return out, nil
}
