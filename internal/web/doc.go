// Package web is the seam between HTTP and the modules (页面与接口的入口).
//
// A handler takes a [Request], with the actor in it, and returns a [Response] and an
// error. The error's kind becomes the status and the page; [Again] shows a form once
// more with its values and what is wrong with them (422).
//
// A route cannot be registered without naming its permission ([Mux.Handle]); whoever
// lacks it never reaches the handler. [Mux.Routes] lists all of them, and a golden
// file in test/arch keeps the list, so that exposure changes are seen in review.
//
// Around all routes: a number for each request, a log line without paths (a query
// may hold a name), metrics, security headers, refusal of cross-origin writes, limits
// of size and time, sessions, and a page instead of a crash.
package web
