package ui

// Tag is a state in a word or two.
type Tag struct {
	Text string
	Tone Tone
	Icon string
}

// Table shows rows under headings. On a narrow screen each row becomes a card with
// the headings beside the values.
type Table struct {
	ID      string // empty: results, which is what a live SearchBar replaces
	Caption string // what the table lists; for screen readers, and shown in print
	Columns []Column
	Rows    []Row
	Empty   EmptyState // instead of a table without rows
	Pager   Pager
}

// Anchor is the ID of the table's frame.
func (t Table) Anchor() string {
	if t.ID == "" {
		return "results"
	}
	return t.ID
}

// Column is a column of a Table.
type Column struct {
	Label  string
	Number bool   // figures: at the right, all digits of one width
	Quiet  bool   // the label is for screen readers only, as over buttons
	Wide   bool   // takes the room that is left, and wraps
	Sort   string // the address that sorts by it; empty: it cannot be sorted by
	Sorted string // ascending, descending, or not
}

// Row is a row of a Table, a cell for each column.
type Row struct {
	ID    string
	Cells []Cell
}

// Cell is a cell of a Table. All that is set is shown, in this order.
type Cell struct {
	Text  string
	Href  string // makes the text a link
	Note  string // small, below the text
	Tags  []Tag
	Links []Link
}

// Pager turns pages by keys: an address, or empty where there is no such page.
type Pager struct {
	Previous, Next string
	Text           string // 第 51–100 条，共约 2.1 万条
}

// Shown reports whether there is anything to turn to or to say.
func (p Pager) Shown() bool { return p.Previous != "" || p.Next != "" || p.Text != "" }

// SearchBar is the form above a list. Its state is the query of the address.
type SearchBar struct {
	Action string
	Fields []Field  // always seen
	More   []Field  // behind 更多条件; open where one of them is set
	Hidden []Hidden // kept: sorting, columns
	Submit string   // empty: 查询
	Reset  string   // the address without conditions; empty: Action
	Live   bool     // search while typing: the page must hold an element with ID results
}

// Button is the text of the button.
func (s SearchBar) Button() string {
	if s.Submit == "" {
		return "查询"
	}
	return s.Submit
}

// Clear is the address without conditions.
func (s SearchBar) Clear() string {
	if s.Reset == "" {
		return s.Action
	}
	return s.Reset
}

// Open reports whether one of the conditions behind 更多条件 is set.
func (s SearchBar) Open() bool {
	for _, f := range s.More {
		if f.Value != "" || len(f.Values) > 0 || f.Error != "" || f.Region.Chosen() {
			return true
		}
	}
	return false
}

// Chosen reports whether a division below the top is chosen.
func (s *RegionSelect) Chosen() bool { return s != nil && len(s.Levels) > 0 && s.Levels[0].Value != "" }

// EmptyState says why there is nothing, and what to do. Without a title it is not shown.
type EmptyState struct {
	Icon        string
	Title, Text string
	Action      Action
}
