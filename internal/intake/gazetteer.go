package intake

import (
	"errors"
	"strings"

	"yian/internal/region"
)

// gazetteer finds divisions by what files write: a code, or a name with or without
// those of the levels above it. A name that several have is no answer.
type gazetteer struct {
	byName map[string]region.Code // region.Nation: several
}

// newGazetteer lists the divisions that are known now, with every tail of their full
// names: 山西省临汾市尧都区, 临汾市尧都区, 尧都区.
func newGazetteer() *gazetteer {
	g := &gazetteer{byName: map[string]region.Code{}}
	for _, digits := range []int{2, 4, 6, 9, 12} {
		for _, d := range region.Inside(region.Nation, digits) {
			g.add(d)
		}
	}
	return g
}

func (g *gazetteer) add(d region.Division) {
	name := ""
	for at := len(d.Code); at > 0; at = levelAbove[at] {
		up, ok := region.Find(d.Code[:at])
		if !ok {
			return
		}
		name = up.Name + name
		if other, taken := g.byName[name]; taken && other != d.Code {
			g.byName[name] = region.Nation
		} else {
			g.byName[name] = d.Code
		}
	}
}

// levelAbove is how many digits the code above one of so many has.
var levelAbove = map[int]int{12: 9, 9: 6, 6: 4, 4: 2}

// find reads a division.
func (g *gazetteer) find(cell string) (region.Code, error) {
	if c := cell[0]; c >= '0' && c <= '9' {
		return region.Parse(cell)
	}
	code, ok := g.byName[strings.Join(strings.Fields(cell), "")]
	switch {
	case !ok:
		return "", errors.New("没有找到这个行政区划；请写区划代码，或从省到村（社区）的全称")
	case code == region.Nation:
		return "", errors.New("有几个同名的行政区划；请写区划代码，或从省写起的全称")
	}
	return code, nil
}
