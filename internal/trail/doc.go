// Package trail holds the pages of the audit trail (审计记录): what was done, by whom,
// to whose data, in one's region; and its verification.
//
// Entries hold no names, numbers or telephones of elders, so that an auditor sees
// who looked at a file without seeing the file. Verification reads all of the trail
// and all sealed rows: it is for an auditor of the whole, and runs once at a time.
package trail
