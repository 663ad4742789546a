package credential_test

import (
	"bytes"
	"context"
	"errors"
	"image/png"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"yian/internal/credential"
)

var weak = credential.Cost{Memory: 64, Time: 1, Threads: 1}

func TestHash(t *testing.T) {
	h := credential.NewHasher(weak)
	hash, err := h.Hash(t.Context(), "一个 Passw0rd!")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Errorf("hash is %q", hash)
	}
	again, err := h.Hash(t.Context(), "一个 Passw0rd!")
	if err != nil || again == hash {
		t.Errorf("two hashes of one password are alike: %v", err)
	}
	for _, c := range []struct {
		name, password, hash string
		ok                   bool
	}{
		{"right", "一个 Passw0rd!", hash, true},
		{"wrong", "一个 passw0rd!", hash, false},
		{"empty", "", hash, false},
		{"nobody", "一个 Passw0rd!", "", false},
		{"nobody, empty", "", "", false},
	} {
		ok, stale, err := h.Verify(t.Context(), c.password, c.hash)
		if err != nil || ok != c.ok || stale {
			t.Errorf("%s: got %v, stale %v, %v", c.name, ok, stale, err)
		}
	}
}

func TestHashMadeAtAnotherCostIsStale(t *testing.T) {
	old, err := credential.NewHasher(weak).Hash(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	h := credential.NewHasher(credential.Cost{Memory: 128, Time: 1, Threads: 1})
	if ok, stale, err := h.Verify(t.Context(), "x", old); err != nil || !ok || !stale {
		t.Errorf("got %v, stale %v, %v", ok, stale, err)
	}
	if ok, stale, err := h.Verify(t.Context(), "y", old); err != nil || ok || stale {
		t.Errorf("a wrong password: got %v, stale %v, %v", ok, stale, err)
	}
}

func TestDamagedHash(t *testing.T) {
	h := credential.NewHasher(weak)
	good, err := h.Hash(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{
		"x", "$argon2id$", strings.Replace(good, "argon2id", "argon2i", 1), strings.Replace(good, "m=64", "m=99999999", 1),
		strings.Replace(good, "t=1", "t=0", 1), strings.Replace(good, "t=1", "t=900", 1), strings.Replace(good, "p=1", "p=0", 1),
		good[:len(good)-4], good + "$",
	} {
		if ok, _, err := h.Verify(t.Context(), "x", bad); ok || err == nil {
			t.Errorf("%q: got %v, %v", bad, ok, err)
		}
	}
}

func TestHashGivesUpWithItsContext(t *testing.T) {
	h := credential.NewHasher(credential.Cost{Memory: 32 << 10, Time: 8, Threads: 1})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 64 { // a free place may be taken before the end is seen
		if _, err := h.Hash(ctx, "x"); errors.Is(err, context.Canceled) {
			return
		}
	}
	t.Error("waits for ever")
}

func FuzzVerify(f *testing.F) {
	f.Add("$argon2id$v=19$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA")
	f.Add("$argon2id$v=19$m=-1,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA")
	h := credential.NewHasher(weak)
	f.Fuzz(func(t *testing.T, hash string) {
		if strings.Contains(hash, "m=") && len(hash) > 60 {
			return // a hash that is well formed may be dear
		}
		if ok, _, _ := h.Verify(t.Context(), "x", hash); ok {
			t.Errorf("%q fits", hash)
		}
	})
}

func TestRules(t *testing.T) {
	r := credential.DefaultRules
	for _, c := range []struct{ name, password, wrong string }{
		{"good", "Fenhe-lan 2031", ""},
		{"good with Chinese", "汾河岸边Shu88。", ""},
		{"three of four", "fenhelan-2031", ""},
		{"none", "", "请填写密码"},
		{"nine", "Fenhe-031", "太短（现在 9 位，至少 10 位）"},
		{"two kinds", "fenhelanshu2031", "种类不够"},
		{"login inside", "xZhang.Wei-2031", "含有登录名"},
		{"too long", strings.Repeat("Fenhe-031 ", 13), "太长"},
		{"broken text", "Fenhe-lan\xff2031", "太长或含无法识别"},
		{"common", "Password123!", "常见密码"},
		{"common in disguise", "P@ssw0rd2026!", "常见密码"},
		{"pinyin", "Woaini520!!", "常见密码"},
		{"office", "Minzheng@2026", "常见密码"},
		{"keyboard", "Qwertyuiop1", "常见密码"},
		{"diagonals", "1qaz2wsx3EDC", "常见密码"},
		{"row", "Abcdefgh12345", "常见密码"},
	} {
		err := r.Accept(c.password, "zhang.wei")
		switch {
		case c.wrong == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)):
			t.Errorf("%s: got %v, want %s", c.name, err, c.wrong)
		}
	}
	all := r.Accept("abc", "abc").Error()
	for _, part := range []string{"太短", "种类不够", "登录名", "常见"} {
		if !strings.Contains(all, part) {
			t.Errorf("%q does not tell of %s", all, part)
		}
	}
}

