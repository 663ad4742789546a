package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// load is what users saw of one kind of request.
type load struct {
	class string
	goal  time.Duration // of p95; 0: none
	users int
	think time.Duration
	took  time.Duration // on the clock
	busy  time.Duration // of the processors, in all of it
	asked int           // in all of it
	times []time.Duration
}

// warm is how long requests do not count yet.
const warm = 2 * time.Second

// at returns a percentile.
func (l *load) at(p float64) time.Duration { return l.times[int(p*float64(len(l.times)-1))] }

func (l *load) rate() float64 { return float64(len(l.times)) / l.took.Seconds() }

// worker is a user at his browser.
type worker struct {
	*browser
	region string
	random *rand.Rand
	crowd  *crowd
	files  []filed
}

// class is a kind of request: what a user waits for.
type class struct {
	name string
	goal time.Duration
	ask  func(ctx context.Context, w *worker) error
}

var classes = []class{
	{"search by identity number", 30 * time.Millisecond, func(ctx context.Context, w *worker) error {
		return w.search(ctx, w.crowd.someone(w.random, w.region).number, 1, 1)
	}},
	{"search by name prefix", 30 * time.Millisecond, func(ctx context.Context, w *worker) error {
		name := w.crowd.someone(w.random, w.region).name
		return w.search(ctx, begin(name, 1+w.random.IntN(utf8.RuneCountInString(name))), 1, 50)
	}},
	{"of them, a surname alone", 0, func(ctx context.Context, w *worker) error {
		return w.search(ctx, begin(w.crowd.someone(w.random, w.region).name, 1), 1, 50)
	}},
	{"search by pinyin initials", 30 * time.Millisecond, func(ctx context.Context, w *worker) error {
		return w.search(ctx, w.file().initials, 1, 50)
	}},
	{"person page", 50 * time.Millisecond, func(ctx context.Context, w *worker) error {
		f := w.file()
		a, err := w.get(ctx, "/persons/"+f.id.String())
		if err == nil && !strings.Contains(a.text, "/persons/"+f.id.String()+"/history") {
			err = a.fault("person page")
		}
		return err
	}},
}

// begin returns the first characters of a text.
func begin(text string, n int) string { return string([]rune(text)[:n]) }

// file draws somebody of the region.
func (w *worker) file() *filed {
	for {
		if f := &w.files[w.random.IntN(len(w.files))]; strings.HasPrefix(f.region, w.region) && f.initials != "" {
			return f
		}
	}
}

// search types a text into the search box and opens the list that it leads to: two
// requests that the user waits for as one.
func (w *worker) search(ctx context.Context, text string, least, most int) error {
	a, err := w.post(ctx, "/persons/search", "q", text)
	if err != nil {
		return err
	}
	if a, err = w.get(ctx, a.location); err != nil {
		return err
	}
	if n := strings.Count(a.text, `<tr id="p`); n < least || n > most {
		return fmt.Errorf("a search found %d people, want %d to %d", n, least, most)
	}
	return nil
}

// load has users ask, first at the pace of people, then as fast as answers come.
func (t *trial) load(ctx context.Context) error {
	workers, err := t.workers(ctx)
	if err != nil {
		return err
	}
	for _, c := range classes {
		progress("%s: %s", t.engine, c.name)
		l, err := measure(ctx, c, workers, t.opt.think, t.opt.each, t.busy)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		t.loads = append(t.loads, l)
	}
	for _, c := range classes {
		progress("%s: %s, no pause", t.engine, c.name)
		c.goal = 0
		l, err := measure(ctx, c, workers[:min(hasty, len(workers))], 0, t.opt.each/2, t.busy)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		t.loads = append(t.loads, l)
	}
	return nil
}

// hasty is how many users do not pause, when capacity is measured.
const hasty = 4

// workers signs users in: every other one works for the city, the rest for a county.
func (t *trial) workers(ctx context.Context) ([]*worker, error) {
	progress("%s: %d users sign in", t.engine, t.opt.users)
	files, err := t.store.sample(ctx, kept)
	if err != nil {
		return nil, err
	}
	all := make([]*worker, t.opt.users)
	for i := range all {
		who := []officer{t.office.city, t.office.county}[i%2]
		b, err := t.office.signIn(ctx, who)
		if err != nil {
			return nil, err
		}
		all[i] = &worker{browser: b, region: who.region, random: rand.New(rand.NewPCG(uint64(i), 1)), crowd: t.crowd, files: files}
	}
	return all, nil
}

// measure has all users ask for a while.
func measure(ctx context.Context, c class, workers []*worker, think, each time.Duration, busy func() time.Duration) (load, error) {
	l := load{class: c.name, goal: c.goal, users: len(workers), think: think, took: each}
	began, before := time.Now(), busy()
	end := began.Add(warm + each)
	var mu sync.Mutex
	var group sync.WaitGroup
	var failed error
	for _, w := range workers {
		group.Go(func() {
			times, asked, err := w.work(ctx, c, began.Add(warm), end, think)
			mu.Lock()
			defer mu.Unlock()
			l.times, l.asked = append(l.times, times...), l.asked+asked
			if failed == nil {
				failed = err
			}
		})
	}
	group.Wait()
	l.busy = busy() - before
	slices.Sort(l.times)
	if failed == nil && len(l.times) == 0 {
		failed = fmt.Errorf("no answer in %s", each)
	}
	return l, failed
}

// work asks until the end and returns the times of what was asked after the start.
func (w *worker) work(ctx context.Context, c class, start, end time.Time, think time.Duration) (times []time.Duration, asked int, err error) {
	pause := time.Duration(w.random.Float64() * float64(think)) // not all at once
	for {
		if err := sleep(ctx, pause); err != nil {
			return nil, asked, err
		}
		began := time.Now()
		if began.After(end) {
			return times, asked, nil
		}
		if err := c.ask(ctx, w); err != nil {
			return nil, asked, err
		}
		asked++
		if began.After(start) {
			times = append(times, time.Since(began))
		}
		pause = time.Duration((0.5 + w.random.Float64()) * float64(think))
	}
}
