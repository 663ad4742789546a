package account

import (
	"slices"
	"strings"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/region"
)

// Grant (授权) is a role that a user holds in a region for a time.
type Grant struct {
	ID      id.ID
	User    id.ID
	Role    access.Role
	Region  region.Code
	From    civil.Date
	To      civil.Date // the last day; zero: open
	GivenBy id.ID
	GivenAt civil.Instant
	EndedAt civil.Instant // when somebody took it away; zero: nobody did
}

// Holds reports whether the grant gives rights on a day.
func (g Grant) Holds(on civil.Date) bool {
	return g.EndedAt.IsZero() && g.From <= on && !g.Over(on)
}

// Over reports whether the last day of the grant has passed.
func (g Grant) Over(on civil.Date) bool { return !g.To.IsZero() && g.To < on }

// meets reports whether two grants hold on some day in common.
func (g Grant) meets(h Grant) bool {
	return !g.Over(h.From) && !h.Over(g.From)
}

// held returns the roles of the grants that hold on a day.
func held(grants []Grant, on civil.Date) []access.Grant {
	var out []access.Grant
	for _, g := range grants {
		if g.Holds(on) {
			out = append(out, access.Grant{Role: g.Role, Region: g.Region})
		}
	}
	return out
}

// roleNames names roles for the corner of the page.
func roleNames(grants []access.Grant) string {
	var names []string
	for _, g := range grants {
		if label := g.Role.Label(); !slices.Contains(names, label) {
			names = append(names, label)
		}
	}
	return strings.Join(names, "、")
}

// admits says why a user who has these grants may not get another one.
func admits(existing []Grant, g Grant, today civil.Date) error {
	var faults errs.Fields
	info, ok := g.Role.Info()
	switch {
	case !ok:
		faults.Add("role", "请选择角色")
		return faults.Err()
	case info.Digits != nil && !slices.Contains(info.Digits, len(g.Region)):
		faults.Add("region", "“%s”只能授予%s一级", info.Label, Levels(info.Digits))
	}
	switch {
	case g.From.IsZero():
		faults.Add("from", "请填写开始日期")
	case !g.To.IsZero() && g.To < g.From:
		faults.Add("to", "结束日期不能早于开始日期")
	case g.Over(today):
		faults.Add("to", "结束日期已过；请填写今天或以后的日期，或留空表示长期")
	}
	for _, other := range existing {
		if !other.EndedAt.IsZero() || !other.meets(g) {
			continue
		}
		if other.Role == g.Role && other.Region == g.Region {
			faults.Add("role", "该用户在%s已有“%s”角色", region.Name(g.Region), info.Label)
		}
		if slices.Contains(info.Against, other.Role) {
			faults.Add("role", "“%s”与该用户已有的“%s”不能由同一人担任：经办与复核、管理与审计要分开", info.Label, other.Role.Label())
		}
	}
	return faults.Err()
}

// levelNames names the levels by the length of their codes.
var levelNames = map[int]string{0: "全国", 2: "省", 4: "市", 6: "县", 9: "乡镇（街道）", 12: "村（社区）"}

// Levels names the levels whose codes have so many digits.
func Levels(digits []int) string {
	names := make([]string, len(digits))
	for i, d := range digits {
		names[i] = levelNames[d]
	}
	return strings.Join(names, "、")
}

// covered reports whether one of the grants gives administration of the region for
// an unlimited time.
func covered(r region.Code, others []Grant, today civil.Date) bool {
	return slices.ContainsFunc(others, func(g Grant) bool {
		return g.Role == access.Administrator && g.Holds(today) && g.To.IsZero() && r.Within(g.Region)
	})
}

// reaches says why the scope of an administrator does not take in all that the user
// may do.
func reaches(scope access.Scope, u *User, today civil.Date) error {
	if !scope.Contains(u.Organisation.Region) {
		return errs.New(errs.Denied, "%s的用户不在您的管理范围内。", u.Organisation.Name)
	}
	for _, g := range u.Grants {
		if g.EndedAt.IsZero() && !g.Over(today) && !scope.Contains(g.Region) {
			return errs.New(errs.Denied, "该用户在%s有“%s”角色，超出您的管理范围，请联系上级系统管理员办理。", region.Name(g.Region), g.Role.Label())
		}
	}
	return nil
}
