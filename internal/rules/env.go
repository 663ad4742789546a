package rules

import (
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"yian/internal/fact"
	"yian/internal/region"
)

// regionType is opaque: a region can only be asked whether it lies within another.
var regionType = cel.OpaqueType("yian.Region")

// AgeName is the name under which rules ask for the age; files give the birth date.
const AgeName = "age"

// factEnv knows the facts. Macros are off: there is nothing to iterate over.
var factEnv = sync.OnceValues(func() (*cel.Env, error) {
	opts := []cel.EnvOption{
		cel.ClearMacros(),
		cel.Variable(AgeName, cel.IntType),
		cel.Function("within", cel.MemberOverload("region_within_string",
			[]*cel.Type{regionType, cel.StringType}, cel.BoolType, cel.BinaryBinding(celWithin))),
	}
	for id := range fact.Count {
		if t := celType(id); t != nil {
			opts = append(opts, cel.Variable(id.String(), t))
		}
	}
	return cel.NewEnv(opts...)
})

func celType(id fact.ID) *cel.Type {
	switch id.Def().Kind {
	case fact.Region:
		return regionType
	case fact.Enum:
		return cel.StringType
	case fact.Bool:
		return cel.BoolType
	case fact.Level:
		return cel.IntType
	default:
		return nil // birth is asked for as age
	}
}

// listEnv adds the parameters and definitions of a list.
func listEnv(params []Parameter, define []Definition) (*cel.Env, error) {
	base, err := factEnv()
	if err != nil {
		return nil, err
	}
	var opts []cel.EnvOption
	for _, p := range params {
		opts = append(opts, cel.Variable(p.Name, cel.DoubleType))
	}
	for _, d := range define {
		opts = append(opts, cel.Variable(d.Name, cel.BoolType))
	}
	return base.Extend(opts...)
}

// regionVal is a region as cel-go sees it when it evaluates a rule itself.
type regionVal struct {
	types.String
	code region.Code
}

func (r regionVal) Type() ref.Type { return regionType }

func celWithin(r, outer ref.Val) ref.Val {
	code, ok := r.(regionVal)
	want, ok2 := outer.(types.String)
	if !ok || !ok2 {
		return types.MaybeNoSuchOverloadErr(r)
	}
	switch Within(code.code, region.Code(want)) {
	case Yes:
		return types.True
	case No:
		return types.False
	default:
		return types.NewUnknown(0, nil)
	}
}

// Within tells whether somebody registered in code lives within outer. A code that
// is coarser than outer (only the province is known) leaves it open.
func Within(code, outer region.Code) Truth {
	switch {
	case code == "":
		return Unknown
	case code.Within(outer):
		return Yes
	case outer.Within(code):
		return Unknown
	default:
		return No
	}
}
