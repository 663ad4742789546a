// Package fact is the vocabulary that departments, rules and people share: every
// fact the product knows about a person, with its values, Chinese labels and the
// department that answers for it. The columns of the engine, the names in rules,
// the headers of people files and the documentation all follow from its table.
//
// A fact may be unknown, which is neither false nor zero nor "none".
package fact

import "math/bits"

// ID (信息项) names a fact by its place in the vocabulary.
type ID uint8

// The facts, in the order of the vocabulary (design of the house, "Facts").
const (
	Birth           ID = iota // 出生日期
	Sex                       // 性别
	Hukou                     // 户籍地
	Residence                 // 居住地
	Income                    // 困难类别
	TekunSupport              // 特困供养方式
	TekunCare                 // 特困人员自理能力
	Ability                   // 老年人能力等级 (GB/T 42195-2022)
	Dementia                  // 失智
	DisabilityKind            // 残疾类别 (GB/T 26341-2010)
	DisabilityGrade           // 残疾等级
	LivesAlone                // 独居
	EmptyNest                 // 空巢
	LeftBehind                // 留守
	FPSpecial                 // 计划生育特殊家庭
	Veteran                   // 优抚对象类别
	VeteranPension            // 享受国家定期抚恤补助
	NoSupporter               // 无赡养人或赡养人无能力
	Pension                   // 基本养老保险
	Medical                   // 基本医疗保险
	LTCIInsured               // 参加长期护理保险
	LTCILevel                 // 长期护理失能等级
	Vagrant                   // 生活无着流浪乞讨
	InFacility                // 入住养老机构
	WantsCentral              // 有集中供养意愿
	WorkInjuryCare            // 领取工伤生活护理费
	Count                     // the number of facts
)

// Kind (取值类型) is the shape of a fact's values.
type Kind uint8

// The kinds of facts.
const (
	Date   Kind = iota // a day
	Region             // a region code
	Enum               // one of named values
	Bool               // true or false
	Level              // a small whole number
)

// Code (取值代码) is a value of an Enum, Bool or Level fact as the engine keeps it:
// 0 is unknown, i+1 is Values[i].
type Code = uint8

// Unknown is the code of a value that nobody has recorded.
const Unknown Code = 0

// Codes of Bool facts.
const (
	True  Code = 1
	False Code = 2
)

// Value (取值) is one value of a fact.
type Value struct {
	Name    string   // as rules and files write it
	Label   string   // as people read it
	Aliases []string // other Chinese words that files use for it
}

// Def (信息项说明) describes a fact.
type Def struct {
	Name       string // in rules and file headers
	Label      string // in Chinese
	Kind       Kind
	Values     []Value // in the order of their codes; none for Date and Region
	Department string  // who answers for it (数据责任部门)
	Note       string  // the standard or law that fixes its values
}

// Def returns the description of the fact.
func (id ID) Def() *Def { return &vocabulary[id] }

// String returns the name of the fact in rules and files.
func (id ID) String() string { return vocabulary[id].Name }

// Coded reports whether the fact has a Code (it is no Date and no Region).
func (id ID) Coded() bool { return vocabulary[id].Kind >= Enum }

// Bits returns how many bits a code of the fact takes, the unknown one included.
func (id ID) Bits() int { return bits.Len(uint(len(vocabulary[id].Values))) }

// ByName finds a fact by its name in rules and files.
func ByName(name string) (ID, bool) {
	id, ok := byName[name]
	return id, ok
}

// Label returns the Chinese label of a code: 未知 for unknown.
func (id ID) Label(c Code) string {
	if c == Unknown {
		return "未知"
	}
	return vocabulary[id].Values[c-1].Label
}

// ValueName returns how rules and files write the code; "" for unknown.
func (id ID) ValueName(c Code) string {
	if c == Unknown {
		return ""
	}
	return vocabulary[id].Values[c-1].Name
}

// CodeOf finds the code of a value by the name that rules use.
func (id ID) CodeOf(name string) (Code, bool) {
	for i, v := range vocabulary[id].Values {
		if v.Name == name {
			return Code(i + 1), true
		}
	}
	return Unknown, false
}

var byName = func() map[string]ID {
	m := make(map[string]ID, Count)
	for id := range Count {
		m[vocabulary[id].Name] = id
	}
	return m
}()
