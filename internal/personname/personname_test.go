package personname

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestNormalize(t *testing.T) {
	for in, want := range map[string]string{
		"王桂兰":               "王桂兰",
		" 王 桂　兰\t":          "王桂兰",
		"\ufeff王桂兰\u200b":   "王桂兰",
		"阿卜杜拉·买买提":          "阿卜杜拉·买买提",
		"阿卜杜拉•买买提":          "阿卜杜拉·买买提",
		"阿卜杜拉・买买提":          "阿卜杜拉·买买提",
		"阿卜杜拉.买买提":          "阿卜杜拉·买买提",
		"阿卜杜拉．买买提":          "阿卜杜拉·买买提",
		"阿卜杜拉。买买提":          "阿卜杜拉·买买提",
		"阿卜杜拉 · 买买提":        "阿卜杜拉·买买提",
		"阿卜杜拉··买买提":         "阿卜杜拉·买买提",
		"阿Q":                "阿Q",
		"JOHN   SMITH":      "JOHN SMITH",
		"ＪＯＨＮ　ＳＭＩＴＨ":        "JOHN SMITH",
		"John B. O’Neil":    "John B. O'Neil",
		"Anne–Marie Müller": "Anne-Marie Müller",
		"𬭎𫖯":                "𬭎𫖯",
		"王〇":                "王〇",
		"王\ue82d":           "王\ue82d",
		"王 J":               "王J",
	} {
		got, err := Normalize(in)
		if err != nil || got != want {
			t.Errorf("%q becomes %q, %v, want %q", in, got, err, want)
		}
	}
}

func TestNormalizeSaysWhatIsWrong(t *testing.T) {
	for in, want := range map[string]string{
		"":                               "请填写",
		"王":                              "至少 2 个字",
		"王1":                             "不能有数字",
		"王２兰":                            "不能有数字",
		"王*兰":                            "遮住",
		"王□兰":                            "遮住",
		"王?兰":                            "乱码",
		"王\xff兰":                         "乱码",
		"王桂兰（已故）":                        "括号",
		"王桂兰(户主)":                        "括号",
		"王桂兰、李秀英":                        "几个姓名",
		"王桂兰/李秀英":                        "几个姓名",
		"王😀":                             "只能有汉字",
		"Иван":                           "只能有汉字",
		"·买买提":                           "开头、结尾",
		"买买提·":                           "开头、结尾",
		"-Marie":                         "开头、结尾",
		strings.Repeat("买", 51):          "最多 50 个字，这里是 51 个",
		strings.Repeat("A", 51):          "最多 50 个字",
		strings.Repeat("买", 49) + "··买买": "最多 50 个字，这里是 52 个",
	} {
		got, err := Normalize(in)
		if err == nil || got != "" || !strings.Contains(err.Error(), want) {
			t.Errorf("%q becomes %q, %v, want “%s”", in, got, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "桂") {
			t.Errorf("%q: the message quotes the name: %v", in, err)
		}
	}
}

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{
		"王桂兰": "wgl", "李秀英": "lxy", "张长福": "zcf", "刘重阳": "lcy", "欧阳修": "oyx", "诸葛亮": "zgl",
		"单田芳": "stf", "仇英": "qy", "解晓东": "xxd", "区志强": "ozq", "查良镛": "zly", "曾国藩": "zgf",
		"朴正花": "pzh", "尉迟恭": "ycg", "尉文": "ww", "万俟丽": "mql", "万俊": "wj", "乐嘉": "yj", "盖叫天": "gjt",
		"翟志刚": "zzg", "缪荃孙": "mqs", "宁静": "nj", "任远": "ry", "华国": "hg", "长孙无忌": "zswj", "单于明": "cym", "单于": "sy",
		"澹台灭明": "ttmm", "令狐冲": "lhc", "乐正绫": "yzl", "种师道": "csd", "折德扆": "sdy", "秘书": "bs", "繁漪": "py",
		"覃秀兰": "qxl", "阚清": "kq", "祭遵": "zz", "莘瑶": "sy", "王莘": "wx", "冼星海": "xxh", "员半千": "ybq",
		"王乐": "wl", "王单": "wd", "王解放": "wjf", "王晟": "ws", "李盛": "ls", "张朝阳": "zcy", "王行": "wx",
		"阿卜杜拉·买买提": "abdlmmt", "曲比·阿乌": "qbaw", "单增·卓玛": "dzzm",
		"John B. O'Neil": "johnboneil", "Anne-Marie Müller": "annemariemuller", "阿Q": "aq",
		"𬭎䶮": "hy", "王〇": "wl", "㛃": "j", "": "", "·": "", "🙂": "", "Ж": "",
	} {
		if got := Initials(name); got != want {
			t.Errorf("Initials(%q) = %q, want %q", name, got, want)
		}
	}
}

