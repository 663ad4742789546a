package main

import (
	"errors"

	"yian/internal/fact"
	"yian/internal/synth"
)

// generate makes n people of Linfen with the unknowns of real registers. A few are
// registered elsewhere, or nobody knows where beyond the province; those from 55
// to 59, three for ten elders, are too young for every item.
func generate(n int, seed uint64) ([]fact.Person, error) {
	people := make([]fact.Person, 0, n)
	enough := errors.New("enough")
	err := synth.Generate(synth.Options{
		Region: "1410", Elders: n*100/130 + 1, Seed: seed, On: on, FromAge: 55, UnknownShare: synth.DefaultUnknown,
	}, func(p *synth.Person) error {
		who := p.Facts
		switch i := len(people); {
		case i%40 == 7:
			who.Hukou = "140105"
		case i%1000 == 8:
			who.Hukou = "14"
		}
		if people = append(people, who); len(people) == n {
			return enough
		}
		return nil
	})
	if errors.Is(err, enough) {
		err = nil
	}
	return people, err
}
