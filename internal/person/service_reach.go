package person

import (
	"context"

	"github.com/uptrace/bun"

	"yian/internal/access"
	"yian/internal/id"
)

// Reach returns the file of somebody of the scope with whole phones, to send word to him
// or his family. It writes nothing on the trail, which the caller does.
func (s *Service) Reach(ctx context.Context, q bun.IDB, scope access.Scope, person id.ID) (*Person, error) {
	r, err := get(ctx, q, scope, person)
	if err != nil {
		return nil, err
	}
	f, err := s.open(r)
	if err != nil {
		return nil, err
	}
	p := f.person()
	p.Phones, p.Contacts = f.now.Phones, f.now.Contacts
	return p, nil
}
