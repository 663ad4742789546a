package ordered

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"
)

// upTo returns a next that counts from 0 to n-1.
func upTo(n int) func() (int, bool, error) {
	i := -1
	return func() (int, bool, error) {
		i++
		return i, i < n, nil
	}
}

func TestOrderIsKept(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 200).Draw(t, "n")
		workers := rapid.IntRange(0, 8).Draw(t, "workers")
		var alive, most atomic.Int32
		var got []int
		err := Map(t.Context(), workers, upTo(n),
			func(i int) (int, error) {
				most.Store(max(most.Load(), alive.Add(1)))
				defer alive.Add(-1)
				if i%3 == 0 {
					runtime.Gosched()
				}
				return i * i, nil
			},
			func(sq int) error {
				got = append(got, sq)
				return nil
			})
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != n {
			t.Fatalf("%d results, want %d", len(got), n)
		}
		for i, sq := range got {
			if sq != i*i {
				t.Fatalf("result %d is %d, want %d", i, sq, i*i)
			}
		}
		if int(most.Load()) > max(workers, 1) {
			t.Fatalf("%d pieces at once by %d workers", most.Load(), workers)
		}
	})
}

func TestFirstErrorInOrderWins(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const n = 60
		fails := rapid.SliceOfNDistinct(rapid.IntRange(0, n-1), 1, 5, rapid.ID[int]).Draw(t, "fails")
		inNext := rapid.IntRange(0, 2*n).Draw(t, "next fails at")
		inDeliver := rapid.IntRange(0, 2*n).Draw(t, "deliver fails at")
		want := min(inNext, inDeliver, n)
		bad := map[int]bool{}
		for _, f := range fails {
			bad[f] = true
			want = min(want, f)
		}
		count, delivered := upTo(n), 0
		err := Map(t.Context(), 4,
			func() (int, bool, error) {
				i, ok, err := count()
				if i == inNext {
					err = fmt.Errorf("%d", i)
				}
				return i, ok, err
			},
			func(i int) (int, error) {
				if bad[i] {
					return 0, fmt.Errorf("%d", i)
				}
				return i, nil
			},
			func(i int) error {
				if i == inDeliver {
					return fmt.Errorf("%d", i)
				}
				delivered++
				return nil
			})
		if want == n {
			if inNext == n && err == nil {
				t.Fatal("the error of next is lost")
			}
			return
		}
		if err == nil || err.Error() != fmt.Sprint(want) || delivered != want {
			t.Fatalf("error %v after %d pieces, want that of piece %d", err, delivered, want)
		}
	})
}

func TestMemoryIsBounded(t *testing.T) {
	const workers = 3
	var made, delivered atomic.Int32
	count := upTo(500)
	err := Map(t.Context(), workers,
		func() (int, bool, error) {
			if n := made.Add(1) - delivered.Load(); n > 2*workers+2 {
				t.Errorf("%d pieces alive", n)
			}
			return count()
		},
		func(i int) (int, error) { return i, nil },
		func(int) error {
			runtime.Gosched()
			delivered.Add(1)
			return nil
		})
	if err != nil {
		t.Fatal(err)
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	last := -1
	err := Map(ctx, 4, func() (int, bool, error) { return 1, true, nil }, // without end
		func(i int) (int, error) { return i, nil },
		func(int) error {
			if last++; last == 20 {
				cancel()
			}
			return nil
		})
	if !errors.Is(err, context.Canceled) || last != 20 {
		t.Fatalf("got %v after %d, want the end of the context after 20", err, last)
	}
	if err := Map(ctx, 1, upTo(0), func(i int) (int, error) { return i, nil }, func(int) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Fatalf("an ended context gives %v", err)
	}
}
