// Package arch holds tests of the house itself: which package may import which,
// how large things may grow, what every package and type must say of itself, and
// that the glossary and the decisions keep up with the code. It has no code.
package arch
