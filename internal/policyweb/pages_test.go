package policyweb_test

import (
	"net/url"
	"strings"
	"testing"

	"yian/internal/policyweb"
	"yian/internal/ui/uitest"
)

func TestTemplatesFitTheirStructs(t *testing.T) { uitest.Templates(t, policyweb.Views()) }

// draft drafts the next version of a list and returns its address.
func (b *browser) draft(list string) string {
	b.t.Helper()
	a := b.want("/policies/new", url.Values{"list": {list}, "note": {"年度调整"}}, 200, "草稿")
	if !strings.HasPrefix(a.path, "/policies/") || a.path == "/policies/new" {
		b.t.Fatalf("drafting %s leads to %s", list, a.path)
	}
	return a.path
}

func TestListsOfThePlaceAndThoseAboveAreShown(t *testing.T) {
	s := newSite(t)
	b := s.as(t, cityAuthor)
	a := b.want("/policies", nil, 200, "临汾市", "全国", "临政办发〔2023〕43号", "起草清单", "第 1 版")
	a.lacks(t, "环翠", "贵州")
	a.golden(t, "lists")
	s.as(t, leader).want("/policies", nil, 200, "临汾市").lacks(t, "起草清单")
	b.draft("linfen-2023")
	b.want("/policies", nil, 200, "第 2 版", "草稿")
	b.want("/policies/new", nil, 200, "正在办理（草稿）", "第一份清单")
	b.want("/policies/new", url.Values{"list": {""}}, 422, "请选择起草哪里的清单")
	b.want("/policies/new", url.Values{"list": {"region:abc"}}, 422, "请选择起草哪里的清单")
	b.want("/policies/new", url.Values{"list": {"region:14"}}, 403)
	b.want("/policies/new", url.Values{"list": {"linfen-2023"}}, 409, "正在办理")
	s.as(t, neighbour).want("/policies", nil, 200).lacks(t, "第 2 版")
}

func TestVersionTellsItemsInPlainWords(t *testing.T) {
	s := newSite(t)
	at := "/policies/" + s.inForce(t, "linfen-2023").ID.String()
	b := s.as(t, cityAuthor)
	a := b.want(at, nil, 200,
		"户籍地在临汾市，且年满 80 周岁", "现金，每月：标准待定（高龄津贴标准）", "不低于 300 元/月", "年满 80 周岁：70 元", "其他情形：标准待定", "每年：1 次", "本地增加", "现行", "附件第11项", "起草新版本")
	a.golden(t, "version")
	b.want(at+"/check", nil, 200, "没有错误", "测试人物", "与上级清单对照").golden(t, "check")
	b.want(at+"/filings", nil, 200, "这一版还没有报送备案")
	b.want(at+"/export", nil, 200, "下载 XLSX", "打印页")
	b.want(at+"/notice", nil, 200, "临政办发〔2023〕43号", "*百岁补贴", "标 * 的为本地增加的项目").golden(t, "notice")
	s.as(t, leader).want(at, nil, 200, "高龄津贴").lacks(t, "起草新版本", "设定")
	b.want("/policies/abc", nil, 404)
}

func TestAVersionGoesThroughReviewByTwoPeople(t *testing.T) {
	s := newSite(t)
	author, approver := s.as(t, cityAuthor), s.as(t, cityApprover)
	at := author.draft("linfen-2023")
	s.as(t, neighbour).want(at, nil, 404)
	approver.want(at, nil, 200, "草稿").lacks(t, "/submit", "/approve", "修改文字")
	approver.want(at+"/approve", url.Values{"version": {"1"}}, 409, "不能批准")
	approver.want(at+"/submit", nil, 403)
	v := author.want(at+"/submit", nil, 200, "送给同级人民政府审批", "没有项目的规则和给付有变化").version(t)
	author.want(at+"/submit", url.Values{"version": {"7"}}, 412, "刚刚被别人改过")
	author.want(at+"/submit", url.Values{"version": {v}, "note": {"请审"}}, 200, "已送审", "待审批", "请审")
	page := approver.want(at+"/return", nil, 200, "退回的理由")
	approver.want(at+"/return", url.Values{"version": {page.version(t)}}, 422, "请写明退回的理由")
	approver.want(at+"/return", url.Values{"version": {page.version(t)}, "note": {"第11项请改"}}, 200, "已退回", "第11项请改")
	v = author.want(at+"/submit", nil, 200).version(t)
	author.want(at+"/submit", url.Values{"version": {v}}, 200, "待审批")
	v = approver.want(at+"/approve", nil, 200).version(t)
	approver.want(at+"/approve", url.Values{"version": {v}, "note": {"同意"}}, 200, "已批准", "发布")
	page = approver.want(at+"/publish", nil, 200, "永远不能再改", "对人的影响")
	approver.want(at+"/publish", url.Values{"version": {page.version(t)}, "from": {"2026-06-01"}}, 422, "不能早于今天")
	approver.want(at+"/publish", url.Values{"version": {page.version(t)}, "from": {"明天"}}, 422, "不是日期")
	approver.want(at+"/publish", url.Values{"version": {page.version(t)}, "from": {"2026-07-01"}}, 200, "已发布", "2026-07-01 起施行")
	author.want("/policies", nil, 200, "2026-07-01 起")
	author.want(at, nil, 200, "其他版本", "2023-12-16 至 2026-06-30", "与本版比较")
	author.want(at+"/text", nil, 409, "只有草稿可以修改")
}

