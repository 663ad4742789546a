package intake

import (
	"crypto/sha256"
	"database/sql/driver"
	"slices"
	"strings"
	"unicode"

	"yian/internal/errs"
	"yian/internal/fact"
)

// Target (对应项) is what a column of a file is for: a part of the person, or a fact by
// its name in the vocabulary. The empty one is nothing.
type Target string

// The targets that are no facts.
const (
	Ignored          Target = ""
	Name             Target = "name"
	DocumentKind     Target = "document"
	Number           Target = "number"
	From             Target = "from"
	Phone            Target = "phone"
	Address          Target = "address"
	Ethnic           Target = "ethnic"
	Marital          Target = "marital"
	Household        Target = "household"
	HouseholdRole    Target = "household_role"
	ContactName      Target = "contact.name"
	ContactRelation  Target = "contact.relation"
	ContactPhone     Target = "contact.phone"
	GuardianName     Target = "guardian.name"
	GuardianRelation Target = "guardian.relation"
	GuardianPhone    Target = "guardian.phone"
	Lon              Target = "lon"
	Lat              Target = "lat"
	Note             Target = "note"
)

// TargetInfo (对应项说明) describes a target.
type TargetInfo struct {
	Target Target
	Label  string
	Group  string
	names  []string // what headers call it besides
}

// Targets lists all targets in the order of forms.
var Targets = slices.Concat([]TargetInfo{
	{Name, "姓名", "身份", []string{"老人姓名", "老年人姓名", "本人姓名", "人员姓名", "对象姓名", "申请人", "申请人姓名", "被评估人", "名字"}},
	{DocumentKind, "证件类型", "身份", []string{"证件种类", "身份证件类型", "证照类型"}},
	{Number, "证件号码", "身份", []string{
		"身份证号", "身份证号码", "身份证", "身份证件号码", "身份证件号", "公民身份号码", "公民身份证号码", "居民身份证号", "居民身份证号码",
		"证件号", "证号", "老人身份证号", "老人身份证号码", "本人身份证号", "申请人身份证号", "citizen_id", "id_number",
	}},
	{From, "信息起始日期", "身份", []string{"起始日期", "认定日期", "评估日期", "生效日期", "纳入日期"}},
	{Phone, "电话", "联系方式", []string{
		"手机", "手机号", "手机号码", "电话号码", "联系电话", "本人电话", "联系方式", "老人电话", "移动电话", "固定电话", "座机", "家庭电话", "电话1", "电话2", "tel", "mobile", "phone",
	}},
	{Address, "住址", "联系方式", []string{
		"地址", "家庭住址", "家庭地址", "详细地址", "居住地址", "现住址", "现住地址", "现居住地址", "居住详址", "户籍地址", "户籍详址", "户口所在地", "通讯地址", "住所",
	}},
	{Ethnic, "民族", "身份", nil},
	{Marital, "婚姻状况", "身份", []string{"婚姻", "婚姻状态", "婚否"}},
	{Household, "户号", "家庭", []string{"户编号", "家庭编号", "户口簿编号"}},
	{HouseholdRole, "与户主关系", "家庭", []string{"户主关系", "家庭关系"}},
	{ContactName, "联系人", "联系人", []string{"联系人姓名", "紧急联系人", "紧急联系人姓名", "家属", "家属姓名", "亲属姓名", "子女姓名"}},
	{ContactRelation, "联系人关系", "联系人", []string{"与联系人关系", "联系人与本人关系", "与本人关系", "与老人关系", "紧急联系人关系", "家属关系", "亲属关系"}},
	{ContactPhone, "联系人电话", "联系人", []string{"联系人手机", "联系人手机号", "联系人联系电话", "联系人联系方式", "紧急联系人电话", "紧急联系电话", "家属电话", "家属联系电话", "亲属电话", "子女电话"}},
	{GuardianName, "监护人", "联系人", []string{"监护人姓名", "委托监护人"}},
	{GuardianRelation, "监护人关系", "联系人", []string{"与监护人关系"}},
	{GuardianPhone, "监护人电话", "联系人", []string{"监护人手机", "监护人联系电话", "监护人联系方式"}},
	{Lon, "经度", "联系方式", []string{"东经"}},
	{Lat, "纬度", "联系方式", []string{"北纬"}},
	{Note, "备注", "身份", []string{"说明", "备注说明"}},
}, facts())

