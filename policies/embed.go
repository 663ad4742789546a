// Package policies holds the policy packs (政策包) that are built into the program:
// a folder for each place, with what its documents say and nothing else. Package
// pack reads, checks and tests them.
package policies

import "embed"

// FS holds every pack: <place>/pack.yaml and, where the place has them, list.yaml,
// plan.yaml, norms.yaml, messages.yaml and tests/*.yaml.
//
//go:embed */*.yaml */tests/*.yaml
var FS embed.FS
