package model

// Tour is a guided visit of the page that the authority wrote in Markdown: steps, each with a saved view and a text.
type Tour struct {
	// Name of the tour, as the page lists it.
	Title Text `yaml:"title" json:"title"`
	// What one will have understood, in a sentence.
	Summary Text `yaml:"summary,omitempty" json:"summary"`
	// Number of the planners' question that it answers.
	Question int `yaml:"question,omitempty" json:"question,omitempty"`
	// Place in the list; lower comes first. Default 50.
	Order int `yaml:"order,omitempty" json:"order,omitempty"`

	ID    string     `yaml:"-" json:"id"` // the name of the file: tours/<id>.md
	File  string     `yaml:"-" json:"-"`
	Steps []TourStep `yaml:"-" json:"steps"`
}

// TourStep is one stop: what is looked at, and what is said about it in both languages.
type TourStep struct {
	View string   `json:"view"` // as in the page's address, from "#/"
	FR   TourText `json:"fr"`
	EN   TourText `json:"en"`
	Line int      `json:"-"`
	// What the view names.
	Layer string `json:"-"`
	Zone  string `json:"-"`
	Slot  Slot   `json:"-"`
}

// TourText is a heading and the blocks under it.
type TourText struct {
	Title  string      `json:"title"`
	Blocks []TourBlock `json:"blocks"`
}

// TourBlock is a paragraph (one line) or, when List, the items of a list.
type TourBlock struct {
	List  bool         `json:"list,omitempty"`
	Lines [][]TourSpan `json:"lines"`
}

// TourSpan is text of one kind. It is never markup: a page writes it as it is.
type TourSpan struct {
	Text   string `json:"text"`
	Strong bool   `json:"strong,omitempty"`
	Em     bool   `json:"em,omitempty"`
	Href   string `json:"href,omitempty"` // "#/…" of this page, or https://…
}
