package main

import "testing"

// BenchmarkEngines runs each engine that needs no database, for profiles:
// go test -bench 'Engines/ours,_from_byte' -cpuprofile cpu.out.
func BenchmarkEngines(b *testing.B) {
	l, err := openList()
	if err != nil {
		b.Fatal(err)
	}
	c, err := newCrowd("all", 1_000_000, 1)
	if err != nil {
		b.Fatal(err)
	}
	for _, start := range []func() ([]*contender, error){
		func() ([]*contender, error) { return ours(l, c) },
		func() ([]*contender, error) { return celGo(l, c, c) },
		func() ([]*contender, error) { return exprLang(l, c, c) },
		func() ([]*contender, error) { return []*contender{plain(l, c), tree(l, c)}, nil },
	} {
		cs, err := start()
		if err != nil {
			b.Fatal(err)
		}
		for _, one := range cs {
			b.Run(one.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := one.run(1); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