func TestTheMakerIsNotTheChecker(t *testing.T) {
	s := newSite(t)
	b := s.as(t, bothHands)
	at := b.draft("linfen-2023")
	v := b.want(at+"/submit", nil, 200).version(t)
	b.want(at+"/submit", url.Values{"version": {v}}, 200, "请由另一人批准")
	v = b.want(at+"/approve", nil, 200).version(t)
	b.want(at+"/approve", url.Values{"version": {v}}, 403, "起草、修改或提请审批的人不能批准同一版清单")
}

func TestADraftIsDiscarded(t *testing.T) {
	s := newSite(t)
	b := s.as(t, cityAuthor)
	at := b.draft("linfen-2023")
	v := b.want(at+"/discard", nil, 200, "不能恢复").version(t)
	b.want(at+"/discard", url.Values{"version": {v}}, 200, "已作废")
	b.want(at+"/submit", nil, 200, "现在不能送审")
}

func TestACountyFilesWithTheCity(t *testing.T) {
	s := newSite(t)
	author, approver := s.as(t, countyAuthor), s.as(t, countyApprover)
	at := author.draft("region:141024")
	author.want(at, nil, 200, "承接上级", "洪洞县基本养老服务清单", "改写")
	// The county narrows an item that the city has for all of 80 and more.
	edit := author.want(at+"/items/old-age-allowance/edit", nil, 200, "改写承接的项目")
	form := edit.form()
	form.Set("all_lo", "90")
	form.Set("audience", "90周岁及以上老年人")
	form.Set("do", "save")
	author.want(at+"/items/old-age-allowance/edit", form, 200, "已保存")
	author.want(at+"/check", nil, 200, "清单还有 1 处错误", "只有 0 个测试人物", "覆盖范围不足")
	tests := author.want(at+"/tests", nil, 200).version(t)
	author.want(at+"/tests", url.Values{"version": {tests}, "tests": {strings.ReplaceAll(threePeople, "\n", "\r\n")}}, 200, "已保存，没有错误")
	author.want(at+"/check", nil, 200, "高龄津贴", "覆盖范围不足", "有 1 个项目低于上级清单", "周岁", "九十岁", "相符")
	v := author.want(at+"/submit", nil, 200, "有 1 个项目低于上级清单", "高龄津贴", "有人减少").version(t)
	author.want(at+"/submit", url.Values{"version": {v}}, 200, "待审批")
	v = approver.want(at+"/approve", nil, 200).version(t)
	approver.want(at+"/approve", url.Values{"version": {v}}, 200, "已批准")
	page := author.want(at+"/file", nil, 200, "低于上级清单的，必须写明理由")
	author.want(at+"/file", url.Values{"version": {page.version(t)}}, 422, "报送须写明理由")
	author.want(at+"/file", url.Values{"version": {page.version(t)}, "reason": {"财力有限，明年补齐"}}, 200, "已报送备案")
	author.want(at, nil, 200).lacks(t, at+"/file\"") // the level above has it
	author.want(at+"/filings", nil, 200, "待答复")

	officer := s.as(t, cityOfficer)
	box := officer.want("/filings", nil, 200, "洪洞县", "待我答复")
	box.lacks(t, "没有待答复的备案")
	filing := filingAddress.FindString(box.body)
	author.want(filing, nil, 200, "等待临汾市答复").lacks(t, "接受备案")
	page = officer.want(filing, nil, 200, "财力有限，明年补齐", "覆盖范围不足", "按上级清单", "接受备案")
	page.golden(t, "filing")
	answer := url.Values{"version": {page.version(t)}, "answer": {""}}
	officer.want(filing, answer, 422, "请选择接受还是退回")
	answer.Set("choice", "refuse")
	officer.want(filing, answer, 422, "请写明退回的理由")
	answer.Set("answer", "请按全市标准")
	officer.want(filing, answer, 200, "已答复", "已退回", "请按全市标准")
	officer.want(filing, answer, 412, "已经答复过")
	officer.want("/filings", nil, 200, "没有待答复的备案")
	author.want("/filings?box=all", nil, 200, "已退回", "请按全市标准")
	s.as(t, neighbour).want(filing, nil, 404)
}

// threePeople are test people of the item that the county rewrote.
const threePeople = `- name: 九十岁
  at: 2026-06-30
  facts: {birth: 1936-01-01, hukou: "141024001"}
  expect: {old-age-allowance: yes}
- name: 八十岁
  at: 2026-06-30
  facts: {birth: 1946-01-01, hukou: "141024001"}
  expect: {old-age-allowance: no}
- name: 外地九十岁
  at: 2026-06-30
  facts: {birth: 1936-01-01, hukou: "141025001"}
  expect: {old-age-allowance: yes}
`
