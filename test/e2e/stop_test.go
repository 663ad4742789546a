package e2e

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestStoppedGently asks the program to end while a file is half uploaded: the upload
// is taken, nobody new is let in, and it ends well.
func TestStoppedGently(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, in installation) {
		s := serve(t, in)
		officer := s.administrator(t, "1410").user(t, "officer", "经办甲", "officer", "1410")
		f := officer.get(t, "/imports/new").form(t, "/imports").with("source", "eldercare").file("file", "名单.csv", people(t, 200).csv)
		mediaType, body, err := f.encode()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		half, rest := content[:len(content)/2], content[len(content)/2:]
		began, goOn := make(chan struct{}), make(chan struct{})
		done := make(chan *page, 1)
		go func() {
			p, err := officer.sendOnce(http.MethodPost, f.action, mediaType, io.MultiReader(
				bytes.NewReader(half), &gate{began: began, goOn: goOn}, bytes.NewReader(rest)))
			if err != nil {
				t.Error(err)
			}
			done <- p
		}()
		<-began
		time.Sleep(100 * time.Millisecond)
		if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		address := strings.TrimPrefix(s.base, "http://")
		for until := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
			c, err := net.DialTimeout("tcp", address, time.Second)
			if err != nil {
				break
			}
			_ = c.Close()
			if time.Now().After(until) {
				t.Fatal("asked to stop, the program still lets people in")
			}
		}
		close(goOn)
		if p := <-done; p == nil || p.status != http.StatusSeeOther {
			t.Errorf("the upload in flight is answered with %+v", p)
		}
		if code := s.end(t); code != 0 || !strings.Contains(s.said(), "颐安已停止") {
			t.Errorf("exit code %d: %s", code, s.said())
		}
		if n := in.count(t, "SELECT count(*) FROM intake WHERE state <> 'uploading'"); n != 1 {
			t.Errorf("%d uploads are there, want 1", n)
		}
		officer.server = serve(t, in)
		officer.get(t, "/imports").has(t, "名单.csv")
	})
}

// sendOnce sends a request and does not follow where it leads.
func (v *visitor) sendOnce(method, address, mediaType string, body io.Reader) (*page, error) {
	once := *v.client
	once.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return (&visitor{&once, v.server}).send(method, address, mediaType, body)
}

// gate is a reader that holds nothing and opens when it is told.
type gate struct {
	began, goOn chan struct{}
	passed      bool
}

// Read implements io.Reader.
func (g *gate) Read([]byte) (int, error) {
	if !g.passed {
		g.passed = true
		close(g.began)
		<-g.goOn
	}
	return 0, io.EOF
}
