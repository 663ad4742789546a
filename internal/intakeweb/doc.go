// Package intakeweb is the pages of imports (导入的页面): the list, the form that takes a
// file, and one page for each import that shows how far it has come and what to do
// next. It stands beside package intake so that neither grows too large, and holds no
// rule of it.
package intakeweb
