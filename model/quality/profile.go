package quality

import (
	"encoding/json"
	"errors"
	"os"
	"time"

	"jumeau/model"
)

// Name of the file in a release.
const Name = "quality.json"

// most profiles that are remembered of a source; the oldest go first.
const most = 60

// Profile is the state of a source, as it was read.
type Profile struct {
	At       time.Time        `json:"at"`
	Vintage  string           `json:"vintage"` // as declared
	SHA256   string           `json:"sha256"`  // of its files
	Read     int64            `json:"read"`
	Loaded   int64            `json:"loaded"`
	Rejected int64            `json:"rejected"`
	Columns  []Column         `json:"columns"` // of the file
	Values   map[string]Value `json:"values"`  // by declared column
	Time     *Time            `json:"time,omitempty"`
	Place    *Place           `json:"place,omitempty"`
	Findings []Finding        `json:"findings,omitempty"` // when it was new
}

// Column of the files.
type Column struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Bound bool   `json:"bound,omitempty"` // the contract reads it
}

// Value sums a column up. Numbers have a middle and the values below and above which a tenth of them lie.
type Value struct {
	Filled float64 `json:"filled"` // share of rows with a value
	Number bool    `json:"number,omitempty"`
	Low    float64 `json:"low,omitempty"`
	Middle float64 `json:"middle,omitempty"`
	High   float64 `json:"high,omitempty"`
	Mean   float64 `json:"mean,omitempty"`
}

// Time sums up when things were seen, in local dates.
type Time struct {
	First   string   `json:"first"`
	Last    string   `json:"last"`
	Missing []string `json:"missing,omitempty"` // days between without a row, the newest of them
	Silent  []string `json:"silent,omitempty"`  // counters that stopped days before the others
	Stuck   []string `json:"stuck,omitempty"`   // counters with one value for long at their end
}

// Place sums up where features lie, in degrees.
type Place struct {
	Box    [4]float64 `json:"box"`    // west, south, east, north
	Centre [2]float64 `json:"centre"` // mean of the middles of the features
	Size   float64    `json:"size"`   // middle of the diagonals of the features' boxes
}

// History is what is remembered of sources, oldest profile first.
type History map[string][]Profile

// Read reads the history of a release at path; none where the file is not there, as in releases of earlier programs.
func Read(path string) (History, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return History{}, nil
	}
	h := History{}
	if err == nil {
		err = json.Unmarshal(text, &h)
	}
	if err != nil {
		return nil, &model.Error{Kind: model.Invalid, Op: "read quality history", Subject: path, Err: err, Hint: "the release is damaged: serve another one"}
	}
	return h, nil
}

// Write writes the file.
func (h History) Write(path string) error {
	text, err := json.Marshal(h)
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o644)
}

// Last is the newest profile of a source.
func (h History) Last(source string) (Profile, bool) {
	all := h[source]
	if len(all) == 0 {
		return Profile{}, false
	}
	return all[len(all)-1], true
}

// Known says whether the newest profile is of the same files and vintage: then there is nothing to judge.
func (h History) Known(source string, p Profile) bool {
	last, ok := h.Last(source)
	return ok && last.SHA256 == p.SHA256 && last.Vintage == p.Vintage
}

// Add remembers a profile. One of the same files takes the place of the last, whose findings and time stay.
func (h History) Add(source string, p Profile) {
	all := h[source]
	if h.Known(source, p) {
		last := all[len(all)-1]
		p.At, p.Findings = last.At, last.Findings
		all = all[:len(all)-1]
	}
	all = append(append([]Profile{}, all...), p)
	h[source] = all[max(0, len(all)-most):]
}
