package cli

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"yian/internal/app"
	"yian/internal/message"
)

// serverFlags are the settings of a server; each can also come from the environment.
type serverFlags struct {
	Listen    string        `default:"127.0.0.1:8080" env:"YIAN_LISTEN" help:"监听的地址和端口（默认 127.0.0.1:8080；${env}）" placeholder:"ADDR"`
	URL       string        `env:"YIAN_URL" help:"浏览器访问本系统的地址，如 https://yanglao.example.gov.cn；写 https 时会话只经加密连接（${env}）" placeholder:"URL"`
	Data      string        `default:"./data" env:"YIAN_DATA" help:"数据文件夹：SQLite 数据库、密钥、节点名（默认 ./data；${env}）" placeholder:"DIR"`
	DB        string        `name:"db" env:"YIAN_DB" help:"数据库：sqlite:文件 或 postgres://用户:密码@主机/库（默认数据文件夹里的 SQLite；${env}）" placeholder:"URL"`
	KeyFile   string        `env:"YIAN_KEY_FILE" help:"加密密钥文件（默认数据文件夹里的 key.txt；密钥也可直接放在环境变量 YIAN_KEY；${env}）" placeholder:"FILE"`
	Divisions string        `env:"YIAN_DIVISIONS" help:"本地乡镇、村的代码和名称，CSV 两列（${env}）" placeholder:"FILE"`
	Idle      time.Duration `default:"30m" env:"YIAN_IDLE" help:"多久不操作就退出登录（默认 30m；${env}）" placeholder:"TIME"`
	Session   time.Duration `default:"12h" env:"YIAN_SESSION" help:"一次登录最长多久（默认 12h；${env}）" placeholder:"TIME"`
	Password  int           `name:"password-days" default:"90" env:"YIAN_PASSWORD_DAYS" help:"密码多少天后必须更换，0 为不过期（默认 90；${env}）" placeholder:"N"`
	TOTP      bool          `name:"totp" default:"true" negatable:"" env:"YIAN_TOTP" help:"系统管理员和民政工作人员登录须用动态口令（默认须用，--no-totp 关闭；${env}）"`
	Proxy     []string      `env:"YIAN_PROXY" help:"前面的反向代理的地址或网段，只有它们报告的来访地址才可信（${env}）" placeholder:"ADDR"`

	MessageURL  string `name:"message-url" env:"YIAN_MESSAGE_URL" help:"短信网关的地址；不写则把消息写进数据文件夹的 outbox（${env}）" placeholder:"URL"`
	MessageKey  string `name:"message-key-file" env:"YIAN_MESSAGE_KEY_FILE" help:"给短信网关签名的密钥文件（${env}）" placeholder:"FILE"`
	MessageSign string `name:"message-sign" env:"YIAN_MESSAGE_SIGN" help:"签名算法：sm3 或 sha256（默认 sm3；${env}）" placeholder:"NAME"`
	MessageRate int    `name:"message-rate" env:"YIAN_MESSAGE_RATE" help:"每分钟最多发几条（默认 60；${env}）" placeholder:"N"`

	OIDCIssuer string `name:"oidc-issuer" env:"YIAN_OIDC_ISSUER" help:"统一身份认证（OpenID Connect）的地址；不写则不用（${env}）" placeholder:"URL"`
	OIDCClient string `name:"oidc-client" env:"YIAN_OIDC_CLIENT" help:"在统一身份认证登记的应用编号（${env}）" placeholder:"ID"`
	OIDCSecret string `name:"oidc-secret" env:"YIAN_OIDC_SECRET" help:"应用密钥，宜用环境变量（${env}）" placeholder:"SECRET"`
	OIDCLabel  string `name:"oidc-label" default:"统一身份认证" env:"YIAN_OIDC_LABEL" help:"登录页按钮上的字（${env}）" placeholder:"TEXT"`
	OIDCClaim  string `name:"oidc-claim" default:"preferred_username" env:"YIAN_OIDC_CLAIM" help:"哪一项是本系统的登录名（默认 preferred_username；${env}）" placeholder:"NAME"`
	OIDCSecond bool   `name:"oidc-second" env:"YIAN_OIDC_SECOND" help:"统一身份认证自己已核验动态口令，这里不再要（${env}）"`
}

