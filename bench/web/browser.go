package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// browser is a client that keeps cookies and follows no redirect by itself.
type browser struct {
	base string
	http *http.Client
}

func newBrowser(base string) *browser {
	jar, _ := cookiejar.New(nil) // it never fails without options
	return &browser{base: base, http: &http.Client{
		Jar: jar, Timeout: 10 * time.Minute,
		Transport:     &http.Transport{MaxIdleConnsPerHost: 4},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// answer is what came back.
type answer struct {
	status   int
	location string
	text     string
}

func (b *browser) send(ctx context.Context, method, path, kind string, body io.Reader) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, method, b.base+path, body)
	if err != nil {
		return answer{}, err
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
		req.Header.Set("Origin", b.base)
	}
	resp, err := b.http.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer{}, err
	}
	return answer{status: resp.StatusCode, location: resp.Header.Get("Location"), text: string(text)}, nil
}

// get opens a page that has to be there.
func (b *browser) get(ctx context.Context, path string) (answer, error) {
	a, err := b.send(ctx, http.MethodGet, path, "", nil)
	if err == nil && a.status != http.StatusOK {
		err = a.fault("GET " + path)
	}
	return a, err
}

// post sends a form and expects to be sent on.
func (b *browser) post(ctx context.Context, path string, pairs ...string) (answer, error) {
	a, err := b.form(ctx, path, pairs...)
	if err == nil && a.status != http.StatusSeeOther {
		err = a.fault("POST " + path)
	}
	return a, err
}

// form sends a form, whatever the answer.
func (b *browser) form(ctx context.Context, path string, pairs ...string) (answer, error) {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return b.send(ctx, http.MethodPost, path, "application/x-www-form-urlencoded", strings.NewReader(v.Encode()))
}

var faultText = regexp.MustCompile(`(?s)<(?:h1|p|td|a href="#)[^>]*>([^<]{4,120})`)

// fault tells what a page says that was not expected.
func (a answer) fault(request string) error {
	var said []string
	for _, m := range faultText.FindAllStringSubmatch(a.text, 16) {
		said = append(said, strings.TrimSpace(m[1]))
	}
	return fmt.Errorf("%s: status %d, to %q: %s", request, a.status, a.location, strings.Join(said, " | "))
}

// find returns the first group of a pattern in the page.
func (a answer) find(pattern string) (string, error) {
	m := regexp.MustCompile(pattern).FindStringSubmatch(a.text)
	if m == nil {
		return "", a.fault("look for " + pattern)
	}
	return m[1], nil
}
