// Command yian is 颐安: the service lists of basic elderly care (基本养老服务清单)
// as data, and an engine that decides who is entitled to what.
package main

import (
	"os"

	"yian/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
