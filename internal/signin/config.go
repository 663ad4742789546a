package signin

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"yian/internal/access"
	"yian/internal/credential"
)

// Config (登录设置) is what a place decides about signing in.
type Config struct {
	URL         string        // of this site, as browsers see it; needed for a provider of identities
	Idle        time.Duration // after which a sign-in that does nothing ends
	Password    credential.Rules
	Hash        credential.Cost
	Attempts    int            // wrong passwords in a row that lock an account
	Lock        time.Duration  // how long
	PerAddress  int            // failures from one address in the time of a lock that shut it out
	RequireTOTP []access.Role  // roles that need a second factor
	Proxies     []netip.Prefix // that stand before the site and say in X-Forwarded-For who calls
	Provider    *Provider
	Demo        []DemoAccount // shown on the login page: for demonstrations alone
}

// Provider (统一身份认证) is where users may prove who they are instead of here. It must
// be one that lets nobody choose the value of Claim himself.
type Provider struct {
	Issuer, Client, Secret string
	Label                  string // on the button
	Claim                  string // that holds the login name: preferred_username, employee_no …
	Second                 bool   // it asks for a second factor itself, so none is asked for here
}

// DemoAccount (演示账号) is an account whose password everybody may know.
type DemoAccount struct{ Login, Password, Name, Role string }

// DefaultConfig is what holds where nothing is configured.
func DefaultConfig() Config {
	return Config{
		Idle:     30 * time.Minute,
		Password: credential.DefaultRules, Hash: credential.DefaultCost,
		Attempts: 5, Lock: 15 * time.Minute, PerAddress: 50,
		RequireTOTP: []access.Role{access.Administrator, access.Officer},
	}
}

// Check refuses a configuration with the name of the wrong setting.
func (c Config) Check() error {
	var wrong []error
	if c.Idle < time.Minute || c.Idle > 24*time.Hour {
		wrong = append(wrong, errors.New("空闲退出时间：应在 1 分钟到 24 小时之间"))
	}
	wrong = append(wrong, c.Password.Check(), c.Hash.Check())
	if c.Attempts < 3 || c.Attempts > 20 {
		wrong = append(wrong, errors.New("登录失败次数：应在 3 到 20 次之间"))
	}
	if c.Lock < time.Minute || c.Lock > 24*time.Hour {
		wrong = append(wrong, errors.New("锁定时间：应在 1 分钟到 24 小时之间"))
	}
	if c.PerAddress < c.Attempts {
		wrong = append(wrong, errors.New("同一地址登录失败次数：不能少于登录失败次数"))
	}
	for _, r := range c.RequireTOTP {
		if _, ok := r.Info(); !ok {
			wrong = append(wrong, fmt.Errorf("要求双因素认证的角色：没有角色 %q", string(r)))
		}
	}
	if c.Provider != nil {
		wrong = append(wrong, c.Provider.check(c.URL))
	}
	return errors.Join(wrong...)
}

// check says which setting of the provider is wrong. Only this machine itself is
// spoken to without encryption.
func (p *Provider) check(site string) error {
	var missing []string
	for _, x := range []struct{ label, value string }{
		{"签发地址", p.Issuer}, {"客户端编号", p.Client}, {"客户端密钥", p.Secret}, {"按钮名称", p.Label}, {"登录名声明", p.Claim},
	} {
		if x.value == "" {
			missing = append(missing, x.label)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("统一身份认证：缺少%s", strings.Join(missing, "、"))
	}
	for _, x := range []struct{ label, value string }{{"签发地址", p.Issuer}, {"本系统的访问地址", site}} {
		u, err := url.Parse(x.value)
		local := err == nil && (u.Hostname() == "127.0.0.1" || u.Hostname() == "localhost" || u.Hostname() == "::1")
		if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !local) {
			return fmt.Errorf("统一身份认证：%s应是以 https:// 开头的完整地址", x.label)
		}
	}
	return nil
}

// Client returns the address that a request comes from. What X-Forwarded-For says
// counts only as far as proxies of this site have written it, from the right.
func (c Config) Client(remote string, forwarded []string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		host = remote
	}
	at, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	at = at.Unmap()
	hops := strings.Split(strings.Join(forwarded, ","), ",")
	for i := len(hops) - 1; i >= 0 && c.isProxy(at); i-- {
		next, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		at = next.Unmap()
	}
	return at.WithZone("").String()
}

func (c Config) isProxy(a netip.Addr) bool {
	return slices.ContainsFunc(c.Proxies, func(p netip.Prefix) bool { return p.Contains(a) })
}
