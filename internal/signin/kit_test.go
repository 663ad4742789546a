package signin_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"yian/internal/access"
	"yian/internal/account"
	"yian/internal/account/accounttest"
	"yian/internal/audit"
	"yian/internal/db"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/signin"
)

// kit is the services on a database with a clock that the test sets.
type kit struct {
	*accounttest.Kit
	mu sync.Mutex
	at time.Time
}

func setup(t *testing.T, d *db.DB, change ...func(*signin.Config)) *kit {
	t.Helper()
	k := &kit{at: time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC)} // nine o'clock in Beijing
	c := accounttest.Config()
	for _, f := range change {
		f(&c)
	}
	k.Kit = accounttest.New(t, d, c, k.now)
	return k
}

func (k *kit) now() time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.at
}

func (k *kit) pass(d time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.at = k.at.Add(d)
}

var home = signin.From{Address: "192.0.2.7", Agent: "Mozilla/5.0 (Windows NT 10.0) Chrome/120.0"}

// login signs a user in who has no second factor.
func (k *kit) login(t *testing.T, u *account.User) id.ID {
	t.Helper()
	passed, err := k.SignIns.Login(t.Context(), u.Login, accounttest.Password, home)
	if err != nil || passed.SignIn == 0 {
		t.Fatalf("log in: %+v, %v", passed, err)
	}
	return passed.SignIn
}

// actor is a user as he acts.
func (k *kit) actor(u *account.User) access.Actor { return u.Actor(k.Accounts.Today()) }

// actions lists what the trail tells, the newest first.
func (k *kit) actions(t *testing.T) []string {
	t.Helper()
	entries, err := k.Audit.Entries(t.Context(), accounttest.System.Scope(access.AuditRead), audit.Query{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, e := range entries {
		codes = append(codes, e.Action)
	}
	return codes
}

func (k *kit) exec(t *testing.T, statement string, args ...any) {
	t.Helper()
	err := k.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		_, err := tx.NewRaw(statement, args...).Exec(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func want(t *testing.T, err error, kind errs.Kind, text string) {
	t.Helper()
	all := errs.Message(err)
	for _, f := range errs.FieldsOf(err) {
		all += " " + f.Name + ": " + f.Message
	}
	if !errs.Is(err, kind) || !strings.Contains(all, text) {
		t.Errorf("got %v (%s), want kind %d with %q", err, all, kind, text)
	}
}

func atOnce(n int, fn func() error) []error {
	results := make([]error, n)
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-start
			results[i] = fn()
		})
	}
	close(start)
	all.Wait()
	return results
}

func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for range 500 {
		if done() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%s: not seen", what)
}
