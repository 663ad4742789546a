package message

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emmansun/gmsm/sm3"
)

const sharedKey = "与网关约定的一把密钥 0123456789"

func noon() time.Time { return time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC) }

// keyFile writes the shared key to a file.
func keyFile(t *testing.T, text string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	return path
}

var outgoing = Outgoing{ID: 12345678, Phone: ownPhone, Text: "王女士：您好", Template: "newly"}

// serve runs a gateway and returns one of ours that talks to it.
func serve(t *testing.T, sign string, h http.HandlerFunc) Gateway {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	c := Config{URL: s.URL + "/send?token=abc", KeyFile: keyFile(t, sharedKey+"\n", 0o600), Sign: sign}
	g, err := c.Open(t.TempDir(), noon)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestRequestsAreSigned(t *testing.T) {
	for sign, tc := range map[string]struct {
		name string
		hash func() hash.Hash
	}{"": {"HMAC-SM3", sm3.New}, SignSM3: {"HMAC-SM3", sm3.New}, SignSHA256: {"HMAC-SHA256", sha256.New}} {
		nonces := map[string]bool{}
		g := serve(t, sign, func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			at, nonce := r.Header.Get("X-Yian-Timestamp"), r.Header.Get("X-Yian-Nonce")
			m := hmac.New(tc.hash, []byte(sharedKey))
			m.Write([]byte(at + "\n" + nonce + "\n" + string(body)))
			if r.Header.Get("X-Yian-Signature") != hex.EncodeToString(m.Sum(nil)) || r.Header.Get("X-Yian-Algorithm") != tc.name {
				t.Errorf("%s: the signature does not fit", tc.name)
			}
			if at != "1795320000" || len(nonce) != 32 || r.Header.Get("Idempotency-Key") != outgoing.ID.String() || r.Method != http.MethodPost {
				t.Errorf("%s %s, headers %v", r.Method, at, r.Header)
			}
			nonces[nonce] = true
			if !bytes.Equal(body, []byte(`{"id":"`+outgoing.ID.String()+`","phone":"`+ownPhone+`","text":"王女士：您好","template":"newly"}`)) {
				t.Errorf("the body is %s", body)
			}
			_, _ = io.WriteString(w, `{"id":"sms-1"}`)
		})
		for range 2 {
			if name, err := g.Send(t.Context(), outgoing); err != nil || name != "sms-1" {
				t.Errorf("%q, %v", name, err)
			}
		}
		if len(nonces) != 2 {
			t.Errorf("%d nonces in two requests", len(nonces))
		}
	}
}

func TestAnswersOfAGateway(t *testing.T) {
	for name, tc := range map[string]struct {
		status int
		body   string
		id     string
		failed bool
		final  bool
	}{
		"taken":              {200, `{"id":"sms-1"}`, "sms-1", false, false},
		"taken, and no word": {202, "", "", false, false},
		"a name that tells":  {200, `{"id":"` + ownPhone + `-1"}`, "", false, false},
		"a name of rubbish":  {200, `{"id":"a\u0000b"}`, "", false, false},
		"not valid":          {400, `{"error":"` + ownPhone + `"}`, "", true, true},
		"not known":          {403, "", "", true, true},
		"elsewhere":          {307, "", "", true, true},
		"too often":          {429, "", "", true, false},
		"broken":             {500, "", "", true, false},
		"away":               {503, "", "", true, false},
	} {
		asked := 0
		g := serve(t, "", func(w http.ResponseWriter, r *http.Request) {
			asked++
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(tc.status)
			_, _ = io.WriteString(w, tc.body)
		})
		id, err := g.Send(t.Context(), outgoing)
		e, failed := errors.AsType[*GatewayError](err)
		if id != tc.id || failed != tc.failed || failed && e.Final != tc.final || asked != 1 || err != nil && !failed {
			t.Errorf("%s: %q, %v, asked %d times", name, id, err, asked)
		}
		if failed && (strings.Contains(e.Error()+e.Reason, ownPhone) || e.Reason == "") {
			t.Errorf("%s: the error says %q, %q", name, e.Reason, e.Error())
		}
	}
}

