// Package e2e tests the program as those meet it who run it and who work with it: the
// real binary is started, killed and looked at from outside, and a real browser walks
// through its pages.
package e2e
