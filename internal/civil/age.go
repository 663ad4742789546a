package civil

// Age returns the whole years (周岁) of somebody born on birth, on the day on.
// A person is N years old from the N-th birthday itself, as administrative
// practice has it (criminal law counts from the day after); born on 29 February,
// from 1 March in common years. It is negative before birth.
func Age(birth, on Date) int {
	by, bm, bd := birth.Date()
	y, m, d := on.Date()
	age := y - by
	if m < bm || m == bm && d < bd {
		age--
	}
	return age
}

// Birthday returns the first day on which somebody born on birth is n years old.
func Birthday(birth Date, n int) Date {
	y, m, d := birth.Date()
	if m == 2 && d == 29 && !leap(y+n) {
		return ordinal(y+n, 3, 1)
	}
	return ordinal(y+n, int(m), d)
}

// LatestBirth returns the last day on which one must have been born to be at
// least n years old on the day on: Age(b, on) >= n exactly when b <= LatestBirth(n, on).
func LatestBirth(n int, on Date) Date {
	y, m, d := on.Date()
	if m == 2 && d == 29 && !leap(y-n) {
		d = 28
	}
	return ordinal(y-n, int(m), d)
}
