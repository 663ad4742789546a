// Package outreach is the work that follows from results (服务找人的联系工作): somebody is
// told what he has become entitled to, what he will lose, or is asked for what is missing
// of him, and what came of it is noted (requirement B4).
//
// What there is to do is not stored here: the results say it (package entitlement). A row
// is made when somebody first does something about it, so nothing is copied, and a
// result that is gone leaves no work behind.
//
// States: open (待联系) → assigned (已分派) → reached (已联系), unreachable (联系不上),
// applies (申请中), declined (本人不要, with the reason), done (已办结); declined and done can
// be opened again with a reason. What concerns a later day than the one that was dealt
// with is open again by itself.
//
// Who may do what: entitlement:reach where the person is served.
package outreach
