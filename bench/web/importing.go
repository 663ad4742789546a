package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// imported is how long each step of an import took, as the page shows it.
type imported struct {
	rows                        int
	upload, read, check, commit step
	settled                     time.Duration // what went on in the background afterwards
	created, rejected           int
}

// step is how long a step took, and how busy it kept the processors.
type step struct{ took, busy time.Duration }

func (s step) plus(o step) step { return step{s.took + o.took, s.busy + o.busy} }

func (i *imported) whole() step { return i.upload.plus(i.read).plus(i.check).plus(i.commit) }

// bring imports the file of the crowd by the pages, as an officer does.
func (o *office) bring(ctx context.Context, c *crowd, busy func() time.Duration) (r imported, err error) {
	b, err := o.signIn(ctx, o.city)
	if err != nil {
		return r, err
	}
	r.rows = c.people
	progress("import: upload of %d MB", c.bytes>>20)
	begin := step{time.Duration(time.Now().UnixNano()), busy()}
	lap := func(into *step, next string) {
		now := step{time.Duration(time.Now().UnixNano()), busy()}
		*into, begin = step{now.took - begin.took, now.busy - begin.busy}, now
		progress("import: %s %s", into.took.Round(time.Millisecond), next)
	}
	at, err := b.upload(ctx, c.file)
	if err != nil {
		return r, err
	}
	lap(&r.upload, "reading")
	page, err := b.await(ctx, at, "/mapping")
	if err != nil {
		return r, err
	}
	lap(&r.read, "dry run")
	// Some rows do not know where their people live.
	if _, err := b.post(ctx, at+"/mapping", append([]string{"place", place}, fields(page.text)...)...); err != nil {
		return r, err
	}
	if page, err = b.await(ctx, at, "/commit"); err != nil {
		return r, err
	}
	lap(&r.check, "commit")
	version, err := page.find(`(?s)action="` + at + `/commit".*?name="version" value="(\d+)"`)
	if err != nil {
		return r, err
	}
	if _, err := b.post(ctx, at+"/commit", "version", version); err != nil {
		return r, err
	}
	if page, err = b.await(ctx, at, "导入完成"); err != nil {
		return r, err
	}
	lap(&r.commit, "done")
	return r, r.counts(page)
}

// upload sends the file as a form does and returns where its import is.
func (b *browser) upload(ctx context.Context, name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	var head bytes.Buffer
	form := multipart.NewWriter(&head)
	if err := form.WriteField("source", "eldercare"); err != nil {
		return "", err
	}
	if _, err := form.CreateFormFile("file", "people.csv"); err != nil {
		return "", err
	}
	end := strings.NewReader("\r\n--" + form.Boundary() + "--\r\n")
	a, err := b.send(ctx, "POST", "/imports", form.FormDataContentType(), io.MultiReader(&head, f, end))
	if err == nil && !strings.HasPrefix(a.location, "/imports/") {
		err = a.fault("POST /imports")
	}
	return a.location, err
}

// await asks for a page until it has a text.
func (b *browser) await(ctx context.Context, path, text string) (answer, error) {
	for {
		a, err := b.get(ctx, path)
		if err != nil || strings.Contains(a.text, text) {
			return a, err
		}
		for _, end := range []string{"文件无法导入", "导入已中断", "没有可以导入的行"} {
			if strings.Contains(a.text, end) {
				return a, a.fault("GET " + path)
			}
		}
		if err := sleep(ctx, 100*time.Millisecond); err != nil {
			return a, err
		}
	}
}

var (
	inputs  = regexp.MustCompile(`<input[^>]*>`)
	selects = regexp.MustCompile(`(?s)<select[^>]* name="([^"]+)".*?</select>`)
	chosen  = regexp.MustCompile(`<option value="([^"]*)" selected`)
	named   = regexp.MustCompile(` name="([^"]+)"`)
	valued  = regexp.MustCompile(` value="([^"]*)"`)
)

// fields returns what a browser sends with the form of columns as it stands.
func fields(page string) (pairs []string) {
	if i := strings.Index(page, `/mapping"`); i >= 0 {
		page = page[i:]
	}
	page, _, _ = strings.Cut(page, "</form>")
	for _, tag := range inputs.FindAllString(page, -1) {
		name, value := named.FindStringSubmatch(tag), valued.FindStringSubmatch(tag)
		if name != nil && value != nil {
			pairs = append(pairs, name[1], value[1])
		}
	}
	for _, m := range selects.FindAllStringSubmatch(page, -1) {
		if value := chosen.FindStringSubmatch(m[0]); value != nil {
			pairs = append(pairs, m[1], value[1])
		}
	}
	return pairs
}

var number = regexp.MustCompile(`\d[\d,]*`)

// counts reads what the page says has become of the rows. All people are new.
func (r *imported) counts(page answer) error {
	for label, into := range map[string]*int{"已新建档案": &r.created, "退回": &r.rejected} {
		_, rest, found := strings.Cut(page.text, label)
		if !found {
			return page.fault("look for " + label)
		}
		*into, _ = strconv.Atoi(strings.ReplaceAll(number.FindString(strip(rest)), ",", ""))
	}
	if r.created+r.rejected != r.rows || r.rejected > 0 {
		return fmt.Errorf("of %d rows %d people were made and %d rejected: %w", r.rows, r.created, r.rejected, page.fault("import"))
	}
	return nil
}

var tags = regexp.MustCompile(`<[^>]*>`)

// strip removes the tags of a page.
func strip(page string) string { return tags.ReplaceAllString(page[:min(len(page), 2000)], " ") }
