package ui

import (
	"slices"
	"strings"

	"yian/internal/errs"
)

// Kind is the kind of control that a field has.
type Kind string

// The kinds of control. The zero value is a line of text.
const (
	KindText       Kind = ""
	KindNumber     Kind = "number"
	KindDate       Kind = "date"
	KindMonth      Kind = "month"
	KindTel        Kind = "tel"
	KindEmail      Kind = "email"
	KindPassword   Kind = "password"
	KindSearch     Kind = "search"
	KindTextarea   Kind = "textarea"
	KindSelect     Kind = "select"
	KindRadio      Kind = "radio"      // one of Options
	KindCheckboxes Kind = "checkboxes" // any of Options, in Values
	KindCheckbox   Kind = "checkbox"   // one box; ticked when Value is "1", and then sends "1"
	KindFile       Kind = "file"
	KindRegion     Kind = "region" // see RegionField
)

// Option is something that can be chosen.
type Option struct {
	Value, Label string
	Hint         string // radio and checkboxes only
	Disabled     bool
}

// Field is a labelled control. The ID of the control is its Name, so a page must not
// hold two fields of one name.
type Field struct {
	Name, Label  string
	Kind         Kind
	Value        string   // as the user wrote it, also where it is wrong
	Values       []string // checkboxes
	Options      []Option
	Region       *RegionSelect
	Hint, Error  string
	Required     bool
	ReadOnly     bool
	HideLabel    bool // the label is for screen readers only
	Autofocus    bool
	Multiple     bool   // file
	Accept       string // file: ".csv,.xlsx"
	Autocomplete string // "name", "current-password", "one-time-code", "off" …
	InputMode    string // "numeric", "decimal"; for numbers that are not quantities
	Placeholder  string // an example, never the label
	Min, Max     string
	Step         string
	MaxLength    int
	Rows         int    // textarea; 0 is 4
	Unit         string // behind the control: 元, 人
	Width        string // xs, s, m; empty takes the whole line
}

// IsGroup reports whether the field is several controls in a fieldset.
func (f Field) IsGroup() bool {
	return f.Kind == KindRadio || f.Kind == KindCheckboxes || f.Kind == KindRegion
}

// Type is the type of the input element.
func (f Field) Type() string {
	switch f.Kind {
	case KindText:
		return "text"
	case KindRadio:
		return "radio"
	case KindCheckboxes:
		return "checkbox"
	default:
		return string(f.Kind)
	}
}

// Shown is the value that goes back into the control: passwords and files never do.
func (f Field) Shown() string {
	if f.Kind == KindPassword || f.Kind == KindFile {
		return ""
	}
	return f.Value
}

// Has reports whether the option with the value v is chosen.
func (f Field) Has(v string) bool {
	if f.Kind == KindCheckboxes {
		return slices.Contains(f.Values, v)
	}
	return f.Value == v
}

// Lines is the height of a textarea.
func (f Field) Lines() int {
	if f.Rows == 0 {
		return 4
	}
	return f.Rows
}

// DescribedBy names the elements that describe the control.
func (f Field) DescribedBy() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.Name+"-hint")
	}
	if f.Error != "" {
		ids = append(ids, f.Name+"-error")
	}
	return strings.Join(ids, " ")
}

// Section is a part of a form under a heading of its own.
type Section struct {
	Title, Text string
	Fields      []Field
	Columns     bool // fields side by side where there is room
}

// Form is a whole form: its faults, its sections and its buttons.
type Form struct {
	Action   string // empty: the page itself
	Get      bool   // only looks something up
	Upload   bool   // holds files
	Sections []Section
	Hidden   []Hidden
	Faults   []errs.Field // of no field that is shown
	Submit   string       // empty: 保存
	Danger   bool
	Cancel   Link
}

// Simple makes a form of one section without a heading.
func Simple(action, submit string, fields ...Field) Form {
	return Form{Action: action, Submit: submit, Sections: []Section{{Fields: fields}}}
}

// Field returns the field of a name to be changed, or nil.
func (f *Form) Field(name string) *Field {
	for s := range f.Sections {
		for i := range f.Sections[s].Fields {
			if f.Sections[s].Fields[i].Name == name {
				return &f.Sections[s].Fields[i]
			}
		}
	}
	return nil
}

// Fail puts what is wrong beside the fields, and above the form what belongs to none.
func (f *Form) Fail(err error) {
	faults := errs.FieldsOf(err)
	if len(faults) == 0 && err != nil {
		faults = []errs.Field{{Message: errs.Message(err)}}
	}
	for _, fault := range faults {
		if field := f.Field(fault.Name); field != nil && field.Error == "" {
			field.Error = fault.Message
		} else if field == nil {
			f.Faults = append(f.Faults, errs.Field{Message: fault.Message})
		}
	}
}

// Summary lists the faults of the form in the order of its fields.
func (f Form) Summary() ErrorSummary {
	faults := slices.Clone(f.Faults)
	for _, s := range f.Sections {
		faults = append(faults, Summary(s.Fields...).Faults...)
	}
	return ErrorSummary{Faults: faults}
}

// Button is the text of the button that sends the form.
func (f Form) Button() string {
	if f.Submit == "" {
		return "保存"
	}
	return f.Submit
}

// ErrorSummary lists what is wrong at the top of a page, each linked to its field.
// Without faults it is not shown.
type ErrorSummary struct {
	Title  string // empty: 填写的内容有误
	Faults []errs.Field
}

// Heading is the title of the summary.
func (s ErrorSummary) Heading() string {
	if s.Title == "" {
		return "填写的内容有误，请修改后再提交"
	}
	return s.Title
}

// Summary lists the faults of fields.
func Summary(fields ...Field) ErrorSummary {
	var s ErrorSummary
	for _, f := range fields {
		if f.Error != "" {
			s.Faults = append(s.Faults, errs.Field{Name: f.Name, Message: f.Error})
		}
	}
	return s
}

// Confirm is the body of a page that asks before something is done: what will
// happen, to whom, and the button that does it.
type Confirm struct {
	Text    string  // what will happen
	Warning string  // what cannot be undone
	Details Details // the answers to check
	Form    Form    // its fields are asked here: a reason, a purpose
}
