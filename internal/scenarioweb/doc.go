// Package scenarioweb is the pages on which changes of service lists are tried out
// (政策测算的页面): the scenarios of a user, the form of a change, what it does with
// charts and tables, and two scenarios side by side. What is counted is in package
// scenario.
package scenarioweb
