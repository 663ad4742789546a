package personweb

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"yian/internal/fact"
	"yian/internal/person"
	"yian/internal/region"
	"yian/internal/ui"
	"yian/internal/web"
)

// factNames are the parameters of conditions on facts.
var factNames = func() []string {
	var names []string
	for f := range fact.Count {
		if f.Coded() {
			names = append(names, f.String())
		}
	}
	return names
}()

// What the parameter open shows of a list besides the people: it is not always there,
// because it is much, and rarely looked at.
const (
	openMore    = "more"
	openColumns = "columns"
)

// searchBox builds the form above the list from the query in force.
func (p *Pages) searchBox(r *web.Request, q person.Query, v url.Values, c columnChoice) searchBox {
	here := c.query(q)
	box := searchBox{
		Fields: []ui.Field{
			{
				Name: "q", Label: "姓名、拼音首字母、证件号码或电话", Kind: ui.KindSearch, Value: typed(q),
				Placeholder: "如：张桂芳、zgf", Autocomplete: "off", MaxLength: 60,
			},
			{Name: "state", Label: "档案状态", Kind: ui.KindSelect, Value: v.Get("state"), Options: stateOptions, Width: "s"},
		},
		Toggle: ui.Link{Text: "更多条件", Href: address(here, "open", openMore), Icon: "chevron-down"},
	}
	asked := []string{"name", "initials", "state"}
	if v.Get("open") == openMore {
		box.Toggle = ui.Link{Text: "收起条件", Href: address(here), Icon: "chevron-up"}
		box.More, box.Groups = p.moreFields(r, q, v), factGroups(q)
		asked = append(append(asked, "region", "age_from", "age_to"), factNames...)
	}
	for _, key := range slices.Sorted(maps.Keys(here)) {
		for _, text := range here[key] {
			if !slices.Contains(asked, key) {
				box.Hidden = append(box.Hidden, ui.Hidden{Name: key, Value: text})
			}
		}
	}
	return box
}

// moreFields are the conditions on region and age.
func (p *Pages) moreFields(r *web.Request, q person.Query, v url.Values) []ui.Field {
	fields := []ui.Field{
		{Name: "age_from", Label: "年龄从", Kind: ui.KindNumber, Value: v.Get("age_from"), Min: "0", Max: strconv.Itoa(fact.MaxAge), Unit: "岁", Width: "s"},
		{Name: "age_to", Label: "到", Kind: ui.KindNumber, Value: v.Get("age_to"), Min: "0", Max: strconv.Itoa(fact.MaxAge), Unit: "岁", Width: "s"},
	}
	if f := p.searchedRegion(r, q.Region); f != nil {
		fields = append([]ui.Field{*f}, fields...)
	}
	return fields
}

// factGroups are the conditions on facts, by department.
func factGroups(q person.Query) []factGroup {
	var all []factGroup
	for _, g := range groups {
		fg := factGroup{Department: g.Department}
		for _, f := range g.Facts {
			if f.Coded() {
				fg.Fields = append(fg.Fields, ui.Field{Name: f.String(), Label: f.Def().Label, Kind: ui.KindCheckboxes, Values: q.Facts[f], Options: conditionOptions(f)})
				fg.Open = fg.Open || len(q.Facts[f]) > 0
			}
		}
		if fg.Fields != nil {
			all = append(all, fg)
		}
	}
	return all
}

// searchedRegion chooses a region inside that of the switch; nil if there is none.
func (p *Pages) searchedRegion(r *web.Request, c region.Code) *ui.Field {
	source := "/regions"
	if r.Region != region.Nation {
		source += "?top=" + string(r.Region)
	}
	levels, err := ui.Regions("region", source, r.Region, c, p.options)
	if err != nil || len(levels.Levels) == 0 {
		return nil
	}
	f := ui.RegionField("region", "服务地区", levels)
	return &f
}

// typed is what stands in the search box; a number or phone is not known any more.
func typed(q person.Query) string {
	if q.Name != "" {
		return q.Name
	}
	return q.Initials
}

var stateOptions = func() []ui.Option {
	options := []ui.Option{{Label: person.Alive.Label()}}
	for _, s := range []person.State{person.Moved, person.Deceased, person.Merged} {
		options = append(options, ui.Option{Value: string(s), Label: s.Label()})
	}
	return append(options, ui.Option{Value: "any", Label: "不限"})
}()

// conditionOptions are the values of a fact to look for, the unknown one last.
func conditionOptions(f fact.ID) []ui.Option {
	var options []ui.Option
	for _, v := range f.Def().Values {
		options = append(options, ui.Option{Value: v.Name, Label: v.Label})
	}
	return append(options, ui.Option{Value: person.Unknown, Label: "未知"})
}

// conditions lists what is looked for besides name and state.
func conditions(q person.Query) []condition {
	v := q.Values()
	var all []condition
	add := func(text string, keys ...string) {
		without := maps.Clone(v)
		for _, key := range keys {
			without.Del(key)
		}
		all = append(all, condition{Text: text, Without: address(without)})
	}
	if len(q.NumberIndex) > 0 {
		add("按证件号码查找", "number", "state") // a number is looked for in any state
	}
	if len(q.PhoneIndex) > 0 {
		add("按电话查找", "phone", "state")
	}
	if q.Region != "" {
		add("服务地区："+Place(q.Region), "region")
	}
	switch {
	case q.AgeFrom > 0 && q.AgeTo > 0:
		add(fmt.Sprintf("年龄：%d 至 %d 岁", q.AgeFrom, q.AgeTo), "age_from", "age_to")
	case q.AgeFrom > 0:
		add(fmt.Sprintf("年龄：%d 岁以上", q.AgeFrom), "age_from")
	case q.AgeTo > 0:
		add(fmt.Sprintf("年龄：%d 岁以下", q.AgeTo), "age_to")
	}
	for _, f := range slices.Sorted(maps.Keys(q.Facts)) {
		labels := make([]string, len(q.Facts[f]))
		for i, name := range q.Facts[f] {
			var one fact.Person
			_ = one.Set(f, name) // person.Unknown is no value, and is unknown
			labels[i] = Value(&one, f)
		}
		add(f.Def().Label+"："+strings.Join(labels, "、"), f.String())
	}
	return all
}
