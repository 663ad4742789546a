// Package scenario tries out changes of service lists (政策测算, requirement A5): who
// gains, who loses and what it costs by item and by place, today and in the years to
// come, before anybody decides.
//
// A scenario belongs to the user who made it. It counts the people of one region, who
// are judged by the lists of the places that serve them; a change of a list reaches the
// lists that take its items over, as far as they do not say otherwise themselves. It
// looks at figures only: no name and no number is in it. Looking and counting need
// FigureRead and PolicyRead in the region.
//
// The people are read from the snapshot and stay packed in memory while somebody is at
// work (see warm): a count then takes a fraction of a second. They are dropped when
// nobody has asked for some minutes. One count goes on at a time, and
// beside it one forecast.
package scenario
