// Package cli is the command line of yian: one file a command. Flags are English,
// words to people Chinese. It alone reads the clock and the terminal.
package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"yian/internal/civil"
	"yian/internal/pack"
	"yian/policies"
)

// What a command ends with. Faults in what was given end with exitInput, so that a
// caller can tell them from an answer that is "no".
const (
	exitOK          = 0
	exitNo          = 1 // the answer is no: a list falls below, a pack has faults
	exitInput       = 2 // something cannot be read, or rows were rejected
	exitInterrupted = 130
)

type commands struct {
	Evaluate evaluateCmd `cmd:"" help:"按清单逐人逐项认定一个人员文件，给出结果、金额、缺少的事实和依据"`
	Explain  explainCmd  `cmd:"" help:"说明一个人为什么能、不能或尚不能确定享受各项服务"`
	Next     nextCmd     `cmd:"" help:"预告每个人下一次仅因年龄增长而发生的变化"`
	Conform  conformCmd  `cmd:"" help:"证明下级清单不低于上级清单，或举出反例"`
	Simulate simulateCmd `cmd:"" help:"比较两份清单：谁增加、谁减少、花费多少，以及今后若干年"`
	Check    checkCmd    `cmd:"" help:"检查政策包并运行其中的测试"`
	Packs    packsCmd    `cmd:"" help:"列出内置的政策包"`
	Synth    synthCmd    `cmd:"" help:"生成可重现的合成人员文件（不含任何真实的人）"`
	Sample   sampleCmd   `cmd:"" help:"试算：在内存里合成一地老年人口并按清单认定"`
	Demo     demoCmd     `cmd:"" help:"演示：用合成的临汾市老年人启动一个用完即弃的系统"`
	Serve    serveCmd    `cmd:"" help:"启动系统（默认 SQLite，--db 可用 PostgreSQL）"`
	Key      keyCmd      `cmd:"" help:"生成加密密钥文件"`
	Backup   backupCmd   `cmd:"" help:"在线备份 SQLite 数据库并校验"`
	Restore  restoreCmd  `cmd:"" help:"用备份恢复 SQLite 数据库"`
	Doctor   doctorCmd   `cmd:"" help:"检查设置、密钥、数据库和磁盘，说明哪里有问题"`
	Audit    auditCmd    `cmd:"" help:"审计记录"`
}

// env is the world as commands see it.
type env struct {
	ctx     context.Context
	stdin   io.Reader
	stdout  io.Writer
	stderr  io.Writer
	now     func() time.Time
	tty     bool // stderr is a terminal
	workers int
	library func() (*pack.Library, error)
}

func (e *env) today() civil.Date {
	y, m, d := e.now().Date()
	return civil.New(y, m, d)
}

// status is an error that has been told already and only sets the exit code.
type status int

func (s status) Error() string { return fmt.Sprintf("exit %d", int(s)) }

// Main runs the command line and returns the exit code.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	defer context.AfterFunc(ctx, stop)() // a second Ctrl-C ends the process at once
	e := &env{
		ctx: ctx, stdin: stdin, stdout: stdout, stderr: stderr, now: time.Now, workers: runtime.GOMAXPROCS(0),
		library: sync.OnceValues(func() (*pack.Library, error) { return pack.NewLibrary(policies.FS) }),
	}
	if f, ok := stderr.(*os.File); ok {
		e.tty = term.IsTerminal(int(f.Fd()))
	}
	return e.main(args)
}

func (e *env) main(args []string) int {
	code := -1
	parser, err := kong.New(new(commands),
		kong.Name("yian"), kong.Description("颐安：把基本养老服务的文件变成规则，让服务找到人。"),
		kong.Writers(e.stdout, e.stderr), kong.Exit(func(c int) { code = c }),
		kong.Help(chineseHelp), kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
		kong.Vars{"today": e.today().String()},
	)
	if err != nil {
		panic(err) //nolint:forbidigo // the declaration of the commands is wrong
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	run, err := parser.Parse(args)
	if code >= 0 { // help was shown
		return code
	}
	if err != nil && !strings.HasPrefix(args[0], "-") && !isCommand(parser, args[0]) {
		err = fmt.Errorf("没有这个命令：%s", args[0])
	}
	if err != nil {
		fmt.Fprintf(e.stderr, "yian: %s\n用 yian --help 查看用法。\n", chinese(err.Error()))
		return exitInput
	}
	return e.report(run.Run(e))
}

// isCommand reports whether there is a command of the name.
func isCommand(k *kong.Kong, name string) bool {
	return slices.ContainsFunc(k.Model.Children, func(n *kong.Node) bool { return n.Name == name })
}

// report tells an error and returns the exit code.
func (e *env) report(err error) int {
	var told status
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &told):
		return int(told)
	case e.ctx.Err() != nil:
		fmt.Fprintln(e.stderr, "yian: 已中断，没有留下未写完的文件。")
		return exitInterrupted
	}
	fmt.Fprintf(e.stderr, "yian: %s\n", causes.Replace(err.Error()))
	return exitInput
}

// chineseHelp is kong's own help with its few fixed words put into Chinese.
func chineseHelp(options kong.HelpOptions, ctx *kong.Context) error {
	out := ctx.Stdout
	var buf bytes.Buffer
	ctx.Stdout = &buf
	err := kong.DefaultHelpPrinter(options, ctx)
	ctx.Stdout = out
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, strings.TrimRight(chinese(buf.String()), "\n")+"\n")
	return err
}

var words = strings.NewReplacer(
	"Usage:", "用法：", "Arguments:", "参数：", "Flags:", "选项：", "Commands:", "命令：",
	"Show context-sensitive help.", "显示帮助",
	`Run "yian <command> --help" for more information on a command.`, `用 yian <命令> --help 查看一个命令的用法。`,
	"<command>", "<命令>", "[flags]", "[选项]",
	"missing flags:", "缺少选项", "unknown flag", "没有这个选项：", "unexpected argument", "多余的参数",
	"expected one of", "应为其中之一：", "expected", "应有", "did you mean one of", "是不是其中之一：", "did you mean", "是不是", "missing value for", "缺少值：",
	"a valid 64 bit int", "整数", "a valid 64 bit uint", "非负整数", "a float", "数", "int value", "整数值", "uint value", "非负整数值",
	"float value", "数值", "string value", "值", "(short flag); perhaps try", "以 - 开头的值请写作", "<EOL>", "行尾", "must be one of", "只能是", "but got", "而不是", "expecting", "应有",
)

// causes puts what the system says of files into Chinese.
var causes = strings.NewReplacer(
	"no such file or directory", "没有这个文件或文件夹", "permission denied", "没有权限", "is a directory", "是文件夹",
	"not a directory", "不是文件夹", "no space left on device", "磁盘已满", "file too large", "文件过大", "read-only file system", "只读的磁盘",
	"file name too long", "文件名太长", "unexpected EOF", "文件不完整", "zip: not a valid zip file", "不是有效的 XLSX 文件",
	"gzip: invalid checksum", "校验和不符", "gzip: invalid header", "不是有效的 gzip 文件",
)

func chinese(s string) string { return words.Replace(s) }
