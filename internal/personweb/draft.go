package personweb

import (
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"yian/internal/document"
	"yian/internal/errs"
	"yian/internal/person"
	"yian/internal/ui"
)

// A form of a file always has room for one telephone and two contacts more.
const (
	sparePhones   = 1
	spareContacts = 2
	mostPhones    = 5
	mostContacts  = 10
)

// draftSections are the fields of what identifies a person, with their values.
func draftSections(v url.Values) []ui.Section {
	sections := []ui.Section{
		{Title: "身份", Text: "与证件一致。", Columns: true, Fields: identityFields(v)},
		{Title: "电话和住址", Columns: true, Fields: append(phoneFields(v),
			ui.Field{Name: "address", Label: "住址", Value: v.Get("address"), MaxLength: 200, Autocomplete: "off", Hint: "门牌号、楼栋、单元，能找到门。"})},
		{Title: "家庭", Columns: true, Fields: []ui.Field{
			{Name: "marital", Label: "婚姻", Kind: ui.KindSelect, Value: v.Get("marital"), Options: maritalOptions()},
			{Name: "household", Label: "户号", Value: v.Get("household"), MaxLength: 30, Autocomplete: "off"},
			{Name: "household_role", Label: "与户主关系", Kind: ui.KindSelect, Value: v.Get("household_role"), Options: choices(householdRoles, v.Get("household_role"))},
		}},
	}
	for i := range rows(v, "contact_name_", spareContacts, mostContacts) {
		sections = append(sections, contactSection(v, i))
	}
	return append(sections, ui.Section{Title: "其他", Columns: true, Fields: []ui.Field{
		{Name: "lon", Label: "经度", Value: v.Get("lon"), InputMode: "decimal", Autocomplete: "off", Placeholder: "如：111.518976", Hint: "住处的位置，地图上的十进制度数。"},
		{Name: "lat", Label: "纬度", Value: v.Get("lat"), InputMode: "decimal", Autocomplete: "off", Placeholder: "如：36.088005"},
		{Name: "note", Label: "备注", Kind: ui.KindTextarea, Value: v.Get("note"), MaxLength: 500, Rows: 3},
	}})
}

func identityFields(v url.Values) []ui.Field {
	kinds := []ui.Option{{Label: "没有证件，或按号码判断"}}
	for _, k := range document.Kinds() {
		kinds = append(kinds, ui.Option{Value: k.Code(), Label: k.Label()})
	}
	hint := "身份证 18 位，末位可以是 X。"
	if strings.Contains(v.Get("number"), "*") {
		hint = "带 * 的不改，就保持原来的号码。"
	}
	return []ui.Field{
		{Name: "name", Label: "姓名", Value: v.Get("name"), Required: true, MaxLength: 50, Autocomplete: "off"},
		{Name: "document", Label: "证件类型", Kind: ui.KindSelect, Value: v.Get("document"), Options: kinds},
		{Name: "number", Label: "证件号码", Value: v.Get("number"), MaxLength: 40, Autocomplete: "off", Hint: hint},
		{Name: "ethnic", Label: "民族", Kind: ui.KindSelect, Value: v.Get("ethnic"), Options: choices(ethnics, v.Get("ethnic"))},
	}
}

func phoneFields(v url.Values) []ui.Field {
	var fields []ui.Field
	for i := range rows(v, "phone_", sparePhones, mostPhones) {
		n := strconv.Itoa(i)
		fields = append(fields, ui.Field{Name: "phone_" + n, Label: "电话 " + strconv.Itoa(i+1), Kind: ui.KindTel, Value: v.Get("phone_" + n), MaxLength: 40, Autocomplete: "off"})
	}
	return fields
}

func contactSection(v url.Values, i int) ui.Section {
	n := strconv.Itoa(i)
	relation := v.Get("contact_relation_" + n)
	return ui.Section{Title: "联系人 " + strconv.Itoa(i+1), Columns: true, Fields: []ui.Field{
		{Name: "contact_name_" + n, Label: "联系人姓名", Value: v.Get("contact_name_" + n), MaxLength: 50, Autocomplete: "off"},
		{Name: "contact_relation_" + n, Label: "是本人的", Kind: ui.KindSelect, Value: relation, Options: choices(relations, relation)},
		{Name: "contact_phone_" + n, Label: "联系人电话", Kind: ui.KindTel, Value: v.Get("contact_phone_" + n), MaxLength: 40, Autocomplete: "off"},
		{Name: "contact_guardian_" + n, Label: "是监护人", Kind: ui.KindCheckbox, Value: v.Get("contact_guardian_" + n)},
	}}
}

// rows returns how many rows of a repeated field the form shows: those filled in, and
// some to spare.
func rows(v url.Values, prefix string, spare, most int) int {
	last := -1
	for i := range most {
		if v.Get(prefix+strconv.Itoa(i)) != "" {
			last = i
		}
	}
	return min(last+1+spare, most)
}

// draftValues are the values of the form for a file as it is.
func draftValues(one *person.Person) url.Values {
	v := url.Values{
		"name": {one.Name}, "document": {one.Document.Code()}, "number": {one.MaskedNumber()}, "address": {one.Address},
		"ethnic": {one.Ethnic}, "marital": {one.Marital}, "household": {one.Household}, "household_role": {one.HouseholdRole},
		"note": {one.Note}, "lon": {degrees(one.Lon)}, "lat": {degrees(one.Lat)}, "version": {strconv.FormatInt(one.Version, 10)},
	}
	for i, number := range one.Phones {
		v.Set("phone_"+strconv.Itoa(i), number)
	}
	for i, c := range one.Contacts {
		n := strconv.Itoa(i)
		v.Set("contact_name_"+n, c.Name)
		v.Set("contact_relation_"+n, c.Relation)
		v.Set("contact_phone_"+n, c.Phone)
		if c.Guardian {
			v.Set("contact_guardian_"+n, "1")
		}
	}
	return v
}

