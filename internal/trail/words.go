package trail

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"yian/internal/access"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/region"
)

// words are what the names in the details of entries mean. A name without a word is
// shown as it was written, for nothing of the trail may be hidden.
var words = map[string]string{
	"address": "来访地址", "block": "第几块", "blocks": "块数", "brought": "已导入", "bytes": "字节数", "changed": "改动", "columns": "列",
	"conflict": "争议编号", "conflicts": "争议", "counts": "结果", "created": "新建", "decision": "核定结果", "ended": "结束的登录", "fact": "信息项",
	"facts": "信息项", "fields": "改动的项目", "format": "格式", "found": "发现", "from": "从", "high": "后建的档案", "kind": "类别", "looked": "查看的档案数",
	"low": "先建的档案", "machine": "接口用户", "method": "方式", "moved": "变动", "name": "名称", "on": "日期", "organisation": "单位编号", "pair": "疑似重复编号",
	"people": "人数", "placed": "用默认地区", "reason": "原因", "record": "记录编号", "records": "记录数", "region": "区域", "region_before": "原区域", "rejected": "退回", "role": "角色", "rows": "行数",
	"second": "第二因素", "source": "来源", "state": "状态", "temporary": "临时密码", "to": "到", "unchanged": "没有变化", "was": "原状态",
	"what": "内容", "whole": "完整号码", "written": "已写行数", "expires": "有效期到", "permissions": "权限", "user": "用户编号", "days": "天数",
}

// values are what codes in the details mean, by the name that they stand under.
var values = map[string]map[string]string{
	"method": {"password": "密码", "provider": "统一身份认证"},
	"reason": {"password": "密码错误", "second": "验证码错误", "not_admitted": "账号停用或临时密码过期", "provider": "统一身份认证没有通过", "provider_unknown": "统一身份认证的用户不在本系统"}, //nolint:gosec // words, no credentials
	"second": {"totp": "动态口令", "recovery": "恢复码"},
	"what":   {"number": "证件号码", "phones": "电话"},
	"state":  states, "was": states,
	"fields": particulars, "columns": particulars,
	"decision": {"kept": "维持", "accepted": "改为不同的说法"},
}

// particulars are what identifies a person, and columns of lists.
var particulars = map[string]string{
	"name": "姓名", "document": "证件", "number": "证件号码", "age": "年龄", "phones": "电话", "contacts": "联系人", "address": "住址", "ethnic": "民族",
	"marital": "婚姻", "household": "家庭", "note": "备注", "region": "服务地区", "state": "档案状态", "updated": "更新时间",
}

var states = map[string]string{
	"alive": "在册", "moved": "迁出", "deceased": "去世", "merged": "已并入", "open": "待核对", "different": "不是同一人",
	"uploading": "上传中", "reading": "读取中", "matching": "待对应列", "checking": "试运行中", "checked": "待确认", "committing": "导入中",
	"done": "已完成", "stopped": "已停止", "cancelled": "已取消", "failed": "有误", "waiting": "生成中", "ready": "可下载", "expired": "已过期",
}

// detail tells the details of an entry, in the order of their names.
func detail(text string) string {
	var fields map[string]any
	if err := json.Unmarshal([]byte(text), &fields); err != nil {
		return text
	}
	return tell(fields)
}

func tell(fields map[string]any) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		value := meaning(name, fields[name])
		if value == "" {
			continue
		}
		word := name
		if w, ok := words[name]; ok {
			word = w
		}
		parts = append(parts, word+"："+value)
	}
	return strings.Join(parts, "；")
}

// meaning tells a value; nothing if there is none.
func meaning(name string, value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case bool:
		return map[bool]string{true: "是", false: "否"}[v]
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []any:
		all := make([]string, len(v))
		for i := range v {
			all[i] = meaning(name, v[i])
		}
		return strings.Join(all, "、")
	case map[string]any:
		return "（" + tell(v) + "）"
	case string:
		return coded(name, v)
	}
	return fmt.Sprint(value)
}

// coded tells a code that stands under a name.
func coded(name, code string) string {
	if label, ok := values[name][code]; ok {
		return label
	}
	switch name {
	case "source":
		if s := history.Source(code); s.Known() {
			return s.Label()
		}
	case "role":
		return access.Role(code).Label()
	case "region", "region_before":
		return region.Name(region.Code(code))
	case "from", "to":
		if _, err := region.Parse(code); err == nil { // of a file that was handed over; days have dashes
			return region.Name(region.Code(code))
		}
	case "fact", "facts", "columns":
		if f, ok := fact.ByName(code); ok {
			return f.Def().Label
		}
	}
	return code
}
