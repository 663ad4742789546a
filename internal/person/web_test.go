package person

import (
	"maps"
	"net/url"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"yian/internal/errs"
	"yian/internal/fact"
	"yian/internal/region"
)

// anyQuery draws queries as pages make them, without a place in the list.
var anyQuery = rapid.Custom(func(t *rapid.T) Query {
	q := Query{
		Name: rapid.SampledFrom([]string{"", "王", "阿·b&c=1"}).Draw(t, "name"), Initials: rapid.StringMatching(`[a-z]{0,3}`).Draw(t, "initials"),
		Region:  rapid.SampledFrom([]region.Code{"", "14", "141002001"}).Draw(t, "region"),
		AgeFrom: rapid.IntRange(0, 60).Draw(t, "from"), AgeTo: rapid.SampledFrom([]int{0, 60, fact.MaxAge}).Draw(t, "to"),
		State: rapid.SampledFrom([]State{"", Moved, Deceased, Merged}).Draw(t, "state"),
		Sort:  rapid.SampledFrom([]Sort{"", ByRegion, ByName, ByInitials, ByAge}).Draw(t, "sort"),
	}
	q.AnyState = q.State == "" && rapid.Bool().Draw(t, "any state")
	if rapid.Bool().Draw(t, "number") {
		q.NumberIndex = rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "index")
	}
	if rapid.Bool().Draw(t, "phone") {
		q.PhoneIndex = rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "phone index")
	}
	for _, f := range rapid.SliceOfNDistinct(rapid.SampledFrom([]fact.ID{fact.Sex, fact.Ability, fact.LTCILevel, fact.Dementia}), 0, 4, rapid.ID[fact.ID]).Draw(t, "facts") {
		texts := []string{Unknown}
		for _, v := range f.Def().Values {
			texts = append(texts, v.Name)
		}
		if q.Facts == nil {
			q.Facts = map[fact.ID][]string{}
		}
		q.Facts[f] = rapid.SliceOfNDistinct(rapid.SampledFrom(texts), 1, len(texts), rapid.ID[string]).Draw(t, "values")
	}
	return q
})

func TestQueryReadsBackFromItsAddress(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := anyQuery.Draw(t, "query")
		v, err := url.ParseQuery(want.Values().Encode())
		if err != nil {
			t.Fatal(err)
		}
		got, err := ParseQuery(v)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%s reads back as %+v, %v", want.Values().Encode(), got, err)
		}
	})
}

func TestAddressesThatAreNoQuery(t *testing.T) {
	for text, field := range map[string]string{
		"age_from=-1": "age_from", "age_to=131": "age_to", "age_from=81&age_to=80": "age_from", "state=gone": "state", "sort=x": "sort",
		"number=xyz": "number", "phone=1": "phone", "region=1": "region", "ability=strong": "ability", "birth=1943-02-30": "birth", "hukou=x": "hukou",
	} {
		v, err := url.ParseQuery(text)
		if err != nil {
			t.Fatal(err)
		}
		_, err = ParseQuery(v)
		if !errs.Is(err, errs.Invalid) || len(errs.FieldsOf(err)) != 1 || errs.FieldsOf(err)[0].Name != field {
			t.Errorf("%s: %v %v", text, err, errs.FieldsOf(err))
		}
	}
}

func TestQueryTakesLabelsAndOtherParameters(t *testing.T) {
	q, err := ParseQuery(url.Values{"ability": {"重度失能", "severe", ""}, "residence": {"141002000"}, "cols": {"name"}, "after": {"k"}})
	if err != nil || !slices.Equal(q.Facts[fact.Ability], []string{"severe"}) || !slices.Equal(q.Facts[fact.Residence], []string{"141002"}) || q.After != "k" {
		t.Errorf("%+v, %v", q, err)
	}
	if keys := slices.Sorted(maps.Keys(q.Values())); !slices.Equal(keys, []string{"ability", "residence"}) {
		t.Errorf("written back with %v", keys)
	}
}
