// Package policyweb is the pages on service lists (服务清单的页面): the lists of all
// places with their versions, one version with its checks and its way through review,
// the editor, the comparison of versions and of levels, and filings. The rules of a
// list's life are in package policy.
package policyweb
