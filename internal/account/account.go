package account

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/errs"
	"yian/internal/id"
	"yian/internal/phone"
	"yian/internal/region"
)

// State (账号状态) says whether a user may sign in.
type State string

// The states of a user.
const (
	Active   State = "active"
	Disabled State = "disabled"
)

// Label returns the Chinese name of the state.
func (s State) Label() string {
	if s == Disabled {
		return "已停用"
	}
	return "正常"
}

// User (用户) is somebody who may sign in, or a machine that may call the interface.
type User struct {
	ID           id.ID
	Version      int64
	Login        string // in lower case
	Name         string
	Organisation Organisation
	Phone        string // only where one user was asked for
	State        State
	Machine      bool
	Created      civil.Instant
	Grants       []Grant // that were not ended
}

// Actor returns the user as he acts on a day, signed in himself.
func (u *User) Actor(on civil.Date) access.Actor {
	return access.NewActor(u.ID, u.Name, "session", held(u.Grants, on), nil)
}

// Roles names the roles that the user holds on a day.
func (u *User) Roles(on civil.Date) string { return roleNames(held(u.Grants, on)) }

// UserDraft (用户资料) is what a form says of a user.
type UserDraft struct {
	Login        string
	Name         string
	Organisation id.ID
	Phone        string
	Machine      bool // cannot be changed later
}

var loginForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{2,31}$`)

// PlainLogin returns a login name as it is stored and looked for.
func PlainLogin(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// clean brings a draft into the form that is stored and says what is wrong with it.
func (d *UserDraft) clean() error {
	d.Login, d.Name = PlainLogin(d.Login), strings.TrimSpace(d.Name)
	var faults errs.Fields
	if !loginForm.MatchString(d.Login) {
		faults.Add("login", "登录名应为 3 到 32 位小写字母、数字或 . _ -，以字母或数字开头，如 zhang.wei")
	}
	if !nameFits(d.Name, 30) {
		faults.Add("name", "请填写姓名（接口用户填系统名称），最多 30 个字")
	}
	if d.Organisation == 0 {
		faults.Add("organisation", "请选择所在单位")
	}
	if strings.TrimSpace(d.Phone) != "" {
		number, err := phone.Parse(d.Phone)
		faults.Check("phone", err)
		d.Phone = number.Text()
	}
	return faults.Err()
}

// nameFits reports whether s is a name of at most so many characters on one line.
func nameFits(s string, most int) bool {
	return s != "" && utf8.RuneCountInString(s) <= most && !strings.ContainsFunc(s, unicode.IsControl) && utf8.ValidString(s)
}

// Kind (单位类别) says what an organisation is: a government of a level, or another.
type Kind string

// The kinds of organisations.
const (
	Province    Kind = "province"
	City        Kind = "city"
	County      Kind = "county"
	Town        Kind = "town"
	Village     Kind = "village"
	Department  Kind = "department"
	Institution Kind = "institution"
)

// Kinds is the table of kinds, in the order of pages.
var Kinds = []struct {
	Kind   Kind
	Label  string
	Digits int // of the region's code; 0: any
}{
	{Province, "省级民政部门", 2},
	{City, "市级民政部门", 4},
	{County, "县级民政部门", 6},
	{Town, "乡镇（街道）", 9},
	{Village, "村（社区）", 12},
	{Department, "其他部门", 0},
	{Institution, "养老服务机构", 0},
}

// Label returns the Chinese name of the kind.
func (k Kind) Label() string {
	for _, x := range Kinds {
		if x.Kind == k {
			return x.Label
		}
	}
	return string(k)
}

// fits reports whether an organisation of the kind may lie in a region.
func (k Kind) fits(c region.Code) (ok bool, digits int) {
	for _, x := range Kinds {
		if x.Kind == k {
			return x.Digits == 0 || x.Digits == len(c), x.Digits
		}
	}
	return false, 0
}

// Organisation (单位) is where a user works.
type Organisation struct {
	ID      id.ID
	Version int64
	Parent  id.ID // 0: none above it
	Kind    Kind
	Name    string
	Region  region.Code
	Created civil.Instant
}

// OrganisationDraft (单位资料) is what a form says of an organisation.
type OrganisationDraft struct {
	Kind   Kind
	Name   string
	Region region.Code
	Parent id.ID
}

// clean brings a draft into the form that is stored and says what is wrong with it.
func (d *OrganisationDraft) clean() error {
	d.Name = strings.TrimSpace(d.Name)
	var faults errs.Fields
	if !nameFits(d.Name, 60) {
		faults.Add("name", "请填写单位全称，最多 60 个字")
	}
	switch ok, digits := d.Kind.fits(d.Region); {
	case ok:
	case digits == 0:
		faults.Add("kind", "请选择单位类别")
	default:
		faults.Add("region", "%s的区划代码应为 %d 位，现在选的是%s", d.Kind.Label(), digits, region.Name(d.Region))
	}
	return faults.Err()
}

// below reports whether the organisation may stand under parent.
func (d *OrganisationDraft) below(self id.ID, parent *Organisation) error {
	var faults errs.Fields
	switch {
	case parent.ID == self:
		faults.Add("parent", "上级单位不能是它自己")
	case !d.Region.Within(parent.Region):
		faults.Add("parent", "上级单位应在%s或其上级区域", region.Name(d.Region))
	}
	return faults.Err()
}
