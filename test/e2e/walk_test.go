package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"github.com/xuri/excelize/v2"
)

// TestAWorkingDay walks through the first day of an installation in a real browser:
// from the printed link to a list in a spreadsheet.
func TestAWorkingDay(t *testing.T) {
	t.Parallel()
	s := begin(t, installation{}, "serve", "--listen", "127.0.0.1:0", "--data", t.TempDir())
	b := newTab(t)
	d := &day{t: t, s: s, b: b}
	d.firstAdministrator()
	officer := d.user("赵经办", "zhao.officer", "民政工作人员", "141002")
	village := d.user("钱网格", "qian.village", "村（社区）", "141002001")
	d.leave()
	secret := d.firstLogin("zhao.officer", officer, true)
	d.imports()
	d.search()
	d.record()
	d.export()
	d.looks()
	d.leave()
	d.secondLogin("zhao.officer", secret)
	d.leave()
	d.firstLogin("qian.village", village, false)
	d.village()
	d.leave()
	for _, fault := range b.complaints() {
		t.Errorf("the console says: %s", fault)
	}
}

// day is what happens in the test.
type day struct {
	t *testing.T
	s *server
	b *tab
}

const ownPassword = "Yao-du 2026 Feng"

func (d *day) firstAdministrator() {
	t, b := d.t, d.b
	b.open(t, d.s.link(t))
	b.set(t, "organisation_name", "临汾市民政局")
	b.set(t, "organisation_kind", "市级民政部门")
	b.set(t, "organisation_region_code", "1410")
	b.set(t, "name", "孙管理")
	b.set(t, "login", "sun.admin")
	b.set(t, "new", ownPassword)
	b.set(t, "again", ownPassword)
	b.press(t, "建立管理员")
	b.shows(t, "系统管理员已建立")
	d.login("sun.admin", ownPassword)
	d.enrol()
	b.open(t, d.s.link(t))
	b.lacks(t, "建立首位系统管理员")
	b.complaints() // the link is used up, which the console reports
}

func (d *day) login(login, password string) {
	d.b.open(d.t, d.s.base+"/login")
	d.b.set(d.t, "login", login)
	d.b.set(d.t, "password", password)
	d.b.press(d.t, "登录")
}

// enrol sets up the second factor that the role demands, from the key as text, and
// returns the key.
func (d *day) enrol() string {
	t, b := d.t, d.b
	if at := b.at(t); !strings.HasPrefix(at, "/account/second") {
		t.Fatalf("without a second factor one comes to %s", at)
	}
	b.press(t, "开始设置")
	key := strings.ReplaceAll(js[string](t, b, `document.querySelector("main code").innerText`), " ", "")
	b.set(t, "code", code(t, key, 0))
	b.press(t, "启用")
	b.shows(t, "双因素认证已启用")
	if codes := js[int](t, b, `document.querySelectorAll("main code, main li").length`); codes < 8 {
		t.Errorf("%d recovery codes are shown", codes)
	}
	b.open(t, d.s.base+"/")
	b.shows(t, "工作台")
	return key
}