// TestCommonSurnames holds the table to the hundred surnames that most people have.
func TestCommonSurnames(t *testing.T) {
	const (
		names   = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
		letters = "wlzlcyzhzwxshzglhgmllszxhtfydxccydxfszplsljcjdwxyyypddxzwtrjffsytlzxjlhkbckmqqjsghsmlwdlqtylycwqhlgw"
	)
	if got := Initials(string([]rune(names)[:50])) + Initials(string([]rune(names)[50:])); got != letters {
		t.Errorf("got  %s\nwant %s", got, letters)
	}
}

func TestMask(t *testing.T) {
	for name, want := range map[string]string{
		"王桂兰": "王*兰", "王兰": "王*", "欧阳秀兰": "欧**兰", "阿卜杜拉·买买提": "阿***·**提", "JOHN SMITH": "J*** ****H", "王": "*", "": "",
		"甲·乙": "甲·*", "A B": "A *", "·": "·",
	} {
		if got := Mask(name); got != want {
			t.Errorf("Mask(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestIsInitials(t *testing.T) {
	for query, want := range map[string]bool{
		"wgl": true, "WGL": true, "w": true, "": false, "王gl": false, "w1": false, "w l": false, "é": false,
		strings.Repeat("a", longest): true, strings.Repeat("a", longest+1): false,
	} {
		if got := IsInitials(query); got != want {
			t.Errorf("IsInitials(%q) = %v", query, got)
		}
	}
}

// check holds a name that was taken to what is promised of every one.
func check(t interface{ Fatalf(string, ...any) }, name string) {
	if again, err := Normalize(name); err != nil || again != name {
		t.Fatalf("%q becomes %q, %v", name, again, err)
	}
	if n := utf8.RuneCountInString(name); n < minLength || n > maxLength || !utf8.ValidString(name) {
		t.Fatalf("%q was taken", name)
	}
	initials := Initials(name)
	if initials != "" && !IsInitials(initials) || strings.ToLower(initials) != initials {
		t.Fatalf("%q has initials %q", name, initials)
	}
	mask := Mask(name)
	if utf8.RuneCountInString(mask) != utf8.RuneCountInString(name) || !strings.Contains(mask, "*") {
		t.Fatalf("%q is shown as %q", name, mask)
	}
}

func TestNormalizedStays(t *testing.T) {
	letter := rapid.SampledFrom([]rune("王桂兰买提阿卜·•.． 　JohnÉ-'\u200b𬭎"))
	taken := 0
	rapid.Check(t, func(t *rapid.T) {
		if got, err := Normalize(rapid.StringOfN(letter, 1, 60, -1).Draw(t, "name")); err == nil {
			taken++
			check(t, got)
		}
	})
	if taken == 0 {
		t.Error("no name was taken")
	}
}

func FuzzNormalize(f *testing.F) {
	for _, s := range []string{"王桂兰", "阿卜杜拉.买买提", "John B. O’Neil", "王\xff", "·", "单于", "ＪＯ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		Initials(s)
		Mask(s)
		if got, err := Normalize(s); err == nil {
			check(t, got)
		}
	})
}

var sink string

func BenchmarkInitials(b *testing.B) {
	for _, name := range []string{"王桂兰", "尉迟秀英", "阿卜杜拉·买买提"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sink = Initials(name)
			}
		})
	}
}

func BenchmarkNormalize(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Normalize("王桂兰"); err != nil {
			b.Fatal(err)
		}
	}
}
