package policyweb_test

import (
	"testing"

	"yian/internal/pack"
)

func TestVersionsAreComparedItemByItem(t *testing.T) {
	s := newSite(t)
	b := s.as(t, cityAuthor)
	at := b.draft("linfen-2023")
	edit := at + "/items/old-age-allowance/edit"
	form := b.want(edit, nil, 200).form()
	form.Set("all_lo", "75")
	b.press(edit, "save", form, 200)
	draft := s.draftOf(t, "linfen-2023")
	b.want(at, nil, 200, "与上一版比较")
	to := "/policies/compare?a=" + draft.BasedOn.String() + "&b=" + draft.ID.String()
	b.want(to, nil, 200, "修改", "年满 80 周岁", "年满 75 周岁", "没有变化的项目", "百岁补贴", "/scenarios/new?list=linfen-2023").golden(t, "compare")
	s.as(t, neighbour).want(to, nil, 404)
	b.want("/policies/compare?a="+draft.ID.String(), nil, 404)
	b.want("/policies/compare?a=x&b=y", nil, 404)
	national := s.inForce(t, "national-2023")
	b.want("/policies/compare?a="+national.ID.String()+"&b="+draft.BasedOn.String(), nil, 200, "新增", "取消")
}

func TestLevelsStandSideBySide(t *testing.T) {
	b := newSite(t).as(t, cityAuthor)
	b.want("/policies/levels?region=1410", nil, 200, "国家：全国", "市：临汾市", "临汾市低于全国", "不低于", "高龄津贴").golden(t, "levels")
	b.want("/policies/levels", nil, 200, "市：临汾市")
	b.want("/policies/levels?region=abc", nil, 404)
}

func TestAVersionIsTakenOutAsFiles(t *testing.T) {
	s := newSite(t)
	b := s.as(t, leader)
	v := s.inForce(t, "linfen-2023")
	at := "/policies/" + v.ID.String()
	list := b.want(at+"/list.yaml", nil, 200)
	tests := b.want(at+"/tests.yaml", nil, 200)
	read := pack.Read("x", []byte(list.body), []byte(tests.body))
	if read.List.ID != v.List || len(read.List.Items) != 24 || len(read.Tests) == 0 {
		t.Errorf("%s with %d items and %d test people", read.List.ID, len(read.List.Items), len(read.Tests))
	}
	sheet := b.want(at+"/list.xlsx", nil, 200)
	if sheet.body[:2] != "PK" || sheet.header.Get("Content-Disposition") == "" {
		t.Errorf("no workbook: %q, %v", sheet.body[:2], sheet.header)
	}
}
