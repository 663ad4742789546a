package region_test

import (
	"strings"
	"testing"

	"yian/internal/region"
)

func TestExtend(t *testing.T) {
	t.Cleanup(func() { region.Extend(nil) })
	more, err := region.ReadDivisions(strings.NewReader("\ufeff代码,名称\n141024101,大槐树镇\n141024101001,古槐社区\n141002000000,新名区\n"))
	if err != nil {
		t.Fatal(err)
	}
	region.Extend(more)
	for code, want := range map[region.Code]string{
		"141024101": "大槐树镇", "141024101001": "古槐社区", "141002": "新名区", "1410": "临汾市", "141002001": "解放路街道",
	} {
		if got := region.Name(code); got != want {
			t.Errorf("%s is called %q, want %q", code, got, want)
		}
	}
	if below := region.Below("141024101"); len(below) != 1 || below[0].Code != "141024101001" {
		t.Errorf("below the town: %v", below)
	}
	region.Extend(nil)
	if got := region.Name("141024101001"); got != "141024101001" {
		t.Errorf("a name was left: %q", got)
	}
}

func TestReadDivisionsSaysWhere(t *testing.T) {
	for text, want := range map[string]string{
		"code,name\n14x,甲\n": "第 2 行",
		"141024101,\n":       "没有名称",
		"141024101\n":        "两列",
	} {
		if _, err := region.ReadDivisions(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
