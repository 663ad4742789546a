package account

import (
	"strings"
	"time"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/region"
)

// Token (令牌) lets a machine act with a part of its user's rights.
type Token struct {
	ID          id.ID
	User        id.ID
	Login, Name string // of the machine; Name is the token's own
	Place       string // organisation of the machine
	Permissions []access.Permission
	Region      region.Code
	Expires     civil.Instant
	Created     civil.Instant
	Used        civil.Instant // about when it was last used; zero: never
	Revoked     civil.Instant // zero: it was not revoked
}

// Valid reports whether the token opens anything at a moment.
func (t Token) Valid(at civil.Instant) bool { return t.Revoked.IsZero() && at < t.Expires }

// TokenDraft (令牌申请) is what a form says of a token to be made.
type TokenDraft struct {
	User        id.ID
	Name        string
	Permissions []access.Permission
	Region      region.Code
	Days        int // until it expires
}

// LongestToken is for how many days a token is good at most.
const LongestToken = 366

// tokenPrefix begins every token, so that one is known where it lies about.
const tokenPrefix = "yian_"

// clean says what is wrong with a draft for a machine.
func (d *TokenDraft) clean(owner *User, today civil.Date) error {
	d.Name = strings.TrimSpace(d.Name)
	var faults errs.Fields
	if !nameFits(d.Name, 40) {
		faults.Add("name", "请填写用途，最多 40 个字，如“公安死亡信息推送”")
	}
	if d.Days < 1 || d.Days > LongestToken {
		faults.Add("days", "有效天数应在 1 到 %d 之间", LongestToken)
	}
	if !owner.Machine {
		faults.Add("user", "令牌只能发给接口用户；请先为对方系统建一个接口用户")
	}
	if len(d.Permissions) == 0 {
		faults.Add("permissions", "请至少选择一项权限")
	}
	actor := owner.Actor(today)
	for _, p := range d.Permissions {
		switch {
		case PermissionLabel(p) == "":
			faults.Add("permissions", "没有“%s”这项权限", string(p))
		case !actor.Scope(p).Contains(d.Region):
			faults.Add("permissions", "该接口用户在%s没有“%s”权限，请先授予相应角色，或缩小令牌的范围", region.Name(d.Region), PermissionLabel(p))
		}
	}
	return faults.Err()
}

// expiry is when a token made at a moment ends.
func (d *TokenDraft) expiry(at civil.Instant) civil.Instant {
	return at.Add(time.Duration(d.Days) * 24 * time.Hour)
}

// PermissionLabel returns the Chinese name of a permission; "" if there is none of it.
func PermissionLabel(p access.Permission) string {
	for _, l := range access.Labels {
		if l.Permission == p {
			return l.Label
		}
	}
	return ""
}
