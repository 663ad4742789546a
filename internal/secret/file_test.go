package secret

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
)

func TestParse(t *testing.T) {
	one, two := fileLine("k1", 1, false), fileLine("k2", 2, true)
	for name, tc := range map[string]struct {
		text    string
		current string
		err     string // a part of the message
	}{
		"one":                 {one, "k1", ""},
		"two":                 {one + two, "k2", ""},
		"comments, CRLF, BOM": {"\ufeff# a; b\r\n\r\n" + strings.TrimSpace(one) + " # old\r\n" + two, "k2", ""},
		"semicolons":          {strings.TrimSpace(one) + ";" + strings.TrimSpace(two), "k2", ""},
		"empty":               {"", "", "没有密钥"},
		"only comments":       {"# k1\n", "", "没有密钥"},
		"none current":        {one + fileLine("k2", 2, false), "", "current"},
		"two current":         {fileLine("k1", 1, true) + two, "", "第 2 行"},
		"same id":             {one + fileLine("k1", 2, true), "", "第 2 行：编号 k1 已经用过"},
		"short key":           {"k1 AAAA\n", "", "第 1 行：密钥应为 32 字节"},
		"no base64":           {"\nk1 " + strings.Repeat("*", 44) + "\n", "", "第 2 行"},
		"no key":              {"k1\n", "", "应为"},
		"other word":          {strings.TrimSpace(one) + " currant\n", "", "应为"},
		"bad id":              {"K1" + one[2:], "", "编号"},
		"long id":             {"k" + strings.Repeat("1", maxID) + one[2:], "", "编号"},
	} {
		k, err := Parse(tc.text)
		switch {
		case tc.err == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case tc.err == "" && k.Current() != tc.current:
			t.Errorf("%s: current is %s", name, k.Current())
		case tc.err != "" && (err == nil || !strings.Contains(err.Error(), tc.err)):
			t.Errorf("%s: %v, want “%s”", name, err, tc.err)
		}
	}
}

func TestErrorsAndLogsShowNoKey(t *testing.T) {
	const key = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"
	for _, text := range []string{"k1 " + key, "k1 " + key + "= currant", key + " " + key, "k1 " + key + "=\nk1 " + key + "="} {
		if _, err := Parse(text); err == nil || strings.Contains(err.Error(), "AQEB") {
			t.Errorf("%q: %v", text, err)
		}
	}
	k := parse(t, "k1 "+key+"=")
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("keys", "keys", k)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("keys", "keys", k)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		log.WriteString(fmt.Sprintf(verb, k))
	}
	if s := log.String(); strings.Contains(s, "AQEB") || strings.Contains(s, "0101") || strings.Contains(s, "[1 1") || !strings.Contains(s, "1 keys, current k1") {
		t.Errorf("got %s", s)
	}
}

func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "yian.key")
	if _, err := LoadFile(path); err == nil || !strings.Contains(err.Error(), "没有密钥文件") {
		t.Errorf("no file: %v", err)
	}
	made, err := WriteNew(path)
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := LoadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := loaded.Open(made.Seal([]byte("a"), "c"), "c"); err != nil || string(got) != "a" {
		t.Errorf("loaded, the keys open %q, %v", got, err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := WriteNew(path); err == nil || !strings.Contains(err.Error(), "不会覆盖") {
		t.Errorf("written over: %v", err)
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Errorf("the file changed (%v)", err)
	}
	if another, err := WriteNew(path + "2"); err != nil || another.Fingerprint() == made.Fingerprint() {
		t.Errorf("two new files have the same key (%v)", err)
	}
	if _, err := WriteNew(filepath.Join(path, "x")); err == nil {
		t.Error("written into a file")
	}
}

func TestFileThatOthersCanRead(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // its files have no such bits
	}
	path := filepath.Join(t.TempDir(), "yian.key")
	if _, err := WriteNew(path); err != nil {
		t.Fatal(err)
	}
	for mode, ok := range map[os.FileMode]bool{0o600: true, 0o400: true, 0o640: false, 0o644: false, 0o602: false} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		_, err := LoadFile(path)
		if ok && err != nil || !ok && (err == nil || !strings.Contains(err.Error(), "chmod 600")) {
			t.Errorf("mode %04o: %v", mode, err)
		}
	}
}

func TestFileThatIsNoKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "yian.key")
	for text, want := range map[string]string{
		"SQLite format 3":             path,
		strings.Repeat("#", 80<<10):   "太大",
		"":                            "没有密钥",
		"k1 c2hvcnQ= current\n# end":  "第 1 行",
		"# head\nk1 c2hvcnQ= current": "第 2 行",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadFile(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: %v, want “%s”", text, err, want)
		}
	}
}

func TestGenerateNeedsEnoughRandomBytes(t *testing.T) {
	if _, err := Generate(strings.NewReader("short")); err == nil {
		t.Error("made a key of five bytes")
	}
	if _, err := Generate(iotest.ErrReader(os.ErrClosed)); err == nil {
		t.Error("made a key of nothing")
	}
	text, err := Generate(strings.NewReader(strings.Repeat("r", keySize)))
	if err != nil {
		t.Fatal(err)
	}
	if k := parse(t, text); k.Current() != "k1" {
		t.Errorf("current is %s", k.Current())
	}
}

func FuzzParse(f *testing.F) {
	f.Add(fileLine("k1", 1, false) + fileLine("k2", 2, true))
	f.Add("k1 AAAA current;# x")
	f.Add(fileHead)
	f.Fuzz(func(t *testing.T, text string) {
		k, err := Parse(text)
		if err != nil {
			return
		}
		sealed := k.Seal([]byte("a"), "c")
		if got, err := k.Open(sealed, "c"); err != nil || string(got) != "a" || KeyOf(sealed) != k.Current() {
			t.Fatalf("%q: %q, %v, sealed by %s", text, got, err, KeyOf(sealed))
		}
	})
}
