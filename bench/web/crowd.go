package main

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
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
	cmd := exec.CommandContext(ctx, opt.binary, "synth", "--region", place, "--elders", strconv.Itoa(opt.people), "--names", "--citizen-ids", "-o", c.file)
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, out)
	}
	info, err := os.Stat(c.file)
	if err != nil {
		return nil, err
	}
	c.bytes = info.Size()
	if err := c.read(); err != nil {
		return nil, err
	}
	c.county = c.busiest()
	return c, nil
}

// read keeps every so manieth of the people.
func (c *crowd) read() error {
	f, err := os.Open(c.file)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Scan()
	header := strings.Split(lines.Text(), ",")
	at := map[string]int{}
	for _, name := range []string{"name", "citizen_id", "hukou", "residence"} {
		if at[name] = slices.Index(header, name); at[name] < 0 {
			return fmt.Errorf("the file has no column %s", name)
		}
	}
	every := max(1, c.people/kept)
	for n := 0; lines.Scan(); n++ {
		if n%every != 0 {
			continue
		}
		cells := strings.Split(lines.Text(), ",")
		one := known{name: cells[at["name"]], number: cells[at["citizen_id"]], region: cells[at["residence"]]}
		if one.region == "" {
			one.region = cells[at["hukou"]]
		}
		if one.region != "" {
			c.known = append(c.known, one)
		}
	}
	return lines.Err()
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
