package personapi

import (
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/person"
	"yian/internal/region"
)

// Facts (信息取值) are values of facts by their names; those that are not there are unknown.
type Facts map[string]string

// Schema implements huma.SchemaProvider: what the vocabulary says.
func (Facts) Schema(r huma.Registry) *huma.Schema {
	return shared(r, "Facts", func() *huma.Schema {
		s := &huma.Schema{
			Type: huma.TypeObject, Description: "各项信息的取值；没有列出的为未知", AdditionalProperties: false,
			Properties: map[string]*huma.Schema{}, Examples: []any{map[string]any{"income": "dibao", "lives_alone": "true"}},
		}
		for f := range fact.Count {
			s.Properties[f.String()] = valueSchema(f)
		}
		return s
	})
}

// valueSchema describes the values of a fact.
func valueSchema(f fact.ID) *huma.Schema {
	def := f.Def()
	s := &huma.Schema{Type: huma.TypeString, Description: def.Label + "；" + def.Department}
	switch def.Kind {
	case fact.Date:
		s.Format = "date"
	case fact.Region:
		s.Pattern, s.PatternDescription = regionPattern, regionWords
	default:
		s.Description += "；取值："
		for i, v := range def.Values {
			s.Enum = append(s.Enum, v.Name)
			if i > 0 {
				s.Description += "、"
			}
			s.Description += v.Name + " " + v.Label
		}
	}
	if def.Note != "" {
		s.Description += "（" + def.Note + "）"
	}
	return s
}

const (
	regionPattern = `^[0-9]{2}([0-9]{2}([0-9]{2}([0-9]{3}([0-9]{3})?)?)?)?$`
	regionWords   = " 2、4、6、9 或 12 位区划代码"
)

// FactName (信息项名称) is the name of a fact.
type FactName string

// Schema implements huma.SchemaProvider.
func (FactName) Schema(r huma.Registry) *huma.Schema {
	return shared(r, "FactName", func() *huma.Schema {
		s := &huma.Schema{Type: huma.TypeString, Description: "信息项的名称："}
		for f := range fact.Count {
			s.Enum = append(s.Enum, f.String())
			s.Description += f.String() + " " + f.Def().Label + "；"
		}
		return s
	})
}

func factNames(ids []fact.ID) []FactName {
	names := make([]FactName, len(ids))
	for i, f := range ids {
		names[i] = FactName(f.String())
	}
	return names
}

func factIDs(names []FactName) []fact.ID {
	var ids []fact.ID
	for _, n := range names {
		if f, ok := fact.ByName(string(n)); ok {
			ids = append(ids, f)
		}
	}
	return ids
}

// Source (信息来源) is who stated something.
type Source string

// Schema implements huma.SchemaProvider.
func (Source) Schema(r huma.Registry) *huma.Schema {
	return shared(r, "Source", func() *huma.Schema {
		return sources("信息来源：", func(history.Source) bool { return true })
	})
}

// StatedSource (申报来源) is a source that a client may name: what documents say and what was
// settled is recorded by the register itself.
type StatedSource string

// Schema implements huma.SchemaProvider.
func (StatedSource) Schema(r huma.Registry) *huma.Schema {
	return shared(r, "StatedSource", func() *huma.Schema {
		return sources("信息来源（可以申报的）：", func(s history.Source) bool { return s != history.Document && s != history.Settled })
	})
}

func sources(description string, offered func(history.Source) bool) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString, Description: description}
	for _, info := range history.Sources {
		if offered(info.Source) {
			s.Enum = append(s.Enum, string(info.Source))
			s.Description += string(info.Source) + " " + info.Label + "；"
		}
	}
	return s
}

// State (档案状态) is whether a person is served.
type State string

// Schema implements huma.SchemaProvider.
func (State) Schema(r huma.Registry) *huma.Schema {
	return shared(r, "State", func() *huma.Schema {
		s := &huma.Schema{Type: huma.TypeString, Description: "档案状态："}
		for _, state := range append(slices.Clone(person.States), person.Merged) {
			s.Enum = append(s.Enum, string(state))
			s.Description += string(state) + " " + state.Label() + "；"
		}
		return s
	})
}

// Region (行政区划) is the code of a division.
type Region string

// Schema implements huma.SchemaProvider.
func (Region) Schema(r huma.Registry) *huma.Schema {
	return shared(r, "Region", func() *huma.Schema {
		return &huma.Schema{
			Type: huma.TypeString, Description: "行政区划代码，2、4、6、9 或 12 位", Pattern: regionPattern, PatternDescription: regionWords,
			Examples: []any{"141002001"},
		}
	})
}

func (r Region) code() (region.Code, error) { return region.Parse(string(r)) }

// shared makes a schema once, under a name that others point to.
func shared(r huma.Registry, name string, build func() *huma.Schema) *huma.Schema {
	if r.Map()[name] == nil {
		s := build()
		s.PrecomputeMessages()
		r.Map()[name] = s
	}
	return &huma.Schema{Ref: "#/components/schemas/" + name}
}

// factParameters are the conditions on facts of a list: a parameter each, which may
// come several times.
func factParameters() []*huma.Param {
	explode := true
	var all []*huma.Param
	for f := range fact.Count {
		value := valueSchema(f)
		description := value.Description
		value.Description = ""
		if value.Enum != nil {
			value.Enum = append(value.Enum, person.Unknown)
		} else { // a day or a code, or the word
			value = &huma.Schema{Type: huma.TypeString}
		}
		all = append(all, &huma.Param{
			Name: f.String(), In: "query", Style: "form", Explode: &explode, Description: description + "；" + person.Unknown + " 未知",
			Schema: &huma.Schema{Type: huma.TypeArray, Items: value},
		})
	}
	return all
}
