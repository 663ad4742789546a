package signin

import (
	"fmt"
	"strings"
	"time"

	"yian/internal/civil"
	"yian/internal/errs"
	"yian/internal/id"
)

// Method (登录方式) is how somebody proved who he is.
type Method string

// The methods.
const (
	ByPassword Method = "password"
	ByProvider Method = "provider"
)

// Label returns the Chinese name of the method.
func (m Method) Label() string {
	if m == ByProvider {
		return "统一身份认证"
	}
	return "密码"
}

// Reason (结束原因) says why a sign-in ended.
type Reason string

// The reasons. The zero value is for one that has not ended.
const (
	SignedOut       Reason = "signed_out"
	EndedByUser     Reason = "ended_by_user"
	EndedByOther    Reason = "ended_by_other"
	Idle            Reason = "idle"
	PasswordChanged Reason = "password_changed"
)

// text tells a user on the login page why he has to sign in again.
func (r Reason) text() string {
	switch r {
	case Idle:
		return "您已有一段时间没有操作，为了安全已退出。请重新登录。"
	case PasswordChanged:
		return "密码已更改，请用新密码重新登录。"
	case EndedByOther:
		return "管理员结束了您的登录，请重新登录。如有疑问请联系本单位的系统管理员。"
	default:
		return "您已退出，请重新登录。"
	}
}

// SignIn (登录会话) is a user's being signed in at a browser.
type SignIn struct {
	ID      id.ID
	User    id.ID
	Method  Method
	Since   civil.Instant
	Seen    civil.Instant
	Address string
	Agent   string
	Ended   civil.Instant // zero: it has not ended
	Reason  Reason
}

// Open reports whether the sign-in still opens pages.
func (s SignIn) Open(now civil.Instant, idle time.Duration) bool {
	return s.Ended.IsZero() && now <= s.Seen.Add(idle)
}

// Device names browser and system in a few words, for the list of sign-ins.
func (s SignIn) Device() string {
	find := func(table [][2]string) string {
		for _, x := range table {
			if strings.Contains(s.Agent, x[0]) {
				return x[1]
			}
		}
		return ""
	}
	browser := find([][2]string{
		{"MicroMessenger", "微信"},
		{"DingTalk", "钉钉"},
		{"Edg", "Edge"},
		{"QQBrowser", "QQ 浏览器"},
		{"360SE", "360 浏览器"},
		{"Firefox", "Firefox"},
		{"Chrome", "Chrome"},
		{"Safari", "Safari"},
	})
	system := find([][2]string{
		{"HarmonyOS", "鸿蒙"},
		{"Android", "Android"},
		{"iPhone", "iPhone"},
		{"iPad", "iPad"},
		{"Windows", "Windows"},
		{"Mac OS", "macOS"},
		{"UOS", "统信"},
		{"Kylin", "麒麟"},
		{"Linux", "Linux"},
	})
	switch {
	case browser == "" && system == "":
		return "其他设备"
	case browser == "" || system == "":
		return browser + system
	}
	return browser + "，" + system
}

// From (来处) is where an attempt comes from.
type From struct{ Address, Agent string }

// cut keeps a header from filling the database.
func (f From) cut() From {
	if len(f.Agent) > 300 {
		f.Agent = strings.ToValidUTF8(f.Agent[:300], "")
	}
	return f
}

// attempt (登录尝试) is how often something failed of late.
type attempt struct {
	Failures int64
	Last     civil.Instant
	Until    civil.Instant // no attempt before
	Locked   bool          // Until is the end of a lock-out
}

// limits says how many failures are borne.
type limits struct {
	most  int
	lock  time.Duration
	delay bool // later failures are answered more slowly
}

// longestDelay ends the growth of the pause between attempts.
const longestDelay = 30 * time.Second

// try counts an attempt before anybody knows how it ends; it is refused while
// attempts are. Whoever succeeds has the count taken back.
func (a attempt) try(now civil.Instant, l limits) (next attempt, ok bool) {
	if now < a.Until {
		return a, false
	}
	if a.Locked || now > a.Last.Add(l.lock) {
		a.Failures = 0
	}
	next = attempt{Failures: a.Failures + 1, Last: now}
	switch {
	case next.Failures >= int64(l.most):
		next.Locked, next.Until = true, now.Add(l.lock)
	case l.delay && next.Failures > 1:
		next.Until = now.Add(min(longestDelay, time.Second<<min(next.Failures-2, 10)))
	}
	return next, true
}

// refusal tells how long to wait, and whom to ask.
func (a attempt) refusal(now civil.Instant, what string) error {
	wait := a.Until.Time().Sub(now.Time())
	if !a.Locked {
		return errs.New(errs.TooMany, "尝试太快。请等待 %d 秒后再试。", int(wait/time.Second)+1)
	}
	return errs.New(errs.TooMany, "%s，已锁定到 %s（还有约 %s）。请到时再试；如忘记密码或急需办理，请联系本单位的系统管理员。",
		what, a.Until.Beijing().Format("15:04"), minutes(wait))
}

func minutes(d time.Duration) string {
	return fmt.Sprintf("%d 分钟", max(1, int((d+time.Minute-1)/time.Minute)))
}
