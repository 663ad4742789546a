// Package synth invents people: a population of old people with the shape of a real
// one and nobody real in it. The same options give the same people on every machine.
//
// Ages follow the national pyramid of the 2020 census for 60 and over, counties the
// census's populations where they are known (where not, the rest of the prefecture
// is shared evenly). Prevalences follow published national figures; facts hang
// together: ability worsens with age, widows live alone, tekun people have no one to
// support them. What is unknown is unknown in the way of real registers: most people
// have never been assessed, and a disability is known with its grade or not at all.
package synth