// code is what the telephone shows some half minutes from now.
func code(t testing.TB, key string, later int) string {
	t.Helper()
	text, err := totp.GenerateCode(key, time.Now().Add(time.Duration(later)*30*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// user makes a user with a role and returns his temporary password.
func (d *day) user(name, login, role, region string) string {
	t, b := d.t, d.b
	b.open(t, d.s.base+"/users/new")
	b.set(t, "name", name)
	b.set(t, "login", login)
	b.set(t, "organisation", "临汾市民政局")
	b.press(t, "建立用户")
	b.shows(t, "已建立用户")
	at := b.at(t)
	b.open(t, d.s.base+at+"/grants/new")
	b.set(t, "role", role)
	b.set(t, "region_code", region)
	b.press(t, "授予")
	b.shows(t, role)
	b.open(t, d.s.base+at+"/access/password")
	b.press(t, "生成临时密码")
	return js[string](t, b, `document.getElementById("secret").value`)
}

// firstLogin signs in with a temporary password, changes it, and sets up the second
// factor where the role demands one.
func (d *day) firstLogin(login, temporary string, second bool) (key string) {
	t, b := d.t, d.b
	d.login(login, temporary)
	if at := b.at(t); at != "/account/password" {
		t.Fatalf("a temporary password leads to %s", at)
	}
	b.set(t, "current", temporary)
	b.set(t, "new", ownPassword)
	b.set(t, "again", ownPassword)
	b.press(t, "修改密码")
	if second {
		b.open(t, d.s.base+"/")
		key = d.enrol()
	}
	b.open(t, d.s.base+"/")
	b.shows(t, "工作台")
	return key
}

// secondLogin signs in with password and code; a wrong code is refused.
func (d *day) secondLogin(login, key string) {
	t, b := d.t, d.b
	d.login(login, ownPassword)
	b.set(t, "code", "000000")
	b.press(t, "继续")
	b.shows(t, "验证码")
	b.complaints() // that it was refused is reported in the console too
	b.set(t, "code", code(t, key, 1))
	b.press(t, "继续")
	b.shows(t, "工作台")
}

func (d *day) leave() {
	d.s.leave(d.t, d.b)
	d.b.open(d.t, d.s.base+"/persons")
	if at := d.b.at(d.t); at != "/login" {
		d.t.Errorf("signed out, one still comes to %s", at)
	}
}

// imports brings a file in of which two rows are wrong, mends these, and brings the
// mended file in.
func (d *day) imports() {
	t, b := d.t, d.b
	good := []string{
		"姓名,身份证号,居住地,能力等级",
		"张桂芳," + numbered("141002", 1) + ",141002001,能力完好",
		"李桂兰," + numbered("141002", 2) + ",141002001,中度失能",
		"王玉珍," + numbered("141002", 3) + ",141002002,",
	}
	right := []string{"陈秀莲," + numbered("141002", 4) + ",141002002,", "刘淑英," + numbered("141002", 5) + ",141002001,"}
	wrong := []string{"陈秀莲," + numbered("141002", 4)[:17] + "?,141002002,", "刘淑英," + numbered("141002", 5) + ",149999,"}
	d.bring("名单.csv", append(good, wrong...))
	b.shows(t, "没有通过的行")
	b.press(t, "开始导入")
	b.shows(t, "2 行退回")
	if rejects := d.download(t, "下载退回文件", ".csv"); !strings.Contains(rejects, "陈秀莲") || !strings.Contains(rejects, "刘淑英") || strings.Contains(rejects, "张桂芳") {
		t.Errorf("the rejects are not the two wrong rows: %s", rejects)
	}
	d.bring("改好.csv", append(good[:1:1], right...))
	b.press(t, "开始导入")
	b.shows(t, "导入完成")
	if js[bool](t, b, `!!document.querySelector('a[href$="/rejects"]')`) {
		t.Error("the mended rows are rejected again")
	}
}

// bring uploads a file and has it tried.
func (d *day) bring(name string, lines []string) {
	t, b := d.t, d.b
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.open(t, d.s.base+"/imports/new")
	b.set(t, "source", "town")
	b.set(t, "file", path)
	b.press(t, "上传")
	b.shows(t, "确认每一列是什么")
	b.set(t, "from", "2026-01-01")
	js[bool](t, b, `(document.querySelector('form[action$="/mapping"] .btn-primary').setAttribute("id", "try"), true)`)
	b.press(t, js[string](t, b, `document.getElementById("try").innerText.trim()`))
	b.shows(t, "这是试运行的结果")
}

// download presses what gives a file and returns its content.
func (d *day) download(t testing.TB, text, suffix string) string {
	t.Helper()
	known := map[string]bool{}
	for _, f := range files(t, d.b.downloads) {
		known[f] = true
	}
	d.b.touch(t, text)
	for until := time.Now().Add(patience); time.Now().Before(until); time.Sleep(50 * time.Millisecond) {
		for _, f := range files(t, d.b.downloads) {
			if known[f] || !strings.HasSuffix(f, suffix) {
				continue
			}
			content, err := os.ReadFile(filepath.Join(d.b.downloads, f))
			if err != nil {
				t.Fatal(err)
			}
			return string(content)
		}
	}
	t.Fatalf("%q gives no file *%s: %v", text, suffix, files(t, d.b.downloads))
	return ""
}

func files(t testing.TB, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// search looks for people by name, initials and number, and opens one.
func (d *day) search() {
	t, b := d.t, d.b
	b.open(t, d.s.base+"/persons")
	for _, text := range []string{"张桂", "zgf", numbered("141002", 1)} {
		b.set(t, "q", text)
		b.press(t, "查询")
		b.shows(t, "张桂芳")
		b.lacks(t, "李桂兰")
		if strings.Contains(b.where(), numbered("141002", 1)) {
			t.Errorf("the number stands in the address: %s", b.where())
		}
		b.lacks(t, numbered("141002", 1))
	}
	b.press(t, "张桂芳")
	b.shows(t, "能力完好")
}

// record records a fact, and finds it with its source in the history.
func (d *day) record() {
	t, b := d.t, d.b
	b.press(t, "登记信息")
	b.set(t, "source", "town")
	b.set(t, "from", "2026-02-01")
	b.set(t, "evidence", "入户走访第七号")
	b.set(t, "lives_alone", "true")
	b.press(t, "登记")
	b.shows(t, "已登记")
	b.open(t, d.s.base+b.at(t)+"/history")
	b.shows(t, "入户走访第七号")
	b.shows(t, "独居")
}

// export takes the list out and reads the spreadsheet.
func (d *day) export() {
	t, b := d.t, d.b
	b.open(t, d.s.base+"/persons")
	b.press(t, "导出")
	b.press(t, "开始导出")
	content := d.download(t, "下载", ".xlsx")
	f, err := excelize.OpenReader(strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	rows, err := f.GetRows(f.GetSheetName(0))
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprint(rows)
	for _, name := range []string{"张桂芳", "李桂兰", "王玉珍", "陈秀莲", "刘淑英"} {
		if strings.Count(text, name) != 1 {
			t.Errorf("%s is %d times in the spreadsheet: %s", name, strings.Count(text, name), text)
		}
	}
	if strings.Contains(text, numbered("141002", 1)) {
		t.Errorf("the spreadsheet has a number in clear: %s", text)
	}
}

// looks switches to large type and to dark, and back.
func (d *day) looks() {
	t, b := d.t, d.b
	b.open(t, d.s.base+"/persons")
	size := func() float64 {
		return js[float64](t, b, `parseFloat(getComputedStyle(document.querySelector("main")).fontSize)`)
	}
	paper := func() string { return js[string](t, b, `getComputedStyle(document.body).backgroundColor`) }
	preference := func(name, value string) {
		t.Helper()
		js[bool](t, b, `(document.querySelectorAll("details.menu").forEach(d => d.open = true), true)`)
		js[bool](t, b, fmt.Sprintf(`(window.leftBehind = true, document.querySelector('button[name=%q][value=%q]').click(), true)`, name, value))
		b.left(t)
	}
	before, light := size(), paper()
	preference("large", "on")
	if now := size(); now <= before*1.1 {
		t.Errorf("large type is %v px, ordinary %v", now, before)
	}
	preference("theme", "dark")
	if paper() == light {
		t.Errorf("dark is as light: %s", light)
	}
	if b.at(t) != "/persons" {
		t.Errorf("the switch leads away to %s", b.where())
	}
	preference("large", "off")
	preference("theme", "light")
}

// village sees the people of one town only.
func (d *day) village() {
	t, b := d.t, d.b
	b.open(t, d.s.base+"/persons")
	b.shows(t, "张桂芳")
	b.lacks(t, "王玉珍")
	b.lacks(t, "导出")
	b.set(t, "q", "王玉珍")
	b.press(t, "查询")
	b.shows(t, "没有找到")
}
