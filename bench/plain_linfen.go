package main

import (
	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/rules"
)

// plainRules are Linfen's 24 items by hand, with everything that is the same for
// all people worked out once.
type plainRules struct {
	born60, born65, born80, born100 civil.Date

	employeePension, residentPension uint16
	employeeMedical, residentMedical uint16
	hardUp, dibao, lowIncome, tekun  uint16
	unable                           uint16
	scattered, central               uint16
	honoured                         uint16
	anyGrade, grave, slight, mind    uint16
}

func newPlainRules() *plainRules {
	return &plainRules{
		born60: civil.LatestBirth(60, on), born65: civil.LatestBirth(65, on),
		born80: civil.LatestBirth(80, on), born100: civil.LatestBirth(100, on),
		employeePension: codes(fact.Pension, "employee"), residentPension: codes(fact.Pension, "resident"),
		employeeMedical: codes(fact.Medical, "employee"), residentMedical: codes(fact.Medical, "resident"),
		hardUp: codes(fact.Income, "dibao", "edge", "rigid", "tekun"), dibao: codes(fact.Income, "dibao"),
		lowIncome: codes(fact.Income, "dibao", "edge"), tekun: codes(fact.Income, "tekun"),
		unable:    codes(fact.Ability, "moderate", "severe", "total"),
		scattered: codes(fact.TekunSupport, "scattered"), central: codes(fact.TekunSupport, "central"),
		honoured: codes(fact.Veteran, "disabled", "demobilised", "discharged", "martyr_family", "duty_family", "illness_family"),
		anyGrade: codes(fact.DisabilityGrade, "1", "2", "3", "4"),
		grave:    codes(fact.DisabilityGrade, "1", "2"), slight: codes(fact.DisabilityGrade, "3", "4"),
		mind: codes(fact.DisabilityKind, "mental", "intellect"),
	}
}

// The amounts that Linfen's list sets, a month or once. The others are the counties' to set.
const (
	centenarianSubsidy   = 300 * 100
	careServiceSubsidy80 = 70 * 100
	nursingSubsidy       = 100 * 100
	trainingSubsidy      = 1000 * 100
)

// person decides all items for one person, in the order of the list, and adds up
// what is known of the amounts and frequencies.
func (r *plainRules) person(p *fact.Person, out *[24]rules.Truth, into []tally) {
	yes := func(id fact.ID) rules.Truth { return is(p.Codes[id], 1<<fact.True) }
	income, grade := p.Codes[fact.Income], p.Codes[fact.DisabilityGrade]
	local := inLinfen(p)
	age60, age80 := born(p.Birth, r.born60), born(p.Birth, r.born80)
	local60 := and(local, age60)
	local65 := and(local, born(p.Birth, r.born65))
	hardUp, unable := is(income, r.hardUp), is(p.Codes[fact.Ability], r.unable)
	tekun := and(local60, is(income, r.tekun))
	support := p.Codes[fact.TekunSupport]
	gravelyDisabled := is(grade, r.grave)
	nursing := or(gravelyDisabled, and(is(grade, r.slight), is(p.Codes[fact.DisabilityKind], r.mind)))
	living := and(is(income, r.lowIncome), is(grade, r.anyGrade))
	special := or(or(or(yes(fact.LivesAlone), yes(fact.EmptyNest)), or(yes(fact.LeftBehind), unable)),
		or(gravelyDisabled, yes(fact.FPSpecial)))

	*out = [24]rules.Truth{
		and(local60, is(p.Codes[fact.Pension], r.employeePension)), // 职工基本养老保险
		and(local60, is(p.Codes[fact.Pension], r.residentPension)), // 城乡居民基本养老保险
		and(local60, is(p.Codes[fact.Medical], r.employeeMedical)), // 职工基本医疗保险
		and(local60, is(p.Codes[fact.Medical], r.residentMedical)), // 城乡居民基本医疗保险
		local60,                              // 司法救助
		age60,                                // 旅游服务
		local60,                              // 社区居家照料服务
		local65,                              // 老年人综合能力评估
		local65,                              // 健康管理
		local65,                              // 城市公共交通优惠服务
		and(local, age80),                    // 高龄津贴
		and(local, born(p.Birth, r.born100)), // 百岁补贴
		and(local60, hardUp),                 // 养老服务补贴
		and(local60, hardUp),                 // 家庭适老化改造
		and(and(local60, hardUp), unable),    // 护理补贴
		and(local60, unable),                 // 家庭养老支持服务
		and(local60, is(income, r.dibao)),    // 最低生活保障
		and(tekun, is(support, r.scattered)), // 分散供养
		and(tekun, or(yes(fact.WantsCentral), is(support, r.central))), // 集中供养
		and(local60, special), // 探访服务
		and(local60, and(is(p.Codes[fact.Veteran], r.honoured), and(yes(fact.NoSupporter), yes(fact.VeteranPension)))), // 集中供养（优抚）
		and(local60, yes(fact.FPSpecial)), // 优先享受机构养老
		and(local60, or(living, nursing)), // 两项残疾人补贴
		and(age60, yes(fact.Vagrant)),     // 社会救助
	}
	if out[8] == rules.Yes {
		into[8].Times++
	}
	if out[11] == rules.Yes {
		into[11].Sum += centenarianSubsidy
	}
	if out[12] == rules.Yes && age80 == rules.Yes {
		into[12].Sum += careServiceSubsidy80
	}
	if out[14] == rules.Yes {
		into[14].Sum += nursingSubsidy
	}
	if out[15] == rules.Yes {
		into[15].Sum += trainingSubsidy
	}
	if out[19] == rules.Yes && unable == rules.Yes {
		into[19].Times += 2
	}
	if out[19] == rules.Yes && unable == rules.No {
		into[19].Times++
	}
}
