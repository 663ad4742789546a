//go:build !unix

package main

// postgreSQL needs a server that can be started as another user.
func postgreSQL(*list, *crowd) (*contender, func(), error) {
	return nil, nil, absent("only on Unix")
}
