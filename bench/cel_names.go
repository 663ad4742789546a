package main

// celNames numbers the variables. cel-go asks for them by name, many times a
// person; a table without collisions answers faster than a map.
type celNames struct {
	mul, shift uint32
	table      [512]celName
	count      int
}

type celName struct {
	name string
	slot int
}

func newCELNames(names []string) *celNames {
	for mul := uint32(3); ; mul += 2 {
		for shift := uint32(0); shift < 20; shift++ {
			n := &celNames{mul: mul, shift: shift}
			if n.fill(names) {
				return n
			}
		}
	}
}

// fill reports false where two names meet.
func (n *celNames) fill(names []string) bool {
	for slot, name := range names {
		at := &n.table[n.hash(name)]
		if at.name != "" {
			return false
		}
		*at = celName{name, slot}
	}
	n.count = len(names)
	return true
}

func (n *celNames) hash(name string) uint32 {
	x := uint32(name[0]) | uint32(name[len(name)-1])<<8 | uint32(name[len(name)/2])<<16 | uint32(len(name))<<24
	return x * n.mul >> n.shift % 512
}

// slot finds the number of a name; ok is false if it is none of ours.
func (n *celNames) slot(name string) (slot int, ok bool) {
	if name == "" {
		return 0, false
	}
	at := &n.table[n.hash(name)]
	return at.slot, at.name == name
}
