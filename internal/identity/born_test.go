package identity

import (
	"testing"

	"yian/internal/civil"
	"yian/internal/errs"
)

func TestABirthInTheNumberCanBeTrue(t *testing.T) {
	for _, tc := range []struct {
		seventeen string
		ok        bool
	}{
		{"14102420260630001", true}, // today
		{"14102420260701001", false},
		{"14102420300101001", false},
		{"14102418960630001", true}, // 130 years old
		{"14102418950630001", false},
		{"14102418000101001", false},
	} {
		d := Draft{Name: "王桂兰", Number: number(tc.seventeen)}
		err := d.Validate(here(), civil.New(2026, 6, 30))
		if (err == nil) != tc.ok {
			t.Errorf("%s: %v", tc.seventeen, err)
		}
		if fields := errs.FieldsOf(err); err != nil && (len(fields) != 1 || fields[0].Name != "number") {
			t.Errorf("%s: the faults are %+v", tc.seventeen, fields)
		}
	}
}
