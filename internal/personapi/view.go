package personapi

import (
	"math"
	"time"

	"yian/internal/civil"
	"yian/internal/document"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/id"
	"yian/internal/person"
	"yian/internal/region"
)

// Person (老年人) is a line of the register.
type Person struct {
	ID          id.ID      `json:"id" example:"2wp84akjzpq9" doc:"档案编号"`
	Version     int64      `json:"version" example:"3" doc:"版本，每次修改加一；与 ETag 相同"`
	Name        string     `json:"name" example:"某某" doc:"姓名"`
	Document    string     `json:"document,omitempty" enum:"resident_id,hk_macao_permit,taiwan_permit,residence_permit,permanent_residence,passport" doc:"证件类型"`
	Number      string     `json:"number,omitempty" example:"141***********002X" doc:"证件号码（打码）"`
	Region      Region     `json:"region" doc:"由哪里服务：居住地，不知道时为户籍地"`
	RegionName  string     `json:"region_name" example:"尧都区" doc:"地区名称"`
	State       State      `json:"state"`
	StateOn     civil.Date `json:"state_on,omitzero" format:"date" doc:"状态从哪天起"`
	StateSource Source     `json:"state_source,omitempty" doc:"状态的来源"`
	MergedInto  id.ID      `json:"merged_into,omitempty" doc:"已并入的档案编号"`
	Facts       Facts      `json:"facts" doc:"今天有效的信息；没有列出的为未知"`
	Updated     time.Time  `json:"updated_at" doc:"最后修改时间"`
}

// PersonFile (老年人档案) is the whole file of a person.
type PersonFile struct {
	Person
	Phones        []string   `json:"phones" doc:"电话（打码）"`
	Address       string     `json:"address,omitempty" doc:"住址"`
	Ethnic        string     `json:"ethnic,omitempty" example:"汉族" doc:"民族"`
	Marital       string     `json:"marital,omitempty" enum:"10,20,30,40,90" doc:"婚姻状况：10 未婚、20 已婚、30 丧偶、40 离婚、90 未说明（GB/T 2261.2）"`
	Household     string     `json:"household,omitempty" doc:"户号"`
	HouseholdRole string     `json:"household_role,omitempty" example:"户主" doc:"与户主关系"`
	Contacts      []Contact  `json:"contacts" doc:"联系人和监护人"`
	Note          string     `json:"note,omitempty" doc:"备注"`
	Location      *Location  `json:"location,omitempty" doc:"住处的坐标"`
	Photo         bool       `json:"photo" doc:"是否有照片"`
	Turn          civil.Date `json:"turn_on,omitzero" format:"date" doc:"已登记的信息下一次开始或终止的日期"`
	Created       time.Time  `json:"created_at" doc:"建档时间"`
}

// Contact (联系人) is somebody to call about a person.
type Contact struct {
	Name     string `json:"name" minLength:"1" maxLength:"50" example:"某某" doc:"姓名"`
	Relation string `json:"relation,omitempty" maxLength:"20" example:"子女" doc:"与老年人的关系"`
	Phone    string `json:"phone,omitempty" maxLength:"40" example:"138****0000" doc:"电话；答复中打码"`
	Guardian bool   `json:"guardian,omitempty" doc:"是否监护人"`
}

// Location (坐标) is a point on the map.
type Location struct {
	Lon *float64 `json:"lon,omitempty" minimum:"-180" maximum:"180" example:"111.518976" doc:"经度（度）"`
	Lat *float64 `json:"lat,omitempty" minimum:"-90" maximum:"90" example:"36.088005" doc:"纬度（度）"`
}

const millionth = 1e6

func newLocation(lon, lat *int64) *Location {
	if lon == nil || lat == nil {
		return nil
	}
	x, y := float64(*lon)/millionth, float64(*lat)/millionth
	return &Location{&x, &y}
}

func (l *Location) point() (lon, lat *int64) {
	if l == nil {
		return nil, nil
	}
	whole := func(degrees *float64) *int64 {
		if degrees == nil {
			return nil
		}
		n := int64(math.Round(*degrees * millionth))
		return &n
	}
	return whole(l.Lon), whole(l.Lat)
}

func newPerson(p *person.Person) Person {
	return Person{
		ID: p.ID, Version: p.Version, Name: p.Name, Document: p.Document.Code(), Number: p.MaskedNumber(),
		Region: Region(p.Region), RegionName: region.Name(p.Region),
		State: State(p.State), StateOn: p.StateOn, StateSource: Source(p.StateSource), MergedInto: p.MergedInto,
		Facts: newFacts(&p.Facts), Updated: p.Updated.Beijing(),
	}
}

func newFile(p *person.Person) PersonFile {
	f := PersonFile{
		Person: newPerson(p), Phones: p.Phones, Address: p.Address, Ethnic: p.Ethnic, Marital: p.Marital,
		Household: p.Household, HouseholdRole: p.HouseholdRole, Contacts: newContacts(p.Contacts), Note: p.Note,
		Location: newLocation(p.Lon, p.Lat), Photo: p.Photo, Turn: p.TurnOn, Created: p.Created.Beijing(),
	}
	if f.Phones == nil {
		f.Phones = []string{}
	}
	return f
}

func newContacts(all []person.Contact) []Contact {
	out := make([]Contact, len(all))
	for i, c := range all {
		out[i] = Contact(c)
	}
	return out
}

func newFacts(p *fact.Person) Facts {
	f := Facts{}
	for one := range fact.Count {
		if p.Known(one) {
			f[one.String()] = p.Text(one)
		}
	}
	return f
}

// statement returns the facts as the service takes them.
func (f Facts) statement() map[fact.ID]string {
	m := make(map[fact.ID]string, len(f))
	for name, value := range f {
		if one, ok := fact.ByName(name); ok {
			m[one] = value
		}
	}
	return m
}

// Record (信息记录) is what a source stated about a person at one time.
type Record struct {
	ID         id.ID      `json:"id" doc:"记录编号"`
	Source     Source     `json:"source"`
	From       civil.Date `json:"from" format:"date" doc:"从哪天起有效"`
	To         civil.Date `json:"to,omitzero" format:"date" doc:"从哪天起不再有效；没有则一直有效"`
	RecordedAt time.Time  `json:"recorded_at" doc:"登记时间"`
	RecordedBy id.ID      `json:"recorded_by,omitempty" doc:"登记人的编号；没有则为系统"`
	Evidence   string     `json:"evidence,omitempty" doc:"依据"`
	Facts      Facts      `json:"facts" doc:"说了什么"`
	Withdrawn  []FactName `json:"withdrawn" doc:"撤回了原记录中的哪些项"`
	Replaces   id.ID      `json:"replaces,omitempty" doc:"取代的记录"`
	Surviving  []FactName `json:"surviving" doc:"没有被后来的记录取代的项"`
	Batch      id.ID      `json:"batch,omitempty" doc:"所属的导入批次"`
}

func newRecord(r *history.Record, live fact.Set) Record {
	return Record{
		ID: r.ID, Source: Source(r.Source), From: r.From, To: r.To, RecordedAt: r.At.Beijing(), RecordedBy: r.By, Evidence: r.Evidence,
		Facts: newFacts(&r.Facts.Person), Withdrawn: factNames(r.Facts.Withdrawn.IDs()), Replaces: r.Replaces,
		Surviving: factNames(live.IDs()), Batch: r.Batch,
	}
}

// kindOf reads the code of a kind of document; 0 for none.
func kindOf(code string) document.Kind {
	k, _ := document.KindOf(code)
	return k
}
