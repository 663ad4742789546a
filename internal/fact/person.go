package fact

import (
	"errors"
	"fmt"
	"strings"

	"yian/internal/civil"
	"yian/internal/region"
)

// Person (人员（的信息）) is what is known about one person. The zero value is somebody of whom
// nothing is known.
type Person struct {
	Birth     civil.Date  // zero: unknown
	Hukou     region.Code // empty: unknown
	Residence region.Code // empty: unknown
	Codes     [Count]Code // of the coded facts
}

// Known reports whether the fact is recorded.
func (p *Person) Known(id ID) bool {
	switch id {
	case Birth:
		return p.Birth != 0
	case Hukou:
		return p.Hukou != ""
	case Residence:
		return p.Residence != ""
	default:
		return p.Codes[id] != Unknown
	}
}

// Region returns the code of a Region fact; empty if unknown.
func (p *Person) Region(id ID) region.Code {
	if id == Hukou {
		return p.Hukou
	}
	return p.Residence
}

// Forget makes the fact unknown.
func (p *Person) Forget(id ID) {
	switch id {
	case Birth:
		p.Birth = 0
	case Hukou:
		p.Hukou = ""
	case Residence:
		p.Residence = ""
	default:
		p.Codes[id] = Unknown
	}
}

// Set reads the text of a value as files and commands write it. Empty text is
// unknown. The error says in Chinese what the fact accepts.
func (p *Person) Set(id ID, text string) (err error) {
	text = strings.TrimSpace(text)
	if text == "" {
		p.Forget(id)
		return nil
	}
	switch id {
	case Birth:
		p.Birth, err = civil.Parse(text)
	case Hukou:
		p.Hukou, err = region.Parse(text)
	case Residence:
		p.Residence, err = region.Parse(text)
	default:
		p.Codes[id], err = id.Parse(text)
	}
	return err
}

// Text returns the value as files write it; "" if unknown.
func (p *Person) Text(id ID) string {
	switch id {
	case Birth:
		return p.Birth.String()
	case Hukou:
		return string(p.Hukou)
	case Residence:
		return string(p.Residence)
	default:
		return id.ValueName(p.Codes[id])
	}
}

// Label returns the value as people read it: 未知 if unknown.
func (p *Person) Label(id ID) string {
	switch {
	case !p.Known(id):
		return "未知"
	case id == Birth:
		return p.Birth.String()
	case !id.Coded():
		return region.Name(p.Region(id))
	default:
		return id.Label(p.Codes[id])
	}
}

// Parse reads a value of a coded fact by its name, its label or an alias.
func (id ID) Parse(text string) (Code, error) {
	if c, ok := codes[id][text]; ok {
		return c, nil
	}
	return Unknown, &valueError{id, text}
}

// valueError (取值错误) says that a fact has no such value. Its text is for those who
// write commands and policy packs, with the names of the values that there are.
type valueError struct {
	Fact ID
	Text string
}

func (e *valueError) Error() string {
	return fmt.Sprintf("%s不能是 %q，可用：%s", e.Fact.Def().Label, e.Text, e.Fact.Choices())
}

// Plain returns an error about a value as clerks read it, who know the Chinese words
// alone; any other error as it is.
func Plain(err error) error {
	e, ok := errors.AsType[*valueError](err)
	if !ok {
		return err
	}
	var labels []string
	for _, v := range e.Fact.Def().Values {
		labels = append(labels, v.Label)
	}
	return fmt.Errorf("%s不能是“%s”，可用：%s", e.Fact.Def().Label, e.Text, strings.Join(labels, "、"))
}

// Choices lists the values of the fact for messages: male(男)、female(女).
func (id ID) Choices() string {
	var b strings.Builder
	for i, v := range id.Def().Values {
		if i > 0 {
			b.WriteString("、")
		}
		b.WriteString(v.Name)
		if v.Label != v.Name {
			b.WriteString("(" + v.Label + ")")
		}
	}
	return b.String()
}

// codes finds a code by every text that may stand for it.
var codes = func() (m [Count]map[string]Code) {
	for id := range Count {
		if !id.Coded() {
			continue
		}
		m[id] = map[string]Code{}
		for i, v := range vocabulary[id].Values {
			for _, text := range append([]string{v.Name, v.Label}, v.Aliases...) {
				m[id][text] = Code(i + 1)
			}
		}
	}
	return m
}()

// MaxAge is the greatest age that a record may claim; older is a slip of the pen.
const MaxAge = 130

// Implausible tells in Chinese why the recorded facts cannot all be true on the
// day on, and which fact to mend; the message is "" if they can.
func (p *Person) Implausible(on civil.Date) (ID, string) {
	if p.Birth != 0 {
		if p.Birth > on {
			return Birth, fmt.Sprintf("出生日期 %s 晚于评定日 %s", p.Birth, on)
		}
		if age := civil.Age(p.Birth, on); age > MaxAge {
			return Birth, fmt.Sprintf("出生日期 %s 到评定日 %s 已 %d 岁，超过 %d 岁", p.Birth, on, age, MaxAge)
		}
	}
	if none, _ := DisabilityKind.CodeOf("none"); p.Codes[DisabilityKind] == none && p.Codes[DisabilityGrade] > 1 {
		return DisabilityGrade, fmt.Sprintf("残疾等级为%s，而残疾类别为无", DisabilityGrade.Label(p.Codes[DisabilityGrade]))
	}
	return 0, ""
}
