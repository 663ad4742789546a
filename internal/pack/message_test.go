package pack

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"yian/internal/region"
	"yian/policies"
)

// packOf are the files of a pack of nothing but messages.
func packOf(tree fstest.MapFS, place, region, messages string) {
	tree[place+"/pack.yaml"] = &fstest.MapFile{Data: fmt.Appendf(nil, "pack: %s\nname: 某地\nregion: %q\ndocuments: []\n", place, region)}
	tree[place+"/messages.yaml"] = &fstest.MapFile{Data: []byte(messages)}
}

func message(id, on, text string) string {
	return fmt.Sprintf("  - {id: %s, on: %s, to: person, text: %q}\n", id, on, text)
}

func TestLowerTemplatesTakeThePlaceOfUpperOnes(t *testing.T) {
	tree := fstest.MapFS{}
	packOf(tree, "a-county", "141002", "messages:\n"+message("newly", "newly", "区里的{项目}"))
	packOf(tree, "b-city", "1410", "messages:\n"+message("newly", "newly", "市里的{项目}")+message("own", "lost", "市里自己的"))
	packOf(tree, "c-nation", "", "messages:\n"+message("newly", "newly", "全国的{项目}")+message("lost", "lost", "全国的"))
	lib, err := NewLibrary(tree)
	if err != nil {
		t.Fatal(err)
	}
	for place, want := range map[string]string{
		"141002001": "newly 区里的{项目}, lost 全国的, own 市里自己的",
		"141021":    "newly 市里的{项目}, lost 全国的, own 市里自己的",
		"14":        "newly 全国的{项目}, lost 全国的",
		"61":        "newly 全国的{项目}, lost 全国的",
	} {
		var got []string
		for _, one := range lib.Templates(region.Code(place)) {
			got = append(got, one.ID+" "+one.Text)
		}
		if text := strings.Join(got, ", "); text != want {
			t.Errorf("%s: %s, want %s", place, text, want)
		}
	}
	packOf(tree, "a-county", "141002", "messages:\n"+message("newly", "lost", "区里的"))
	if lib, err = NewLibrary(tree); err != nil {
		t.Fatal(err)
	}
	p, _ := lib.Find("a-county")
	if found := Check(p, lib); found.Errors() != 1 || !strings.Contains(found.String(), "messages.yaml:2:21: 错误：上级政策包的模板 newly 用于 newly") {
		t.Errorf("found %s", found)
	}
}

func TestTemplatesAreFilled(t *testing.T) {
	one := Template{ID: "newly", Text: "{称呼}：{项目}，{项目}"}
	text, err := one.Fill(map[string]string{"称呼": "王{项目}", "项目": "高龄津贴"})
	if err != nil || text != "王{项目}：高龄津贴，高龄津贴" {
		t.Errorf("%q, %v", text, err)
	}
	if _, err := one.Fill(map[string]string{"称呼": "王女士"}); err == nil || !strings.Contains(err.Error(), "项目") {
		t.Errorf("a hole is filled: %v", err)
	}
}

// TestNationHasATemplateForEverything: places that write none of their own can still tell people.
func TestNationHasATemplateForEverything(t *testing.T) {
	lib, err := NewLibrary(policies.FS)
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]bool{}
	all := map[string]string{}
	for _, p := range Placeholders {
		all[p] = "某"
	}
	for _, one := range lib.Templates("650102") {
		have[one.On+" "+one.To] = true
		if _, err := one.Fill(all); err != nil {
			t.Error(err)
		}
	}
	for _, on := range []string{OnNewly, OnLost, OnChanging, OnMissing} {
		for _, to := range []string{ToPerson, ToContact} {
			if !have[on+" "+to] {
				t.Errorf("no template tells a %s of %s", to, on)
			}
		}
	}
}
