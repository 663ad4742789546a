package credential

import (
	"bytes"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"image/png"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
)

// A code holds for half a minute; one before and one after are taken too, as clocks
// of telephones go wrong. SHA-1 and six digits are what every app can do.
const period = 30

// NewSecret makes the secret of a second factor, in base32.
func NewSecret() string {
	var b [20]byte
	_, _ = rand.Read(b[:]) // it never fails
	return base32.StdEncoding.EncodeToString(b[:])
}

// Step is the number of the half minute at a moment.
func Step(t time.Time) int64 { return t.Unix() / period }

// Code returns the code of a step.
func Code(secret string, step int64) (string, error) {
	code, err := hotp.GenerateCodeCustom(secret, uint64(max(0, step)), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
	if err != nil {
		return "", fmt.Errorf("credential: code: %w", err)
	}
	return code, nil
}

// Match returns the step whose code was typed. Whoever asks takes no step twice.
func Match(secret, typed string, now time.Time) (step int64, ok bool, err error) {
	typed = PlainCode(typed)
	for _, s := range []int64{Step(now), Step(now) - 1, Step(now) + 1} {
		code, err := Code(secret, s)
		if err != nil {
			return 0, false, err
		}
		if subtle.ConstantTimeCompare([]byte(code), []byte(typed)) == 1 {
			step, ok = s, true
		}
	}
	return step, ok, nil
}

// Enrolment is the address that an app reads from the QR code.
func Enrolment(issuer, login, secret string) string {
	q := url.Values{"secret": {strings.TrimRight(secret, "=")}, "issuer": {issuer}, "algorithm": {"SHA1"}, "digits": {"6"}, "period": {"30"}}
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + issuer + ":" + login, RawQuery: strings.ReplaceAll(q.Encode(), "+", "%20")}
	return u.String()
}

// QR draws an address as a QR code (PNG).
func QR(address string, size int) ([]byte, error) {
	key, err := otp.NewKeyFromURL(address)
	if err != nil {
		return nil, fmt.Errorf("credential: QR: %w", err)
	}
	img, err := key.Image(size, size)
	if err != nil {
		return nil, fmt.Errorf("credential: QR: %w", err)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return nil, fmt.Errorf("credential: QR: %w", err)
	}
	return b.Bytes(), nil
}

// Spaced groups a secret by fours to be typed into an app.
func Spaced(secret string) string {
	secret = strings.TrimRight(secret, "=")
	var groups []string
	for len(secret) > 4 {
		groups, secret = append(groups, secret[:4]), secret[4:]
	}
	return strings.Join(append(groups, secret), " ")
}
