// Package workbench is the first page after signing in (工作台): what waits for the
// user, and the figures of his region.
//
// It knows no module: whoever joins the rooms hands in the figures and, for each
// module, a function that says what waits there.
package workbench
