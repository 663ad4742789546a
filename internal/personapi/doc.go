// Package personapi is the register of elders for machines: JSON operations on the
// same service as the pages, with the same permissions, scopes and trail
// (老年人档案接口).
//
// Whoever reads gets numbers and phones masked. A number or phone that somebody is
// looked for by stands in a body, never in an address. What is read is on the trail:
// a file by the service, lists and look-ups by this package.
//
// Changes carry the version that was read (If-Match); statements need none, as they
// are only ever added. Operations that write take an Idempotency-Key: give
// [Carried] to person.Deps.OnChange, so that the key is marked in the transaction of
// every write of the register, and nothing is done twice whenever a process is killed.
package personapi
