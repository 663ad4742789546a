package entitlement

import (
	"yian/internal/fact"
	"yian/internal/rules"
)

// Tag (特殊困难标签) is one of the kinds of special difficulty (特殊困难老年人), which follow
// from facts: 《关于推进基本养老服务体系建设的意见》 and the city's plan name them.
type Tag struct {
	ID     string
	Label  string
	Fact   fact.ID // what it follows from; of the union, fact.Count
	Values []string
	Clause string
}

const tagClause = "《关于推进基本养老服务体系建设的意见》（五）：独居、空巢、留守、失能、重残、计划生育特殊家庭等特殊困难老年人"

// Special is the id of the union of all tags (特殊困难老年人).
const Special = "special"

// Tags lists the tags in the order of their bits; the last is the union of the others.
// As the lists read their documents, 失能 begins with the moderate level, and 重残 is
// the first two grades.
var Tags = []Tag{
	{"lives_alone", "独居", fact.LivesAlone, []string{"true"}, tagClause},
	{"empty_nest", "空巢", fact.EmptyNest, []string{"true"}, tagClause},
	{"left_behind", "留守", fact.LeftBehind, []string{"true"}, tagClause},
	{"disabled", "失能", fact.Ability, []string{"moderate", "severe", "total"}, tagClause},
	{"severe_disability", "重残", fact.DisabilityGrade, []string{"1", "2"}, tagClause},
	{"fp_special", "计划生育特殊家庭", fact.FPSpecial, []string{"true"}, tagClause},
	{Special, "特殊困难老年人", fact.Count, nil, tagClause},
}

// tagCodes are the codes of a tag's fact that bring it.
var tagCodes = func() []uint16 {
	all := make([]uint16, len(Tags))
	for i, t := range Tags {
		for _, name := range t.Values {
			if c, ok := t.Fact.CodeOf(name); ok {
				all[i] |= 1 << c
			}
		}
	}
	return all
}()

// tagsOf finds the tags of a person.
func tagsOf(p *fact.Person) (yes, unknown Bits) {
	union := len(Tags) - 1
	for i := range union {
		switch c := p.Codes[Tags[i].Fact]; {
		case c == fact.Unknown:
			unknown |= 1 << i
		case tagCodes[i]>>c&1 == 1:
			yes |= 1 << i
		}
	}
	switch {
	case yes != 0:
		yes |= 1 << union
	case unknown != 0:
		unknown |= 1 << union
	}
	return yes, unknown
}

// tagReason tells in Chinese why a person has a tag, has it not, or may have it.
func tagReason(i int, p *fact.Person) string {
	t := &Tags[i]
	if t.Fact != fact.Count {
		return t.Fact.Def().Label + "：" + p.Label(t.Fact)
	}
	yes, unknown := tagsOf(p)
	yes, unknown = yes&^(1<<i), unknown&^(1<<i)
	switch {
	case yes != 0:
		return "属于：" + tagLabels(yes)
	case unknown != 0:
		return "尚不清楚：" + tagLabels(unknown)
	}
	return "各类情形都不属于"
}

func tagLabels(set Bits) (text string) {
	set.each(func(i int) {
		if text != "" {
			text += "、"
		}
		text += Tags[i].Label
	})
	return text
}

// FindTag returns the tag of an id, nil if there is none.
func FindTag(name string) *Tag {
	for i := range Tags {
		if Tags[i].ID == name {
			return &Tags[i]
		}
	}
	return nil
}

// tagTruth returns the result of tag i.
func (r *Result) tagTruth(i int) rules.Truth { return truth(r.Tags, r.TagsUnknown, i) }