// draft reads what the form says; what is wrong with it as such is a fault, what the
// register thinks of it is for the service.
func (in *input) draft() person.Draft {
	d := person.Draft{Name: in.Get("name"), Number: in.Get("number")}
	if code := in.Get("document"); code != "" {
		kind, ok := document.KindOf(code)
		if !ok {
			in.faults.Add("document", "请选择证件类型")
		}
		d.Document = kind
	}
	d.Address, d.Ethnic, d.Marital, d.Note = in.Get("address"), in.Get("ethnic"), in.Get("marital"), in.Get("note")
	d.Household, d.HouseholdRole = in.Get("household"), in.Get("household_role")
	d.Lon, d.Lat = in.degrees("lon", "经度", 180), in.degrees("lat", "纬度", 90)
	// Empty lines stay, so that faults come back to the lines they are in.
	for i := range mostPhones {
		d.Phones = append(d.Phones, in.Get("phone_"+strconv.Itoa(i)))
	}
	for i := range mostContacts {
		n := strconv.Itoa(i)
		d.Contacts = append(d.Contacts, person.Contact{
			Name: in.Get("contact_name_" + n), Relation: in.Get("contact_relation_" + n), Phone: in.Get("contact_phone_" + n),
			Guardian: in.Get("contact_guardian_"+n) == "1",
		})
	}
	return d
}

// degrees reads a coordinate; none is none, which is not zero.
func (in *input) degrees(name, label string, limit float64) *int64 {
	text := in.Get(name)
	if text == "" {
		return nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.Abs(f) > limit || math.IsNaN(f) {
		in.faults.Add(name, "%s应为十进制度数，如 111.518976", label)
		return nil
	}
	n := int64(math.Round(f * 1e6))
	return &n
}

func degrees(n *int64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatFloat(float64(*n)/1e6, 'f', -1, 64)
}

// differences compares a file with what somebody else wrote into the form.
func differences(current, wanted url.Values) []change {
	var all []change
	for _, s := range draftSections(current) {
		for _, f := range s.Fields {
			if before, after := current.Get(f.Name), wanted.Get(f.Name); before != after {
				all = append(all, change{s.Title + "：" + f.Label, shown(f, before), shown(f, after)})
			}
		}
	}
	return all
}

// shown is a value as its field shows it.
func shown(f ui.Field, text string) string {
	for _, o := range f.Options {
		if o.Value == text && text != "" {
			return o.Label
		}
	}
	if f.Kind == ui.KindCheckbox && text == "1" {
		return "是"
	}
	return text
}

func maritalOptions() []ui.Option {
	options := []ui.Option{{Label: "未填写"}}
	for _, m := range person.Maritals {
		options = append(options, ui.Option{Value: m.Code, Label: m.Label})
	}
	return options
}

// choices offers words, and the one that is there already where it is another.
func choices(words []string, current string) []ui.Option {
	options := []ui.Option{{Label: "未填写"}}
	if current != "" && !slices.Contains(words, current) {
		options = append(options, ui.Option{Value: current, Label: current})
	}
	for _, w := range words {
		options = append(options, ui.Option{Value: w, Label: w})
	}
	return options
}

var (
	householdRoles = []string{"户主", "配偶", "子", "女", "父亲", "母亲", "祖父母", "孙子女", "兄弟姐妹", "其他亲属", "非亲属"}
	relations      = []string{"配偶", "儿子", "女儿", "儿媳", "女婿", "孙辈", "兄弟姐妹", "其他亲属", "邻居", "村（社区）工作人员", "朋友", "其他"}
	// ethnics are the names of GB/T 3304-1991.
	ethnics = strings.Fields("汉族 蒙古族 回族 藏族 维吾尔族 苗族 彝族 壮族 布依族 朝鲜族 满族 侗族 瑶族 白族 土家族 哈尼族 哈萨克族 傣族 黎族 傈僳族 佤族 畲族 高山族 拉祜族 水族 东乡族 纳西族 景颇族 柯尔克孜族 土族 达斡尔族 仫佬族 羌族 布朗族 撒拉族 毛南族 仡佬族 锡伯族 阿昌族 普米族 塔吉克族 怒族 乌孜别克族 俄罗斯族 鄂温克族 德昂族 保安族 裕固族 京族 塔塔尔族 独龙族 鄂伦春族 赫哲族 门巴族 珞巴族 基诺族")
)

// placed moves the faults of what repeats to the fields of this form.
func placed(err error) error {
	faults := errs.FieldsOf(err)
	if len(faults) == 0 {
		return err
	}
	out := make([]errs.Field, len(faults))
	for i, f := range faults {
		out[i] = errs.Field{Name: fieldName(f.Name), Message: f.Message}
	}
	return &errs.Error{Kind: errs.KindOf(err), Message: errs.Message(err), Fields: out}
}

// fieldName turns the name that the service gives a fault into that of the field:
// phones.0 is phone_0, contacts.1.phone is contact_phone_1.
func fieldName(name string) string {
	parts := strings.Split(name, ".")
	switch {
	case len(parts) == 2 && parts[0] == "phones":
		return "phone_" + parts[1]
	case len(parts) == 3 && parts[0] == "contacts":
		return "contact_" + parts[2] + "_" + parts[1]
	case name == "phones":
		return "phone_0"
	case name == "contacts":
		return "contact_name_0"
	}
	return name
}
