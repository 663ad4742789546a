package message

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"yian/internal/secret"
)

// The signatures of requests to a gateway.
const (
	SignSM3    = "sm3"
	SignSHA256 = "sha256"
)

// The headers of requests to a gateway. The signature is, in hexadecimal, the HMAC over
// timestamp, line feed, nonce, line feed, body.
const (
	headerAlgorithm = "X-Yian-Algorithm" // HMAC-SM3, HMAC-SHA256
	headerTimestamp = "X-Yian-Timestamp" // seconds since 1970
	headerNonce     = "X-Yian-Nonce"
	headerSignature = "X-Yian-Signature"
	headerKey       = "Idempotency-Key" // the number of the message
)

// patience is how long a gateway may take to answer.
const patience = 10 * time.Second

// HTTPGateway (HTTP 网关) posts messages as JSON, signed, to a gateway that knows the key.
type HTTPGateway struct {
	url    string
	key    []byte
	sign   string
	client *http.Client
	now    func() time.Time
}

// newHTTPGateway makes a gateway of settings that were checked.
func newHTTPGateway(address string, key []byte, sign string, now func() time.Time) *HTTPGateway {
	return &HTTPGateway{url: address, key: key, sign: sign, now: now, client: &http.Client{
		Timeout: patience,
		// A message that is signed for one address does not go to another.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Send implements Gateway.
func (g *HTTPGateway) Send(ctx context.Context, o Outgoing) (string, error) {
	body, err := json.Marshal(o)
	if err != nil {
		return "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, g.url, bytes.NewReader(body))
	if err != nil {
		return "", fmt.Errorf("message: request to the gateway: %w", bare(err))
	}
	g.head(req.Header, o, body)
	res, err := g.client.Do(req)
	if err != nil {
		return "", silent(bare(err))
	}
	defer res.Body.Close() //nolint:errcheck // it was only read
	answer, err := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	switch code := res.StatusCode; {
	case code >= 200 && code < 300 && err != nil: // it took the message, but did not finish saying so
		return "", silent(bare(err))
	case code >= 200 && code < 300:
		return nameOf(answer, o.Phone), nil
	case code >= 500, code == http.StatusTooManyRequests, code == http.StatusRequestTimeout:
		return "", &GatewayError{Reason: fmt.Sprintf("网关暂时不能发送（HTTP %d）。", code), Err: fmt.Errorf("status %d", code)}
	default:
		return "", &GatewayError{Reason: fmt.Sprintf("网关拒绝了这条消息（HTTP %d）。请管理员核对网关的设置。", code), Final: true, Err: fmt.Errorf("status %d", code)}
	}
}

// head signs a request.
func (g *HTTPGateway) head(h http.Header, o Outgoing, body []byte) {
	nonce := make([]byte, 16)
	_, _ = rand.Read(nonce) // it never fails
	at, word := strconv.FormatInt(g.now().Unix(), 10), hex.EncodeToString(nonce)
	name, signature := signed(g.sign, g.key, at, word, body)
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set(headerAlgorithm, name)
	h.Set(headerTimestamp, at)
	h.Set(headerNonce, word)
	h.Set(headerSignature, signature)
	h.Set(headerKey, o.ID.String())
}

// signed returns the name of an algorithm and the signature that it makes.
func signed(sign string, key []byte, at, nonce string, body []byte) (name, signature string) {
	text := append([]byte(at+"\n"+nonce+"\n"), body...)
	if sign == SignSHA256 {
		h := hmac.New(sha256.New, key)
		_, _ = h.Write(text)
		return "HMAC-SHA256", hex.EncodeToString(h.Sum(nil))
	}
	return "HMAC-SM3", hex.EncodeToString(secret.SignSM3(key, text))
}

// nameOf returns what a gateway calls a message, if it says so in the ordinary way. The
// name is stored in clear, so one that tells the phone is left out.
func nameOf(answer []byte, phone string) string {
	var a struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(answer, &a) != nil || len(a.ID) > 100 || strings.Contains(a.ID, phone) {
		return ""
	}
	if strings.ContainsFunc(a.ID, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return ""
	}
	return a.ID
}

// bare leaves the address out of an error of a request: it may hold a token.
func bare(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}

// silent is the error of a gateway that does not answer.
func silent(err error) error {
	if n, ok := errors.AsType[net.Error](err); ok && n.Timeout() {
		return &GatewayError{Reason: "网关没有及时回答。", Err: err}
	}
	return &GatewayError{Reason: "连不上网关。", Err: err}
}