// factNames are what headers call facts besides their names and labels.
var factNames = map[fact.ID][]string{
	fact.Birth:           {"出生年月日", "出生年月", "生日", "出生日期(公历)"},
	fact.Hukou:           {"户籍", "户籍区划", "户籍地区划", "户籍地代码", "户籍区划代码", "户籍所在地"},
	fact.Residence:       {"居住区划", "居住地区划", "居住地代码", "居住区划代码", "现居住地", "常住地", "所在村社区", "所属村社区", "村社区", "社区"},
	fact.Income:          {"救助类别", "困难类型", "对象类别", "救助类型"},
	fact.TekunSupport:    {"供养方式", "供养形式"},
	fact.TekunCare:       {"自理能力", "生活自理能力"},
	fact.Ability:         {"老年人能力等级", "失能等级", "能力评估等级", "评估等级", "评估结果", "失能情况"},
	fact.Dementia:        {"是否失智", "认知症"},
	fact.DisabilityKind:  {"残疾类型", "残疾种类"},
	fact.DisabilityGrade: {"残疾级别", "残疾程度"},
	fact.LivesAlone:      {"是否独居", "独居老人"},
	fact.EmptyNest:       {"是否空巢", "空巢老人"},
	fact.LeftBehind:      {"是否留守", "留守老人"},
	fact.FPSpecial:       {"计生特殊家庭", "是否计生特殊家庭", "失独"},
	fact.Veteran:         {"优抚类别", "优抚对象", "优抚类型"},
	fact.VeteranPension:  {"定期抚恤补助"},
	fact.Pension:         {"养老保险", "养老保险类型"},
	fact.Medical:         {"医疗保险", "医保类型", "医保"},
	fact.LTCIInsured:     {"长期护理保险", "是否参加长护险"},
	fact.LTCILevel:       {"长护等级", "长护险等级"},
	fact.InFacility:      {"是否入住机构", "入住机构"},
}

func facts() []TargetInfo {
	infos := make([]TargetInfo, 0, fact.Count)
	for f := range fact.Count {
		infos = append(infos, TargetInfo{Target(f.String()), f.Def().Label, "信息项（" + f.Def().Department + "）", append([]string{f.String()}, factNames[f]...)})
	}
	return infos
}

// Info returns the description of a target; ok is false for one that does not exist.
func (t Target) Info() (info TargetInfo, ok bool) {
	i := slices.IndexFunc(Targets, func(x TargetInfo) bool { return x.Target == t })
	if i < 0 {
		return TargetInfo{}, false
	}
	return Targets[i], true
}

// fact returns the fact that the target is.
func (t Target) fact() (fact.ID, bool) { return fact.ByName(string(t)) }

// guesses finds a target by every name that headers have for it.
var guesses = func() map[string]Target {
	m := map[string]Target{}
	for _, info := range Targets {
		for _, name := range append([]string{string(info.Target), info.Label}, info.names...) {
			m[plain(name)] = info.Target
		}
	}
	return m
}()

// plain reduces a header to what counts: 身份 证号(必填)* and 身份证号 are the same.
func plain(header string) string {
	header = strings.ToLower(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.Is(unicode.Cf, r), strings.ContainsRune("*＊:：、_-/", r):
			return -1
		case r >= '！' && r <= '～':
			return r - '！' + '!'
		}
		return r
	}, header))
	if i := strings.IndexByte(header, '('); i > 0 {
		header = header[:i]
	}
	return header
}

// Guess tells what a column is likely for by its header.
func Guess(header string) Target { return guesses[plain(header)] }

// Mapping (列对应) is what each column of a file is for.
type Mapping []Target

// Value implements driver.Valuer.
func (m Mapping) Value() (driver.Value, error) { return text([]Target(m)) }

// Scan implements sql.Scanner.
func (m *Mapping) Scan(src any) error { return scan(src, (*[]Target)(m)) }

// guess makes a mapping of a header. Of several columns that could be the same only
// the first is taken, phones apart.
func guess(header []string) Mapping {
	m := make(Mapping, len(header))
	for i, name := range header {
		if t := Guess(name); t == Phone || !slices.Contains(m[:i], t) {
			m[i] = t
		}
	}
	return m
}

// check says what is wrong with a mapping, by field: c0, c1 ….
func (m Mapping) check(header []string) error {
	var f errs.Fields
	if len(m) != len(header) {
		return errs.New(errs.Invalid, "文件有 %d 列，提交了 %d 列，请刷新页面后重试。", len(header), len(m))
	}
	for i, t := range m {
		info, ok := t.Info()
		switch {
		case t == Ignored, t == Phone:
		case !ok:
			f.Add(Field(i), "没有这个对应项，请重新选择")
		case slices.Contains(m[:i], t):
			f.Add(Field(i), "“%s”已经选给第 %d 列“%s”，同一项只能选一列", info.Label, slices.Index(m, t)+1, header[slices.Index(m, t)])
		}
	}
	if !slices.Contains(m, Number) { // a name is needed only by rows that open a file
		info, _ := Number.Info()
		f.Add("mapping", "没有哪一列是“%s”，请选一列：没有它就不知道是谁", info.Label)
	}
	for _, pair := range [][2]Target{{ContactPhone, ContactName}, {ContactRelation, ContactName}, {GuardianPhone, GuardianName}, {GuardianRelation, GuardianName}} {
		if i := slices.Index(m, pair[0]); i >= 0 && !slices.Contains(m, pair[1]) {
			info, _ := pair[1].Info()
			f.Add(Field(i), "选了这一项，还要有一列是“%s”；没有的话请选“不导入”", info.Label)
		}
	}
	if slices.Contains(m, Lon) != slices.Contains(m, Lat) {
		f.Add("mapping", "经度和纬度要么都选，要么都不选")
	}
	return f.Err()
}

// Field returns the name of the field that asks for column i.
func Field(i int) string { return "c" + itoa(i) }

// fingerprint is the same for headers that mean the same columns in the same order.
func fingerprint(header []string) []byte {
	h := sha256.New()
	for _, name := range header {
		_, _ = h.Write([]byte(plain(name) + "\n"))
	}
	return h.Sum(nil)
}
