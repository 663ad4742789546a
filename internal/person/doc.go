// Package person is the register of elders (老年人档案): who they are, what is known of
// them and who said so.
//
// What identifies a person (package identity: name, document, phones, address) is
// changed in place and its former text kept (package revision). Facts are never
// changed: every statement is a record (package ledger), and the current facts in the
// row of the person are what follows from them today (package history). The job
// person.turn keeps them so from day to day.
//
// States: alive (在册) → moved (迁出) ⇄ alive; any → deceased (去世), which a correction
// may take back; any → merged (已并入) by joining two files of one person, until undone.
//
// Who may do what: permissions person:* and fact:* in the region that serves the
// person, which is the residence, else the hukou. Outside one's scope a person is
// not there. A statement may move a person only within the scope of who records
// it; Transfer hands him over to a region beyond it, after which he is out of sight.
//
// Numbers and phones leave the service masked; only Unmask gives one, for a purpose
// that goes on the audit trail. Rows and records carry a keyed seal: one that was
// changed by hand is found by yian audit verify.
package person
