package cli

import (
	"encoding/json"
	"io"

	"yian/internal/fact"
	"yian/internal/rules"
)

type jsonExplanation struct {
	No      int           `json:"item_no"`
	ID      string        `json:"item"`
	Name    string        `json:"name"`
	Result  string        `json:"result"`
	Amount  *string       `json:"amount_yuan"`       // null where none is granted; "unset", "unknown" or yuan
	Most    bool          `json:"at_most,omitempty"` // the amount is a ceiling
	How     string        `json:"how,omitempty"`
	Unset   []string      `json:"unset_parameters,omitempty"`
	Kind    string        `json:"kind"`
	Per     string        `json:"per,omitempty"`
	Times   *int64        `json:"times,omitempty"`
	Share   string        `json:"share,omitempty"`
	Missing []jsonMissing `json:"missing"`
	Due     []string      `json:"months_due,omitempty"` // of the year of evaluation, for what is granted by the month
	Attest  []string      `json:"attest,omitempty"`
	Clause  jsonClause    `json:"clause"`
	Rule    jsonNode      `json:"rule"`
	Cases   []jsonNode    `json:"cases,omitempty"`
}

type jsonMissing struct {
	Fact       string `json:"fact"`
	Label      string `json:"label"`
	Department string `json:"department"`
}

type jsonClause struct {
	At   string `json:"at"`
	Text string `json:"text"`
}

type jsonNode struct {
	Text     string     `json:"text"`
	Value    string     `json:"value,omitempty"`
	Result   string     `json:"result"`
	Deciding bool       `json:"deciding"`
	Kids     []jsonNode `json:"conditions,omitempty"`
}

type jsonNext struct {
	On    string   `json:"on"`
	Items []string `json:"items"`
}

func (c *explainCmd) json(w io.Writer, prog *rules.Program, who *fact.Person, items []int) error {
	out := struct {
		List  string            `json:"list"`
		At    string            `json:"at"`
		Facts map[string]string `json:"facts"`
		Items []jsonExplanation `json:"items"`
		Next  *jsonNext         `json:"next_change"`
	}{List: prog.Source.ID, At: c.At.String(), Facts: known(who)}
	for _, i := range items {
		x := jsonOf(prog.Explain(i, who, c.At.Date))
		if prog.Items[i].Grant.Per == rules.PerMonth {
			for _, t := range c.due(prog, i, who) {
				x.Due = append(x.Due, t.String())
			}
		}
		out.Items = append(out.Items, x)
	}
	if next, changes := prog.NextChange(who, c.At.Date); next != 0 {
		out.Next = &jsonNext{On: next.String()}
		for _, ch := range changes {
			out.Next.Items = append(out.Next.Items, prog.Items[ch.Item].ID)
		}
	}
	return writeJSON(w, out)
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// known returns the recorded facts as files write them.
func known(who *fact.Person) map[string]string {
	out := map[string]string{}
	for id := range fact.Count {
		if who.Known(id) {
			out[id.String()] = who.Text(id)
		}
	}
	return out
}

func jsonOf(x rules.Explanation) jsonExplanation {
	out := jsonExplanation{
		No: x.Item.No, ID: x.Item.ID, Name: x.Item.Name, Result: x.Result.String(),
		How: x.Amount.How, Most: x.Amount.Most, Unset: x.Amount.Unset, Kind: x.Item.Grant.Kind, Per: x.Item.Grant.Per,
		Missing: []jsonMissing{}, Clause: jsonClause{x.Item.ClauseAt, x.Item.ClauseText}, Rule: jsonTree(x.Rule),
	}
	if x.Amount.State != rules.None {
		s := string(appendAmount(nil, x.Amount))
		out.Amount = &s
	}
	if x.Times.State == rules.Fixed {
		out.Times = &x.Times.N
	}
	if x.Share.State == rules.Fixed {
		out.Share = x.Share.How
	}
	for _, id := range x.Missing.IDs() {
		out.Missing = append(out.Missing, jsonMissing{id.String(), id.Def().Label, id.Def().Department})
	}
	if x.Result != rules.No {
		out.Attest = x.Item.Attest
	}
	for _, n := range x.Cases {
		out.Cases = append(out.Cases, jsonTree(n))
	}
	return out
}

func jsonTree(n rules.Node) jsonNode {
	out := jsonNode{Text: n.Text, Value: n.Value, Result: n.Result.String(), Deciding: n.Deciding}
	for _, k := range n.Kids {
		out.Kids = append(out.Kids, jsonTree(k))
	}
	return out
}
