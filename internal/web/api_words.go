package web

import (
	"strings"
	"unicode"

	"github.com/danielgtaylor/huma/v2"
	v "github.com/danielgtaylor/huma/v2/validation"
)

// What huma finds wrong, in Chinese. The texts go into schemas when operations are
// registered, so they are set before. %.0s drops what huma would repeat of the input.
func init() {
	huma.DefaultArrayNullable = false // lists are never null here
	huma.ValidateStrictCasing = true  // Name is not name
	v.MsgUnexpectedProperty = "没有这一项，请对照接口说明检查名称"
	v.MsgExpectedRFC3339DateTime = "应为带时区的时间，如 2026-11-22T08:00:00+08:00"
	v.MsgExpectedRFC1123DateTime = "应为 HTTP 格式的时间"
	v.MsgExpectedRFC3339Date = "应为真实的日期，如 1943-01-15"
	v.MsgExpectedRFC3339Time = "应为时刻，如 08:30:00"
	v.MsgExpectedRFC5322Email = "应为电子邮件地址%.0s"
	v.MsgExpectedRFC5890Hostname = "应为主机名"
	v.MsgExpectedRFC2673IPv4 = "应为 IPv4 地址"
	v.MsgExpectedRFC2373IPv6 = "应为 IPv6 地址"
	v.MsgExpectedRFCIPAddr = "应为 IP 地址"
	v.MsgExpectedRFC3986URI = "应为网址%.0s"
	v.MsgExpectedRFC4122UUID = "应为 UUID%.0s"
	v.MsgExpectedRFC6570URITemplate = "应为网址模板"
	v.MsgExpectedRFC6901JSONPointer = "应为 JSON 指针"
	v.MsgExpectedRFC6901RelativeJSONPointer = "应为相对 JSON 指针"
	v.MsgExpectedRegexp = "应为正则表达式%.0s"
	v.MsgExpectedMatchAtLeastOneSchema = "不是接口说明里的任何一种形式"
	v.MsgExpectedMatchExactlyOneSchema = "应恰好是接口说明里的一种形式"
	v.MsgExpectedNotMatchSchema = "不能是这种形式"
	v.MsgExpectedPropertyNameInObject = "缺少区分种类的一项"
	v.MsgExpectedBoolean = "应为 true 或 false"
	v.MsgExpectedDuration = "应为时长，如 30m%.0s"
	v.MsgExpectedNumber = "应为数字"
	v.MsgExpectedInteger = "应为整数"
	v.MsgExpectedString = "应为文字（加引号）"
	v.MsgExpectedBase64String = "应为 Base64 编码"
	v.MsgExpectedArray = "应为列表（方括号）"
	v.MsgExpectedObject = "应为对象（花括号）"
	v.MsgExpectedArrayItemsUnique = "列表里有重复的项"
	v.MsgExpectedOneOf = "应为以下之一：%s"
	v.MsgExpectedMinimumNumber = "不能小于 %v"
	v.MsgExpectedExclusiveMinimumNumber = "应大于 %v"
	v.MsgExpectedMaximumNumber = "不能大于 %v"
	v.MsgExpectedExclusiveMaximumNumber = "应小于 %v"
	v.MsgExpectedNumberBeMultipleOf = "应为 %v 的倍数"
	v.MsgExpectedMinLength = "至少 %d 个字"
	v.MsgExpectedMaxLength = "最多 %d 个字"
	v.MsgExpectedBePattern = "应为%s"
	v.MsgExpectedMatchPattern = "格式应符合 %s"
	v.MsgExpectedMinItems = "至少 %d 项"
	v.MsgExpectedMaxItems = "最多 %d 项"
	v.MsgExpectedMinProperties = "至少 %d 项"
	v.MsgExpectedMaxProperties = "最多 %d 项"
	v.MsgExpectedRequiredProperty = "缺少 %s"
	v.MsgExpectedDependentRequiredProperty = "缺少 %s：填了 %s 就要填它"
}

// fixedWords are what huma says where it asks nobody for other words, by how it begins.
var fixedWords = []struct{ english, chinese string }{
	{"required ", "缺少这个参数"},
	{"invalid integer", "应为整数"},
	{"invalid float", "应为数字"},
	{"invalid boolean", "应为 true 或 false"},
	{"invalid date/time", "应为带时区的时间，如 2026-11-22T08:00:00Z"},
	{"invalid character", "不是合法的 JSON，请检查引号、逗号和括号"},
	{"unexpected end of JSON", "JSON 没有写完"},
	{"json: cannot unmarshal", "数值的类型不对，请对照接口说明检查"},
	{"request body is required", "缺少正文。"},
}

// inChinese returns the Chinese for a message of huma or of encoding/json. None is
// shown in English, and none that repeats what was sent.
func inChinese(message string) string {
	for _, w := range fixedWords {
		if strings.HasPrefix(message, w.english) {
			return w.chinese
		}
	}
	if strings.ContainsFunc(message, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		return strings.TrimPrefix(message, "invalid value: ")
	}
	return "这一项不符合接口说明"
}
