// Package near finds what a misspelt name may have meant, for messages that tell
// people how to go on.
package near

import "slices"

// Order returns the names by their distance from name, the nearest first; equally
// near ones keep their order.
func Order(name string, known []string) []string {
	out := slices.Clone(known)
	slices.SortStableFunc(out, func(a, b string) int { return Distance(name, a) - Distance(name, b) })
	return out
}

// Distance is the number of letters to insert, delete or change to get from a to b.
func Distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j := range y {
			cost := diagonal
			if x[i] != y[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(y)]
}
