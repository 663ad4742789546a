package personweb

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"

	"yian/internal/access"
	"yian/internal/document"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/person"
	"yian/internal/ui"
	"yian/internal/web"
)

// firstFacts are what a new file asks for besides what identifies the person: where
// he is served follows from them.
var firstFacts = []fact.ID{fact.Sex, fact.Birth, fact.Residence, fact.Hukou}

func (p *Pages) newPage(v url.Values) *formPage {
	page := &formPage{
		Frame: ui.Frame{Title: "新建档案", Narrow: true, Crumbs: []ui.Crumb{{Text: "老年人档案", Href: "/persons"}}},
		Form:  ui.Form{Action: "/persons/new", Submit: "建立档案", Cancel: ui.Link{Href: "/persons"}},
	}
	draft := draftSections(v)
	facts := ui.Section{Title: "性别、出生日期和地区", Text: "身份证号码里有性别和出生日期，可以不填。居住地和户籍地至少填一处，由居住地提供服务。", Fields: []ui.Field{
		{Name: fact.Sex.String(), Label: "性别", Kind: ui.KindSelect, Value: v.Get(fact.Sex.String()), Options: factOptions(fact.Sex, "按证件号码"), Width: "m"},
		{Name: fact.Birth.String(), Label: "出生日期", Kind: ui.KindDate, Value: v.Get(fact.Birth.String()), Max: p.People.Today().String(), Width: "m"},
	}}
	facts.Fields = append(facts.Fields, p.regionFields(fact.Residence.String(), "居住地", v)...)
	facts.Fields = append(facts.Fields, p.regionFields(fact.Hukou.String(), "户籍地", v)...)
	said := ui.Section{Title: "信息来源", Columns: true, Fields: []ui.Field{
		{Name: "source", Label: "这些情况是谁提供的", Kind: ui.KindSelect, Required: true, Value: v.Get("source"), Options: sourceOptions()},
		{Name: "from", Label: "从哪一天起是这样", Kind: ui.KindDate, Required: true, Value: v.Get("from"), Max: p.People.Today().String()},
	}}
	page.Form.Sections = append([]ui.Section{draft[0], facts, said}, draft[1:]...)
	return page
}

func (p *Pages) askNew(r *web.Request) (web.Response, error) {
	v := url.Values{"document": {document.ResidentID.Code()}, "source": {string(usualSource(r.Actor))}, "from": {p.People.Today().String()}}
	p.regionValues(v, fact.Residence.String(), r.Region)
	return web.Page("person/form", p.newPage(v)), nil
}

// usualSource is for whom the user mostly speaks, to be chosen beforehand.
func usualSource(a access.Actor) history.Source {
	for _, g := range a.Grants() {
		switch g.Role {
		case access.VillageWorker:
			return history.Village
		case access.TownWorker:
			return history.Town
		case access.Officer, access.Assessor:
			return history.Eldercare
		}
	}
	return ""
}

func (p *Pages) create(r *web.Request) (web.Response, error) {
	in, err := inputOf(r)
	if err != nil {
		return nil, err
	}
	page := p.newPage(in.Values)
	if in.more() {
		return web.Page("person/form", page), nil
	}
	d := in.draft()
	source, from := in.source(), in.date("from", "从哪一天起", true)
	var facts fact.Person
	for f, text := range in.facts(firstFacts) {
		in.faults.Check(f.String(), fact.Plain(facts.Set(f, text)))
	}
	if err := in.faults.Err(); err != nil {
		return web.Again("person/form", page, &page.Form, err)
	}
	one, err := p.People.Create(r.Context(), r.Actor, d, source, facts, from)
	if exists, ok := errors.AsType[*person.ExistsError](err); ok {
		page.Note = ui.Note{Tone: ui.Warning, Title: "这个人已有档案", Link: ui.Link{Text: "打开原有的档案", Href: link(exists.Person, "")}}
	}
	if err != nil {
		return web.Again("person/form", page, &page.Form, placed(err))
	}
	return web.Redirect(link(one.ID, ""), web.Done("已为%s建立档案。", one.Name)), nil
}

func (p *Pages) editPage(one *person.Person, v url.Values) *formPage {
	page := &formPage{
		Frame: ui.Frame{Title: "修改档案", Lead: one.Name + " · " + summary(one, p.People.Today()), Narrow: true, Crumbs: crumbs(one)},
		Note:  ui.Note{Text: "性别、出生日期、地区和各项情况是有来源和时间的信息，请用“登记信息”。", Link: ui.Link{Text: "登记信息", Href: link(one.ID, "/facts/new")}},
		Form:  ui.Form{Action: link(one.ID, "/edit"), Cancel: ui.Link{Href: link(one.ID, "")}, Sections: draftSections(v)},
	}
	page.Form.Hidden = []ui.Hidden{{Name: "version", Value: v.Get("version")}}
	return page
}

