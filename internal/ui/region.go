package ui

import "yian/internal/region"

// RegionSelect chooses a division level by level. All selects have the same name,
// and the deepest one that is consistent with those above it counts (DeepestRegion).
// With scripts the levels below follow a choice at once; without, a button sends
// the form back for the next level.
type RegionSelect struct {
	Name   string
	Source string // GET <Source>?field=<Name>&<Name>=…&<Name>=… answers with component "region-select"
	Levels []RegionLevel
}

// RegionLevel is one select of a RegionSelect.
type RegionLevel struct {
	Label   string // 省, 市, 县 …
	Value   string
	Options []Option
}

// MoreButton is the name that the button 显示下一级 of a RegionSelect sends. A
// handler that finds it in a form shows the form again without checking it.
const MoreButton = "region_more"

var levelLabels = map[int]string{2: "省（自治区、直辖市）", 4: "市（地区、州）", 6: "县（市、区）", 9: "乡镇（街道）", 12: "村（社区）"}

// digitsBelow is the length of the codes right below a code of a length.
var digitsBelow = map[int]int{0: 2, 2: 4, 4: 6, 6: 9, 9: 12}

// Regions builds the selects from below top, which is not asked for, down to the
// level below chosen. Below lists the divisions right below a code.
func Regions(name, source string, top, chosen region.Code, below func(region.Code) ([]Option, error)) (*RegionSelect, error) {
	s := &RegionSelect{Name: name, Source: source}
	if !chosen.Within(top) {
		chosen = top
	}
	for at := top; ; {
		next := digitsBelow[len(at)]
		if next == 0 {
			return s, nil
		}
		options, err := below(at)
		if err != nil {
			return nil, err
		}
		if len(options) == 0 {
			return s, nil
		}
		level := RegionLevel{Label: levelLabels[next], Options: options}
		if len(chosen) < next {
			s.Levels = append(s.Levels, level)
			return s, nil
		}
		at = chosen[:next]
		level.Value = string(at)
		s.Levels = append(s.Levels, level)
	}
}

// RegionField makes a field of a RegionSelect.
func RegionField(name, label string, s *RegionSelect) Field {
	return Field{Name: name, Label: label, Kind: KindRegion, Region: s}
}

// DeepestRegion returns the division that the values of a RegionSelect's selects
// name, from the top down: it stops at the first that is not chosen or does not lie
// in the one above, as happens when an upper level was changed without scripts.
func DeepestRegion(values []string) region.Code {
	var at region.Code
	for _, v := range values {
		c, err := region.Parse(v)
		if err != nil || !c.Within(at) {
			return at
		}
		at = c
	}
	return at
}
