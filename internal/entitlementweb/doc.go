// Package entitlementweb is the pages of entitlements and of the work that follows from
// them (服务找人的页面): what a person may have, why, since when and what comes next; the
// work lists of who is to be told or asked, with what came of it; figures with the names
// behind them; and which missing facts decide for most people.
//
// It holds no rule: results come from package entitlement, what was done about them from
// package outreach.
package entitlementweb
