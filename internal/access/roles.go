package access

import "slices"

// Role (角色) is a set of permissions that a user holds in a region.
type Role string

// The roles. What only later modules grant (writing policy, approving it, money)
// is added to their sets there.
const (
	Administrator Role = "administrator"
	Officer       Role = "officer"
	Author        Role = "author"
	Approver      Role = "approver"
	TownWorker    Role = "town_worker"
	VillageWorker Role = "village_worker"
	Assessor      Role = "assessor"
	Institution   Role = "institution"
	DutyDesk      Role = "duty_desk"
	Auditor       Role = "auditor"
	Feed          Role = "feed"
	Leader        Role = "leader"
)

// RoleInfo (角色说明) describes a role.
type RoleInfo struct {
	Role        Role
	Label       string
	About       string // what the holder does, for the page that gives roles
	Digits      []int  // lengths of the region codes it may be held in; nil: any
	Permissions []Permission
	Against     []Role // roles that the same user may not hold: two people for one matter
}

// Roles is the table of roles, in the order of pages.
var Roles = []RoleInfo{
	{
		Role: Administrator, Label: "系统管理员", About: "管理账号、单位和令牌；看不到老年人档案",
		Permissions: []Permission{AccountRead, AccountWrite, TokenWrite, SystemRead},
		Against:     []Role{Auditor},
	},
	{
		Role: Officer, Label: "民政工作人员", About: "本级民政部门经办：档案、信息、导入导出、核定",
		Permissions: []Permission{
			PersonRead, PersonWrite, PersonUnmask, PersonExport, PersonImport, PersonMerge,
			FactRecord, FactSettle, FigureRead, PolicyRead, PolicyFile, EntitlementRead, EntitlementReach,
		},
	},
	{
		Role: Author, Label: "政策编制", About: "起草服务清单",
		Permissions: []Permission{FigureRead, PolicyRead, PolicyWrite, PolicyFile}, Against: []Role{Approver},
	},
	{
		Role: Approver, Label: "政策审批", About: "批准服务清单；不能与编制为同一人",
		Permissions: []Permission{FigureRead, PolicyRead, PolicyApprove}, Against: []Role{Author},
	},
	{
		Role: TownWorker, Label: "乡镇（街道）经办", About: "本乡镇街道的档案、信息和导入", Digits: []int{9},
		Permissions: []Permission{PersonRead, PersonWrite, PersonUnmask, PersonExport, PersonImport, FactRecord, FigureRead, EntitlementRead, EntitlementReach},
	},
	{
		Role: VillageWorker, Label: "村（社区）工作人员、网格员", About: "查看本村老年人，登记走访所见", Digits: []int{9, 12},
		Permissions: []Permission{PersonRead, FactRecord, FigureRead, EntitlementRead, EntitlementReach},
	},
	{
		Role: Assessor, Label: "能力评估员", About: "查看档案，登记评估结果",
		Permissions: []Permission{PersonRead, FactRecord},
	},
	{Role: Institution, Label: "养老机构工作人员", About: "本机构的业务；看不到机构以外的档案"},
	{
		Role: DutyDesk, Label: "值守坐席", About: "接听来电时查找老年人",
		Permissions: []Permission{PersonRead, PersonUnmask, EntitlementRead},
	},
	{
		Role: Auditor, Label: "审计员", About: "查看和校验审计记录；不办业务",
		Permissions: []Permission{AuditRead}, Against: []Role{Administrator},
	},
	{
		Role: Feed, Label: "部门数据接口", About: "部门系统按接口写入档案和信息",
		Permissions: []Permission{PersonRead, PersonWrite, FactRecord},
	},
	{
		Role: Leader, Label: "领导", About: "只看统计数字，看不到个人",
		Permissions: []Permission{FigureRead, PolicyRead},
	},
}

// Info returns the description of a role; ok is false for one that does not exist.
func (r Role) Info() (info RoleInfo, ok bool) {
	i := slices.IndexFunc(Roles, func(x RoleInfo) bool { return x.Role == r })
	if i < 0 {
		return RoleInfo{}, false
	}
	return Roles[i], true
}

// Label returns the Chinese name of the role.
func (r Role) Label() string {
	info, ok := r.Info()
	if !ok {
		return string(r)
	}
	return info.Label
}

// Has reports whether the role includes the permission.
func (r Role) Has(p Permission) bool {
	info, _ := r.Info()
	return slices.Contains(info.Permissions, p)
}
