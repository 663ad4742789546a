// Package intake brings files of people into the register (导入人员文件): from the upload
// of a table by way of its columns and a dry run to people and facts in package person,
// and a file of the rows that were not accepted.
//
// States: uploading (上传中) → reading (读取中) → matching (待对应列) → checking (试运行中) →
// checked (待确认) → committing (导入中) → done (已完成). A file that cannot be understood
// ends as failed (文件有误). Work that cannot go on is stopped (已中断) until somebody goes
// on with it. Whoever uploaded a file may cancel it before it is done (已取消); what was
// brought in until then stays, and the same file may come again.
//
// The upload is kept encrypted in the database (package blob), so that any process can
// go on with it. Reading turns it into blocks of rows. The dry run goes through all
// blocks, tells what would become of each row, and notes which repeat an earlier one;
// committing goes through them again, a block a transaction: its people, its counts,
// the entry on the audit trail and the place to go on from are written together or not
// at all. A version in the row of the import makes sure of that when two processes
// work on it at once, and a lease spares them the attempt. So a process may be killed
// at any moment: no row is lost and none is done twice.
//
// The same file brought in again changes nothing, because a statement that says nothing
// new is not recorded.
//
// Who may do what: person:import. Rows of places outside the scope of whoever uploaded
// the file are rejected, by the rights that he has when they are written. Others whose
// scope holds his region see that there is an import and its counts; its contents, the
// rows and what is wrong with them, are for him alone.
//
// Contents are removed some weeks after the end; counts stay.
package intake
