// Command web measures the server as its users meet it: it starts the binary beside
// itself, on SQLite and on a throw-away PostgreSQL, makes the first administrator and
// officers by the pages, imports invented people by the pages, has users search and
// open files by the pages, and looks at the memory of an idle server. What it prints is
// what docs/performance.md quotes. A wrong answer ends the run with exit code 1; a
// missed goal does not.
package main
