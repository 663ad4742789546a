package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"yian/internal/audit"
	"yian/internal/civil"
	"yian/internal/db"
	"yian/internal/id"
	"yian/internal/ui"
	front "yian/web"
)

// Verdict says how a part of an installation is.
type Verdict int

// The verdicts.
const (
	Fine Verdict = iota
	Doubtful
	Broken
)

// Finding is what the doctor says of one part.
type Finding struct {
	Verdict Verdict
	Part    string
	Text    string // what is so, and what to do where it is wrong
}

// doctor collects findings.
type doctor struct {
	Host
	config   Config
	findings []Finding
}

func (d *doctor) say(v Verdict, part, format string, args ...any) {
	d.findings = append(d.findings, Finding{v, part, fmt.Sprintf(format, args...)})
}

// result notes an error as broken, and else that the part is fine.
func (d *doctor) result(part string, err error, format string, args ...any) bool {
	if err != nil {
		d.say(Broken, part, "%v", err)
		return false
	}
	d.say(Fine, part, format, args...)
	return true
}

// Doctor looks at an installation without changing it.
func Doctor(ctx context.Context, c Config, h Host) []Finding {
	d := &doctor{Host: h, config: c}
	if !d.result("设置", c.Check(), "没有矛盾；地址 %s", c.Listen) {
		return d.findings
	}
	d.clock()
	_, err := ui.OpenAssets(front.Dist())
	d.result("前端资源", err, "已构建")
	d.divisions()
	if !d.folder() {
		return d.findings
	}
	d.database(ctx)
	return d.findings
}

// clock finds a clock that was never set. Days are those of Beijing, whatever the
// zone of the machine is.
func (d *doctor) clock() {
	now := d.Now()
	if now.Before(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) {
		d.say(Broken, "时钟", "系统时间是 %s，请校准后再启动，否则审计时间和年龄都会错", now.Format(time.RFC3339))
		return
	}
	d.say(Fine, "时钟", "%s（北京时间；机器的时区是 UTC%s，不影响日期）", ui.Instant(now), now.Format("-07:00"))
}

func (d *doctor) divisions() {
	if d.config.Divisions == "" {
		d.say(Doubtful, "区划", "没有用 --divisions 给出本地乡镇、村的名称，页面上会显示代码")
		return
	}
	d.result("区划", loadDivisions(d.config.Divisions), "已读入 %s", d.config.Divisions)
}

// folder looks at the data folder; false ends the examination.
func (d *doctor) folder() bool {
	info, err := os.Stat(d.config.Data)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.say(Doubtful, "数据文件夹", "%s 还不存在，第一次启动时会建立", d.config.Data)
		return false
	case err != nil:
		d.say(Broken, "数据文件夹", "%v", err)
		return false
	case !info.IsDir():
		d.say(Broken, "数据文件夹", "%s 不是文件夹", d.config.Data)
		return false
	}
	probe, err := os.CreateTemp(d.config.Data, ".doctor-*")
	if err != nil {
		d.say(Broken, "数据文件夹", "%s 不能写入：%v", d.config.Data, err)
		return false
	}
	_ = errors.Join(probe.Close(), os.Remove(probe.Name()))
	if info.Mode().Perm()&0o077 != 0 {
		d.say(Doubtful, "数据文件夹", "%s 别的用户也能进入，请执行 chmod 700", d.config.Data)
	}
	free, err := freeSpace(d.config.Data)
	switch {
	case errors.Is(err, errors.ErrUnsupported):
	case err != nil:
		d.say(Broken, "磁盘", "%v", err)
	case free < 1<<30:
		d.say(Broken, "磁盘", "只剩 %d MB，请清理或扩容", free>>20)
	case free < 10<<30:
		d.say(Doubtful, "磁盘", "只剩 %d GB，请留意", free>>30)
	default:
		d.say(Fine, "磁盘", "剩余 %d GB", free>>30)
	}
	return true
}

// database looks at the keys and the data.
func (d *doctor) database(ctx context.Context) {
	if file, ok := sqliteFile(&d.config); ok {
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			d.say(Doubtful, "数据库", "%s 还不存在，第一次启动时会建立", filepath.Clean(file))
			return
		}
	}
	keys, err := loadKeys(&d.config, d.Getenv)
	switch {
	case err != nil:
		d.say(Broken, "密钥", "%v", err)
		return
	case keys == nil:
		d.say(Broken, "密钥", "没有密钥：数据库已在使用的，请用 --key-file 指明原来的密钥文件；还没有用过的，第一次启动时会生成")
		return
	}
	d.say(Fine, "密钥", "当前密钥 %s，指纹 %s", keys.Current(), keys.Fingerprint())
	store, err := db.Open(ctx, d.config.database(), d.Log)
	if !d.result("数据库", err, "可以连接") {
		return
	}
	defer store.Close() //nolint:errcheck // it was only read
	current, latest, err := store.Version(ctx)
	switch {
	case err != nil:
		d.say(Broken, "数据库版本", "%v", err)
		return
	case current < latest:
		d.say(Doubtful, "数据库版本", "%d，启动时会升级到 %d；升级前请备份", current, latest)
		return
	}
	d.say(Fine, "数据库版本", "%d", current)
	d.result("数据库完整性", store.Check(ctx), "没有损坏")
	d.trail(ctx, audit.New(store, keys, id.NewMaker(d.Now), d.Now))
}

// trail finds keys that are not those of the data, a clock that was set back, and
// jobs that do not run: all show in the audit trail.
func (d *doctor) trail(ctx context.Context, log *audit.Log) {
	r, err := log.Verify(ctx, "")
	switch {
	case err != nil:
		d.say(Broken, "审计记录", "%v", err)
	case !r.OK():
		d.say(Broken, "审计记录", "有 %d 处不符（第一处：%s）。若刚换过密钥，请放回原来的；否则用 yian audit verify 查看", len(r.Problems)+int(r.More), r.Problems[0].Message)
	default:
		d.say(Fine, "审计记录", "%d 条，没有改动", r.Entries)
	}
	last, err := log.Last(ctx)
	if err == nil && last > civil.At(d.Now().Add(time.Minute)) {
		d.say(Broken, "时钟", "最近一条审计记录的时间 %s 晚于现在，请校准系统时间", ui.Instant(last.Time()))
	}
}
