package message

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Config (网关设置) says how messages go out. The zero value writes them to files.
type Config struct {
	URL     string // of the gateway; empty: files in the data folder
	KeyFile string // the key that requests are signed with
	Sign    string // sm3, sha256; empty: sm3
	Rate    int    // messages a minute; 0: that of Default
}

// shortestKey is how many characters a key has at least.
const shortestKey = 16

// maxKey bounds what is read of the file of the key.
const maxKey = 4 << 10

// Check names the setting that is wrong and says what it should be.
func (c *Config) Check() error {
	switch {
	case c.URL == "" && c.KeyFile != "":
		return errors.New("设置 --message-url：写了 --message-key-file 就不能缺")
	case c.URL != "" && c.KeyFile == "":
		return errors.New("设置 --message-key-file：缺少与网关约定的密钥文件，没有它请求无法签名")
	case c.Sign != "" && !slices.Contains([]string{SignSM3, SignSHA256}, c.Sign):
		return fmt.Errorf("设置 --message-sign：%q 应是 %s 或 %s", c.Sign, SignSM3, SignSHA256)
	case c.Rate < 0 || c.Rate > 100_000:
		return fmt.Errorf("设置 --message-rate：每分钟 %d 条应在 1 至 100000 之间", c.Rate)
	case c.URL == "":
		return nil
	}
	u, err := url.Parse(c.URL)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http":
		return errors.New("设置 --message-url：应写成 https://主机/路径")
	case u.User != nil:
		return errors.New("设置 --message-url：请不要把密码写在地址里；身份由 --message-key-file 的签名证明")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return errors.New("设置 --message-url：消息里有电话，只能经 https 发给别的机器；http 只用于本机")
	}
	return nil
}

// loopback reports whether a host is this machine.
func loopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback() || host == "localhost"
}

// Open makes the gateway that the settings name. data is the folder of the installation.
func (c *Config) Open(data string, now func() time.Time) (Gateway, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	if c.URL == "" {
		return NewFileGateway(filepath.Join(data, "outbox"), now), nil
	}
	key, err := readKey(c.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("设置 --message-key-file：%w", err)
	}
	return newHTTPGateway(c.URL, key, c.Sign, now), nil
}

// readKey reads the key that requests are signed with, and refuses a file that other
// users of the machine can read.
func readKey(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("密钥文件 %s 打不开：%w", path, err)
	}
	defer func() { _ = f.Close() }() // it was only read
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" { // which has no such bits
		return nil, fmt.Errorf("密钥文件 %s 的权限是 %04o，其他用户也能读到；请执行 chmod 600 %s", path, mode, path)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxKey+1))
	if err != nil {
		return nil, fmt.Errorf("密钥文件 %s 读不了：%w", path, err)
	}
	key := strings.TrimSpace(string(text))
	if len(key) < shortestKey || len(text) > maxKey {
		return nil, fmt.Errorf("密钥文件 %s 应是一行与网关约定的密钥，%d 至 %d 个字符", path, shortestKey, maxKey)
	}
	return []byte(key), nil
}
