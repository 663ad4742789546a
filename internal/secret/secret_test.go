package secret

import (
	"bytes"
	"crypto/hmac"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/emmansun/gmsm/sm3"
	"pgregory.net/rapid"

	"yian/internal/errs"
)

// fileLine makes a line of a key file whose key is a repeated byte.
func fileLine(id string, b byte, current bool) string {
	s := id + " " + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{b}, keySize))
	if current {
		s += " current"
	}
	return s + "\n"
}

func parse(t testing.TB, text string) *Keys {
	t.Helper()
	k, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestSealOpens(t *testing.T) {
	k := parse(t, fileLine("k1", 1, true))
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		context := rapid.String().Draw(t, "context")
		sealed := k.Seal(plain, context)
		got, err := k.Open(sealed, context)
		if err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("opened as %x, %v", got, err)
		}
		if len(plain) > 3 && bytes.Contains(sealed, plain) {
			t.Fatal("the plain text is inside")
		}
		if bytes.Equal(sealed, k.Seal(plain, context)) {
			t.Fatal("sealed twice, it looks the same")
		}
		prefix := []byte("row:")
		again := k.AppendSeal(bytes.Clone(prefix), plain, []byte(context))
		opened, err := k.AppendOpen(bytes.Clone(prefix), again[len(prefix):], []byte(context))
		if err != nil || !bytes.HasPrefix(again, prefix) || !bytes.Equal(opened, append(prefix, plain...)) {
			t.Fatalf("appended, it opened as %x, %v", opened, err)
		}
	})
}

func TestAnyChangeIsNoticed(t *testing.T) {
	k := parse(t, fileLine("k1", 1, true)+fileLine("k2", 2, false))
	rapid.Check(t, func(t *rapid.T) {
		sealed := k.Seal([]byte("11010519491231002X"), "person.number:1")
		at := rapid.IntRange(0, len(sealed)-1).Draw(t, "at")
		sealed[at] ^= rapid.ByteRange(1, 255).Draw(t, "bits")
		_, err := k.Open(sealed, "person.number:1")
		var unknown *UnknownKeyError
		if !errors.Is(err, ErrTampered) && !errors.As(err, &unknown) {
			t.Fatalf("byte %d changed: %v", at, err)
		}
	})
	sealed := k.Seal([]byte("11010519491231002X"), "person.number:1")
	for n := range sealed {
		if _, err := k.Open(sealed[:n], "person.number:1"); !errors.Is(err, ErrTampered) {
			t.Errorf("cut to %d bytes: %v", n, err)
		}
	}
	_, err := k.Open(sealed, "person.number:2")
	if !errors.Is(err, ErrTampered) || !strings.Contains(errs.Message(err), "数据校验失败") {
		t.Errorf("in another row: %v", err)
	}
}

func TestRotation(t *testing.T) {
	first, second := fileLine("k1", 1, false), fileLine("k2", 2, false)
	before := parse(t, first)
	after := parse(t, first+fileLine("k2", 2, true))
	old, renewed := before.Seal([]byte("a"), "c"), after.Seal([]byte("b"), "c")
	if before.Current() != "k1" || KeyOf(old) != "k1" || after.Current() != "k2" || KeyOf(renewed) != "k2" {
		t.Fatalf("%s seals with %s, %s with %s", before.Current(), KeyOf(old), after.Current(), KeyOf(renewed))
	}
	if got, err := after.Open(old, "c"); err != nil || string(got) != "a" {
		t.Errorf("the old value opens as %q, %v", got, err)
	}
	_, err := before.Open(renewed, "c")
	var unknown *UnknownKeyError
	if !errors.As(err, &unknown) || unknown.ID != "k2" || !errs.Is(err, errs.Unavailable) || !strings.Contains(errs.Message(err), "k2") {
		t.Errorf("without the new key: %v", err)
	}
	if !bytes.Equal(before.Index("n", "v"), after.Index("n", "v")) || !bytes.Equal(before.MAC("l"), after.MAC("l")) || before.Fingerprint() != after.Fingerprint() {
		t.Error("indexes or MACs changed with the current key")
	}
	if swapped := parse(t, second+fileLine("k1", 1, true)); swapped.Fingerprint() == before.Fingerprint() {
		t.Error("the fingerprint does not tell that the first line changed")
	}
}

func TestIndexAndMACTellApart(t *testing.T) {
	k := parse(t, fileLine("k1", 1, true))
	other := parse(t, fileLine("k1", 2, true))
	p := func(s ...string) (parts [][]byte) {
		for _, one := range s {
			parts = append(parts, []byte(one))
		}
		return parts
	}
	seen := map[string]string{}
	for name, sum := range map[string][]byte{
		"index":               k.Index("number", "1"),
		"index, other value":  k.Index("number", "2"),
		"index, other kind":   k.Index("phone", "1"),
		"index, other key":    other.Index("number", "1"),
		"MAC":                 k.MAC("number", p("1")...),
		"MAC, one part":       k.MAC("row", p("ab")...),
		"MAC, two parts":      k.MAC("row", p("a", "b")...),
		"MAC, an empty part":  k.MAC("row", p("ab", "")...),
		"MAC, other label":    k.MAC("chain", p("ab")...),
		"MAC, other key":      other.MAC("row", p("ab")...),
		"MAC, nothing at all": k.MAC("row"),
	} {
		if want := IndexSize; strings.HasPrefix(name, "index") && len(sum) != want {
			t.Errorf("%s has %d bytes", name, len(sum))
		}
		short := string(sum[:IndexSize])
		if same, ok := seen[short]; ok {
			t.Errorf("%s is the same as %s", name, same)
		}
		seen[short] = name
	}
	if !bytes.Equal(k.Index("number", "1"), k.Index("number", "1")) {
		t.Error("the index of a value changes")
	}
}

