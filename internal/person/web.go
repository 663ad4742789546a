package person

import (
	"context"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strconv"

	"yian/internal/access"
	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/history"
	"yian/internal/id"
	"yian/internal/region"
)

// anyState stands in an address for people in whatever state.
const anyState = "any"

// ParseQuery reads a query out of the parameters of an address: name, initials, number,
// phone, region, age_from, age_to, state, sort, after, before, and facts by their names.
// Those that it does not know are for others. Number and phone are blind indexes in
// hexadecimal: a clear one never stands in an address.
func ParseQuery(v url.Values) (Query, error) {
	q := Query{
		Name: v.Get("name"), Initials: v.Get("initials"), State: State(v.Get("state")), Sort: Sort(v.Get("sort")),
		After: v.Get("after"), Before: v.Get("before"),
	}
	var faults errs.Fields
	q.NumberIndex = parseIndex(v, "number", &faults)
	q.PhoneIndex = parseIndex(v, "phone", &faults)
	q.AgeFrom = parseAge(v, "age_from", &faults)
	q.AgeTo = parseAge(v, "age_to", &faults)
	if q.AgeTo > 0 && q.AgeFrom > q.AgeTo {
		faults.Add("age_from", "起始年龄 %d 岁大于截止年龄 %d 岁", q.AgeFrom, q.AgeTo)
	}
	if text := v.Get("region"); text != "" {
		var err error
		q.Region, err = region.Parse(text)
		faults.Check("region", err)
	}
	if q.State == anyState {
		q.State, q.AnyState = "", true
	} else if q.State != "" && q.State.Label() == "" {
		faults.Add("state", "没有这种档案状态，请重新选择")
	}
	if !slices.Contains([]Sort{"", ByRegion, ByName, ByInitials, ByAge}, q.Sort) {
		faults.Add("sort", "不能这样排序，请点列名重新排序")
	}
	q.Facts = parseFacts(v, &faults)
	return q, faults.Err()
}

func parseIndex(v url.Values, key string, faults *errs.Fields) []byte {
	text := v.Get(key)
	if text == "" {
		return nil
	}
	index, err := hex.DecodeString(text)
	if err != nil {
		faults.Add(key, "查询地址不完整，请重新输入证件号码或电话查询")
	}
	return index
}

func parseAge(v url.Values, key string, faults *errs.Fields) int {
	text := v.Get(key)
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > fact.MaxAge {
		faults.Add(key, "年龄应为 0 至 %d 的整数", fact.MaxAge)
		return 0
	}
	return n
}

func parseFacts(v url.Values, faults *errs.Fields) map[fact.ID][]string {
	var facts map[fact.ID][]string
	for id := range fact.Count {
		for _, text := range v[id.String()] {
			if text == "" {
				continue
			}
			var p fact.Person
			if text != Unknown {
				if err := p.Set(id, text); err != nil {
					faults.Check(id.String(), err)
					continue
				}
				text = p.Text(id)
			}
			if facts == nil {
				facts = map[fact.ID][]string{}
			}
			if !slices.Contains(facts[id], text) {
				facts[id] = append(facts[id], text)
			}
		}
	}
	return facts
}

// Values writes the query as ParseQuery reads it, without the place in the list.
func (q Query) Values() url.Values {
	v := url.Values{}
	set := func(key, text string) {
		if text != "" {
			v.Set(key, text)
		}
	}
	set("name", q.Name)
	set("initials", q.Initials)
	set("number", hex.EncodeToString(q.NumberIndex))
	set("phone", hex.EncodeToString(q.PhoneIndex))
	set("region", string(q.Region))
	if q.AgeFrom > 0 {
		v.Set("age_from", strconv.Itoa(q.AgeFrom))
	}
	if q.AgeTo > 0 {
		v.Set("age_to", strconv.Itoa(q.AgeTo))
	}
	set("state", string(q.State))
	if q.AnyState {
		v.Set("state", anyState)
	}
	set("sort", string(q.Sort))
	for id, texts := range q.Facts {
		v[id.String()] = slices.Clone(texts)
	}
	return v
}

// ShowAll returns a person's file with all that was ever stated about him. It is one
// look on the trail.
func (s *Service) ShowAll(ctx context.Context, actor access.Actor, person id.ID) (_ *Person, _ []history.Record, err error) {
	p, err := s.Show(ctx, actor, person, "")
	if err != nil {
		return nil, nil, err
	}
	all, err := s.ledger.Of(ctx, actor.Scope(access.PersonRead), s.DB, person)
	if err != nil {
		return nil, nil, fmt.Errorf("show all of person %s: %w", person, err)
	}
	return p, all[person], nil
}