func (f *serverFlags) config() app.Config {
	return app.Config{
		Listen: f.Listen, URL: f.URL, Data: f.Data, DB: f.DB, KeyFile: f.KeyFile, Divisions: f.Divisions,
		Idle: f.Idle, Lifetime: f.Session, Password: f.Password, TOTP: f.TOTP, Proxies: f.Proxy,
		Messages: message.Config{URL: f.MessageURL, KeyFile: f.MessageKey, Sign: f.MessageSign, Rate: f.MessageRate},
		OIDC:     app.OIDC{Issuer: f.OIDCIssuer, Client: f.OIDCClient, Secret: f.OIDCSecret, Label: f.OIDCLabel, Claim: f.OIDCClaim, Second: f.OIDCSecond},
	}
}

type serveCmd struct {
	serverFlags
	LogLevel string `default:"info" enum:"debug,info,warn,error" env:"YIAN_LOG_LEVEL" help:"日志多细：debug、info、warn、error（默认 info；${env}）" placeholder:"LEVEL"`
}

// Run serves until the process is told to end.
func (c *serveCmd) Run(e *env) error {
	var level slog.Level
	if err := level.UnmarshalText([]byte(strings.ToUpper(c.LogLevel))); err != nil {
		return err
	}
	log := slog.New(slog.NewJSONHandler(e.stderr, &slog.HandlerOptions{Level: level}))
	a, err := app.Open(e.ctx, c.config(), app.Host{Now: e.now, Log: log, Getenv: os.Getenv, Notice: e.notice})
	if err != nil {
		return err
	}
	defer a.Close()
	return e.serve(a)
}

// notice tells the operator something that is not a log line.
func (e *env) notice(format string, args ...any) { fmt.Fprintf(e.stdout, format+"\n", args...) }

// serve runs the server; to be told to end is no fault.
func (e *env) serve(a *app.App) error {
	err := a.Run(e.ctx, func(base string) {
		e.notice("颐安已启动：%s", base)
		if link, err := a.SetupLink(e.ctx, base); err != nil {
			e.notice("无法生成首次使用的链接：%v", err)
		} else if link != "" {
			e.notice("还没有系统管理员。请在 24 小时内打开这个链接创建第一个（只能用一次）：\n  %s", link)
		}
	})
	if e.ctx.Err() != nil && err == nil {
		e.notice("颐安已停止。")
	}
	return err
}

type demoCmd struct {
	Listen string `default:"127.0.0.1:8080" help:"监听的地址和端口（默认 127.0.0.1:8080）" placeholder:"ADDR"`
	Elders int    `default:"20000" help:"合成的老年人数（默认 20000）" placeholder:"N"`
	Seed   uint64 `default:"1" help:"随机种子（默认 1）" placeholder:"N"`
}

