// Package audit keeps the trail of who did what to whose data (审计记录), and hands
// out the only transactions in which a module can write.
//
// [Log.Write] runs a function in a write transaction and demands a [Change] from
// it: a silent write cannot be expressed. The entry is in the same transaction.
// [Log.Read] notes that somebody looked at personal data, and for what; entries of
// readers who come together share one transaction.
//
// Each entry carries a keyed seal (HMAC-SM3) over its columns, made when it is
// written. A job chains new entries in batches ([Log.Seal]), so that writers never
// queue for the end of the chain. [Log.Verify] finds an entry that was altered,
// removed or added by hand, and rows of modules that registered how their rows are
// sealed. What only a copy elsewhere can show, a trail cut off at its end together
// with its head, is seen by comparing [Log.Head] with one that was noted before.
package audit
