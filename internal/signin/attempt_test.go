package signin

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/credential"
)

func TestTryGrowsSlowerAndLocks(t *testing.T) {
	l := limits{most: 5, lock: 15 * time.Minute, delay: true}
	now := civil.At(time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC))
	var a attempt
	for i, pause := range []time.Duration{0, time.Second, 2 * time.Second, 4 * time.Second, 15 * time.Minute} {
		next, ok := a.try(now, l)
		if !ok || next.Until != (map[bool]civil.Instant{true: 0, false: now.Add(pause)})[pause == 0] || next.Locked != (i == 4) {
			t.Fatalf("attempt %d: %+v, %v, want a pause of %s", i+1, next, ok, pause)
		}
		if pause > 0 {
			if _, ok := next.try(now.Add(pause-time.Millisecond), l); ok {
				t.Errorf("attempt %d: another one during the pause", i+1)
			}
		}
		a, now = next, now.Add(pause)
	}
	if next, ok := a.try(now, l); !ok || next.Failures != 1 {
		t.Errorf("after the lock: %+v, %v", next, ok)
	}
}

func TestTryForgetsWhatIsLongAgo(t *testing.T) {
	l := limits{most: 5, lock: 15 * time.Minute}
	a, _ := attempt{}.try(1, l)
	if next, _ := a.try(civil.Instant(2).Add(15*time.Minute), l); next.Failures != 1 {
		t.Errorf("counts %d after a quarter of an hour", next.Failures)
	}
	if next, _ := a.try(civil.Instant(1).Add(15*time.Minute), l); next.Failures != 2 {
		t.Errorf("counts %d within a quarter of an hour", next.Failures)
	}
}

// TestTryBounds: whenever somebody tries, no time as long as a lock holds more than
// the allowed attempts.
func TestTryBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := limits{most: rapid.IntRange(3, 8).Draw(t, "most"), lock: 15 * time.Minute, delay: rapid.Bool().Draw(t, "delay")}
		var a attempt
		now := civil.Instant(1)
		var let []civil.Instant
		for range 200 {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(10*time.Minute)).Draw(t, "wait")))
			next, ok := a.try(now, l)
			if a = next; ok {
				let = append(let, now)
			}
		}
		for i := range let {
			n := 0
			for j := i; j < len(let) && let[j] < let[i].Add(l.lock); j++ {
				n++
			}
			if n > l.most {
				t.Fatalf("%d attempts within a lock's time, %d are allowed", n, l.most)
			}
		}
	})
}

func TestClient(t *testing.T) {
	c := Config{Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("127.0.0.1/32")}}
	for _, x := range []struct {
		remote    string
		forwarded []string
		want      string
	}{
		{"203.0.113.9:4000", nil, "203.0.113.9"},
		{"203.0.113.9:4000", []string{"198.51.100.1"}, "203.0.113.9"}, // no proxy of ours said so
		{"127.0.0.1:4000", []string{"198.51.100.1"}, "198.51.100.1"},
		{"127.0.0.1:4000", []string{"6.6.6.6, 198.51.100.1, 10.1.1.1"}, "198.51.100.1"},
		{"127.0.0.1:4000", []string{"6.6.6.6", "198.51.100.1"}, "198.51.100.1"},
		{"127.0.0.1:4000", []string{"nonsense"}, "127.0.0.1"},
		{"127.0.0.1:4000", nil, "127.0.0.1"},
		{"[::ffff:203.0.113.9]:4000", nil, "203.0.113.9"},
		{"[fe80::1%eth0]:4000", nil, "fe80::1"},
		{"pipe", nil, "pipe"},
	} {
		if got := c.Client(x.remote, x.forwarded); got != x.want {
			t.Errorf("%s %v: got %s, want %s", x.remote, x.forwarded, got, x.want)
		}
	}
}

func TestConfigCheck(t *testing.T) {
	provider := Provider{Issuer: "https://id.example.cn", Client: "yian", Secret: "s", Label: "统一身份认证", Claim: "login"}
	for _, x := range []struct {
		name   string
		change func(*Config)
		wrong  string
	}{
		{"as it is", func(*Config) {}, ""},
		{"idle", func(c *Config) { c.Idle = time.Second }, "空闲退出时间"},
		{"password", func(c *Config) { c.Password.Length = 6 }, "密码最短长度"},
		{"hash", func(c *Config) { c.Hash = credential.Cost{Memory: 64, Time: 1, Threads: 1} }, "密码哈希强度"},
		{"attempts", func(c *Config) { c.Attempts = 1 }, "登录失败次数"},
		{"lock", func(c *Config) { c.Lock = 0 }, "锁定时间"},
		{"address", func(c *Config) { c.PerAddress = 2 }, "同一地址登录失败次数"},
		{"role", func(c *Config) { c.RequireTOTP = []access.Role{"king"} }, "要求双因素认证的角色"},
		{"provider", func(c *Config) { p := provider; c.Provider, c.URL = &p, "https://yian.example.cn" }, ""},
		{"provider of this machine", func(c *Config) {
			p := provider
			p.Issuer = "http://127.0.0.1:9000"
			c.Provider, c.URL = &p, "http://localhost:8080"
		}, ""},
		{"no site", func(c *Config) { p := provider; c.Provider = &p }, "本系统的访问地址"},
		{"no encryption", func(c *Config) {
			p := provider
			p.Issuer = "http://id.example.cn"
			c.Provider, c.URL = &p, "https://yian.example.cn"
		}, "签发地址"},
		{"no client", func(c *Config) {
			p := provider
			p.Client, p.Secret = "", ""
			c.Provider, c.URL = &p, "https://yian.example.cn"
		}, "缺少客户端编号、客户端密钥"},
	} {
		c := DefaultConfig()
		x.change(&c)
		err := c.Check()
		if (err == nil) != (x.wrong == "") || err != nil && !strings.Contains(err.Error(), x.wrong) {
			t.Errorf("%s: got %v, want %q", x.name, err, x.wrong)
		}
	}
}

func TestDevice(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36":           "Chrome，Windows",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36 Edg/120.0": "Edge，Windows",
		"Mozilla/5.0 (Linux; Android 13; V2203) AppleWebKit/537.36 Chrome/86.0 Mobile Safari/537.36 MicroMessenger/8.0":         "微信，Android",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Version/17.0 Mobile/15E148 Safari/604.1":   "Safari，iPhone",
		"Mozilla/5.0 (X11; Linux aarch64) AppleWebKit/537.36 Chrome/114.0 Safari/537.36 UOS":                                    "Chrome，统信",
		"curl/8.0": "其他设备",
		"":         "其他设备",
	} {
		if got := (SignIn{Agent: agent}).Device(); got != want {
			t.Errorf("%s: got %s, want %s", agent, got, want)
		}
	}
}
