package photo

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"

	"yian/internal/errs"
)

func picture(t testing.TB, w, h int) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for x := range w {
		img.Set(x, h/2, color.NRGBA{R: 200, A: 255})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestShrink(t *testing.T) {
	for _, tc := range []struct{ w, h, toW, toH int }{
		{100, 80, 100, 80}, {1024, 512, 512, 256}, {300, 3000, 51, 512}, {4000, 2, 512, 1}, {1, 1, 1, 1},
	} {
		out, err := Shrink(picture(t, tc.w, tc.h))
		if err != nil {
			t.Errorf("%d×%d: %v", tc.w, tc.h, err)
			continue
		}
		img, err := jpeg.Decode(bytes.NewReader(out))
		if err != nil {
			t.Fatal(err)
		}
		if b := img.Bounds(); b.Dx() != tc.toW || b.Dy() != tc.toH {
			t.Errorf("%d×%d becomes %d×%d", tc.w, tc.h, b.Dx(), b.Dy())
		}
	}
	out, err := Shrink(picture(t, 64, 64))
	if err != nil {
		t.Fatal(err)
	}
	img, _ := jpeg.Decode(bytes.NewReader(out))
	if r, g, b, _ := img.At(5, 5).RGBA(); r < 0xf000 || g < 0xf000 || b < 0xf000 {
		t.Errorf("what was transparent is %x %x %x", r, g, b)
	}
}

func TestShrinkRefuses(t *testing.T) {
	bomb := picture(t, 10, 10)
	copy(bomb[16:], []byte{0, 1, 0, 0, 0, 1, 0, 0}) // a head that claims 65 536×65 536
	binary.BigEndian.PutUint32(bomb[29:], crc32.ChecksumIEEE(bomb[12:29]))
	for name, tc := range map[string]struct {
		data []byte
		kind errs.Kind
	}{
		"text":          {[]byte("<svg/>"), errs.Invalid},
		"half a file":   {picture(t, 50, 50)[:60], errs.Invalid},
		"a large file":  {make([]byte, maxBytes+1), errs.TooLarge},
		"a huge bitmap": {bomb, errs.TooLarge},
	} {
		if _, err := Shrink(tc.data); !errs.Is(err, tc.kind) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzShrink(f *testing.F) {
	f.Add([]byte("\x89PNG\r\n\x1a\n"))
	f.Add([]byte("\xff\xd8\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		out, err := Shrink(data)
		if err != nil {
			return
		}
		if c, err := jpeg.DecodeConfig(bytes.NewReader(out)); err != nil || c.Width > side || c.Height > side {
			t.Fatalf("made %+v (%v)", c, err)
		}
	})
}
