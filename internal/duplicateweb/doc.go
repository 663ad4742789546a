// Package duplicateweb is the pages on files that may be of one person (疑似重复档案
// 的页面): the list of pairs, two files side by side, and the questions before they
// are joined, told apart or parted again. The rules are in package duplicate.
package duplicateweb
