package ledger

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"yian/internal/access"
	"yian/internal/civil"
	"yian/internal/document"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/id"
)

// Statement (申报) is what a source states about a person.
type Statement struct {
	Source   history.Source
	From     civil.Date
	To       civil.Date // exclusive; zero: open
	Evidence string
	Facts    map[fact.ID]string
}

// Read reads the statement and notes what is wrong with it, by the names of facts.
func (st *Statement) Read() (facts history.Facts, err error) {
	var f errs.Fields
	CheckPeriod(&f, st.From, st.To)
	CheckText(&f, "evidence", &st.Evidence)
	if len(st.Facts) == 0 {
		f.Add("facts", "请至少填写一项信息")
	}
	for _, one := range slices.Sorted(maps.Keys(st.Facts)) {
		err := facts.State(one, st.Facts[one])
		if err == nil && !facts.Stated.Has(one) {
			f.Add(one.String(), "请填写%s；要取消原有的记录请用“撤回”", one.Def().Label)
		}
		f.Check(one.String(), fact.Plain(err))
	}
	return facts, f.Err()
}

// CheckPeriod notes days that are no period.
func CheckPeriod(f *errs.Fields, from, to civil.Date) {
	switch {
	case from == 0:
		f.Add("from", "请填写从哪一天起")
	case from < civil.New(1880, 1, 1):
		f.Add("from", "日期 %s 太早，请核对年份", from)
	case to != 0 && to <= from:
		f.Add("to", "终止日期应晚于起始日期 %s", from)
	}
}

// CheckLife notes that a record begins before the birth of its person, after the death,
// or so far ahead that the year must be a slip. A zero day is not known.
func CheckLife(f *errs.Fields, r *history.Record, birth, death, today civil.Date) {
	if r.Facts.Stated.Has(fact.Birth) {
		birth = r.Facts.Person.Birth
	}
	switch {
	case r.From < birth:
		f.Add("from", "起始日期 %s 早于出生日期 %s，请核对", r.From, birth)
	case death != 0 && r.From > death:
		f.Add("from", "起始日期 %s 晚于去世日期 %s；去世登记有误的，请先更正档案状态", r.From, death)
	case r.From > civil.Birthday(today, 1):
		f.Add("from", "起始日期 %s 在一年以后，请核对年份", r.From)
	}
	if r.To != 0 && r.To <= birth {
		f.Add("to", "终止日期早于出生日期 %s，请核对", birth)
	}
}

// CheckSource notes a source that nobody can be: what the document says and what was
// settled is recorded by the register itself.
func CheckSource(f *errs.Fields, source history.Source) {
	switch {
	case !source.Known():
		f.Add("source", "请选择信息来源")
	case source == history.Document:
		f.Add("source", "证件上的信息随证件号码登记，请在“修改档案”中改号码")
	case source == history.Settled:
		f.Add("source", "人工核定的信息只能在核定争议时产生")
	}
}

// maxText is how many characters say what a statement is based on.
const maxText = 500

// CheckText trims what a statement or decision is based on, and notes that it is too long.
func CheckText(f *errs.Fields, field string, text *string) {
	*text = strings.TrimSpace(*text)
	if n := utf8.RuneCountInString(*text); n > maxText {
		f.Add(field, "最多 %d 个字，这里是 %d 个", maxText, n)
	} else if !utf8.ValidString(*text) || strings.ContainsRune(*text, 0) {
		f.Add(field, "含有无法识别的字符，请重新填写")
	}
}

// Withdrawal is the record that takes facts of another back.
func (l *Ledger) Withdrawal(actor access.Actor, recs []history.Record, old *history.Record, facts fact.Set, evidence string) history.Record {
	r := l.Begin(actor, recs, old.Source, old.From, old.To, evidence)
	r.Replaces = old.ID
	for _, one := range facts.IDs() {
		r.Facts.Withdraw(one)
	}
	return r
}

// Surviving finds a record that still states the facts.
func Surviving(recs []history.Record, record id.ID, facts fact.Set) (*history.Record, error) {
	live := history.Surviving(recs)
	for i := range recs {
		switch {
		case recs[i].ID != record:
		case recs[i].Source == history.Document:
			return nil, errs.New(errs.Conflict, "这条记录来自证件号码，请在“修改档案”中更正号码。")
		case facts&^live[i] != 0:
			return nil, errs.New(errs.Conflict, "这条记录的%s已被后来的记录更正，请刷新后看最新的记录。", (facts &^ live[i]).IDs()[0].Def().Label)
		default:
			return &recs[i], nil
		}
	}
	return nil, errs.New(errs.NotFound, "没有这条记录。")
}

// News returns of a statement what its source has not said before: it says nothing new
// that is in force for the day, and nothing that a person has corrected or taken back
// since, so that whoever sends the same file twice changes nothing.
func News(recs []history.Record, source history.Source, from, to civil.Date, stated history.Facts) history.Facts {
	live := history.Surviving(recs)
	for _, f := range stated.Stated.IDs() {
		var last *history.Record
		heard := false
		for i := range recs {
			r := &recs[i]
			switch {
			case r.Source != source || !r.Facts.Stated.Has(f):
			case !live[i].Has(f):
				heard = heard || r.From == from && history.Same(&r.Facts.Person, &stated.Person, f)
			case r.On(from) && (last == nil || r.From >= last.From):
				last = r
			}
		}
		if last != nil && (to == 0 || last.To == to) && history.Same(&last.Facts.Person, &stated.Person, f) || heard {
			stated = stated.Without(fact.Set(0).Add(f))
		}
	}
	return stated
}

// Begin begins a record that comes after all others of a person, whatever the clock says.
func (l *Ledger) Begin(actor access.Actor, recs []history.Record, source history.Source, from, to civil.Date, evidence string) history.Record {
	at := l.now()
	for i := range recs {
		at = max(at, recs[i].At+1)
	}
	return history.Record{ID: l.IDs.New(), Source: source, From: from, To: to, At: at, By: actor.User, Evidence: evidence}
}

// OfDocument is what a number says of birth and sex, in the place of what the
// former number said; ok is false if there is nothing to say or to take back.
func (l *Ledger) OfDocument(actor access.Actor, recs []history.Record, doc document.Document) (r history.Record, ok bool) {
	facts := Said(doc)
	from := facts.Person.Birth
	var old *history.Record
	for i, live := range history.Surviving(recs) {
		if recs[i].Source == history.Document && live != 0 {
			old = &recs[i]
		}
	}
	if old != nil {
		if old.Facts == facts {
			return r, false
		}
		for _, one := range (old.Facts.Stated &^ facts.Stated).IDs() {
			facts.Withdraw(one)
		}
		if from == 0 {
			from = old.From
		}
	}
	if facts.Held() == 0 {
		return r, false
	}
	r = l.Begin(actor, recs, history.Document, from, 0, doc.Kind().Label())
	r.Facts = facts
	if old != nil {
		r.Replaces = old.ID
	}
	return r, true
}

// Said is what a number says of its holder.
func Said(doc document.Document) (facts history.Facts) {
	if birth, ok := doc.Birth(); ok {
		facts.Person.Birth = birth
		facts.Stated = facts.Stated.Add(fact.Birth)
	}
	if male, ok := doc.Male(); ok && facts.Person.Birth != 0 {
		facts.Person.Codes[fact.Sex] = map[bool]fact.Code{true: maleCode, false: femaleCode}[male]
		facts.Stated = facts.Stated.Add(fact.Sex)
	}
	return facts
}

var (
	maleCode, _   = fact.Sex.CodeOf("male")
	femaleCode, _ = fact.Sex.CodeOf("female")
)
