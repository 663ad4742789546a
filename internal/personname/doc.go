// Package personname reads, shows and finds the names of people (姓名): Chinese names,
// names of minorities with dots between their parts, and names in Latin letters. Names
// are personal data: lists of strangers show Mask, and no error quotes a name.
//
// People search by the first letters of pinyin. Surnames have readings of their own
// (单 is Shan, 曾 Zeng, 尉迟 Yuchi), other characters the reading most common in given
// names (长 is Chang). The letters of all characters stand in a table that takes no
// memory of the heap; readings are those of github.com/mozillazg/go-pinyin, which
// only the test that writes the table needs:
//
//	go generate ./internal/personname
package personname

//go:generate go test -run ^TestTableIsCurrent$ . -update
