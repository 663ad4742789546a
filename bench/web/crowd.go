package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// crowd is the invented people of a run: a file, and of some of them what others know.
type crowd struct {
	file   string
	bytes  int64
	people int
	county string // the county where most of the known live
	known  []known
}

// known is somebody whom users look for.
type known struct{ name, number, region string }

// kept is how many people of a file are looked for.
const kept = 50_000

// newCrowd has the program invent people with names and identity numbers.
func newCrowd(ctx context.Context, opt options, dir string) (*crowd, error) {
	progress("inventing %d people", opt.people)
	c := &crowd{file: filepath.Join(dir, "people.csv"), people: opt.people}
	all := filepath.Join(dir, "all.csv")
	defer os.Remove(all)
	more := opt.people + opt.people/20 + 100 // some live elsewhere
	cmd := exec.CommandContext(ctx, opt.binary, "synth", "--region", place, "--elders", strconv.Itoa(more), "--names", "--citizen-ids", "-o", all)
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, out)
	}
	if err := c.choose(all); err != nil {
		return nil, err
	}
	c.county = c.busiest()
	return c, nil
}

// choose writes the file of those whom the city may register: who lives elsewhere is
// not its to register. Every so manieth of them is remembered.
func (c *crowd) choose(all string) error {
	in, err := os.Open(all)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(c.file)
	if err != nil {
		return err
	}
	defer out.Close()
	w := bufio.NewWriterSize(out, 1<<20)
	n, lines := 0, bufio.NewScanner(in)
	lines.Scan()
	cell := cellsOf(lines.Text())
	if cell == nil {
		return fmt.Errorf("unexpected header %s", lines.Text())
	}
	every := max(1, c.people/kept)
	for _, _ = w.WriteString(lines.Text() + "\n"); n < c.people && lines.Scan(); {
		one := known{name: cell(lines.Text(), "name"), number: cell(lines.Text(), "citizen_id"), region: cell(lines.Text(), "residence")}
		if one.region == "" {
			one.region = cell(lines.Text(), "hukou")
		}
		if one.region != "" && !strings.HasPrefix(one.region, place) {
			continue
		}
		if n++; n%every == 0 && one.region != "" {
			c.known = append(c.known, one)
		}
		c.bytes += int64(len(lines.Text())) + 1
		_, _ = w.WriteString(lines.Text() + "\n") // Flush tells
	}
	if n < c.people {
		return fmt.Errorf("the file has only %d people: %w", n, errors.Join(lines.Err(), w.Flush()))
	}
	return errors.Join(w.Flush(), out.Close())
}

// cellsOf returns a function that finds a cell of a line by the name of its column;
// nil if one that is needed is not there. No cell has a comma in it.
func cellsOf(header string) func(line, name string) string {
	at := map[string]int{}
	for i, name := range strings.Split(header, ",") {
		at[name] = i
	}
	for _, name := range []string{"name", "citizen_id", "hukou", "residence"} {
		if _, ok := at[name]; !ok {
			return nil
		}
	}
	return func(line, name string) string {
		for range at[name] {
			_, line, _ = strings.Cut(line, ",")
		}
		line, _, _ = strings.Cut(line, ",")
		return line
	}
}

// busiest returns the county in which most of the known live.
func (c *crowd) busiest() (county string) {
	count := map[string]int{}
	for _, k := range c.known {
		if len(k.region) >= 6 {
			count[k.region[:6]]++
		}
	}
	for code, n := range count {
		if n > count[county] || n == count[county] && code < county {
			county = code
		}
	}
	return county
}

// someone draws one of the known in a region.
func (c *crowd) someone(random *rand.Rand, region string) *known {
	for {
		if k := &c.known[random.IntN(len(c.known))]; strings.HasPrefix(k.region, region) {
			return k
		}
	}
}
