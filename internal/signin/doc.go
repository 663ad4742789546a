// Package signin is how users prove who they are (登录): by password and second
// factor, or through a provider of identities (OIDC); and how they stay signed in.
//
// A sign-in (登录会话) is a row of its own, named by the session of the browser. Each
// request asks for it: one that was ended, idle for too long, or of a disabled user
// opens nothing. The last sight of it is written once a minute, beside the request.
//
// Attempts are counted before the password is looked at, in the database, by account
// and by address: neither many at once nor several nodes give more than the allowed
// number. What was typed as a login name is counted whether or not there is such a
// user, takes the same time and gets the same answer. Failures in a row are answered
// ever more slowly; after so many the account is locked for a while.
//
// A password that an administrator gave is temporary: it has to be changed before
// anything else, within three days. Passwords that were used before are remembered
// by their hashes.
//
// A second factor is a secret shared with a telephone (TOTP). Codes are taken once.
// Ten recovery codes, hashed, each replace it once. Roles can demand one.
//
// The first administrator is made through a link that the server prints while there
// is no administrator; it works once, for a day.
//
// States of a sign-in: open, then ended with a reason: signed out, ended by the user
// elsewhere, by an administrator, idle, or because the password changed.
package signin
