// Package app joins the rooms of the house: configuration → database → modules →
// routes and jobs. It alone imports every module, and holds no rule of its own.
//
// [New] builds the program, [App.Run] serves it until its context ends, [Demo] fills
// it with invented people, [Doctor] says what is wrong with an installation.
package app
