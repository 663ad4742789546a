package ui_test

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestContrast computes the contrast of the colours in the style sheet by WCAG 2:
// text at least 4.5, what one must see to operate a control or read a chart 3.
func TestContrast(t *testing.T) {
	css, err := os.ReadFile("../../web/src/app.css")
	if err != nil {
		t.Fatal(err)
	}
	text, _, _ := strings.Cut(string(css), "html[data-bs-theme=auto]")
	light, dark, found := strings.Cut(text, "[data-bs-theme=dark]")
	if !found {
		t.Fatal("there is no dark theme")
	}
	for theme, source := range map[string]string{"light": light, "dark": light + dark} {
		colours := tokens(source)
		check := func(front, back string, least float64) {
			t.Helper()
			a, b := colours[front], colours[back]
			if a == "" || b == "" {
				t.Errorf("%s: %s or %s is not a colour", theme, front, back)
			} else if got := contrast(t, a, b); got < least {
				t.Errorf("%s: %s on %s has a contrast of %.2f, less than %.1f", theme, front, back, got, least)
			}
		}
		for _, tone := range []string{"neutral", "info", "success", "warning", "danger"} {
			check("--tag-"+tone+"-fg", "--tag-"+tone+"-bg", 4.5)
		}
		for _, back := range []string{"--tblr-body-bg", "--tblr-bg-surface", "--tblr-bg-surface-tertiary"} {
			for _, front := range []string{"--tblr-body-color", "--tblr-heading-color", "--tblr-secondary-color", "--tblr-link-color", "--tblr-link-hover-color", "--tag-danger-fg"} {
				check(front, back, 4.5)
			}
			check("--control-border", back, 3)
			check("--tblr-focus-ring-color", back, 3)
		}
		for _, front := range []string{"--side-text", "--side-quiet"} {
			check(front, "--side-bg", 4.5)
		}
		check("--side-text", "--side-active", 4.5)
		check("--tblr-tertiary", "--tblr-bg-forms", 4.5) // placeholders
		for _, button := range []string{"--tblr-primary", "--tblr-danger"} {
			check(button+"-fg", button, 4.5)
			check(button+"-fg", button+"-darken", 4.5)
		}
		for n := 1; n <= 6; n++ {
			check("--chart-"+strconv.Itoa(n), "--tblr-bg-surface", 3)
		}
	}
}

// tokens reads the custom properties with colours of hexadecimal digits; later ones win.
func tokens(css string) map[string]string {
	colours := map[string]string{}
	for _, m := range regexp.MustCompile(`(--[a-z0-9-]+): #([0-9a-f]{6}|[0-9a-f]{3});`).FindAllStringSubmatch(css, -1) {
		colours[m[1]] = m[2]
	}
	return colours
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	if len(hex) == 3 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}
