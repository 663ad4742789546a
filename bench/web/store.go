package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"yian/internal/access"
	"yian/internal/audit"
	"yian/internal/db"
	"yian/internal/id"
	"yian/internal/person"
	"yian/internal/secret"
)

// store is the database of a trial, seen past the server.
type store struct {
	d      *db.DB
	people *person.Service
}

func openStore(ctx context.Context, engine, address, data string) (*store, error) {
	keys, err := secret.LoadFile(filepath.Join(data, "key.txt"))
	if err != nil {
		return nil, err
	}
	log := slog.New(slog.DiscardHandler)
	d, err := db.Open(ctx, address, log)
	if err != nil {
		return nil, err
	}
	if string(d.Engine()) != engine {
		return nil, errors.Join(fmt.Errorf("%s is no database of %s", address, engine), d.Close())
	}
	ids := id.NewMaker(time.Now)
	trail := audit.New(d, keys, ids, time.Now)
	return &store{d: d, people: person.New(person.Deps{DB: d, Audit: trail, Keys: keys, IDs: ids, Now: time.Now, Log: log})}, nil
}

func (s *store) close() { _ = s.d.Close() }

// working counts the jobs that are under way.
func (s *store) working(ctx context.Context) (n int, err error) {
	err = s.d.DB.DB.QueryRowContext(ctx, "SELECT count(*) FROM river_job WHERE state IN ('available', 'running')").Scan(&n)
	return n, err
}

// filed is somebody whose file is opened.
type filed struct {
	id       id.ID
	region   string
	initials string
}

// sample returns people in no order.
func (s *store) sample(ctx context.Context, n int) (all []filed, err error) {
	rows, err := s.d.DB.DB.QueryContext(ctx, "SELECT id, region_code, initials FROM person WHERE number_index IS NOT NULL ORDER BY number_index LIMIT $1", n)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var f filed
		if err := rows.Scan(&f.id, &f.region, &f.initials); err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	return all, rows.Err()
}

// columns is how long reading the current facts of everybody takes.
type columns struct {
	people      int
	first, best time.Duration
}

// readColumns reads the columns of everybody, as the server does to build its snapshot.
func (s *store) readColumns(ctx context.Context, people int) (c columns, err error) {
	scope := access.System("bench").Scope(access.PersonRead)
	for round := range 3 {
		began := time.Now()
		all, err := s.people.Everybody(ctx, scope)
		if err != nil {
			return c, err
		}
		took := time.Since(began)
		if c.people = all.N; c.people < people*9/10 {
			return c, fmt.Errorf("there are columns of %d people of %d", c.people, people)
		}
		if round == 0 {
			c.first, c.best = took, took
		}
		c.best = min(c.best, took)
	}
	return c, nil
}
