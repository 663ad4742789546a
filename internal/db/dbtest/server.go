package dbtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver
)

// server is a PostgreSQL in which tests may make databases.
type server struct {
	url      *url.URL
	admin    *sql.DB
	next     atomic.Int64
	ours     bool                   // it ends with this process, so what is left in it does no harm
	template func() (string, error) // the name of the migrated database

	mu       sync.Mutex
	finished []string // databases of tests that have ended
}

// errNoBinaries says that PostgreSQL is not installed here.
var errNoBinaries = errors.New("PostgreSQL is not here: install it or set YIAN_TEST_POSTGRES")

// running returns the server of this process, starting it the first time.
func running(t testing.TB) *server {
	t.Helper()
	s, err := start()
	if errors.Is(err, errNoBinaries) && os.Getenv("YIAN_REQUIRE_POSTGRES") != "1" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatalf("start PostgreSQL: %v", err)
	}
	return s
}

var start = sync.OnceValues(func() (*server, error) {
	address := os.Getenv("YIAN_TEST_POSTGRES")
	ours := address == ""
	if ours {
		var err error
		if address, err = startCluster(); err != nil {
			return nil, err
		}
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("YIAN_TEST_POSTGRES: %w", err)
	}
	admin, err := sql.Open("pgx", address)
	if err != nil {
		return nil, err
	}
	s := &server{url: u, admin: admin, ours: ours}
	s.template = sync.OnceValues(s.makeTemplate)
	return s, nil
})

// makeTemplate makes the migrated database that others are copied from.
func (s *server) makeTemplate() (string, error) {
	name := s.name()
	if err := s.exec("CREATE DATABASE " + name + " TEMPLATE template0 ENCODING 'UTF8'"); err != nil {
		return "", err
	}
	if err := migrate(s.address(name)); err != nil {
		return "", err
	}
	return name, nil
}

// create makes a database for a test.
func (s *server) create(t testing.TB, template string) string {
	t.Helper()
	name := s.name()
	statement := "CREATE DATABASE " + name + " TEMPLATE " + template
	if template == "template0" {
		statement += " ENCODING 'UTF8'"
	}
	if err := s.exec(statement); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.finish(name); err != nil {
			t.Error(err)
		}
	})
	return s.address(name)
}

// atOnce is how many finished databases of 8 MB our own server keeps. To drop one
// takes longer than to make it: PostgreSQL waits for its connections to be gone and
// writes all that is in memory.
const atOnce = 24

// finish drops the database of a test that has ended, or puts that off.
func (s *server) finish(name string) error {
	s.mu.Lock()
	s.finished = append(s.finished, name)
	var drop []string
	if !s.ours || len(s.finished) == atOnce {
		drop, s.finished = s.finished, nil
	}
	s.mu.Unlock()
	var failed error
	for _, name := range drop {
		failed = errors.Join(failed, s.exec("DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"))
	}
	return failed
}

// name makes a name that no other process uses on a shared server.
func (s *server) name() string {
	return fmt.Sprintf("yian_test_%d_%d", os.Getpid(), s.next.Add(1))
}

func (s *server) address(name string) string {
	u := *s.url
	u.Path = "/" + name
	return u.String()
}

func (s *server) exec(statement string) error {
	if _, err := s.admin.ExecContext(context.Background(), statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}