// TestMACIsHMACSM3 holds the pooled hashes to the plain construction.
func TestMACIsHMACSM3(t *testing.T) {
	k := parse(t, fileLine("k1", 1, true))
	inner := hmac.New(sm3.New, k.macRoot)
	inner.Write([]byte("row"))
	labelKey := inner.Sum(nil)
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOf(rapid.SliceOf(rapid.Byte())).Draw(t, "parts")
		want, streamed := hmac.New(sm3.New, labelKey), k.NewMAC("row")
		for _, p := range parts {
			framed := append(binary.AppendUvarint(nil, uint64(len(p))), p...)
			want.Write(framed)
			streamed.Write(framed)
		}
		got := k.MAC("row", parts...)
		if !bytes.Equal(got, want.Sum(nil)) || !bytes.Equal(got, streamed.Sum(nil)) {
			t.Fatalf("MAC is %x, plain %x, streamed %x", got, want.Sum(nil), streamed.Sum(nil))
		}
	})
}

func TestConcurrentUse(t *testing.T) {
	k := parse(t, fileLine("k1", 1, true))
	fresh := parse(t, fileLine("k1", 1, true))
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 300 {
				label := fmt.Sprint("kind ", i%7)
				value := fmt.Sprint(g, "/", i)
				if !bytes.Equal(k.Index(label, value), k.AppendIndex(nil, label, value)) {
					t.Error("the index of a value changes")
				}
				got, err := k.Open(k.Seal([]byte(value), label), label)
				if err != nil || string(got) != value {
					t.Errorf("%s opens as %s, %v", value, got, err)
				}
				k.MAC(label, []byte(value))
			}
		})
	}
	wg.Wait()
	if !bytes.Equal(k.Index("kind 3", "v"), fresh.Index("kind 3", "v")) {
		t.Error("use changes the index")
	}
}

// What databases hold, made with the key of 32 times the byte 1.
const (
	goldenSealed = "AmsxJMpqMz0OtoN3A7L2+qgWkfM0W/CDL6bJeITVS/W3F8CmW0mFAP5wYO8kaA+l2w=="
	goldenIndex  = "fac95ac1cc215f6d8098de21e93777ab"
	goldenMAC    = "12f32ad3eaf1d71de8cd062050becf58b8927cde5170755a7c7442aab9381b0e"
)

// TestFormatsLast pins what databases hold: a change here makes them unreadable.
func TestFormatsLast(t *testing.T) {
	k := parse(t, fileLine("k1", 1, true))
	sealed, err := base64.StdEncoding.DecodeString(goldenSealed)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := k.Open(sealed, "person.number:1"); err != nil || string(got) != "11010519491231002X" {
		t.Errorf("opens as %q, %v", got, err)
	}
	if got := fmt.Sprintf("%x", k.Index("person.number", "11010519491231002X")); got != goldenIndex {
		t.Errorf("the index is %s", got)
	}
	if got := fmt.Sprintf("%x", k.MAC("audit.chain", []byte("a"), []byte("bc"))); got != goldenMAC {
		t.Errorf("the MAC is %s", got)
	}
}

func FuzzOpen(f *testing.F) {
	k := parse(f, fileLine("k1", 1, true))
	sealed, err := base64.StdEncoding.DecodeString(goldenSealed)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealed)
	f.Add([]byte{})
	f.Add([]byte{255, 'k'})
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := k.Open(b, "person.number:1")
		if err == nil && !bytes.Equal(b, sealed) {
			t.Fatalf("%x opens as %q: somebody found the key", b, got)
		}
		KeyOf(b)
	})
}

func BenchmarkSeal(b *testing.B) {
	k := parse(b, fileLine("k1", 1, true))
	plain, context := []byte("11010519491231002X"), []byte("person.number:1234567890123")
	buf := make([]byte, 0, 128)
	b.ReportAllocs()
	for b.Loop() {
		buf = k.AppendSeal(buf[:0], plain, context)
	}
}

func BenchmarkOpen(b *testing.B) {
	k := parse(b, fileLine("k1", 1, true))
	context := []byte("person.number:1234567890123")
	sealed := k.Seal([]byte("11010519491231002X"), string(context))
	buf := make([]byte, 0, 128)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.AppendOpen(buf[:0], sealed, context); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkIndex(b *testing.B) {
	k := parse(b, fileLine("k1", 1, true))
	buf := make([]byte, 0, 128)
	b.ReportAllocs()
	for b.Loop() {
		buf = k.AppendIndex(buf[:0], "person.number", "11010519491231002X")
	}
}

func BenchmarkMAC(b *testing.B) {
	k := parse(b, fileLine("k1", 1, true))
	row := bytes.Repeat([]byte("x"), 200)
	buf := make([]byte, 0, 128)
	b.ReportAllocs()
	for b.Loop() {
		buf = k.AppendMAC(buf[:0], "audit.row", row)
	}
}
