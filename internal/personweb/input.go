package personweb

import (
	"net/url"
	"strings"

	"yian/internal/civil"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/region"
	"yian/internal/ui"
	"yian/internal/web"
)

// input reads the values of a form and collects what is wrong with them.
type input struct {
	url.Values
	faults errs.Fields
}

// inputOf returns what a form sent, without spaces around values.
func inputOf(r *web.Request) (*input, error) {
	if r.Form == nil {
		if err := r.ParseForm(); err != nil {
			return nil, errs.New(errs.Invalid, "提交的内容无法读取，请返回重试。").Because(err)
		}
	}
	v := url.Values{}
	for name, values := range r.Form {
		for _, text := range values {
			v.Add(name, strings.TrimSpace(text))
		}
	}
	return &input{Values: v}, nil
}

// more reports whether the form only asks for the next level of a region.
func (in *input) more() bool { return in.Has(ui.MoreButton) }

// date reads a day; a missing one is a fault where it is required.
func (in *input) date(name, label string, required bool) civil.Date {
	text := in.Get(name)
	if text == "" {
		if required {
			in.faults.Add(name, "请填写%s", label)
		}
		return 0
	}
	d, err := civil.Parse(text)
	in.faults.Check(name, err)
	return d
}

// required reads a text that may not be missing.
func (in *input) required(name, message string) string {
	text := in.Get(name)
	if text == "" {
		in.faults.Add(name, "%s", message)
	}
	return text
}

// source reads who states something.
func (in *input) source() history.Source {
	s := history.Source(in.Get("source"))
	if !s.Known() {
		in.faults.Add("source", "请选择信息来源")
	}
	return s
}

// region reads the selects of a region and the code beside them, which counts where
// it is filled in.
func (in *input) region(name string) region.Code {
	if text := in.Get(name + "_code"); text != "" {
		c, err := region.Parse(text)
		in.faults.Check(name+"_code", err)
		return c
	}
	return ui.DeepestRegion(in.Values[name])
}

// facts reads the values of the coded facts, of birth and of both regions, as texts
// of the vocabulary; what is not filled in is not stated.
func (in *input) facts(of []fact.ID) map[fact.ID]string {
	stated := map[fact.ID]string{}
	for _, f := range of {
		text := in.Get(f.String())
		if f == fact.Hukou || f == fact.Residence {
			text = string(in.region(f.String()))
		}
		if text != "" {
			stated[f] = text
		}
	}
	return stated
}

// regionFields are the selects of a region from the whole country down, and a code
// for places that the table does not list.
func (p *Pages) regionFields(name, label string, v url.Values) []ui.Field {
	code := v.Get(name + "_code")
	levels, err := ui.Regions(name, "/regions", region.Nation, ui.DeepestRegion(v[name]), p.options)
	if err != nil { // options never fails
		levels = nil
	}
	return []ui.Field{
		ui.RegionField(name, label, levels),
		{
			Name: name + "_code", Label: label + "的区划代码", Value: code, InputMode: "numeric", Width: "m", MaxLength: 12, Autocomplete: "off",
			Hint: "上面的列表里没有时填写 6、9 或 12 位代码；填写后以代码为准。",
		},
	}
}

// options lists what can be chosen right below a region.
func (p *Pages) options(c region.Code) ([]ui.Option, error) {
	var options []ui.Option
	for _, d := range p.Below(c) {
		options = append(options, ui.Option{Value: string(d.Code), Label: d.Name})
	}
	return options, nil
}

// regionLevels answers a select of a region with the levels below what was chosen.
// Names of divisions are no secret.
func (p *Pages) regionLevels(r *web.Request) (web.Response, error) {
	v := r.URL.Query()
	name := v.Get("field")
	top, err := region.Parse(v.Get("top"))
	if err != nil {
		top = region.Nation
	}
	source := "/regions"
	if top != region.Nation {
		source += "?top=" + string(top)
	}
	levels, err := ui.Regions(name, source, top, ui.DeepestRegion(v[name]), p.options)
	if err != nil {
		return nil, err
	}
	return web.Component("region-select", *levels), nil
}

// regionValues are the values of the selects that lead to a region, and its code
// where the table does not know it.
func (p *Pages) regionValues(v url.Values, name string, c region.Code) {
	v.Del(name)
	for _, n := range []int{2, 4, 6, 9, 12} {
		if len(c) < n {
			return
		}
		if _, known := region.Find(c[:n]); !known {
			v.Set(name+"_code", string(c))
			return
		}
		v.Add(name, string(c[:n]))
	}
}
