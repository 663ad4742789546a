package synth

import (
	"fmt"
	"slices"

	"yian/internal/region"
)

// places draws where people are registered and where they live.
type places struct {
	home     region.Code
	counties []county
	sum      []float64 // running totals of the counties' weights
}

type county struct {
	code  region.Code
	towns []town
}

type town struct {
	code  region.Code
	rural bool // a town or township, not a street
}

func newPlaces(home region.Code) (*places, error) {
	p := &places{home: home}
	divisions := region.Inside(home, 6)
	if len(divisions) == 0 { // a county or less, or a place whose parts are not in the table
		if _, ok := region.Find(home); !ok {
			return nil, fmt.Errorf("没有地区 %s 的资料，不能为它生成人员", home)
		}
		divisions = []region.Division{{Code: home}}
	}
	total := 0.0
	for i, w := range weights(divisions) {
		total += w
		p.sum = append(p.sum, total)
		p.counties = append(p.counties, county{divisions[i].Code, towns(divisions[i].Code)})
	}
	return p, nil
}

// weights returns the populations of counties. A county without one gets an even
// share of what its prefecture has left.
func weights(counties []region.Division) []float64 {
	left := map[region.Code]float64{} // by prefecture
	unknown := map[region.Code]float64{}
	for _, c := range counties {
		up := c.Code[:4]
		if _, ok := left[up]; !ok {
			d, _ := region.Find(up)
			left[up] = float64(d.Population)
		}
		left[up] -= float64(c.Population)
		if c.Population == 0 {
			unknown[up]++
		}
	}
	out := make([]float64, len(counties))
	for i, c := range counties {
		out[i] = float64(c.Population)
		if c.Population == 0 {
			out[i] = max(left[c.Code[:4]]/unknown[c.Code[:4]], 1)
		}
	}
	return out
}

func towns(c region.Code) []town {
	if len(c) > 6 {
		return []town{{c, c[6] != '0'}}
	}
	var out []town
	for _, d := range region.Inside(c, 9) {
		out = append(out, town{d.Code, d.Code[6] != '0'})
	}
	if len(out) == 0 { // the table has no townships of this county
		out = []town{{c, false}, {c, true}}
	}
	return out
}

// draw returns the place of the household registration, that of residence, and
// whether it is rural. Nine in ten live where they are registered.
func (p *places) draw(g *generator) (hukou, residence region.Code, rural bool) {
	at := p.town(g)
	hukou, rural = at.code, at.rural
	switch {
	case g.is(0.90):
		residence = hukou
	case g.is(0.75):
		residence = p.town(g).code
	default:
		residence = elsewhere[g.r.IntN(len(elsewhere))]
	}
	return hukou, residence, rural
}

func (p *places) town(g *generator) town {
	x := g.r.Float64() * p.sum[len(p.sum)-1]
	i, _ := slices.BinarySearch(p.sum, x)
	c := &p.counties[min(i, len(p.counties)-1)]
	return c.towns[g.r.IntN(len(c.towns))]
}

// elsewhere is where some of those live who have followed their children.
var elsewhere = []region.Code{"110105", "310115", "440106", "140105", "140107", "610113", "410105", "120104"}