func TestGatewayThatIsAway(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	s.Close()
	c := Config{URL: s.URL + "/send?token=abc", KeyFile: keyFile(t, sharedKey, 0o600)}
	g, err := c.Open(t.TempDir(), noon)
	if err != nil {
		t.Fatal(err)
	}
	_, err = g.Send(t.Context(), outgoing)
	e, ok := errors.AsType[*GatewayError](err)
	if !ok || e.Final || e.Reason != "连不上网关。" || strings.Contains(err.Error(), "token") {
		t.Errorf("%v", err)
	}
	slow := serve(t, "", func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = slow.Send(ctx, outgoing)
	if e, ok := errors.AsType[*GatewayError](err); !ok || e.Final || e.Reason != "网关没有及时回答。" {
		t.Errorf("%v", err)
	}
	if h, ok := slow.(*HTTPGateway); !ok || h.client.Timeout != 10*time.Second {
		t.Error("it waits as long as it takes")
	}
}

func TestFileGatewayIsForItsOwner(t *testing.T) {
	data := t.TempDir()
	g, err := (&Config{}).Open(data, noon)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if name, err := g.Send(t.Context(), outgoing); err != nil || name != "2026-11-22.jsonl" {
			t.Fatalf("%q, %v", name, err)
		}
	}
	path := filepath.Join(data, "outbox", "2026-11-22.jsonl")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	var line struct {
		At string `json:"at"`
		Outgoing
	}
	if err := json.Unmarshal([]byte(lines[0]), &line); err != nil || len(lines) != 2 || line.Outgoing != outgoing || line.At != "2026-11-22 12:00:00" {
		t.Errorf("%d lines, %+v, %v", len(lines), line, err)
	}
	for path, want := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700 | os.ModeDir} {
		if info, err := os.Stat(path); err != nil || info.Mode() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
	if err := os.Chmod(path, 0o400); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(data, "outbox")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "outbox"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = g.Send(t.Context(), outgoing)
	if e, ok := errors.AsType[*GatewayError](err); !ok || e.Final || e.Reason == "" {
		t.Errorf("a folder that is none: %v", err)
	}
}

func TestSettingsAreChecked(t *testing.T) {
	good := keyFile(t, sharedKey, 0o600)
	for name, tc := range map[string]struct {
		c    Config
		want string // empty: it is right
	}{
		"files":             {Config{}, ""},
		"https":             {Config{URL: "https://sms.example/send", KeyFile: good, Rate: 600}, ""},
		"this machine":      {Config{URL: "http://127.0.0.1:9000", KeyFile: good, Sign: SignSHA256}, ""},
		"this machine, six": {Config{URL: "http://[::1]:9000", KeyFile: good}, ""},
		"another machine":   {Config{URL: "http://sms.example/send", KeyFile: good}, "--message-url"},
		"a look-alike":      {Config{URL: "http://localhost.example/send", KeyFile: good}, "--message-url"},
		"a word":            {Config{URL: "sms", KeyFile: good}, "--message-url"},
		"a password":        {Config{URL: "https://a:b@sms.example/send", KeyFile: good}, "--message-url"},
		"no key":            {Config{URL: "https://sms.example/send"}, "--message-key-file"},
		"a key for nothing": {Config{KeyFile: good}, "--message-url"},
		"a lost key":        {Config{URL: "https://sms.example/send", KeyFile: good + "x"}, "--message-key-file"},
		"an open key":       {Config{URL: "https://sms.example/send", KeyFile: keyFile(t, sharedKey, 0o644)}, "chmod 600"},
		"a short key":       {Config{URL: "https://sms.example/send", KeyFile: keyFile(t, "abc\n", 0o600)}, "--message-key-file"},
		"another hash":      {Config{URL: "https://sms.example/send", KeyFile: good, Sign: "md5"}, "--message-sign"},
		"a pace backwards":  {Config{Rate: -1}, "--message-rate"},
	} {
		_, err := tc.c.Open(t.TempDir(), noon)
		if (err == nil) != (tc.want == "") || err != nil && (!strings.Contains(err.Error(), tc.want) || !strings.HasPrefix(err.Error(), "设置 --message-")) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "a:b") {
			t.Errorf("%s: the password is shown", name)
		}
	}
}
