// Package messageweb is the pages on messages (通知消息的页面): what waits, went out or
// failed, and of one person what he was told and whether he wants to be. The rules are in
// package message.
package messageweb
