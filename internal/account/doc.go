// Package account holds who may use the system (账号与单位): organisations, users, the
// roles that they hold in regions, and the tokens of machines. How a user proves who
// he is stands in package signin.
//
// An organisation (单位) is a government of one of five levels, a department or an
// institution; it lies in a region. A user (用户) belongs to one organisation, and is
// active or disabled; a disabled one is signed out at once. A machine (接口用户) is a
// user that never signs in and acts through tokens.
//
// A grant (授权) gives a user a role in a region, from a day to a day. Rules:
//
//   - only whoever may write accounts in a region gives roles in it or below it;
//   - nobody changes his own roles, or disables himself;
//   - a user whose roles reach beyond an administrator's region is not his to change:
//     otherwise he could take over an account that may do more than his own;
//   - roles that stand against one another (access.RoleInfo.Against) are not held by
//     one user at one time: two people for one matter;
//   - a role is held only at the levels that it is meant for (access.RoleInfo.Digits);
//   - no region loses the last administrator who covers it.
//
// A token (令牌) belongs to a machine and keeps of its rights the permissions and the
// region that it names. It is shown once and stored hashed.
//
// Who may what: account:read sees users and organisations, account:write changes
// them, token:write makes and revokes tokens; each where the role is held.
package account
