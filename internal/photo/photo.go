// Package photo makes photos of people (照片) fit to be stored: small, of one format, and
// without what else a camera writes into a file.
package photo

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	_ "image/png" // registers the decoder

	"golang.org/x/image/draw"

	"yian/internal/errs"
)

// The bounds of photos: what is stored, and what is worth the work of decoding.
const (
	side      = 512
	maxPixels = 40_000_000
	maxBytes  = 10 << 20
)

// Shrink makes a small picture of any JPEG or PNG. What else was in the file, such as
// the place where it was taken, is left behind.
func Shrink(data []byte) ([]byte, error) {
	if len(data) > maxBytes {
		return nil, errs.New(errs.TooLarge, "照片超过 %d MB，请缩小后再上传。", maxBytes>>20)
	}
	unreadable := errs.New(errs.Invalid, "照片无法识别，请上传 JPG 或 PNG 图片。")
	c, _, err := image.DecodeConfig(bytes.NewReader(data))
	switch {
	case err != nil || c.Width < 1 || c.Height < 1:
		return nil, unreadable.Because(err)
	case c.Width > maxPixels/c.Height:
		return nil, errs.New(errs.TooLarge, "照片的像素太多（%d×%d），请缩小后再上传。", c.Width, c.Height)
	}
	src, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, unreadable.Because(err)
	}
	b := src.Bounds()
	w, h := b.Dx(), b.Dy()
	if long := max(w, h); long > side {
		w, h = max(1, w*side/long), max(1, h*side/long)
	}
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(dst, dst.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src) // under what is transparent
	draw.CatmullRom.Scale(dst, dst.Bounds(), src, b, draw.Over, nil)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, dst, &jpeg.Options{Quality: 85}); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
