package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"yian/internal/db"
	"yian/internal/db/dbtest"
)

// open opens the database of an installation beside the program.
func (in installation) open(t testing.TB) *db.DB {
	t.Helper()
	return dbtest.Open(t, in.url())
}

// byHand changes the database past the program.
func (in installation) byHand(t testing.TB, query string) {
	t.Helper()
	err := in.open(t).Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		res, err := tx.NewRaw(query).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return fmt.Errorf("%d rows, %w", n, err)
		}
		return nil
	})
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// count returns a number from the database.
func (in installation) count(t testing.TB, query string, args ...any) (n int) {
	t.Helper()
	if err := in.open(t).NewRaw(query, args...).Scan(t.Context(), &n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// filled makes an installation with an administrator, an officer of 141002 and a few
// people, and stops it. The officer's visitor serves the next server too.
func filled(t testing.TB, in installation, people int) (officer *visitor, paths []string) {
	t.Helper()
	s := serve(t, in)
	officer = s.administrator(t, "1410").user(t, "officer", "经办甲", "officer", "141002")
	for i := range people {
		paths = append(paths, officer.person(t, fmt.Sprintf("老人%c", '甲'+i), numbered("141002", i), "141002001"))
	}
	if code := s.stop(t); code != 0 {
		t.Fatalf("asked to stop, the program ends with %d: %s", code, s.said())
	}
	return officer, paths
}

func TestWrongSettingsAreRefusedByName(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		args []string
		env  string
		name string
	}{
		{args: []string{"--listen", "8080"}, name: "--listen"},
		{args: []string{"--listen", "256.0.0.1:80"}, name: "--listen"},
		{args: []string{"--url", "ftp://yian.example"}, name: "--url"},
		{args: []string{"--data", ""}, name: "--data"},
		{args: []string{"--data", "/dev/null"}, name: "--data"},
		{args: []string{"--db", "mysql://somewhere/x"}, name: "--db"},
		{args: []string{"--db", "postgres://127.0.0.1:1/none?connect_timeout=1"}, name: "--db"},
		{args: []string{"--key-file", "/nonexistent/key"}, name: "--key-file"},
		{args: []string{"--divisions", "/nonexistent/table.csv"}, name: "--divisions"},
		{args: []string{"--idle", "1s"}, name: "--idle"},
		{args: []string{"--idle", "soon"}, name: "--idle"},
		{args: []string{"--session", "1m"}, name: "--session"},
		{args: []string{"--password-days", "-1"}, name: "--password-days"},
		{args: []string{"--proxy", "nobody"}, name: "--proxy"},
		{args: []string{"--oidc-client", "x"}, name: "--oidc-issuer"},
		{args: []string{"--oidc-issuer", "https://id.example"}, name: "--oidc-client"},
		{args: []string{"--log-level", "loud"}, name: "--log-level"},
		{args: []string{"--no-such-flag"}, name: "--no-such-flag"},
		{env: "YIAN_IDLE=soon", name: "YIAN_IDLE"},
		{env: "YIAN_PASSWORD_DAYS=never", name: "YIAN_PASSWORD_DAYS"},
		{env: "YIAN_KEY=not a key", name: "YIAN_KEY"},
	} {
		t.Run(strings.Join(append(x.args, x.env), " "), func(t *testing.T) {
			t.Parallel()
			args := append([]string{"serve", "--listen", "127.0.0.1:0", "--data", t.TempDir()}, x.args...)
			got := yian(t, []string{x.env}, args...)
			if got.code != 2 || !strings.Contains(got.out, x.name) {
				t.Errorf("exit code %d, want 2; it does not name %s: %s", got.code, x.name, got.out)
			}
		})
	}
}

// TestVerifyFindsWhatWasChangedByHand changes rows past the program, as somebody with
// the password of the database could.
func TestVerifyFindsWhatWasChangedByHand(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, in installation) {
		filled(t, in, 3)
		if got := in.run(t, "audit", "head"); got.code != 0 { // it seals what waits
			t.Fatalf("exit code %d: %s", got.code, got.out)
		}
		if got := in.run(t, "audit", "verify"); got.code != 0 || !strings.Contains(got.out, "没有发现改动") {
			t.Fatalf("nothing was changed: exit code %d: %s", got.code, got.out)
		}
		first := "(SELECT min(id) FROM %[1]s)"
		for _, x := range []struct{ table, change, back string }{
			{"person", "UPDATE person SET name = name || '改' WHERE id = " + first, "UPDATE person SET name = substr(name, 1, length(name) - 1) WHERE id = " + first},
			{"person", "UPDATE person SET region_code = '141024100' WHERE id = " + first, "UPDATE person SET region_code = '141002001' WHERE id = " + first},
			{"person_record", "UPDATE person_record SET source = 'village' WHERE id = (SELECT min(id) FROM %[1]s WHERE source = 'town')", "UPDATE person_record SET source = 'town' WHERE source = 'village'"},
			{"audit_entry", "UPDATE audit_entry SET actor = actor || '改' WHERE id = " + first, "UPDATE audit_entry SET actor = substr(actor, 1, length(actor) - 1) WHERE id = " + first},
			{"audit_entry", "DELETE FROM audit_entry WHERE id = (SELECT max(id) FROM (SELECT id FROM %[1]s ORDER BY id LIMIT 3) x)", ""},
		} {
			in.byHand(t, strings.ReplaceAll(x.change, "%[1]s", x.table))
			if got := in.run(t, "audit", "verify"); got.code != 1 || !strings.Contains(got.out, "有误  "+x.table) {
				t.Errorf("after %s: exit code %d: %s", x.change, got.code, got.out)
			}
			if x.back == "" {
				continue
			}
			in.byHand(t, strings.ReplaceAll(x.back, "%[1]s", x.table))
			if got := in.run(t, "audit", "verify"); got.code != 0 {
				t.Fatalf("after %s: exit code %d: %s", x.back, got.code, got.out)
			}
		}
	})
}

