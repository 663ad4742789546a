package db

import "io/fs"

// SetMigrations replaces the embedded migrations for tests of the mechanism.
func (d *DB) SetMigrations(steps fs.FS) { d.steps = steps }

// Translate makes the text of a migration that of the engine.
func (e Engine) Translate(text string) (string, error) { return e.translate(text) }
