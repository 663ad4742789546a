// Package export takes lists out of the register (导出名单): a query of the list becomes
// a workbook that is made in the background and fetched by whoever asked for it.
//
// States: waiting (生成中) → ready (可下载) → expired (已过期); waiting → failed (未完成).
//
// Numbers and phones are masked unless the user may unmask them and says for what. The
// file is kept encrypted in the database (package blob), is there for a day, and is for
// him alone; asking for it and every fetching go on the audit trail. His rights are
// looked at anew when the file is made and when it is fetched.
//
// A workbook is written without ever lying on a disk in clear or whole in memory: the
// sheet is one stream of compressed segments. Each turn of the job appends some and
// notes how far it has come in the same transaction, so that a process may be killed at
// any moment.
package export