// Run serves invented people of Linfen from a database that is thrown away.
func (c *demoCmd) Run(e *env) error {
	folder, err := os.MkdirTemp("", "yian-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder) //nolint:errcheck // it is in the folder of temporary files
	started := e.now()
	log := slog.New(slog.NewTextHandler(e.stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	cfg := app.Config{Listen: c.Listen, Data: folder, Idle: 12 * time.Hour, Lifetime: 12 * time.Hour, Demo: true}
	e.notice("正在准备演示：合成临汾市 %s 位老年人（不含任何真实的人）……", grouped(c.Elders))
	a, err := app.Open(e.ctx, cfg, app.Host{Now: e.now, Log: log, Getenv: func(string) string { return "" }, Notice: func(string, ...any) {}})
	if err != nil {
		return err
	}
	defer a.Close()
	if err := a.FillDemo(e.ctx, c.Elders, c.Seed); err != nil {
		return err
	}
	e.notice("用时 %.1f 秒。数据在临时文件夹里，停止后即删除。按 Ctrl-C 停止。", e.now().Sub(started).Seconds())
	return e.serve(a)
}

type keyCmd struct {
	File string `arg:"" help:"写入新密钥的文件（已存在则不写）"`
}

// Run makes a key.
func (c *keyCmd) Run(e *env) error {
	if err := app.NewKey(c.File); err != nil {
		return err
	}
	e.notice("已写入 %s。请与数据库分开备份：丢了它，加密的内容就再也读不出来。", c.File)
	return nil
}

type backupCmd struct {
	serverFlags
	File string `arg:"" help:"备份文件（不覆盖已有的文件）"`
}

// Run copies the SQLite database while it is in use.
func (c *backupCmd) Run(e *env) error {
	started := e.now()
	size, err := app.Backup(e.ctx, c.config(), c.File)
	if err != nil {
		return err
	}
	e.notice("已备份并校验：%s（%s 字节，%.1f 秒）。密钥不在备份里，请另行保存。", c.File, grouped(int(size)), e.now().Sub(started).Seconds())
	return nil
}

type restoreCmd struct {
	serverFlags
	File string `arg:"" help:"备份文件"`
}

// Run puts a backup in the place of the database.
func (c *restoreCmd) Run(e *env) error {
	kept, err := app.Restore(e.ctx, c.config(), c.File, app.Host{Now: e.now, Log: slog.New(slog.DiscardHandler), Getenv: os.Getenv})
	if err != nil {
		return err
	}
	e.notice("已恢复：%s", c.File)
	if kept != "" {
		e.notice("原来的数据库保留为 %s，确认无误后可自行删除。", kept)
	}
	return nil
}

type doctorCmd struct{ serverFlags }

// Run tells what is wrong with an installation.
func (c *doctorCmd) Run(e *env) error {
	found := app.Doctor(e.ctx, c.config(), app.Host{Now: e.now, Log: slog.New(slog.DiscardHandler), Getenv: os.Getenv})
	bad := false
	for _, f := range found {
		mark := map[app.Verdict]string{app.Fine: "正常", app.Doubtful: "注意", app.Broken: "有误"}[f.Verdict]
		e.notice("%s  %s：%s", mark, f.Part, f.Text)
		bad = bad || f.Verdict == app.Broken
	}
	if bad {
		return status(exitNo)
	}
	return nil
}

type auditCmd struct {
	Verify auditVerifyCmd `cmd:"" help:"校验审计记录和档案是否被人绕过系统改动"`
	Head   auditHeadCmd   `cmd:"" help:"显示审计链头，可抄存在别处，日后用 verify --head 核对"`
}

type auditVerifyCmd struct {
	serverFlags
	Head string `help:"以前抄存的链头；校验审计链仍经过它" placeholder:"HEAD"`
}

// Run verifies the trail and the sealed rows.
func (c *auditVerifyCmd) Run(e *env) error {
	return e.withApp(c.config(), func(ctx context.Context, a *app.App) error {
		r, err := a.Audit.Verify(ctx, c.Head)
		if err != nil {
			return err
		}
		e.notice("审计记录 %s 条，其中 %s 条等待封存；链头 %s", grouped(int(r.Entries)), grouped(int(r.Waiting)), r.Head)
		for _, table := range slices.Sorted(maps.Keys(r.Rows)) {
			e.notice("%s %s 行", table, grouped(int(r.Rows[table])))
		}
		for _, p := range r.Problems {
			e.notice("有误  %s %s：%s", p.Table, p.Row, p.Message)
		}
		if r.More > 0 {
			e.notice("另有 %s 处未列出", grouped(int(r.More)))
		}
		if !r.OK() {
			return status(exitNo)
		}
		e.notice("没有发现改动。")
		return nil
	})
}

type auditHeadCmd struct{ serverFlags }

// Run shows the end of the chain.
func (c *auditHeadCmd) Run(e *env) error {
	return e.withApp(c.config(), func(ctx context.Context, a *app.App) error {
		if _, err := a.Audit.Seal(ctx); err != nil {
			return err
		}
		head, err := a.Audit.Head(ctx)
		if err != nil {
			return err
		}
		e.notice("%s", head)
		return nil
	})
}

// withApp opens an installation without serving it.
func (e *env) withApp(cfg app.Config, do func(context.Context, *app.App) error) error {
	log := slog.New(slog.NewTextHandler(e.stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	a, err := app.Open(e.ctx, cfg, app.Host{Now: e.now, Log: log, Getenv: os.Getenv, Notice: e.notice, Beside: true})
	if err != nil {
		return err
	}
	defer a.Close()
	return do(e.ctx, a)
}
