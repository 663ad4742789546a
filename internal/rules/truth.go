package rules

// Truth (符合) is a three-valued result. The zero value is Unknown: what nobody has
// established is neither true nor false.
type Truth uint8

// The truth values; as results of an item: undecided, entitled, not entitled.
const (
	Unknown Truth = iota
	Yes
	No
)

// TruthOf turns a bool into a Truth.
func TruthOf(b bool) Truth {
	if b {
		return Yes
	}
	return No
}

// Not is the negation.
func (t Truth) Not() Truth {
	switch t {
	case Yes:
		return No
	case No:
		return Yes
	default:
		return Unknown
	}
}

// String returns yes, no or unknown.
func (t Truth) String() string { return [...]string{"unknown", "yes", "no"}[t] }

// Label returns the result as people read it.
func (t Truth) Label() string { return [...]string{"未知", "是", "否"}[t] }
