package main

import (
	"context"
	"os"
	"path/filepath"
	"time"
)

// trial is the measurement of one engine.
type trial struct {
	opt    options
	engine string
	dir    string // of the server's data
	folder string // of the run
	crowd  *crowd
	took   time.Duration

	cluster *cluster // nil on SQLite
	server  *server
	store   *store
	office  *office

	settings string
	imported imported
	raw      []raw
	loads    []load
	columns  columns
	memory   []memory
}

// run measures one step after the other. The server is the only process that writes.
func (t *trial) run(ctx context.Context) (err error) {
	if err := os.MkdirAll(t.dir, 0o700); err != nil {
		return err
	}
	address := "sqlite:" + filepath.Join(t.dir, "yian.db")
	t.settings = "SQLite: WAL, synchronous=FULL, as the server sets them"
	if t.engine == "postgres" {
		if t.cluster, err = startCluster(ctx, t.folder, t.opt.plans); err != nil {
			return err
		}
		defer t.cluster.stop()
		address, t.settings = t.cluster.url(), t.cluster.settings()
	}
	if t.server, err = startServer(ctx, t.opt.binary, t.dir, address); err != nil {
		return err
	}
	defer func() { t.server.stop() }()
	progress("%s: accounts", t.engine)
	if t.office, err = newOffice(ctx, t.server.base, t.server.setup, t.crowd.county); err != nil {
		return err
	}
	if t.imported, err = t.office.bring(ctx, t.crowd, t.busy); err != nil {
		return err
	}
	if t.store, err = openStore(ctx, t.engine, address, t.dir); err != nil {
		return err
	}
	defer t.store.close()
	if err := t.settle(ctx); err != nil {
		return err
	}
	if err := t.load(ctx); err != nil {
		return err
	}
	if err := t.idle(ctx, "30 s after import and load"); err != nil {
		return err
	}
	progress("%s: columns", t.engine)
	if t.columns, err = t.store.readColumns(ctx, t.opt.people); err != nil {
		return err
	}
	if err := t.restart(ctx, address); err != nil {
		return err
	}
	t.server.stop()
	t.raw, err = t.store.copyRaw(ctx, t.folder, t.cluster)
	return err
}

// busy is the processor time that the server and the database have used until now.
// It depends less on what else the machine does than the time on the clock.
func (t *trial) busy() time.Duration { return busyTime(append(t.cluster.pids(), t.server.pid())) }

// calm is for how long nothing may be at work until the work that an import leaves behind
// is over: the counties whose people changed are looked for every few seconds.
const calm = 12 * time.Second

// settle waits until the work that an import leaves behind is done, so that it is not
// measured as part of the load.
func (t *trial) settle(ctx context.Context) error {
	began := time.Now()
	for last := began; time.Since(last) < calm && time.Since(began) < 5*time.Minute; {
		n, err := t.store.working(ctx)
		if err != nil {
			return err
		}
		if n > 0 {
			last = time.Now()
			t.imported.settled = last.Sub(began)
		}
		if err := sleep(ctx, time.Second); err != nil {
			return err
		}
	}
	return nil
}

// restart starts the server again on the full register and looks at it when nobody
// has asked for anything but one page.
func (t *trial) restart(ctx context.Context, address string) (err error) {
	progress("%s: a new process", t.engine)
	t.server.stop()
	if t.server, err = startServer(ctx, t.opt.binary, t.dir, address); err != nil {
		return err
	}
	b, err := t.office.again(ctx, t.server.base)
	if err != nil {
		return err
	}
	if _, err := b.get(ctx, "/persons"); err != nil {
		return err
	}
	return t.idle(ctx, "a new process, 30 s after its first pages")
}

// idle looks at the memory after half a minute in which nobody asks for anything.
func (t *trial) idle(ctx context.Context, when string) error {
	progress("%s: idle", t.engine)
	if err := sleep(ctx, 30*time.Second); err != nil {
		return err
	}
	m, err := memoryOf(t.server.pid())
	if err != nil {
		return err
	}
	m.when = when
	if t.cluster != nil {
		m.database = t.cluster.memory()
	}
	t.memory = append(t.memory, m)
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
