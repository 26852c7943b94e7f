package model

// Template is what is known of a producer's data set before any territory: everything of a source but its name.
type Template struct {
	// Producer and data set ("insee/filosofi-200m"), and its folder.
	ID string `yaml:"template" json:"template"`
	// What the data is, and what surprises in it.
	Summary Text `yaml:"summary" json:"summary"`
	// Regular expression of the editions that the template describes; a source names one after "@".
	Editions string `yaml:"editions" json:"editions"`
	// An edition: the one that the example rows are of.
	Edition string `yaml:"edition" json:"edition"`
	// What a source must say, by name: ${name} stands for it in the texts of the template, and ${edition}, ${yy} for the edition
	// and the last two digits of its year.
	With map[string]*Parameter `yaml:"with,omitempty" json:"with,omitempty"`
	// The source, as in sources/*.yaml; a key that is missing here must be given by each source.
	Source Source `yaml:"source" json:"source"`
	// What differs in some editions; the later one holds.
	Variants []Variant `yaml:"variants,omitempty" json:"variants,omitempty"`
}

// Parameter is something that a template asks of a source.
type Parameter struct {
	// What it is.
	Title Text `yaml:"title" json:"title"`
	// A value, with which the example rows are tested.
	Example string `yaml:"example" json:"example"`
	// Regular expression of the values.
	Pattern string `yaml:"pattern,omitempty" json:"pattern,omitempty"`
	// Value when none is given.
	Default string `yaml:"default,omitempty" json:"default,omitempty"`
}

// Variant is what differs in some editions of a template.
type Variant struct {
	// Regular expression of the editions.
	Editions string `yaml:"editions" json:"editions"`
	// The keys that differ.
	Source Source `yaml:"source" json:"source"`
}
