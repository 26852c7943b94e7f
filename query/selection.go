package query

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"jumeau/model"
	"jumeau/model/layer"
	"jumeau/model/release"
	"jumeau/query/area"
	"jumeau/query/filter"
	"jumeau/query/ogc"
)

// selection is a part of a layer that was asked for: features by condition and place, with the figures of a slot. Pages, exports and counts
// are made of one.
type selection struct {
	layer   *release.Layer
	file    *layer.File
	place   *area.Shape // nil: everywhere
	parsed  *filter.Filter
	bound   *filter.Bound // nil: all
	figures *ogc.Figures  // nil: none
	measure string
	slot    model.Slot
	// What was asked, as parameters in normal form: it names the selection in keys, and in addresses that ask for it again.
	asked url.Values
}

// selectNames are the parameters that choose features.
var selectNames = []string{"bbox", "bbox-crs", "datetime", "filter", "filter-lang", "filter-crs", "slot", "measure"}

// selection reads the parameters that choose features of a layer; those named like its properties ask for equality.
func (q *request) selection(l *release.Layer, p map[string]string) (*selection, error) {
	s := &selection{layer: l, file: q.rel.layers[l.ID], asked: url.Values{}}
	systems := ogc.Systems(l.BBox)
	if err := s.box(p, systems); err != nil {
		return nil, err
	}
	if err := checkDatetime(p["datetime"]); err != nil {
		return nil, err
	}
	if err := s.condition(p, systems); err != nil {
		return nil, err
	}
	if p["slot"] != "" || p["measure"] != "" {
		if err := s.withFigures(q, p["measure"], p["slot"]); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// system finds the one that a parameter names; the default when it is absent.
func system(p map[string]string, name string, offered []ogc.System) (ogc.System, error) {
	text, given := p[name]
	if !given {
		return offered[0], nil
	}
	found, ok := ogc.Find(text, offered)
	if !ok {
		return found, invalid("parameter "+name, "write one of "+strings.Join(ogc.URIs(offered), " "), "the system is not offered for this collection")
	}
	return found, nil
}

func (s *selection) box(p map[string]string, systems []ogc.System) error {
	in, err := system(p, "bbox-crs", systems)
	if err != nil {
		return err
	}
	text := p["bbox"]
	if text == "" { // a form sends what was not filled in
		return nil
	}
	b, err := readBox(text)
	if err != nil {
		return err
	}
	b = in.Box(b)
	if in.Geographic() { // the world and more is the world
		b = [4]float64{max(-180, b[0]), max(-90, b[1]), min(180, b[2]), min(90, b[3])}
	}
	if s.place, err = area.Rectangle(b, in.CRS); err != nil {
		return &model.Error{Kind: model.Invalid, Subject: "parameter bbox", Hint: model.HintOf(err), Err: err}
	}
	s.asked.Set("bbox", text)
	if in.URI != systems[0].URI {
		s.asked.Set("bbox-crs", in.URI)
	}
	return nil
}

// checkDatetime holds datetime to the standard. Features have no time of their own, so that every one of them is chosen (7.15.4 of OGC 17-069r4);
// figures by time are asked for by slot.
func checkDatetime(text string) error {
	if text == "" {
		return nil
	}
	ends := strings.Split(text, "/")
	var times []time.Time
	for _, end := range ends {
		if len(ends) == 2 && (end == "" || end == "..") {
			continue
		}
		at, err := time.Parse(time.RFC3339, end)
		if err != nil {
			if at, err = time.Parse(time.DateOnly, end); err != nil {
				return invalid("parameter datetime", "write 2026-03-14T08:00:00Z, or two of them with / between, .. for an open end", "it is not a time")
			}
		}
		times = append(times, at)
	}
	if len(ends) > 2 || len(times) == 2 && times[1].Before(times[0]) {
		return invalid("parameter datetime", "write the earlier time first", "it is not an interval")
	}
	return nil
}

// condition reads the filter, and the properties that are asked for by name.
func (s *selection) condition(p map[string]string, systems []ogc.System) error {
	lang := p["filter-lang"]
	if lang != "" && lang != "cql2-text" && lang != "cql2-json" {
		return invalid("parameter filter-lang", "write cql2-text or cql2-json", "%q is not known", clip(lang, 40))
	}
	in, err := system(p, "filter-crs", systems)
	if err != nil {
		return err
	}
	coordinates := filter.Coordinates{CRS: in.CRS, Flipped: in.Flipped}
	text := p["filter"]
	given := text != ""
	properties := s.file.Spec().Properties
	var parsed *filter.Filter
	switch {
	case given && lang == "cql2-json":
		parsed, err = filter.ParseJSON([]byte(text), properties, coordinates)
	case given:
		parsed, err = filter.ParseIn(text, properties, coordinates)
	}
	if err != nil {
		return wrongFilter(err)
	}
	equal, err := s.equalities(p)
	if err != nil {
		return err
	}
	if parsed, err = filter.Both(parsed, equal); parsed == nil {
		return nil
	}
	s.parsed, s.bound = parsed, parsed.Bind(s.file)
	s.asked.Set("filter", parsed.String())
	if in.URI != systems[0].URI {
		s.asked.Set("filter-crs", in.URI)
	}
	return err
}

// equalities is the filter of parameters that are named like properties; nil when there are none.
func (s *selection) equalities(p map[string]string) (*filter.Filter, error) {
	var all []string
	for _, property := range s.file.Spec().Properties {
		text, given := p[property.Name]
		if !given || slices.Contains(itemNames, property.Name) {
			continue
		}
		_, err := strconv.ParseFloat(text, 64)
		switch {
		case property.Type == layer.Boolean && text != "true" && text != "false", (property.Type == layer.Integer || property.Type == layer.Number) && err != nil:
			return nil, invalid("parameter "+property.Name, "write a value of the property; filter= takes conditions", "%q is not %s", clip(text, 40), property.Type)
		case property.Type == layer.Text:
			text = "'" + strings.ReplaceAll(text, "'", "''") + "'"
		}
		all = append(all, `"`+strings.ReplaceAll(property.Name, `"`, `""`)+`" = `+text)
	}
	if len(all) == 0 {
		return nil, nil
	}
	slices.Sort(all)
	parsed, err := filter.ParseIn(strings.Join(all, " AND "), s.file.Spec().Properties, filter.Coordinates{})
	if err != nil {
		return nil, wrongFilter(err)
	}
	return parsed, nil
}

func wrongFilter(err error) error {
	var wrong *filter.Error
	hint := ""
	if errors.As(err, &wrong) {
		hint = wrong.Hint
		if wrong.Name != "" {
			hint = suggest(wrong.Name, wrong.Known)
		}
	}
	return &model.Error{Kind: model.Invalid, Subject: "parameter filter", Hint: hint, Err: err}
}

// withFigures adds those of a measure of the layer in a slot.
func (s *selection) withFigures(q *request, measure, asked string) error {
	set := &tileset{layers: []*release.Layer{s.layer}, files: []*layer.File{s.file}, options: emptyOptions(1)}
	if err := set.figures(q, measure, asked, s.asked); err != nil {
		return err
	}
	f := set.options[0].Figures
	s.figures = &ogc.Figures{Figures: f.Figures, Names: f.Names}
	s.measure, s.slot = s.asked.Get("measure"), model.Slot(s.asked.Get("slot"))
	return nil
}

// Match says whether a feature is chosen.
func (s *selection) Match(b *layer.Batch, row int) bool {
	return (s.bound == nil || s.bound.Match(b, row)) && (s.place == nil || s.place.Match(b, row))
}

// each calls on the features chosen, in the order of the file, from number first; until visit says no.
func (s *selection) each(ctx context.Context, first int, visit func(n int, b *layer.Batch, row int) bool) error {
	near := s.place
	if s.parsed != nil && near == nil {
		near = s.parsed.Shape()
	}
	if near != nil {
		for i, n := range s.file.Search(nil, near.Box()) {
			if i%512 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			if int(n) < first {
				continue
			}
			b, row := s.file.At(int(n))
			if s.Match(b, row) && !visit(int(n), b, row) {
				return nil
			}
		}
		return nil
	}
	for k := range s.file.Batches() {
		b := &s.file.Batches()[k]
		for row := max(0, first-b.First); row < b.Rows; row++ {
			if row%4096 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			if s.Match(b, row) && !visit(b.First+row, b, row) {
				return nil
			}
		}
	}
	return nil
}

// count is how many features are chosen.
func (s *selection) count(ctx context.Context) (n int, err error) {
	if s.place == nil && s.bound == nil {
		return s.file.Len(), nil
	}
	err = s.each(ctx, 0, func(int, *layer.Batch, int) bool { n++; return true })
	return n, err
}

// key names the selection within the release.
func (s *selection) key() string { return fmt.Sprintf("%s?%s", s.layer.ID, s.asked.Encode()) }
