package personapi

import (
	"context"
	"errors"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/person"
)

// createInput is a person who is not in the register yet.
type createInput struct {
	Body struct {
		Name          string       `json:"name" minLength:"1" maxLength:"50" example:"某某" doc:"姓名"`
		Document      string       `json:"document,omitempty" enum:"resident_id,hk_macao_permit,taiwan_permit,residence_permit,permanent_residence,passport" doc:"证件类型；不写时由号码判断，护照必须写"`
		Number        string       `json:"number,omitempty" maxLength:"40" example:"141002XXXXXXXXXXXX" doc:"证件号码；确实没有的可以不写"`
		Phones        []string     `json:"phones,omitempty" maxItems:"5" doc:"电话"`
		Address       string       `json:"address,omitempty" maxLength:"200" doc:"住址"`
		Ethnic        string       `json:"ethnic,omitempty" maxLength:"20" example:"汉族" doc:"民族"`
		Marital       string       `json:"marital,omitempty" enum:"10,20,30,40,90" doc:"婚姻状况：10 未婚、20 已婚、30 丧偶、40 离婚、90 未说明（GB/T 2261.2）"`
		Household     string       `json:"household,omitempty" maxLength:"40" doc:"户号"`
		HouseholdRole string       `json:"household_role,omitempty" maxLength:"20" example:"户主" doc:"与户主关系"`
		Contacts      []Contact    `json:"contacts,omitempty" maxItems:"10" doc:"联系人和监护人"`
		Note          string       `json:"note,omitempty" maxLength:"1000" doc:"备注"`
		Location      *Location    `json:"location,omitempty" doc:"住处的坐标"`
		Source        StatedSource `json:"source" doc:"谁这样说"`
		From          civil.Date   `json:"from" format:"date" example:"2026-01-01" doc:"这些信息从哪天起有效"`
		Facts         Facts        `json:"facts" doc:"已知的信息"`
	} `nameHint:"PersonDraft"`
}

type createOutput struct {
	Location string `header:"Location" doc:"新档案的地址"`
	ETag     string `header:"ETag" doc:"版本，修改时写在 If-Match 里"`
	Body     PersonFile
}

func (a *api) create(ctx context.Context, in *createInput) (*createOutput, error) {
	b := &in.Body
	var facts fact.Person
	var faults errs.Fields
	for one, text := range b.Facts.statement() {
		faults.Check(one.String(), facts.Set(one, text))
	}
	if err := faults.Err(); err != nil {
		return nil, inBody("", err)
	}
	d := person.Draft{
		Name: b.Name, Document: kindOf(b.Document), Number: b.Number,
		Details: person.Details{
			Phones: b.Phones, Address: b.Address, Ethnic: b.Ethnic, Marital: b.Marital,
			Household: b.Household, HouseholdRole: b.HouseholdRole, Contacts: contacts(b.Contacts), Note: b.Note,
		},
	}
	d.Lon, d.Lat = b.Location.point()
	p, err := a.Create(ctx, access.From(ctx), d, history.Source(b.Source), facts, b.From)
	if err != nil {
		return nil, known(err)
	}
	return &createOutput{Location: people + "/" + p.ID.String(), ETag: etag(p.Version), Body: newFile(p)}, nil
}

func contacts(all []Contact) []person.Contact {
	var out []person.Contact
	for _, c := range all {
		out = append(out, person.Contact(c))
	}
	return out
}

// known tells where the file is that has the number already, to whoever may see it.
func known(err error) error {
	err = inBody("", err)
	e, ok := errors.AsType[*errs.Error](err)
	exists, there := errors.AsType[*person.ExistsError](err)
	if !ok || !there {
		return err
	}
	moved := *e
	moved.Fields = []errs.Field{{Name: "number", Message: "已有的档案：" + people + "/" + exists.Person.String()}}
	return &moved
}

