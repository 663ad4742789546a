package trail

import "testing"

func TestDetailsAreTold(t *testing.T) {
	for text, want := range map[string]string{
		`{"address":"10.0.0.1","method":"password"}`:                                   "来访地址：10.0.0.1；方式：密码",
		`{"ended":6,"temporary":false}`:                                                "结束的登录：6；临时密码：否",
		`{"facts":["ability","birth"],"from":"2026-11-22","source":"village","to":""}`: "信息项：能力等级、出生日期；从：2026-11-22；来源：村（社区）",
		`{"from":"141002","to":"141024","on":"2026-06-01"}`:                            "从：尧都区；日期：2026-06-01；到：洪洞县",
		`{"counts":{"rows":3,"rejected":1},"state":"done"}`:                            "结果：（退回：1；行数：3）；状态：已完成",
		`{"fields":["phones","address"]}`:                                              "改动的项目：电话、住址",
		`{"role":"town_worker","region":"141024"}`:                                     "区域：洪洞县；角色：乡镇（街道）经办",
		`{"unheard":"of"}`:    "unheard：of",
		`{"source":"nobody"}`: "来源：nobody",
		`{"role":null}`:       "",
		`no object`:           "no object",
	} {
		if got := detail(text); got != want {
			t.Errorf("%s is told as %q, want %q", text, got, want)
		}
	}
}

func TestSubjectsAreNamedAsOnOtherPages(t *testing.T) {
	if got := kindName("person"); got != "老年人档案" {
		t.Errorf("a person is called %s", got)
	}
}