func TestRulesCheck(t *testing.T) {
	for _, c := range []struct {
		change func(*credential.Rules)
		wrong  string
	}{
		{func(*credential.Rules) {}, ""},
		{func(r *credential.Rules) { r.Age = 0 }, ""},
		{func(r *credential.Rules) { r.Length = 7 }, "最短长度"},
		{func(r *credential.Rules) { r.Classes = 2 }, "字符种类"},
		{func(r *credential.Rules) { r.History = 0 }, "密码历史"},
		{func(r *credential.Rules) { r.Age = time.Hour }, "有效期"},
	} {
		r := credential.DefaultRules
		c.change(&r)
		if err := r.Check(); (err == nil) != (c.wrong == "") || err != nil && !strings.Contains(err.Error(), c.wrong) {
			t.Errorf("%+v: got %v, want %q", r, err, c.wrong)
		}
	}
	if err := credential.DefaultCost.Check(); err != nil {
		t.Error(err)
	}
	if weak.Check() == nil {
		t.Error("a weak cost is accepted")
	}
}

func TestTemporaryPasswordsKeepTheRules(t *testing.T) {
	seen := map[string]bool{}
	for range 200 {
		s := credential.NewTemporary()
		if err := credential.DefaultRules.Accept(s, "zhang.wei"); err != nil || seen[s] {
			t.Fatalf("%s: %v, seen %v", s, err, seen[s])
		}
		seen[s] = true
	}
}

func TestRecoveryCodes(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range credential.NewRecoveryCodes(100) {
		plain := credential.PlainCode(" " + strings.ToUpper(c) + " ")
		if len(plain) != 10 || seen[plain] || strings.ContainsAny(plain, "01lo") {
			t.Errorf("code %q is %q", c, plain)
		}
		seen[plain] = true
	}
}

func TestTokens(t *testing.T) {
	a, b := credential.NewToken("yian_"), credential.NewToken("yian_")
	if a == b || !strings.HasPrefix(a, "yian_") || len(a) != 5+43 {
		t.Errorf("tokens %q, %q", a, b)
	}
	if bytes.Equal(credential.HashToken(a), credential.HashToken(b)) || len(credential.HashToken(a)) != 32 {
		t.Error("hashes do not tell tokens apart")
	}
}

// rfc6238 is the secret of RFC 6238, appendix B, in base32.
const rfc6238 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

func TestCodesOfTheStandard(t *testing.T) {
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 20000000000: "353130"} {
		got, err := credential.Code(rfc6238, credential.Step(time.Unix(at, 0)))
		if err != nil || got != want {
			t.Errorf("at %d: got %s, want %s, %v", at, got, want, err)
		}
	}
}

func TestMatch(t *testing.T) {
	now := time.Unix(1111111111, 0)
	rapid.Check(t, func(t *rapid.T) {
		off := rapid.Int64Range(-4, 4).Draw(t, "steps off")
		code, err := credential.Code(rfc6238, credential.Step(now)+off)
		if err != nil {
			t.Fatal(err)
		}
		step, ok, err := credential.Match(rfc6238, " "+code[:3]+" "+code[3:], now)
		if err != nil || ok != (off >= -1 && off <= 1) || ok && step != credential.Step(now)+off {
			t.Fatalf("%d steps off: step %d, %v, %v", off, step, ok, err)
		}
	})
	if _, _, err := credential.Match("not base32!", "123456", now); err == nil {
		t.Error("a damaged secret is no error")
	}
}

func TestEnrolment(t *testing.T) {
	secret := credential.NewSecret()
	address := credential.Enrolment("颐安", "zhang.wei", secret)
	if !strings.HasPrefix(address, "otpauth://totp/%E9%A2%90%E5%AE%89:zhang.wei?") || !strings.Contains(address, "secret="+secret) || strings.Contains(address, "+") {
		t.Errorf("address is %s", address)
	}
	if got := strings.ReplaceAll(credential.Spaced(secret), " ", ""); got != secret {
		t.Errorf("spaced secret %q, want %q", got, secret)
	}
	picture, err := credential.QR(address, 240)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(picture))
	if err != nil || img.Bounds().Dx() != 240 {
		t.Errorf("picture %v, %v", img, err)
	}
}

func BenchmarkHash(b *testing.B) {
	h := credential.NewHasher(credential.DefaultCost)
	for b.Loop() {
		if _, err := h.Hash(b.Context(), "Fenhe-lan 2031"); err != nil {
			b.Fatal(err)
		}
	}
}
