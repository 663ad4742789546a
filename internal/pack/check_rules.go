package pack

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"yian/internal/prove"
	"yian/internal/rules"
)

// compiled checks the rules of the list by compiling them.
func (c *checker) compiled(src *rules.Source) {
	l := c.pack.List
	prog, err := rules.Compile(c.checkable(src), l.From)
	if err != nil {
		c.compileErrors(err)
		return
	}
	for i := range l.Items {
		c.age(prog, &l.Items[i])
	}
}

// checkable returns the source without exclusions that are already reported.
func (c *checker) checkable(src *rules.Source) *rules.Source {
	out := *src
	out.Items = slices.Clone(src.Items)
	for i := range c.pack.List.Items {
		own := &c.pack.List.Items[i]
		j := slices.IndexFunc(out.Items, func(it rules.Item) bool { return it.ID == own.ID })
		it := &out.Items[j]
		ids := itemIDs(src)
		it.Excludes = slices.DeleteFunc(slices.Clone(it.Excludes), func(id string) bool {
			return id == it.ID || !slices.Contains(ids, id)
		})
	}
	return &out
}

// compileErrors reports the errors of the compiler, but for texts that are missing,
// which the reader has told.
func (c *checker) compileErrors(err error) {
	errs, ok := errors.AsType[rules.Errors](err)
	if !ok {
		c.wrong(err)
		return
	}
	for _, e := range errs {
		if e.At.File != "" {
			c.errorf(e.At, "%s", e.Msg)
		}
	}
}

var yearsOld = regexp.MustCompile(`(\d+|[零一二三四五六七八九十百]+)\s*周岁`)

// years reads 65 or 六十五.
func years(s string) int {
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	sum, digit := 0, 0
	for _, r := range s {
		switch r {
		case '十':
			sum += max(digit, 1) * 10
			digit = 0
		case '零':
		case '百':
			sum += max(digit, 1) * 100
			digit = 0
		default:
			digit = strings.IndexRune("一二三四五六七八九", r)/len("一") + 1
		}
	}
	return sum + digit
}

// age checks that the youngest who can get the item is as old as its audience says.
func (c *checker) age(prog *rules.Program, it *Item) {
	youngest, ok := prove.MinAge(prog, prog.Find(it.ID))
	if !ok {
		c.errorf(it.When.At, "没有人能满足这条规则")
		return
	}
	stated := -1
	for _, m := range yearsOld.FindAllStringSubmatch(it.Audience, -1) {
		if n := years(m[1]); stated < 0 || n < stated {
			stated = n
		}
	}
	if stated >= 0 && stated != youngest {
		c.errorf(it.When.At, "对象写明 %d 周岁，而满足规则的人最小 %d 周岁", stated, youngest)
	}
}

// unused reports own definitions that no rule of the list's own items reaches:
// leftovers, or misspelt where they were meant. A parameter may stand unused: it
// records a figure of the document that no rule can apply, such as a ceiling.
func (c *checker) unused(src *rules.Source) {
	l := c.pack.List
	used := map[string]bool{}
	for i := range src.Items {
		for _, k := range slices.Concat(src.Items[i].Grant.Amount, src.Items[i].Grant.Times) {
			mark(used, k.Is.CEL)
		}
	}
	for _, p := range l.Parameters {
		if !used[p.Name] {
			c.notef(p.At, "参数 %s 没有任何项目用到；若不是文件原有的数字，请删去", p.Name)
		}
	}
	reached := map[string]bool{}
	for i := range l.Items {
		it := &l.Items[i]
		mark(reached, it.When.CEL)
		for _, k := range slices.Concat(it.Grant.Amount, it.Grant.Times) {
			mark(reached, k.When.CEL)
			mark(reached, k.Is.CEL)
		}
		for _, s := range it.Grant.Share {
			mark(reached, s.When.CEL)
		}
	}
	all := l.definitions()
	for range all { // a definition may reach another; as many steps as definitions suffice
		for _, d := range all {
			if reached[d.Name] {
				mark(reached, d.Rule.CEL)
			}
		}
	}
	for _, d := range l.Define {
		if !reached[d.Name] {
			c.errorf(d.Rule.At, "define %s 没有任何项目用到", d.Name)
		}
	}
}

// unset lists the parameters that nobody has set.
func (c *checker) unset(src *rules.Source) {
	for _, p := range unsetParameters(src) {
		who := "；由谁确定未写明"
		if p.SetBy != "" {
			who = "；由" + setter(p.SetBy) + "确定"
		}
		c.notef(p.At, "参数 %s（%s）没有值，用到它的金额为“待确定”%s", p.Name, p.Label, who)
	}
}

// setter is who sets a parameter, as people read it.
func setter(by string) string {
	if label, ok := map[string]string{"nation": "国家", "province": "省级", "prefecture": "市级", "county": "县级"}[by]; ok {
		return label
	}
	return by
}

func unsetParameters(src *rules.Source) []rules.Parameter {
	var out []rules.Parameter
	for _, p := range src.Parameters {
		if len(p.Values) == 0 {
			out = append(out, p)
		}
	}
	return out
}

var (
	quotation = regexp.MustCompile(`"(\\.|[^"\\])*"|'(\\.|[^'\\])*'`)
	word      = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*`)
)

// mark adds the names in a CEL text.
func mark(names map[string]bool, cel string) {
	for _, w := range word.FindAllString(quotation.ReplaceAllString(cel, `""`), -1) {
		if !strings.HasPrefix(w, "_") {
			names[w] = true
		}
	}
}
