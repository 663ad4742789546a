package app

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"yian/internal/message"
)

// Config is how an installation is set up. Each field is one flag of `yian serve`
// and one variable of the environment.
type Config struct {
	Listen    string        // address to listen on
	URL       string        // how browsers reach it; https here makes cookies secure
	Data      string        // folder of the database, the key and the node's name
	DB        string        // empty: SQLite in Data
	KeyFile   string        // empty: in Data
	Divisions string        // table of local divisions, CSV
	Idle      time.Duration // after which a session without a request ends
	Lifetime  time.Duration // of a session
	Password  int           // days after which a password expires; 0: never
	TOTP      bool          // roles that see people in clear or give rights need a second factor
	OIDC      OIDC
	Proxies   []string // addresses or networks of proxies whose X-Forwarded-For is believed
	Demo      bool
	Messages  message.Config // how messages to people go out

	proxies []netip.Prefix
}

// OIDC is an identity provider that users may sign in with (统一身份认证).
type OIDC struct {
	Issuer, Client, Secret string
	Label                  string // on the button
	Claim                  string // that holds the login name
	Second                 bool   // it asks for a second factor itself
}

// Check names the setting that is wrong and says what it should be.
func (c *Config) Check() error {
	if _, port, err := net.SplitHostPort(c.Listen); err != nil || port == "" {
		return fmt.Errorf("设置 --listen：%q 应写成 地址:端口，如 127.0.0.1:8080", c.Listen)
	}
	if c.URL != "" {
		u, err := url.Parse(c.URL)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" {
			return fmt.Errorf("设置 --url：%q 应写成 https://主机名，不带路径", c.URL)
		}
	}
	if c.Data == "" {
		return fmt.Errorf("设置 --data：缺少数据文件夹")
	}
	for _, d := range []struct {
		name     string
		value    time.Duration
		min, max time.Duration
	}{
		{"--idle", c.Idle, time.Minute, 24 * time.Hour},
		{"--session", c.Lifetime, 10 * time.Minute, 7 * 24 * time.Hour},
	} {
		if d.value < d.min || d.value > d.max {
			return fmt.Errorf("设置 %s：%s 应在 %s 至 %s 之间", d.name, d.value, d.min, d.max)
		}
	}
	if c.Password < 0 || c.Password > 3650 {
		return fmt.Errorf("设置 --password-days：%d 应在 0（不过期）至 3650 之间", c.Password)
	}
	if err := c.readProxies(); err != nil {
		return err
	}
	if err := c.Messages.Check(); err != nil {
		return err
	}
	o := c.OIDC
	if o.Issuer != "" && (o.Client == "" || o.Secret == "") {
		return fmt.Errorf("设置 --oidc-client、--oidc-secret：用了 --oidc-issuer 就不能缺")
	}
	if o.Issuer == "" && (o.Client != "" || o.Secret != "") {
		return fmt.Errorf("设置 --oidc-issuer：缺少统一身份认证的地址")
	}
	if o.Issuer != "" && c.URL == "" {
		return fmt.Errorf("设置 --url：用统一身份认证时要写明本系统的地址，认证后才能回来")
	}
	return nil
}

func (c *Config) readProxies() error {
	c.proxies = nil
	for _, text := range c.Proxies {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			var one netip.Addr
			if one, err = netip.ParseAddr(text); err == nil {
				p = netip.PrefixFrom(one, one.BitLen())
			}
		}
		if err != nil {
			return fmt.Errorf("设置 --proxy：%q 应是地址或网段，如 10.0.0.5 或 10.0.0.0/24", text)
		}
		c.proxies = append(c.proxies, p)
	}
	return nil
}

// secure reports whether browsers reach the server over https.
func (c *Config) secure() bool { return strings.HasPrefix(c.URL, "https://") }

// base is how browsers reach the server, as far as it knows.
func (c *Config) base(listening string) string {
	if c.URL != "" {
		return strings.TrimRight(c.URL, "/")
	}
	return "http://" + listening
}

func (c *Config) database() string {
	if c.DB != "" {
		return c.DB
	}
	return "sqlite:" + filepath.Join(c.Data, "yian.db")
}

func (c *Config) keyFile() string {
	if c.KeyFile != "" {
		return c.KeyFile
	}
	return filepath.Join(c.Data, "key.txt")
}
