package entitlementweb

// Most sets how many results are looked through for one list, until undo.
func Most(n int) (undo func()) {
	was := most
	most = n
	return func() { most = was }
}
