package cli

import (
	"fmt"
	"io"

	"yian/internal/fact"
	"yian/internal/pack"
	"yian/internal/prove"
	"yian/internal/region"
	"yian/internal/rules"
)

type conformCmd struct {
	Lower string `arg:"" help:"下级清单的编号或文件"`
	Above string `help:"上级清单的编号或文件；不给出时用下级清单写明的 above" placeholder:"LIST"`
	JSON  bool   `name:"json" help:"输出 JSON"`
}

// Run proves item by item that the lower list does not fall below the upper one.
func (c *conformCmd) Run(e *env) error {
	lower, err := e.list(c.Lower)
	if err != nil {
		return err
	}
	upper, err := c.upper(e, lower)
	if err != nil {
		return err
	}
	low, up := lower.Source(), upper.Source()
	verdicts, err := prove.Conform(low, up)
	if err != nil {
		return err
	}
	failed := 0
	for i := range verdicts {
		if !verdicts[i].Proved() {
			failed++
		}
	}
	if c.JSON {
		err = c.json(e.stdout, low, up, verdicts, failed == 0)
	} else {
		c.text(e.stdout, low, up, verdicts, failed)
	}
	if err == nil && failed > 0 {
		return status(exitNo)
	}
	return err
}

func (c *conformCmd) upper(e *env, lower *pack.List) (*pack.List, error) {
	if c.Above != "" {
		return e.list(c.Above)
	}
	lib, err := e.library()
	if err != nil {
		return nil, err
	}
	upper, err := lib.Above(lower)
	if err == nil && upper == nil {
		err = fmt.Errorf("清单 %s 没有写明上级清单（above），请用 --above 给出", lower.ID)
	}
	return upper, err
}

func (c *conformCmd) text(w io.Writer, low, up *rules.Source, verdicts []prove.Verdict, failed int) {
	fmt.Fprintf(w, "下级 %s（%s）对照上级 %s（%s）\n范围：户籍在%s的人\n\n", low.Title, low.ID, up.Title, up.ID, region.Name(low.Region))
	for i := range verdicts {
		v := &verdicts[i]
		if v.Proved() {
			fmt.Fprintf(w, "√ %d %s：已证明不低于上级\n", v.Upper.No, v.Upper.Name)
		} else {
			fmt.Fprintf(w, "× %d %s\n", v.Upper.No, v.Upper.Name)
		}
		for _, n := range v.Notes {
			fmt.Fprintf(w, "    提示：%s\n", n)
		}
		for _, f := range v.Findings {
			fmt.Fprintf(w, "    %s：%s（%s）\n", f.Fault.Label(), f.Why, v.On)
			if f.Person == nil {
				continue
			}
			fmt.Fprintf(w, "      反例：%s\n", describe(f.Person))
			fmt.Fprintf(w, "      上级：%s（%s）\n", granted(v.Upper, f.Upper), v.Upper.ClauseAt)
			fmt.Fprintf(w, "      下级：%s（%s）\n", granted(v.Lower, f.Lower), v.Lower.ClauseAt)
		}
	}
	fmt.Fprintf(w, "\n%d 项中 %d 项已证明，%d 项未能证明\n", len(verdicts), len(verdicts)-failed, failed)
}

// describe lists the facts of a person as people read them.
func describe(who *fact.Person) (s string) {
	for id := range fact.Count {
		if who.Known(id) {
			if s != "" {
				s += "，"
			}
			s += id.Def().Label + " " + who.Label(id)
		}
	}
	if s == "" {
		return "任何人"
	}
	return s
}

func granted(it *rules.Item, d rules.Decision) string {
	return sentence(rules.Explanation{Item: it, Decision: d})
}

type jsonVerdict struct {
	No       int           `json:"item_no"`
	Upper    string        `json:"item"`
	Lower    string        `json:"lower_item,omitempty"`
	Name     string        `json:"name"`
	Proved   bool          `json:"proved"`
	On       string        `json:"on"`
	Findings []jsonFinding `json:"findings,omitempty"`
	Notes    []string      `json:"notes,omitempty"`
}

type jsonFinding struct {
	Fault  prove.Fault       `json:"fault"`
	Why    string            `json:"why"`
	Person map[string]string `json:"person,omitempty"`
	Upper  jsonGrant         `json:"upper"`
	Lower  jsonGrant         `json:"lower"`
}

type jsonGrant struct {
	Result string  `json:"result"`
	Kind   string  `json:"kind,omitempty"`
	Per    string  `json:"per,omitempty"`
	Amount *string `json:"amount_yuan"`
	Times  *int64  `json:"times,omitempty"`
	Share  string  `json:"share,omitempty"`
}

func (c *conformCmd) json(w io.Writer, low, up *rules.Source, verdicts []prove.Verdict, conforms bool) error {
	out := struct {
		Lower    string        `json:"lower"`
		Upper    string        `json:"upper"`
		Region   string        `json:"region"`
		Conforms bool          `json:"conforms"`
		Items    []jsonVerdict `json:"items"`
	}{Lower: low.ID, Upper: up.ID, Region: string(low.Region), Conforms: conforms}
	for i := range verdicts {
		v := &verdicts[i]
		one := jsonVerdict{No: v.Upper.No, Upper: v.Upper.ID, Name: v.Upper.Name, Proved: v.Proved(), On: v.On.String(), Notes: v.Notes}
		if v.Lower != nil {
			one.Lower = v.Lower.ID
		}
		for _, f := range v.Findings {
			finding := jsonFinding{Fault: f.Fault, Why: f.Why, Upper: jsonGrantOf(v.Upper, f.Upper), Lower: jsonGrantOf(v.Lower, f.Lower)}
			if f.Person != nil {
				finding.Person = known(f.Person)
			}
			one.Findings = append(one.Findings, finding)
		}
		out.Items = append(out.Items, one)
	}
	return writeJSON(w, out)
}

func jsonGrantOf(it *rules.Item, d rules.Decision) jsonGrant {
	g := jsonGrant{Result: d.Result.String()}
	if it != nil {
		g.Kind, g.Per = it.Grant.Kind, it.Grant.Per
	}
	if d.Share.State == rules.Fixed {
		g.Share = d.Share.How
	}
	if d.Amount.State != rules.None {
		s := string(appendAmount(nil, d.Amount))
		g.Amount = &s
	}
	if d.Times.State == rules.Fixed {
		g.Times = &d.Times.N
	}
	return g
}