func (p *Pages) askEdit(r *web.Request, one *person.Person) (web.Response, error) {
	return web.Page("person/form", p.editPage(one, draftValues(one))), nil
}

func (p *Pages) edit(r *web.Request, one *person.Person) (web.Response, error) {
	in, err := inputOf(r)
	if err != nil {
		return nil, err
	}
	page := p.editPage(one, in.Values)
	d := in.draft()
	if err := in.faults.Err(); err != nil {
		return web.Again("person/form", page, &page.Form, err)
	}
	_, err = p.People.Change(r.Context(), r.Actor, one.ID, version(in), d)
	if errs.Is(err, errs.Stale) {
		return p.editAgain(one, in)
	}
	if err != nil {
		return web.Again("person/form", page, &page.Form, placed(err))
	}
	return web.Redirect(link(one.ID, ""), web.Done("已保存%s的档案。", d.Name)), nil
}

// editAgain shows what somebody else wrote meanwhile, and lets the user decide.
func (p *Pages) editAgain(one *person.Person, in *input) (web.Response, error) {
	current := draftValues(one)
	in.Set("version", current.Get("version"))
	page := p.editPage(one, in.Values)
	page.Status = errs.Stale.Status()
	page.Changes = differences(current, in.Values)
	page.Note = ui.Note{
		Tone: ui.Warning, Title: "您打开这一页以后，别人改过这份档案",
		Text: "下表是现在的内容与您填写的内容不同之处，您的改动还没有保存。请按需要修改，再次保存就以您填写的为准。",
	}
	return web.Page("person/form", page), nil
}

func version(in *input) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(in.Get("version")), 10, 64)
	if err != nil {
		return 0 // stale against every version there is
	}
	return n
}

// photo shows the photo of a person.
func (p *Pages) photo(r *web.Request) (web.Response, error) {
	one, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	data, mediaType, err := p.People.Photo(r.Context(), r.Actor, one)
	if err != nil {
		return nil, err
	}
	f := web.Download("photo", mediaType, data)
	f.Inline = true
	return f, nil
}

func (p *Pages) photoPage(one *person.Person) *formPage {
	page := &formPage{
		Frame: ui.Frame{Title: "上传照片", Lead: one.Name + " · " + summary(one, p.People.Today()), Narrow: true, Crumbs: crumbs(one)},
		Form: ui.Simple(link(one.ID, "/photo"), "上传", ui.Field{
			Name: "photo", Label: "照片", Kind: ui.KindFile, Accept: ".jpg,.jpeg,.png", Required: true,
			Hint: "JPEG 或 PNG，最大 10 MB。会缩小保存，拍摄地点等附带信息不保留。",
		}),
	}
	page.Form.Upload, page.Form.Cancel = true, ui.Link{Href: link(one.ID, "")}
	if one.Photo {
		page.Other = ui.Form{Action: link(one.ID, "/photo"), Submit: "删除现有照片", Danger: true, Hidden: []ui.Hidden{{Name: "remove", Value: "1"}}}
	}
	return page
}

func (p *Pages) askPhoto(r *web.Request, one *person.Person) (web.Response, error) {
	return web.Page("person/form", p.photoPage(one)), nil
}

func (p *Pages) setPhoto(r *web.Request, one *person.Person) (web.Response, error) {
	page := p.photoPage(one)
	file, _, ok, err := r.Upload("photo")
	if err != nil {
		return web.Again("person/form", page, &page.Form, atField("photo", err))
	}
	remove := r.Value("remove") != ""
	if !ok && !remove {
		var faults errs.Fields
		faults.Add("photo", "请选择一张照片")
		return web.Again("person/form", page, &page.Form, faults.Err())
	}
	var data []byte
	if ok && !remove {
		defer file.Close() //nolint:errcheck // it was only read
		if data, err = io.ReadAll(file); err != nil {
			return nil, fmt.Errorf("personweb: read upload: %w", err)
		}
	}
	if err := p.People.SetPhoto(r.Context(), r.Actor, one.ID, data); err != nil {
		return web.Again("person/form", page, &page.Form, atField("photo", err))
	}
	if remove {
		return web.Redirect(link(one.ID, ""), web.Done("照片已删除。")), nil
	}
	return web.Redirect(link(one.ID, ""), web.Done("照片已保存。")), nil
}
