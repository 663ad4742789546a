package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"yian/internal/audit"
	"yian/internal/db"
	"yian/internal/id"
	"yian/internal/jobs"
	"yian/internal/region"
	"yian/internal/secret"
	"yian/internal/ui"
	"yian/internal/web"
	front "yian/web"
)

// Host is what the program gets from where it runs.
type Host struct {
	Now    func() time.Time
	Log    *slog.Logger
	Getenv func(string) string
	Notice func(format string, args ...any) // tells the operator something
	// Beside opens an installation that another process may be serving: nothing is
	// migrated and the data folder is not taken.
	Beside bool
}

// App is the whole program, put together.
type App struct {
	DB    *db.DB
	Audit *audit.Log
	Mux   *web.Mux
	modules

	open openFigures

	config  Config
	log     *slog.Logger
	now     func() time.Time
	ago     atomic.Int64 // by which now is late, while a demonstration is filled
	jobs    *jobs.Queue
	keys    *secret.Keys
	node    string
	release func()
}

// Open puts the program together on its database, which is migrated first. Close
// ends it.
func Open(ctx context.Context, c Config, h Host) (_ *App, err error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, fmt.Errorf("设置 --data：无法建立文件夹 %s：%w", c.Data, err)
	}
	if err := loadDivisions(c.Divisions); err != nil {
		return nil, err
	}
	if c.Demo {
		demoVillages()
	}
	a := &App{config: c, log: h.Log, now: h.Now, release: func() {}}
	if c.Demo {
		a.now = func() time.Time { return h.Now().Add(-time.Duration(a.ago.Load())) }
	}
	defer func() {
		if err != nil {
			a.Close()
		}
	}()
	if !h.Beside {
		release, err := lock(c.Data)
		if err != nil {
			return nil, err
		}
		a.release = release
	}
	if a.keys, err = loadKeys(&a.config, h.Getenv); err != nil {
		return nil, err
	}
	if err := a.openDatabase(ctx, h); err != nil {
		return nil, err
	}
	if err := a.makeKeys(ctx, h); err != nil {
		return nil, err
	}
	if a.node, err = node(c.Data); err != nil {
		return nil, err
	}
	return a, a.join(ctx)
}

// makeKeys makes keys where there are none, unless the database has been written to
// with others: a server that another node has been serving.
func (a *App) makeKeys(ctx context.Context, h Host) (err error) {
	if a.keys != nil {
		return nil
	}
	last, err := audit.New(a.DB, nil, nil, a.now).Last(ctx)
	if err != nil {
		return err
	}
	if !last.IsZero() {
		return errors.New("数据库里已有内容，而这台机器上没有密钥：请用 --key-file 指明原来的密钥文件，否则已加密的内容无法读取")
	}
	if a.keys, err = secret.WriteNew(a.config.keyFile()); err != nil {
		return err
	}
	h.Notice("没有加密密钥，已生成 %s。正式使用前请把它移到别处（--key-file）并与数据库分开备份：丢了它，证件号码和电话就再也读不出来。", a.config.keyFile())
	return nil
}

func (a *App) openDatabase(ctx context.Context, h Host) (err error) {
	if a.DB, err = db.Open(ctx, a.config.database(), h.Log); err != nil {
		return err
	}
	if h.Beside {
		current, latest, err := a.DB.Version(ctx)
		if err == nil && current != latest {
			err = fmt.Errorf("数据库的版本是 %d，本程序需要 %d：请先用本程序启动一次 yian serve 完成升级", current, latest)
		}
		return err
	}
	return a.DB.Migrate(ctx)
}

// join makes the modules and gives them routes and jobs.
func (a *App) join(ctx context.Context) error {
	ids := id.NewMaker(a.now)
	a.Audit = audit.New(a.DB, a.keys, ids, a.now)
	if err := a.Audit.Fits(ctx); err != nil {
		return err
	}
	a.jobs = jobs.New(a.DB, a.node, a.log)
	if err := a.makeModules(ids); err != nil {
		return err
	}
	assets, err := ui.OpenAssets(front.Dist())
	if err != nil {
		return err
	}
	templates, err := ui.New(assets, a.views()...)
	if err != nil {
		return err
	}
	a.Mux = web.New(web.Config{
		DB: a.DB, Templates: templates, Assets: assets, Accounts: a.identifier(), Log: a.log, Now: a.now,
		Lifetime: a.config.Lifetime, Secure: a.config.secure(), Demo: a.demoLine(), Below: region.Below, Sealer: a.keys,
	})
	a.routes()
	a.work()
	return a.jobs.Open(ctx)
}

// Close lets go of the database and the data folder.
func (a *App) Close() {
	if a.DB != nil {
		if err := a.DB.Close(); err != nil && !errors.Is(err, context.Canceled) {
			a.log.Warn("close database", slog.String("error", err.Error()))
		}
	}
	a.release()
}
