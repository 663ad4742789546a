package document

import (
	"slices"
	"strings"
)

// Kind (证件类型) is a kind of identity document.
type Kind uint8

// The kinds. The zero value is no kind.
const (
	ResidentID         Kind = iota + 1 // 居民身份证
	HKMacaoPermit                      // 港澳居民来往内地通行证
	TaiwanPermit                       // 台湾居民来往大陆通行证
	ResidencePermit                    // 港澳台居民居住证
	PermanentResidence                 // 外国人永久居留身份证
	Passport                           // 护照
	kindEnd
)

// kinds is the one table of kinds: code in files and databases, label and other names
// that people use, how a number looks, and its parser.
var kinds = [kindEnd]struct {
	code, label string
	names       []string
	hint        string
	parse       func(s string) (number string, err error)
}{
	ResidentID: {
		"resident_id", "居民身份证",
		[]string{"身份证", "第二代居民身份证", "二代身份证", "公民身份号码"},
		"18 位，末位可以是 X", parseResident,
	},
	HKMacaoPermit: {
		"hk_macao_permit", "港澳居民来往内地通行证",
		[]string{"港澳通行证", "港澳居民通行证", "回乡证", "港澳居民来往内地通行证（非中国籍）"},
		"字母 H 或 M 加 8 位，如 H12345678", parseHKMacao,
	},
	TaiwanPermit: {
		"taiwan_permit", "台湾居民来往大陆通行证",
		[]string{"台胞证", "台湾通行证", "台湾居民通行证"},
		"8 位数字", parseTaiwan,
	},
	ResidencePermit: {
		"residence_permit", "港澳台居民居住证",
		[]string{"港澳居民居住证", "台湾居民居住证"},
		"18 位，以 81、82 或 83 开头", parseResidencePermit,
	},
	PermanentResidence: {
		"permanent_residence", "外国人永久居留身份证",
		[]string{"外国人永久居留证", "永久居留证", "五星卡"},
		"18 位，以 9 开头；旧证为 3 个字母加 12 位数字", parsePermanentResidence,
	},
	Passport: {
		"passport", "护照",
		[]string{"外国护照", "中国护照", "普通护照"},
		"5 至 15 位字母或数字", parsePassport,
	},
}

// Kinds returns the kinds in the order of forms.
func Kinds() []Kind {
	return []Kind{ResidentID, HKMacaoPermit, TaiwanPermit, ResidencePermit, PermanentResidence, Passport}
}

// brackets writes the brackets of labels as they are written here.
var brackets = strings.NewReplacer("(", "（", ")", "）")

// KindOf returns the kind of a code, a label, or another name that files use.
func KindOf(name string) (Kind, bool) {
	name = brackets.Replace(strings.TrimSpace(name))
	for _, k := range Kinds() {
		if kinds[k].code == name || kinds[k].label == name || slices.Contains(kinds[k].names, name) {
			return k, true
		}
	}
	return 0, false
}

func (k Kind) valid() bool { return k > 0 && k < kindEnd }

// Code returns the word for files, databases and JSON; "" for no kind.
func (k Kind) Code() string {
	if !k.valid() {
		return ""
	}
	return kinds[k].code
}

// Label returns what people read; "" for no kind.
func (k Kind) Label() string {
	if !k.valid() {
		return ""
	}
	return kinds[k].label
}

// Hint tells how a number of the kind looks, for forms.
func (k Kind) Hint() string {
	if !k.valid() {
		return ""
	}
	return kinds[k].hint
}

// String returns the code.
func (k Kind) String() string { return k.Code() }

// MarshalText writes the code.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.Code()), nil }
