// Package ordered does pieces of work in parallel and hands the results on in the
// order of the pieces, as reading and writing large files needs it.
package ordered

import (
	"context"
	"sync"
	"sync/atomic"
)

// piece is one piece of work on its way.
type piece[In, Out any] struct {
	in   In
	out  Out
	err  error
	done chan struct{} // closed when out and err are set
}

// Map takes pieces from next until it reports false, gives them to do on the given
// number of goroutines (at least one) and its results to deliver in the order in
// which next gave the pieces. next runs on one goroutine and deliver on the
// caller's, so neither needs a lock. At most 2×workers+2 pieces are alive at a
// time, those that are being made and delivered included.
//
// The first error in the order of the pieces wins, whichever happened first by the
// clock: all pieces before it have been delivered, none after it. When ctx ends,
// Map returns its error and delivers nothing more. All goroutines have ended when
// Map returns; it therefore waits for a call of next, do or deliver that is under way.
func Map[In, Out any](
	ctx context.Context, workers int,
	next func() (In, bool, error), do func(In) (Out, error), deliver func(Out) error,
) error {
	workers = max(workers, 1)
	inner, stop := context.WithCancel(ctx)
	var (
		wg     sync.WaitGroup
		failed atomic.Bool // some piece failed: later ones are not wanted
		line   = make(chan *piece[In, Out], 2*workers-1)
		work   = make(chan *piece[In, Out])
	)
	defer wg.Wait()
	defer stop()

	wg.Go(func() {
		defer close(line)
		defer close(work)
		for inner.Err() == nil && !failed.Load() {
			in, ok, err := next()
			if !ok && err == nil {
				return
			}
			p := &piece[In, Out]{in: in, err: err, done: make(chan struct{})}
			if err != nil {
				close(p.done)
			}
			select {
			case line <- p:
			case <-inner.Done():
				return
			}
			if err != nil {
				return
			}
			select {
			case work <- p:
			case <-inner.Done():
				return
			}
		}
	})
	for range workers {
		wg.Go(func() {
			for p := range work {
				if p.out, p.err = do(p.in); p.err != nil {
					failed.Store(true)
				}
				close(p.done)
			}
		})
	}
	return collect(inner, line, deliver)
}

// collect waits for the pieces in their order.
func collect[In, Out any](ctx context.Context, line <-chan *piece[In, Out], deliver func(Out) error) error {
	for p := range line {
		select {
		case <-p.done:
		case <-ctx.Done():
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if p.err != nil {
			return p.err
		}
		if err := deliver(p.out); err != nil {
			return err
		}
	}
	return ctx.Err()
}
