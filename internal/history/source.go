package history

import "yian/internal/fact"

// Source (信息来源) is who stated facts.
type Source string

// The sources.
const (
	Police    Source = "police"
	Aid       Source = "aid"
	Eldercare Source = "eldercare"
	Health    Source = "health"
	Disabled  Source = "disabled"
	Veterans  Source = "veterans"
	Labour    Source = "labour"
	Medical   Source = "medical"
	Town      Source = "town"
	Village   Source = "village"
	Document  Source = "document"
	Self      Source = "self"
	Settled   Source = "settled"
	Other     Source = "other"
)

// SourceInfo (来源说明) describes a source.
type SourceInfo struct {
	Source     Source
	Label      string
	Department string // as fact.Def names it; "" where it answers for no fact
}

// Sources is the table of sources, in the order of forms.
var Sources = []SourceInfo{
	{Police, "公安", "公安"},
	{Aid, "民政（社会救助）", "民政（社会救助）"},
	{Eldercare, "民政（养老服务）", "民政（养老服务）"},
	{Health, "卫生健康", "卫生健康"},
	{Disabled, "残联", "残联"},
	{Veterans, "退役军人事务", "退役军人事务"},
	{Labour, "人力资源社会保障", "人力资源社会保障"},
	{Medical, "医疗保障", "医疗保障"},
	{Town, "乡镇（街道）", "乡镇（街道）"},
	{Village, "村（社区）", "村（社区）"},
	{Document, "身份证件", ""},
	{Self, "本人或家属申报", ""},
	{Settled, "人工核定", ""},
	{Other, "其他", ""},
}

// Known reports whether the source is in the table.
func (s Source) Known() bool { return s.info() != nil }

// Label returns the Chinese name of the source; "" for one that does not exist.
func (s Source) Label() string {
	if i := s.info(); i != nil {
		return i.Label
	}
	return ""
}

func (s Source) info() *SourceInfo {
	for i := range Sources {
		if Sources[i].Source == s {
			return &Sources[i]
		}
	}
	return nil
}

// Rank (来源的优先级) returns how much a source counts for a fact: 1 counts most. One
// means that the matter was settled by a person, or that the source is the one that
// answers for the fact: its department, or the identity document for birth and sex.
func Rank(s Source, f fact.ID) int {
	if row := ranks[s]; row != nil {
		return int(row[f])
	}
	return leastRank
}

const leastRank = 6

// ranks is Rank as a table.
var ranks = func() map[Source]*[fact.Count]uint8 {
	m := make(map[Source]*[fact.Count]uint8, len(Sources))
	for _, info := range Sources {
		row := new([fact.Count]uint8)
		for f := range fact.Count {
			row[f] = rank(info, f)
		}
		m[info.Source] = row
	}
	return m
}()

func rank(info SourceInfo, f fact.ID) uint8 {
	switch {
	case info.Source == Settled,
		info.Source == Document && (f == fact.Birth || f == fact.Sex),
		info.Department != "" && info.Department == f.Def().Department:
		return 1
	case info.Source == Town:
		return 3
	case info.Source == Village:
		return 4
	case info.Source == Self:
		return 5
	case info.Department != "":
		return 2
	default:
		return leastRank
	}
}
