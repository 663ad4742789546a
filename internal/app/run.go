package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// The time that requests in flight and running jobs are given when the server ends.
const grace = 20 * time.Second

// Run serves until the context ends, then lets requests finish and hands jobs back.
// ready is called with the address when the server answers.
func (a *App) Run(ctx context.Context, ready func(base string)) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", a.config.Listen)
	if err != nil {
		return fmt.Errorf("设置 --listen：无法在 %s 上监听：%w", a.config.Listen, err)
	}
	if err := a.seedLists(ctx); err != nil {
		return errors.Join(err, listener.Close())
	}
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	if err := a.jobs.Start(work); err != nil {
		return errors.Join(err, listener.Close())
	}
	a.snapshot.Start(work, a.snapshotDeps())
	server := &http.Server{
		Handler:           a.Mux.Handler(),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(a.log.Handler(), slog.LevelWarn),
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	a.log.Info("serving", slog.String("address", listener.Addr().String()), slog.String("engine", string(a.DB.Engine())), slog.String("node", a.node))
	ready(a.config.base(listener.Addr().String()))
	select {
	case err = <-served:
		err = fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	a.log.Info("stopping")
	end, cancel := context.WithTimeout(work, grace)
	defer cancel()
	err = errors.Join(err, a.stopServer(end, server), a.jobs.Stop(end), a.snapshot.Close())
	a.log.Info("stopped")
	return err
}

// stopServer waits for requests in flight; those that take longer are cut off.
func (a *App) stopServer(ctx context.Context, server *http.Server) error {
	err := server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		a.log.Warn("requests were cut off")
		return server.Close()
	}
	return err
}
