package identity

// State (档案状态) is whether a person is served.
type State string

// The states.
const (
	Alive    State = "alive"
	Moved    State = "moved"
	Deceased State = "deceased"
	Merged   State = "merged"
)

// States lists the states that a person may be given by hand, in the order of forms.
var States = []State{Alive, Moved, Deceased}

// Label returns the Chinese word for the state; "" for one that does not exist.
func (s State) Label() string {
	switch s {
	case Alive:
		return "在册"
	case Moved:
		return "迁出"
	case Deceased:
		return "去世"
	case Merged:
		return "已并入"
	}
	return ""
}
