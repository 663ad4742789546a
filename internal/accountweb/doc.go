// Package accountweb holds the pages of accounts and of signing in (账号和登录页面):
// the first administrator, login, one's own account; users, organisations, roles and
// tokens for those who administer them. What may be done stands in packages account
// and signin.
//
// A page that shows a secret (a temporary password, recovery codes, a token) is the
// answer to the request that made it, is kept by no cache, and is never shown again.
package accountweb
