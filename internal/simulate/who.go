package simulate

import (
	"yian/internal/engine"
	"yian/internal/rules"
)

// Affected (受影响的人) is somebody for whom an item changes.
type Affected struct {
	Item          *Item
	Person        int
	Before, After rules.Truth    // No where the list does not have the item
	Was, Is       rules.Quantity // the amounts
}

// Each calls f for everybody for whom something changes, item by item in the order
// of the report, people in their own.
func (r *Report) Each(f func(Affected)) {
	for i := range r.Items {
		it := &r.Items[i]
		either := combine(yes(r.Before, it.old), yes(r.After, it.new), func(x, y uint64) uint64 { return x | y })
		engine.Each(either, func(person int) {
			a := Affected{Item: it, Person: person}
			a.Before, a.Was = decision(r.Before, it.old, person)
			a.After, a.Is = decision(r.After, it.new, person)
			if a.Before != a.After || !a.Was.Same(a.Is) {
				f(a)
			}
		})
	}
}

func decision(r *engine.Result, i, person int) (rules.Truth, rules.Quantity) {
	if i < 0 {
		return rules.No, rules.Quantity{}
	}
	t := r.Truth(i, person)
	if t != rules.Yes {
		return t, rules.Quantity{}
	}
	return t, r.Amount(i, person)
}
