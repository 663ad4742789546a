package app

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"yian/internal/db/dbtest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// each runs fn with the program on each engine.
func each(t *testing.T, fn func(t *testing.T, k *kit)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { fn(t, start(t, dbtest.SQLiteURL(t))) })
	t.Run("postgres", func(t *testing.T) { fn(t, start(t, dbtest.PostgresURL(t))) })
}

// kit is the whole program with a server, as it is when `yian serve` runs.
type kit struct {
	*App
	server *httptest.Server
	ahead  atomic.Int64 // how far its clock is ahead, so that limits by time do not slow tests
}

// quick are settings under which passwords cost little and nobody needs a second
// factor.
func quick(t testing.TB, url string) Config {
	return Config{
		Listen: "127.0.0.1:0", Data: t.TempDir(), DB: url, Idle: 24 * time.Hour, Lifetime: 24 * time.Hour, Demo: true,
	}
}

func start(t testing.TB, url string) *kit {
	t.Helper()
	k := new(kit)
	a, err := Open(t.Context(), quick(t, url), k.host(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	k.App = a
	if err := a.jobs.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := a.jobs.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	k.server = httptest.NewServer(a.Mux.Handler())
	t.Cleanup(k.server.Close)
	return k
}

func (k *kit) host(t testing.TB) Host {
	out := io.Discard
	if testing.Verbose() {
		out = os.Stderr
	}
	return Host{
		Now:    func() time.Time { return time.Now().Add(time.Duration(k.ahead.Load())) },
		Log:    slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: slog.LevelWarn})),
		Getenv: func(string) string { return "" },
		Notice: t.Logf,
	}
}

// eventually waits for what a job does.
func eventually(t testing.TB, what string, done func() (bool, error)) {
	t.Helper()
	for until := time.Now().Add(20 * time.Second); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		ok, err := done()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if ok {
			return
		}
	}
	t.Fatalf("%s: not within 20 seconds", what)
}

// answer is what came back, redirects not followed.
type answer struct {
	status   int
	location string
	body     string
}

// do sends a request as a client.
func (k *kit) do(t testing.TB, client *http.Client, r request) answer {
	t.Helper()
	k.ahead.Add(int64(200 * time.Millisecond))
	req, err := http.NewRequestWithContext(t.Context(), r.method, k.server.URL+r.path, r.reader())
	if err != nil {
		t.Fatal(err)
	}
	if r.mediaType != "" {
		req.Header.Set("Content-Type", r.mediaType)
	}
	req.Header.Set("If-Match", `"1"`)
	res, err := client.Do(req)
	if err != nil {
		t.Fatalf("%s: %v", r, err)
	}
	defer res.Body.Close() //nolint:errcheck // it was only read
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s: %v", r, err)
	}
	return answer{res.StatusCode, res.Header.Get("Location"), string(body)}
}

// String tells the answer without what surrounds every page.
func (a answer) String() string {
	body := a.body
	if _, rest, ok := strings.Cut(body, "<main"); ok {
		body, _, _ = strings.Cut("<main"+rest, "</main>")
	}
	return fmt.Sprintf("%d %s\n%s", a.status, a.location, body)
}
