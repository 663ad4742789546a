package policy

import (
	"fmt"
	"strings"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/prove"
	"yian/internal/region"
	"yian/internal/rules"
)

// Sentence tells in plain words how a list falls below the one above it, with a person
// who shows it: 一位 81 岁、享受低保的老人，按上级清单每月可领 70 元，按本清单没有。
func Sentence(v *prove.Verdict, f *prove.Finding) string {
	if f.Person == nil {
		return fmt.Sprintf("上级清单有“%s”，本清单没有对应的项目。", v.Upper.Name)
	}
	who := "一位" + personText(f.Person, v.On)
	switch f.Fault {
	case prove.OtherKind:
		return fmt.Sprintf("%s，按上级清单可享受“%s”，但%s。", who, v.Upper.Name, f.Why)
	case prove.LaterStart:
		return fmt.Sprintf("%s，按上级清单当月起享受“%s”，按本清单次月起。", who, v.Upper.Name)
	}
	return fmt.Sprintf("%s，按上级清单%s，按本清单%s。", who, getsText(v.Upper, f.Upper, f.Fault), getsText(v.Lower, f.Lower, f.Fault))
}

// personText tells what matters of a person: 81 岁、享受低保的老人.
func personText(p *fact.Person, on civil.Date) string {
	var parts []string
	for id := range fact.Count {
		if !p.Known(id) {
			continue
		}
		if t := factText(p, id, on); t != "" {
			parts = append(parts, t)
		}
	}
	if len(parts) == 0 {
		return "老人"
	}
	return " " + strings.Join(parts, "、") + "的老人"
}

func factText(p *fact.Person, id fact.ID, on civil.Date) string {
	d := id.Def()
	label := p.Label(id)
	switch {
	case id == fact.Birth:
		return fmt.Sprintf("%d 岁", civil.Age(p.Birth, on))
	case id == fact.Hukou:
		return "户籍在" + region.Name(p.Hukou)
	case id == fact.Residence:
		return "住在" + region.Name(p.Residence)
	case id == fact.FPSpecial && p.Codes[id] == fact.True:
		return "属于" + d.Label
	case d.Kind == fact.Bool && p.Codes[id] == fact.True:
		return d.Label
	case d.Kind == fact.Bool:
		return notText(id)
	}
	switch id.ValueName(p.Codes[id]) + "/" + id.String() {
	case "none/income":
		return "不属于困难家庭"
	case "dibao/income", "edge/income", "rigid/income", "tekun/income":
		return incomeText(id.ValueName(p.Codes[id]))
	case "none/veteran":
		return "不是优抚对象"
	case "none/disability_kind":
		return "没有残疾"
	case "0/disability_grade":
		return "没有残疾等级"
	case "none/tekun_support":
		return "不是特困供养"
	}
	switch id {
	case fact.Sex:
		return label + "性"
	case fact.Ability, fact.TekunSupport, fact.TekunCare:
		return label
	case fact.Veteran:
		return "属于" + label
	case fact.DisabilityKind:
		return label + "残疾"
	case fact.DisabilityGrade:
		return "残疾" + label
	case fact.Pension:
		return insuranceText(label, "养老保险")
	case fact.Medical:
		return insuranceText(label, "医疗保险")
	}
	return d.Label + "为" + label
}

func incomeText(name string) string {
	return map[string]string{"dibao": "享受低保", "edge": "属于低保边缘", "rigid": "属于刚性支出困难", "tekun": "享受特困供养"}[name]
}

func insuranceText(label, kind string) string {
	if label == "未参保" {
		return "没有参加" + kind
	}
	return "参加" + label + kind
}

// notText negates a fact as people say it.
func notText(id fact.ID) string {
	label := id.Def().Label
	switch id {
	case fact.NoSupporter:
		return "有赡养人"
	case fact.WantsCentral:
		return "没有集中供养意愿"
	case fact.Vagrant:
		return "不是流浪乞讨"
	case fact.VeteranPension, fact.LTCIInsured, fact.WorkInjuryCare, fact.InFacility:
		return "没有" + label
	case fact.Dementia:
		return "没有失智"
	case fact.FPSpecial:
		return "不属于" + label
	}
	return "不是" + label
}

// getsText tells what a person gets.
func getsText(it *rules.Item, d rules.Decision, fault prove.Fault) string {
	g := &it.Grant
	switch {
	case d.Result == rules.No:
		return "没有"
	case d.Result == rules.Unknown:
		return "不能确定"
	case fault == prove.LowerFrequency:
		return countText(g, d.Times)
	case fault == prove.OtherShare && d.Share.State == rules.Fixed:
		return "“" + d.Share.How + "”"
	case fault == prove.OtherShare:
		return "没有写明优惠"
	case g.Kind != rules.Cash:
		return "可以享受“" + it.Name + "”"
	}
	return sumText(g, d.Amount)
}

func sumText(g *rules.Grant, q rules.Quantity) string {
	switch {
	case q.State == rules.Unset:
		return every(g) + "可领一笔钱（标准待定）"
	case q.State != rules.Fixed:
		return "领不到钱"
	case q.Most:
		return fmt.Sprintf("%s最多可领 %s 元", every(g), q.Fen())
	}
	return fmt.Sprintf("%s可领 %s 元", every(g), q.Fen())
}

func countText(g *rules.Grant, q rules.Quantity) string {
	switch q.State {
	case rules.Fixed:
		return fmt.Sprintf("%s有 %d 次", every(g), q.N)
	case rules.Unset:
		return "次数待定"
	}
	return "没有写明次数"
}

// every is the period: 每月, 一次性.
func every(g *rules.Grant) string {
	switch g.Per {
	case "":
		return ""
	case rules.PerOnce:
		return g.PeriodLabel()
	}
	return "每" + g.PeriodLabel()
}