func TestDoctor(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, in installation) {
		filled(t, in, 1)
		well := in.run(t, "doctor")
		if well.code != 0 || strings.Contains(well.out, "有误") {
			t.Fatalf("a healthy installation: exit code %d: %s", well.code, well.out)
		}
		other := filepath.Join(t.TempDir(), "other.txt")
		if got := yian(t, nil, "key", other); got.code != 0 {
			t.Fatalf("yian key: exit code %d: %s", got.code, got.out)
		}
		ill := func(what, part string, got result) {
			t.Helper()
			for line := range strings.Lines(got.out) {
				if strings.HasPrefix(line, "有误  "+part) && got.code == 1 {
					return
				}
			}
			t.Errorf("%s: exit code %d, nothing wrong with %s: %s", what, got.code, part, got.out)
		}
		ill("another key", "审计记录", in.run(t, "doctor", "--key-file", other))
		ill("a key file that is not there", "密钥", in.run(t, "doctor", "--key-file", other+".none"))
		ill("a wrong setting", "设置", in.run(t, "doctor", "--idle", "1s"))
		ill("a table of divisions that is not there", "区划", in.run(t, "doctor", "--divisions", other+".none"))
		ill("a folder that cannot be written", "数据文件夹", in.unprivileged(t, "doctor"))
		in.byHand(t, "INSERT INTO schema_version (version_id, is_applied) VALUES (9999, "+map[bool]string{true: "true", false: "1"}[in.db != ""]+")")
		ill("a database of a later program", "数据库版本", in.run(t, "doctor"))
		if got := in.run(t, "serve", "--listen", "127.0.0.1:0"); got.code != 2 || !strings.Contains(got.out, "9999") {
			t.Errorf("a database of a later program is served: exit code %d: %s", got.code, got.out)
		}
	})
}

// unprivileged runs a command as somebody who may read the data folder and not write
// to it.
func (in installation) unprivileged(t *testing.T, args ...string) result {
	t.Helper()
	folder := filepath.Join(os.TempDir(), "yian-readonly-"+strconv.Itoa(os.Getpid())+filepath.Base(t.Name()))
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	if err := os.Chmod(folder, 0o555); err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), binary, append(args, "--data", folder)...)
	if os.Geteuid() == 0 {
		nobody, err := user.Lookup("nobody")
		if err != nil {
			t.Fatal(err)
		}
		uid, _ := strconv.ParseUint(nobody.Uid, 10, 32)
		gid, _ := strconv.ParseUint(nobody.Gid, 10, 32)
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	}
	return finish(t, c, nil)
}

// TestASecondProcessOnOneFolderIsRefused keeps two servers from one SQLite file.
func TestASecondProcessOnOneFolderIsRefused(t *testing.T) {
	t.Parallel()
	in := installation{data: t.TempDir()}
	serve(t, in)
	if got := in.run(t, "serve", "--listen", "127.0.0.1:0"); got.code != 2 || !strings.Contains(got.out, "正被另一个 yian 进程使用") {
		t.Errorf("exit code %d: %s", got.code, got.out)
	}
}

// TestTwoProcessesServeOneLogin signs in at one process and goes on at the other.
func TestTwoProcessesServeOneLogin(t *testing.T) {
	t.Parallel()
	key := filepath.Join(t.TempDir(), "key.txt")
	if got := yian(t, nil, "key", key); got.code != 0 {
		t.Fatalf("yian key: exit code %d: %s", got.code, got.out)
	}
	url := dbtest.PostgresURL(t)
	one := serve(t, installation{data: t.TempDir(), db: url}, "--key-file", key)
	two := serve(t, installation{data: t.TempDir(), db: url}, "--key-file", key)
	officer := one.administrator(t, "1410").user(t, "officer", "经办甲", "officer", "141002")
	path := officer.person(t, "老人甲", numbered("141002", 1), "141002001")
	there := &visitor{officer.client, two}
	there.get(t, path).has(t, "老人甲")
	there.get(t, "/account").form(t, "/logout").post(t)
	if p := officer.get(t, path); p.url.Path != "/login" {
		t.Errorf("signed out at one process, the other still shows %s", p.url.Path)
	}
}
