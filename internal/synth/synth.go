package synth

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/region"
)

// DefaultUnknown is the share of unknown facts unless told otherwise.
const DefaultUnknown = 0.08

// Options (合成选项) describe the population that is wanted.
type Options struct {
	Region       region.Code
	Elders       int // people of 60 and over
	Seed         uint64
	On           civil.Date // the day on which they have their ages
	FromAge      int        // the youngest; below 60, younger people come in addition
	UnknownShare float64    // 0: everything is known
	Names        bool
	CitizenIDs   bool
}

// Person (合成人员) is an invented person.
type Person struct {
	ID        string
	Facts     fact.Person
	Name      string // if Options.Names
	CitizenID string // if Options.CitizenIDs
}

func (o *Options) check() error {
	switch {
	case o.Elders < 0 || o.Elders > 99_999_999:
		return fmt.Errorf("人数 %d 应在 0 至 99999999 之间", o.Elders)
	case o.FromAge < 0 || o.FromAge > 60:
		return fmt.Errorf("最小年龄 %d 应在 0 至 60 之间", o.FromAge)
	case o.Elders+o.younger() > 99_999_999: // numbers have eight digits
		return fmt.Errorf("连同较年轻的人共 %d 人，应在 99999999 之内", o.Elders+o.younger())
	case o.CitizenIDs && o.Elders+o.younger() > maxCitizenIDs:
		return fmt.Errorf("带身份证号时至多 %d 人，再多号码就会重复", maxCitizenIDs)
	case o.UnknownShare < 0 || o.UnknownShare > 1:
		return fmt.Errorf("未知比例 %g 应在 0 至 1 之间", o.UnknownShare)
	case o.On < civil.New(1990, 1, 1) || o.On > civil.New(2059, 12, 31):
		return errors.New("日期应在 1990-01-01 至 2059-12-31 之间")
	}
	return nil
}

// Generate calls each for every person. The person is reused: it may not be kept.
func Generate(o Options, each func(*Person) error) error {
	if err := o.check(); err != nil {
		return err
	}
	places, err := newPlaces(o.Region)
	if err != nil {
		return err
	}
	g := &generator{o: o, r: rand.New(rand.NewPCG(o.Seed, 0x59_69_61_6e)), places: places}
	prefix := string(o.Region) + "-"
	n := o.Elders + o.younger()
	var p Person
	for i := range n {
		g.person(&p, i < o.Elders)
		num := strconv.Itoa(i + 1)
		p.ID = prefix + "00000000"[:8-len(num)] + num
		if o.Names {
			p.Name = g.name(p.Facts.Codes[fact.Sex])
		}
		if o.CitizenIDs {
			p.CitizenID = g.citizenID(i)
		}
		g.forget(&p.Facts)
		if err := each(&p); err != nil {
			return err
		}
	}
	return nil
}

// younger is how many people below 60 there are for the elders: about as many a
// year of age as between 60 and 64.
func (o *Options) younger() int { return o.Elders * (60 - o.FromAge) * 6 / 100 }

type generator struct {
	o      Options
	r      *rand.Rand
	places *places
	birth  civil.Date // of the person being made, even if it will be unknown
	male   bool
	age    int
}

func (g *generator) is(p float64) bool { return g.r.Float64() < p }

// pick returns the place of a weight, with its probability.
func (g *generator) pick(weights ...float64) int {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	x := g.r.Float64() * sum
	for i, w := range weights {
		if x < w {
			return i
		}
		x -= w
	}
	return len(weights) - 1
}

// pyramid is the shares of five-year groups from 60 up among people of 60 and over
// (Seventh National Population Census, 2020).
var pyramid = []float64{27.79, 28.02, 18.79, 11.78, 7.71, 4.09, 1.41, 0.36, 0.045}

// birthday draws an age and a birth date.
func (g *generator) birthday(elder bool) {
	if elder {
		group := g.pick(pyramid...)
		g.age = 60 + 5*group + g.r.IntN(5)
	} else {
		g.age = g.o.FromAge + g.r.IntN(60-g.o.FromAge)
	}
	latest := civil.LatestBirth(g.age, g.o.On)
	earliest := civil.LatestBirth(g.age+1, g.o.On) + 1
	g.birth = earliest + civil.Date(g.r.IntN(int(latest-earliest)+1))
}
