package query

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"jumeau/model/layer"
	"jumeau/model/release"
	"jumeau/query/filter"
	"jumeau/query/tile"
)

// mostLayers is how many layers one tile may hold.
const mostLayers = 16

// tileset is what the tiles of an address hold: layers, in alphabetical order whatever the order they were asked in, and what
// was asked of them.
type tileset struct {
	layers  []*release.Layer
	files   []*layer.File
	options []tile.LayerOptions
	// The parameters in normal form, "" without any: equivalent addresses share a key of the cache.
	query string
}

// tileset reads the layers of an address, "a" or "a,b,c", and its parameters filter, slot and measure.
func (q *request) tileset(names string) (*tileset, error) {
	p, err := q.parameters("filter", "slot", "measure")
	if err != nil {
		return nil, err
	}
	set := &tileset{}
	list := strings.Split(names, ",")
	if len(list) > mostLayers {
		return nil, invalid("layers "+clip(names, 80), fmt.Sprintf("ask for at most %d in one tile", mostLayers), "there are %d", len(list))
	}
	slices.Sort(list)
	for _, id := range slices.Compact(list) {
		l, err := q.layer(id)
		if err != nil {
			return nil, err
		}
		set.layers, set.files = append(set.layers, l), append(set.files, q.rel.layers[l.ID])
	}
	given := url.Values{}
	set.options = emptyOptions(len(set.layers))
	if text, ok := p["filter"]; ok {
		if err := set.filter(text, given); err != nil {
			return nil, err
		}
	}
	_, slot := p["slot"]
	if _, measure := p["measure"]; slot || measure {
		if err := set.figures(q, p["measure"], p["slot"], given); err != nil {
			return nil, err
		}
	}
	if len(given) > 0 {
		set.query = "?" + given.Encode()
	}
	return set, nil
}

// emptyOptions are those of layers of which nothing is asked.
func emptyOptions(n int) []tile.LayerOptions { return make([]tile.LayerOptions, n) }

// one is the only layer, for parameters that are about one.
func (set *tileset) one(parameter string) error {
	if len(set.layers) > 1 {
		return invalid("parameter "+parameter, "ask for one layer at a time", "it is about one layer, and there are %d", len(set.layers))
	}
	return nil
}

// filter chooses features by their properties.
func (set *tileset) filter(text string, given url.Values) error {
	if err := set.one("filter"); err != nil {
		return err
	}
	parsed, err := parseFilter(text, set.files[0])
	if err != nil {
		return err
	}
	set.options[0].Filter = parsed.Bind(set.files[0])
	given.Set("filter", parsed.String())
	return nil
}

// parseFilter reads a filter over the features of a layer.
func parseFilter(text string, file *layer.File) (*filter.Filter, error) {
	parsed, err := filter.Parse(text, file.Spec().Properties)
	if err == nil {
		return parsed, nil
	}
	return nil, wrongFilter(err)
}

// figures adds those of a measure of the layer, its first one when none is named, in a slot, the first one when none is.
func (set *tileset) figures(q *request, measure, asked string, given url.Values) error {
	if err := set.one("slot"); err != nil {
		return err
	}
	l := set.layers[0]
	if l.Zones == "" || len(l.Measures) == 0 {
		return invalid("parameter slot", "leave it out", "layer %s has no measures", l.ID)
	}
	if measure == "" {
		measure = l.Measures[0]
	}
	values, ok := q.rel.values[measure+"."+l.Zones]
	if !ok || !slices.Contains(l.Measures, measure) {
		return notFound("measure", measure, l.Measures)
	}
	at, err := slot(asked, values.Slots)
	if err != nil {
		return err
	}
	found, _ := values.At(at)
	f := &tile.Figures{Figures: found, Names: [4]string{"value", "lo", "hi", "flag"}}
	for i, name := range f.Names {
		if slices.ContainsFunc(set.files[0].Spec().Properties, func(p layer.Property) bool { return p.Name == name }) {
			f.Names[i] = "figure_" + name
		}
	}
	set.options[0].Figures = f
	given.Set("measure", measure)
	given.Set("slot", string(at))
	return nil
}

// ids are those of the layers, as an address has them.
func (set *tileset) ids() string {
	names := make([]string, len(set.layers))
	for i, l := range set.layers {
		names[i] = l.ID
	}
	return strings.Join(names, ",")
}

// zooms are the lowest and the highest at which a layer is drawn.
func (set *tileset) zooms() (low, high int) {
	low = set.layers[0].MinZoom
	for _, l := range set.layers {
		low, high = min(low, l.MinZoom), max(high, l.MaxZoom)
	}
	return low, high
}
