package secret

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// maxFile bounds what is read: a file of keys is short.
const maxFile = 64 << 10

// maxID bounds the id of a key, which stands in every sealed value.
const maxID = 16

// line is one key as the file has it.
type line struct {
	id  string
	raw []byte
}

// Parse reads the text of a key file. In an environment variable, where line ends
// are awkward, semicolons may part the lines instead.
func Parse(text string) (*Keys, error) {
	if !strings.Contains(text, "\n") {
		text = strings.ReplaceAll(text, ";", "\n")
	}
	var lines []line
	current := -1
	for i, s := range strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n") {
		s, _, _ = strings.Cut(s, "#")
		words := strings.Fields(s)
		if len(words) == 0 {
			continue
		}
		l, isCurrent, err := parseLine(words)
		if err != nil {
			return nil, fmt.Errorf("密钥第 %d 行：%w", i+1, err)
		}
		for _, other := range lines {
			if other.id == l.id {
				return nil, fmt.Errorf("密钥第 %d 行：编号 %s 已经用过，请换一个编号", i+1, l.id)
			}
		}
		if isCurrent && current >= 0 {
			return nil, fmt.Errorf("密钥第 %d 行：前面已有一行标明 current，只能有一行", i+1)
		}
		if isCurrent {
			current = len(lines)
		}
		lines = append(lines, l)
	}
	switch {
	case len(lines) == 0:
		return nil, errors.New("没有密钥：每行应为“编号 base64 [current]”")
	case current < 0 && len(lines) > 1:
		return nil, errors.New("有几行密钥，却没有一行标明 current：请在新数据要用的那一行末尾加上 current")
	}
	return newKeys(lines, max(current, 0))
}

// parseLine reads “id base64 [current]”. Its errors never quote the key.
func parseLine(words []string) (l line, current bool, err error) {
	if len(words) > 3 || len(words) < 2 || len(words) == 3 && words[2] != "current" {
		return line{}, false, errors.New("应为“编号 base64 [current]”")
	}
	if !validID(words[0]) {
		return line{}, false, fmt.Errorf("编号应为 1 至 %d 个小写字母、数字或减号", maxID)
	}
	raw, err := base64.StdEncoding.DecodeString(words[1])
	if err != nil || len(raw) != keySize {
		return line{}, false, fmt.Errorf("密钥应为 %d 字节的 base64，可用 head -c %d /dev/urandom | base64 生成", keySize, keySize)
	}
	return line{words[0], raw}, len(words) == 3, nil
}

func validID(id string) bool {
	if id == "" || len(id) > maxID {
		return false
	}
	for _, c := range []byte(id) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// LoadFile reads a key file, and refuses one that other users of the machine can read.
func LoadFile(path string) (*Keys, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("没有密钥文件 %s：请检查设置；若是搬迁或恢复，请把原来的密钥文件放回去: %w", path, err)
	}
	if err != nil {
		return nil, fmt.Errorf("密钥文件 %s 打不开: %w", path, err)
	}
	defer func() { _ = f.Close() }() // it was only read
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("key file %s: %w", path, err)
	}
	// Windows has no such bits: its files all look readable.
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
		return nil, fmt.Errorf("密钥文件 %s 的权限是 %04o，其他用户也能读到；请执行 chmod 600 %s 后再启动", path, mode, path)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("key file %s: %w", path, err)
	}
	if len(text) > maxFile {
		return nil, fmt.Errorf("%s 太大，不像密钥文件；请检查设置", path)
	}
	keys, err := Parse(string(text))
	if err != nil {
		return nil, fmt.Errorf("密钥文件 %s：%w", path, err)
	}
	return keys, nil
}

const fileHead = `# 颐安的密钥：没有它，数据库里的证件号码和电话就读不出来。
# 请在别处另存一份；丢了，数据无法恢复；泄露了，请轮换。
# 每行：编号 密钥（32 字节的 base64） [current]
# 查找和防篡改用第一行的密钥，所以第一行不能删、不能挪。
# 轮换：在末尾加一行新密钥（head -c 32 /dev/urandom | base64），把 current 移到新行，旧行保留。
`

// Generate returns the text of a key file with one new key.
func Generate(random io.Reader) (string, error) {
	raw := make([]byte, keySize)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", fmt.Errorf("generate key: %w", err)
	}
	return fileHead + "k1 " + base64.StdEncoding.EncodeToString(raw) + " current\n", nil
}

// WriteNew makes a key file with one new key, and never overwrites one. The file is
// on the disk when it returns: data that outlive their key are lost.
func WriteNew(path string) (*Keys, error) {
	text, err := Generate(rand.Reader)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("%s 已经存在，不会覆盖：覆盖密钥，已加密的数据就读不出来了: %w", path, err)
	}
	if err != nil {
		return nil, fmt.Errorf("密钥文件 %s 写不了: %w", path, err)
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Sync(), f.Close(), syncFolder(filepath.Dir(path))); err != nil {
		return nil, errors.Join(fmt.Errorf("密钥文件 %s 写不了: %w", path, err), os.Remove(path))
	}
	return Parse(text)
}

// syncFolder makes the name of a new file last.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" { // folders cannot be synced there
		return nil
	}
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
