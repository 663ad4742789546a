package access

// Permission (权限) is the right to do one thing to one noun.
type Permission string

// What a route may name instead of a right: Public is open to everybody, SignedIn
// to whoever has signed in.
const (
	Public   Permission = "public"
	SignedIn Permission = "signed-in"
)

// The permissions by noun.
const (
	AccountRead  Permission = "account:read"  // see users and organisations
	AccountWrite Permission = "account:write" // create users, give roles, reset passwords
	TokenWrite   Permission = "token:write"   // make and revoke tokens for machines

	AuditRead Permission = "audit:read" // read and verify the audit trail

	SystemRead Permission = "system:read" // jobs and the state of the system

	PersonRead   Permission = "person:read"   // see files, numbers masked
	PersonWrite  Permission = "person:write"  // create files, change what identifies a person
	PersonUnmask Permission = "person:unmask" // see an identity number or phone whole, for a purpose
	PersonExport Permission = "person:export" // take lists out of the system
	PersonImport Permission = "person:import" // bring files of people in
	PersonMerge  Permission = "person:merge"  // join two files of one person

	FactRecord Permission = "fact:record" // record, correct and end facts
	FactSettle Permission = "fact:settle" // settle contradicting sources

	FigureRead Permission = "figure:read" // counts of one's region

	PolicyRead    Permission = "policy:read"    // see drafts, filings and comparisons of lists
	PolicyWrite   Permission = "policy:write"   // draft versions of a list and send them to review
	PolicyApprove Permission = "policy:approve" // approve, return and publish versions
	PolicyFile    Permission = "policy:file"    // file a list with the level above, answer filings of the level below

	EntitlementRead  Permission = "entitlement:read"  // see who is entitled to what, and why
	EntitlementReach Permission = "entitlement:reach" // work lists: assign, tell people, note what came of it
)

// Labels tells the permissions in Chinese, in the order of pages.
var Labels = []struct {
	Permission Permission
	Label      string
}{
	{PersonRead, "查看老年人档案"},
	{PersonWrite, "新建和修改档案"},
	{PersonUnmask, "查看完整证件号码和电话"},
	{PersonExport, "导出名单"},
	{PersonImport, "导入人员文件"},
	{PersonMerge, "合并重复档案"},
	{FactRecord, "登记、更正信息"},
	{FactSettle, "核定有争议的信息"},
	{FigureRead, "查看统计数字"},
	{PolicyRead, "查看清单的草稿、备案和比较"},
	{PolicyWrite, "起草服务清单"},
	{PolicyApprove, "批准和发布服务清单"},
	{PolicyFile, "报送和答复清单备案"},
	{EntitlementRead, "查看待遇认定结果和理由"},
	{EntitlementReach, "办理待遇工作清单"},
	{AccountRead, "查看账号和单位"},
	{AccountWrite, "管理账号和单位"},
	{TokenWrite, "管理接口令牌"},
	{AuditRead, "查看和校验审计记录"},
	{SystemRead, "查看系统运行情况"},
}
