package people

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/region"
)

// allFacts is a layout with every fact.
func allFacts() Layout {
	var l Layout
	for id := range fact.Count {
		l = append(l, id)
	}
	return l
}

var counties = region.Inside("1410", 6)

// someone invents a person who passes every check.
func someone(r *rand.Rand) fact.Person {
	p := fact.Person{Birth: civil.New(1930, 1, 1) + civil.Date(r.IntN(12000))}
	p.Hukou = counties[r.IntN(len(counties))].Code
	p.Residence = p.Hukou + region.Code(fmt.Sprintf("%03d%03d", 1+r.IntN(12), 1+r.IntN(12)))
	for id := range fact.Count {
		if id.Coded() && r.IntN(8) > 0 {
			p.Codes[id] = fact.Code(1 + r.IntN(min(2, len(id.Def().Values))))
		}
	}
	p.Codes[fact.DisabilityKind], p.Codes[fact.DisabilityGrade] = fact.Unknown, fact.Unknown
	return p
}

// invented makes a file of n people.
func invented(n int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	l := allFacts()
	b := l.AppendHeader(nil)
	for i := range n {
		p := someone(r)
		b = l.AppendRow(b, fmt.Appendf(nil, "LF%08d", i), &p)
	}
	return b
}

var testDay = civil.New(2026, 6, 30)

func BenchmarkRead(b *testing.B) {
	const n = 400_000
	plain := invented(n)
	quoted := append(bytes.ReplaceAll(bytes.ReplaceAll(append([]byte{'"'}, plain[:len(plain)-1]...), []byte(","), []byte(`","`)), []byte("\n"), []byte("\"\r\n\"")), "\"\n"...)
	chinese := plain
	for id := range fact.Count {
		for _, v := range id.Def().Values {
			if len(v.Name) > 1 {
				chinese = bytes.ReplaceAll(chinese, []byte(","+v.Name+","), []byte(","+v.Label+","))
			}
		}
	}
	gb, err := simplifiedchinese.GB18030.NewEncoder().Bytes(chinese)
	if err != nil {
		b.Fatal(err)
	}
	for _, bc := range []struct {
		name string
		file []byte
	}{{"plain", plain}, {"quoted", quoted}, {"chinese", chinese}, {"gb18030", gb}} {
		b.Run(bc.name, func(b *testing.B) {
			b.SetBytes(int64(len(bc.file)))
			b.ReportAllocs()
			for b.Loop() {
				report, err := Read(b.Context(), bytes.NewReader(bc.file), Options{On: testDay}, func(*Batch) error { return nil })
				if err != nil {
					b.Fatal(err)
				}
				if report.Accepted != n {
					b.Fatalf("%d of %d rows accepted", report.Accepted, report.Rows)
				}
			}
			b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func BenchmarkWrite(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	var crowd [64]fact.Person
	for i := range crowd {
		crowd[i] = someone(r)
	}
	w := NewWriter(io.Discard, allFacts())
	i := 0
	for b.Loop() {
		if err := w.AppendRow([]byte("LF00000001"), &crowd[i%len(crowd)]); err != nil {
			b.Fatal(err)
		}
		i++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
