package main

import (
	"database/sql"
	"fmt"
	"strings"

	"yian/internal/civil"
	"yian/internal/fact"
	"yian/internal/money"
	"yian/internal/region"
	"yian/internal/rules"
)

// The table of people has a column for each fact, under the fact's name; NULL is
// unknown. SQL's logic of NULL is Kleene's, so that a rule stays one expression.

// sqlColumns are the columns with their types, in the order in which they are loaded.
func sqlColumns() (names, declared []string) {
	for id := range fact.Count {
		kind := "SMALLINT"
		switch id.Def().Kind {
		case fact.Date:
			kind = "DATE"
		case fact.Region:
			kind = "TEXT"
		}
		names = append(names, id.String())
		declared = append(declared, id.String()+" "+kind)
	}
	return names, declared
}

// sqlRow is a person as a row of the table.
func sqlRow(p *fact.Person, day func(civil.Date) any, row []any) {
	for id := range fact.Count {
		switch {
		case !p.Known(id):
			row[id] = nil
		case id == fact.Birth:
			row[id] = day(p.Birth)
		case !id.Coded():
			row[id] = string(p.Region(id))
		default:
			row[id] = int16(p.Codes[id])
		}
	}
}

// sqlStatement asks for four numbers an item: yes, no, sum of the known amounts in
// fen, sum of the known frequencies. What fence adds to the inner query keeps a
// database from computing each rule again for each of the numbers.
func sqlStatement(l *list, fence string) string {
	var inner, outer []string
	for i := range l.prog.Items {
		it := &l.prog.Items[i]
		inner = append(inner, fmt.Sprintf("(%s) AS r%d", sqlText(it.Rule), i))
		outer = append(outer, fmt.Sprintf("count(*) FILTER (WHERE r%d)", i), fmt.Sprintf("count(*) FILTER (WHERE NOT r%d)", i))
		for _, q := range []struct {
			name   string
			choice *rules.Choice
		}{{"a", it.Amount}, {"t", it.Times}} {
			figure := sqlChoice(q.choice)
			switch {
			case figure == "NULL":
				outer = append(outer, "0")
			case q.choice.When == nil: // the same for all
				outer = append(outer, fmt.Sprintf("%s * count(*) FILTER (WHERE r%d)", figure, i))
			default:
				inner = append(inner, fmt.Sprintf("%s AS %s%d", figure, q.name, i))
				outer = append(outer, fmt.Sprintf("coalesce(sum(%s%d) FILTER (WHERE r%d), 0)", q.name, i, i))
			}
		}
	}
	return "SELECT " + strings.Join(outer, ", ") + "\nFROM (SELECT " + strings.Join(inner, ",\n") + "\nFROM people " + fence + ") AS judged"
}

// sqlRun asks the statement.
func sqlRun(db *sql.DB, statement string, items, people int) ([]tally, error) {
	numbers := make([]int64, 4*items)
	into := make([]any, len(numbers))
	for i := range numbers {
		into[i] = &numbers[i]
	}
	if err := db.QueryRow(statement).Scan(into...); err != nil {
		return nil, err
	}
	return sqlTallies(numbers, people), nil
}

// sqlTallies reads the one row of the answer.
func sqlTallies(numbers []int64, people int) []tally {
	out := make([]tally, len(numbers)/4)
	for i := range out {
		n := numbers[4*i:]
		out[i] = tally{Yes: int(n[0]), No: int(n[1]), Unknown: people - int(n[0]+n[1]), Sum: money.Fen(n[2]), Times: n[3]}
	}
	return out
}

// sqlText writes a condition.
func sqlText(x *rules.Expr) string {
	switch x.Op {
	case rules.OpAnd, rules.OpOr:
		parts := make([]string, len(x.Kids))
		for i, k := range x.Kids {
			parts[i] = sqlText(k)
		}
		return "(" + strings.Join(parts, map[rules.Op]string{rules.OpAnd: " AND ", rules.OpOr: " OR "}[x.Op]) + ")"
	case rules.OpNot:
		return "NOT " + sqlText(x.Kids[0])
	case rules.OpNamed:
		return sqlText(x.Kids[0])
	case rules.OpAge: // the day of birth decides, so that no age is ever computed
		var parts []string
		if x.Lo != rules.NoLo {
			parts = append(parts, fmt.Sprintf("birth <= DATE '%s'", civil.LatestBirth(x.Lo, on)))
		}
		if x.Hi != rules.NoHi {
			parts = append(parts, fmt.Sprintf("birth > DATE '%s'", civil.LatestBirth(x.Hi+1, on)))
		}
		return "(" + strings.Join(parts, " AND ") + ")"
	case rules.OpCode:
		if x.Codes&(x.Codes-1) == 0 {
			return fmt.Sprintf("%s = %s", x.Fact, codeList(x.Codes))
		}
		return fmt.Sprintf("%s IN (%s)", x.Fact, codeList(x.Codes))
	case rules.OpRegion:
		return sqlWithin(x.Fact, x.Region)
	default:
		return map[rules.Truth]string{rules.Yes: "TRUE", rules.No: "FALSE", rules.Unknown: "NULL::BOOLEAN"}[x.Truth]
	}
}

// sqlWithin leaves open what is coarser than the region: the province alone.
func sqlWithin(id fact.ID, within region.Code) string {
	var coarser []string
	for n := range within {
		if n > 0 {
			coarser = append(coarser, "'"+string(within[:n])+"'")
		}
	}
	return fmt.Sprintf("CASE WHEN %s IN (%s) THEN NULL ELSE %s LIKE '%s%%' END", id, strings.Join(coarser, ", "), id, within)
}

// sqlChoice writes the figure of a case; NULL where it is unset or undecided.
func sqlChoice(c *rules.Choice) string {
	switch {
	case c == nil || c.When == nil && c.Leaf.State != rules.Fixed:
		return "NULL"
	case c.When == nil:
		return fmt.Sprint(c.Leaf.N)
	}
	then, els := sqlChoice(c.Then), sqlChoice(c.Else)
	if then == "NULL" && els == "NULL" {
		return "NULL"
	}
	when := sqlText(c.When)
	return fmt.Sprintf("CASE WHEN %s THEN %s WHEN NOT %s THEN %s END", when, then, when, els)
}
