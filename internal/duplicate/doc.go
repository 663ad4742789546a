// Package duplicate finds files that may be of one person (疑似重复档案), lets a person
// compare them, and joins or parts them.
//
// A pair is proposed when two files have the same name and birth, or names of the same
// initials and identity numbers that are one slip apart. Numbers of 15 digits are kept
// as those of 18 and so are never in two files. Who is new or changed is compared in
// the background: a few by looking up what is like them, the many of an import by
// going through everybody once.
//
// States: open (待核对) → different (不是同一人) or merged (已合并); merged → open when the
// merge is undone. Permission person:merge where both files are.
package duplicate
