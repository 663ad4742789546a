package portal

import (
	"encoding/base64"
	"encoding/binary"
	"time"

	"yian/internal/questionnaire"
	"yian/internal/web"
)

const (
	sessionKey = "questionnaire" // where the answers stand in the session
	idleTime   = 30 * time.Minute
)

// kept returns the answers of the session; nil if there are none, or they are too old.
func (p *Pages) kept(r *web.Request) *questionnaire.Answers {
	text := r.Session.Get(r.Context(), sessionKey)
	if text == "" {
		return nil
	}
	sealed, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil
	}
	plain, err := p.Keys.Open(sealed, sessionKey)
	if err != nil || len(plain) < 8 {
		return nil // sealed under another key
	}
	at := time.Unix(int64(binary.BigEndian.Uint64(plain)), 0)
	if p.Now().Sub(at) > idleTime {
		r.Session.Remove(r.Context(), sessionKey)
		return nil
	}
	a, err := questionnaire.Decode(plain[8:])
	if err != nil {
		return nil // written by another version of the program
	}
	return a
}

// keep puts the answers into the session.
func (p *Pages) keep(r *web.Request, a *questionnaire.Answers) error {
	text, err := a.Encode()
	if err != nil {
		return err
	}
	plain := append(binary.BigEndian.AppendUint64(nil, uint64(p.Now().Unix())), text...)
	r.Session.Put(r.Context(), sessionKey, base64.StdEncoding.EncodeToString(p.Keys.Seal(plain, sessionKey)))
	return nil
}

// forget throws the answers away.
func (p *Pages) forget(r *web.Request) (web.Response, error) {
	r.Session.Remove(r.Context(), sessionKey)
	return web.Redirect("/public/check", web.Done("您的回答已经清除。")), nil
}
