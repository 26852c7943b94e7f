package search

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// MostBytes is how long a file of the index may be: what one word costs a visitor, before compression.
const MostBytes = 64 << 10

// Feature is one thing to be found.
type Feature struct {
	ID       string
	Name     string
	Number   string // house number with its suffix; features of one name and place are then a street
	Place    int32  // zone that it lies in, -1 for none
	Lon, Lat float64
}

// Index is index.json.
type Index struct {
	Place   string   `json:"place"`   // zone system of the places
	Entries int      `json:"entries"` // streets or features
	Words   []string `json:"words"`   // first word of each file of names
	Numbers []int    `json:"numbers"` // first street of each file of house numbers
}

// entry is a street or a feature: name, place, longitude, latitude, then the street's place among those with numbers, or the
// feature's id.
type entry struct {
	name     string
	place    int32
	lon, lat int
	street   int // -1: none
	id       string
	numbers  []number
}

type number struct {
	text     string
	lon, lat int
}

func (e *entry) json() any {
	if e.street >= 0 {
		return []any{e.name, e.place, e.lon, e.lat, e.street}
	}
	return []any{e.name, e.place, e.lon, e.lat, e.id}
}

// Write writes the index of features into a new folder. The same features in the same order are the same bytes.
func Write(dir, places string, features []Feature) (Index, error) {
	entries := gather(features)
	index := Index{Place: places, Entries: len(entries), Words: []string{}, Numbers: []int{}}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return index, err
	}
	var err error
	if index.Words, err = writeNames(dir, entries); err != nil {
		return index, err
	}
	if index.Numbers, err = writeNumbers(dir, entries); err != nil {
		return index, err
	}
	text, err := json.Marshal(index)
	if err != nil {
		return index, err
	}
	return index, os.WriteFile(filepath.Join(dir, "index.json"), text, 0o644)
}

func fixed(degrees float64) int { return int(math.Round(degrees * 1e5)) }

// gather makes streets of the features with numbers, and leaves the others as they are. What has no word is left out.
func gather(features []Feature) []*entry {
	type key struct {
		name  string
		place int32
	}
	streets := map[key]*entry{}
	var out []*entry
	for _, f := range features {
		if len(Fold(f.Name)) == 0 {
			continue
		}
		at := number{f.Number, fixed(f.Lon), fixed(f.Lat)}
		k := key{strings.Join(Fold(f.Name), " "), f.Place}
		if s := streets[k]; f.Number != "" && s != nil {
			s.numbers = append(s.numbers, at)
			continue
		}
		e := &entry{name: f.Name, place: f.Place, lon: at.lon, lat: at.lat, street: -1, id: f.ID}
		if f.Number != "" {
			e.street, e.numbers, streets[k] = len(streets), []number{at}, e
		}
		out = append(out, e)
	}
	for _, e := range out {
		if len(e.numbers) > 0 {
			e.settle()
		}
	}
	return out
}

// settle orders the numbers and puts the street where its middle one is.
func (e *entry) settle() {
	slices.SortStableFunc(e.numbers, func(a, b number) int {
		return cmp.Or(cmp.Compare(leading(a.text), leading(b.text)), cmp.Compare(a.text, b.text))
	})
	e.numbers = slices.CompactFunc(e.numbers, func(a, b number) bool { return a.text == b.text })
	middle := e.numbers[len(e.numbers)/2]
	e.lon, e.lat = middle.lon, middle.lat
}

func leading(text string) int {
	end := strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(text)
	}
	n, _ := strconv.Atoi(text[:end])
	return n
}

// named is an entry under one of its words.
type named struct {
	word  string
	entry *entry
}

func writeNames(dir string, entries []*entry) ([]string, error) {
	var all []named
	for _, e := range entries {
		for _, w := range keys(e.name) {
			all = append(all, named{w, e})
		}
	}
	slices.SortStableFunc(all, func(a, b named) int { return cmp.Compare(a.word, b.word) })
	first := []string{}
	err := inParts(len(all), func(i int) ([]byte, error) { return json.Marshal(all[i].entry.json()) }, func(from, _ int, lines []byte) error {
		first = append(first, all[from].word)
		return write(dir, fmt.Sprint("w", len(first)-1), lines)
	})
	return first, err
}

// writeNumbers: of each street the texts, then the distances east and north from its point, in the units of coordinates.
func writeNumbers(dir string, entries []*entry) ([]int, error) {
	streets := slices.DeleteFunc(slices.Clone(entries), func(e *entry) bool { return e.street < 0 })
	first := []int{}
	err := inParts(len(streets), func(i int) ([]byte, error) {
		e := streets[i]
		texts, east, north := []string{}, []int{}, []int{}
		for _, n := range e.numbers {
			texts, east, north = append(texts, n.text), append(east, n.lon-e.lon), append(north, n.lat-e.lat)
		}
		return json.Marshal([]any{texts, east, north})
	}, func(from, _ int, lines []byte) error {
		first = append(first, from)
		return write(dir, fmt.Sprint("n", len(first)-1), lines)
	})
	return first, err
}

// inParts gathers the JSON of n things into lists of at most MostBytes; one that is longer by itself is a list of its own.
func inParts(n int, one func(int) ([]byte, error), done func(from, to int, list []byte) error) error {
	var list []byte
	from := 0
	for i := range n {
		text, err := one(i)
		if err != nil {
			return err
		}
		if len(list) > 0 && len(list)+len(text)+2 > MostBytes {
			if err := done(from, i, append(list, ']')); err != nil {
				return err
			}
			list, from = nil, i
		}
		if len(list) == 0 {
			list = append(list, '[')
		} else {
			list = append(list, ',')
		}
		list = append(list, text...)
	}
	if len(list) == 0 {
		return nil
	}
	return done(from, n, append(list, ']'))
}

func write(dir, name string, list []byte) error {
	return os.WriteFile(filepath.Join(dir, name+".json"), list, 0o644)
}