// changeInput is what is to be another in a file; nil is left as it is.
type changeInput struct {
	PathID
	Matched
	Body struct {
		Name          *string   `json:"name,omitempty" minLength:"1" maxLength:"50" doc:"姓名"`
		Document      *string   `json:"document,omitempty" enum:"resident_id,hk_macao_permit,taiwan_permit,residence_permit,permanent_residence,passport," doc:"证件类型；改成没有证件时，与 number 一起写空文字"`
		Number        *string   `json:"number,omitempty" maxLength:"40" doc:"证件号码"`
		Phones        []string  `json:"phones,omitempty" maxItems:"5" doc:"电话；打码的保持不变"`
		Address       *string   `json:"address,omitempty" maxLength:"200" doc:"住址"`
		Ethnic        *string   `json:"ethnic,omitempty" maxLength:"20" doc:"民族"`
		Marital       *string   `json:"marital,omitempty" enum:"10,20,30,40,90," doc:"婚姻状况（GB/T 2261.2）"`
		Household     *string   `json:"household,omitempty" maxLength:"40" doc:"户号"`
		HouseholdRole *string   `json:"household_role,omitempty" maxLength:"20" doc:"与户主关系"`
		Contacts      []Contact `json:"contacts,omitempty" maxItems:"10" doc:"联系人和监护人；打码的电话保持不变"`
		Note          *string   `json:"note,omitempty" maxLength:"1000" doc:"备注"`
		Location      *Location `json:"location,omitempty" doc:"住处的坐标；{} 清除"`
	} `nameHint:"PersonChange"`
}

// draft is the file as it is after the change.
func (in *changeInput) draft(p *person.Person) person.Draft {
	d := person.Draft{Name: p.Name, Document: p.Document, Number: p.MaskedNumber(), Details: p.Details, Lon: p.Lon, Lat: p.Lat}
	b := &in.Body
	for _, field := range []struct{ to, from *string }{
		{&d.Name, b.Name},
		{&d.Number, b.Number},
		{&d.Address, b.Address},
		{&d.Ethnic, b.Ethnic},
		{&d.Marital, b.Marital},
		{&d.Household, b.Household},
		{&d.HouseholdRole, b.HouseholdRole},
		{&d.Note, b.Note},
	} {
		if field.from != nil {
			*field.to = *field.from
		}
	}
	if b.Document != nil {
		d.Document = kindOf(*b.Document)
	}
	if b.Phones != nil {
		d.Phones = b.Phones
	}
	if b.Contacts != nil {
		d.Contacts = contacts(b.Contacts)
	}
	if b.Location != nil {
		d.Lon, d.Lat = b.Location.point()
	}
	return d
}

// change reads the file, which goes on the trail as a look, and changes the version
// that the client read, so that nothing of another's change is lost.
func (a *api) change(ctx context.Context, in *changeInput) (*personOutput, error) {
	who, err := in.person()
	if err != nil {
		return nil, err
	}
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	actor := access.From(ctx)
	p, err := a.Show(ctx, actor, who, "接口修改")
	if err != nil {
		return nil, err
	}
	photo := p.Photo
	if p, err = a.Change(ctx, actor, who, version, in.draft(p)); err != nil {
		return nil, known(err)
	}
	p.Photo = photo
	return newPersonOutput(p), nil
}

type stateInput struct {
	PathID
	Matched
	Body struct {
		State    string       `json:"state" enum:"alive,moved,deceased" doc:"alive 在册、moved 迁出、deceased 去世"`
		On       civil.Date   `json:"on" format:"date" example:"2026-01-01" doc:"从哪天起"`
		Source   StatedSource `json:"source"`
		Evidence string       `json:"evidence,omitempty" maxLength:"500" doc:"依据"`
	} `nameHint:"StateChange"`
}

func (a *api) setState(ctx context.Context, in *stateInput) (*personOutput, error) {
	who, err := in.person()
	if err != nil {
		return nil, err
	}
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	b, actor := &in.Body, access.From(ctx)
	if err := a.SetState(ctx, actor, who, version, person.State(b.State), b.On, history.Source(b.Source), b.Evidence); err != nil {
		return nil, inBody("", err)
	}
	p, err := a.Show(ctx, actor, who, "")
	if err != nil {
		return nil, err
	}
	return newPersonOutput(p), nil
}

type transferInput struct {
	PathID
	Matched
	Body struct {
		To       Region       `json:"to" doc:"新居住地，至少到县级"`
		On       civil.Date   `json:"on" format:"date" example:"2026-01-01" doc:"从哪天起住在那里"`
		Source   StatedSource `json:"source"`
		Evidence string       `json:"evidence,omitempty" maxLength:"500" doc:"依据"`
	} `nameHint:"Transfer"`
}

func (a *api) transfer(ctx context.Context, in *transferInput) (*struct{}, error) {
	who, err := in.person()
	if err != nil {
		return nil, err
	}
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	b := &in.Body
	to, err := b.To.code()
	if err != nil {
		f := errs.Fields{}
		f.Check("to", err)
		return nil, f.Err()
	}
	err = a.Transfer(ctx, access.From(ctx), who, version, to, b.On, history.Source(b.Source), b.Evidence)
	return nil, inBody("", err)
}
