package app

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"yian/internal/region"
	"yian/internal/secret"
)

// KeyVariable is the variable of the environment that may hold the keys themselves.
const KeyVariable = "YIAN_KEY"

// loadKeys reads the keys from the environment or the file; nil keys where there are
// none and an installation that is only beginning may make some. Beside a database that
// exists already, a new key would make everything in it unreadable, so that is refused.
func loadKeys(c *Config, getenv func(string) string) (*secret.Keys, error) {
	if text := getenv(KeyVariable); text != "" {
		keys, err := secret.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("环境变量 %s：%w", KeyVariable, err)
		}
		return keys, nil
	}
	keys, err := secret.LoadFile(c.keyFile())
	if !errors.Is(err, fs.ErrNotExist) {
		return keys, err
	}
	if c.KeyFile != "" {
		return nil, fmt.Errorf("设置 --key-file：没有文件 %s；可用 yian key 生成", c.KeyFile)
	}
	if _, err := os.Stat(filepath.Join(c.Data, "yian.db")); err == nil {
		return nil, fmt.Errorf("数据文件夹 %s 里有数据库而没有密钥 key.txt：请把原来的密钥放回去，否则已加密的内容无法读取", c.Data)
	}
	return nil, nil
}

// node returns the name of this process among those of one database: kept in the
// data folder, so that it is the same after a restart.
func node(folder string) (string, error) {
	path := filepath.Join(folder, "node")
	b, err := os.ReadFile(path)
	if err == nil && len(strings.TrimSpace(string(b))) > 0 {
		return strings.TrimSpace(string(b)), nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read node name: %w", err)
	}
	var raw [6]byte
	_, _ = rand.Read(raw[:]) // it never fails
	name := "node-" + hex.EncodeToString(raw[:])
	if err := os.WriteFile(path, []byte(name+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("write node name: %w", err)
	}
	return name, nil
}

// loadDivisions extends the table of divisions by the local ones.
func loadDivisions(path string) error {
	if path == "" {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("设置 --divisions：%w", err)
	}
	defer f.Close() //nolint:errcheck // it is only read
	more, err := region.ReadDivisions(f)
	if err != nil {
		return fmt.Errorf("设置 --divisions：%w", err)
	}
	region.Extend(more)
	return nil
}
