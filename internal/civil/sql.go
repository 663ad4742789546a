package civil

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// Value hands the day to a database as ISO text, which both engines take; no date is NULL.
func (d Date) Value() (driver.Value, error) {
	if d == 0 {
		return nil, nil //nolint:nilnil // NULL is no date, and no error
	}
	return d.String(), nil
}

// Scan reads what databases give back: ISO text, a time of which the day counts, or NULL.
func (d *Date) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*d = 0
		return nil
	case string:
		return d.scan(v)
	case []byte:
		return d.scan(string(v))
	case time.Time:
		y, m, day := v.Date()
		*d = New(y, m, day)
		return nil
	}
	return fmt.Errorf("civil: a %T is not a date", src)
}

// scan reads the ISO form alone: what the product has not written itself is not guessed at.
func (d *Date) scan(s string) error {
	if len(s) != len("2006-01-02") || s[4] != '-' {
		return fmt.Errorf("civil: %q is not a date as the product writes it", s)
	}
	v, err := Parse(s)
	if err != nil {
		return err
	}
	*d = v
	return nil
}
