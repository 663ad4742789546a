// Package message tells old people and their families (通知消息) what concerns them: that
// somebody can have a service now, has it no longer, will have it otherwise, or that
// something has to be found out first.
//
// The texts are templates of the policy packs (消息模板); a lower place may word them
// otherwise. A message goes to a mobile phone of the person, else of his guardian, or to
// the family where the template says so. It says no more than the template has: no number
// of a document, no address, no illness. Who wants none gets none (退订).
//
// States: queued (待发送) → sending (发送中) → sent (已发送); sending → queued, after a while, when
// the gateway does not answer; sending → failed (未发出) when it refuses or after six
// attempts; queued, failed → cancelled (已取消); failed, cancelled → queued by hand.
//
// A message is queued in the transaction that makes it necessary, under a key that stands
// for what it tells: the same is told once. A job sends what is due in the daytime, at a
// pace that all processes keep together. No transaction is open while a gateway is asked;
// a process that is killed then leaves a message that another takes up after a while. So
// a gateway may see a message twice, with the same number each time.
//
// Phone and text are encrypted in the database. Who may do what: entitlement:reach in the
// region of the person.
package message
