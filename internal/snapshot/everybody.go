package snapshot

import (
	"sync"

	"yian/internal/civil"
	"yian/internal/errs"
	"yian/internal/person"
)

// Everybody returns everybody as Load does, with the regions that serve them, and as of
// when they are. The address of what is returned tells one file from another.
func (s *Snapshot) Everybody() (_ *person.Everybody, made civil.Instant, release func(), err error) {
	f := s.acquire()
	if f == nil {
		return nil, 0, nil, errs.New(errs.Unavailable, "人员数据正在整理，请过一会儿再试。")
	}
	return &f.all, s.asOf(f), sync.OnceFunc(func() { s.release(f) }), nil
}
