package query

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"jumeau/model/layer"
	"jumeau/model/release"
	"jumeau/query/tile"
)

// tileJSON answers GET /tiles/{layers}.json (TileJSON 3.0.0), which QGIS and others read. Parameters go on to the tiles.
func (s *Server) tileJSON(w http.ResponseWriter, q *request) error {
	names, ok := strings.CutSuffix(q.parts[1], ".json")
	if !ok {
		return unknownAddress(q)
	}
	set, err := q.tileset(names)
	if err != nil {
		return err
	}
	base, lang := s.base(q), language(q.Header.Get("Accept-Language"))
	document := set.document(&q.rel.catalog, lang)
	address := base + q.within() + "/tiles/" + set.ids() + "/{z}/{x}/{y}.mvt" + set.query
	document["tiles"] = []string{address}
	return s.send(w, q, answer{contentType: jsonType, key: "tilejson/" + address + "\x00" + lang, vary: "Accept-Language", varied: set.query != "",
		build: func(context.Context) ([]byte, error) { return json.Marshal(document) }})
}

// document is the TileJSON without the address of the tiles.
func (set *tileset) document(c *release.Catalog, lang string) map[string]any {
	low, high := set.zooms()
	box := set.layers[0].BBox
	var titles, summaries, sources []string
	var layers, general []any
	for i, l := range set.layers {
		box = [4]float64{min(box[0], l.BBox[0]), min(box[1], l.BBox[1]), max(box[2], l.BBox[2]), max(box[3], l.BBox[3])}
		titles, summaries = append(titles, l.Title.In(lang)), append(summaries, l.Summary.In(lang))
		for _, id := range l.Sources {
			if !slices.Contains(sources, id) {
				sources = append(sources, id)
			}
		}
		layers = append(layers, map[string]any{"id": l.ID, "description": l.Summary.In(lang), "minzoom": l.MinZoom, "maxzoom": l.MaxZoom,
			"fields": set.fields(i, lang)})
		if g := generalisation(set.files[i], set.options[i].Figures != nil); g != nil {
			general = append(general, g)
		}
	}
	document := map[string]any{
		"tilejson": "3.0.0", "scheme": "xyz", "name": strings.Join(titles, ", "), "description": strings.Join(summaries, " "), "version": "1.0.0",
		"attribution": c.Credits(sources), "minzoom": low, "maxzoom": high, "bounds": box,
		"center":        []any{(box[0] + box[2]) / 2, (box[1] + box[3]) / 2, low},
		"vector_layers": layers,
	}
	if general != nil {
		document["generalised"] = general
	}
	return document
}

// fields are the properties of the i-th layer's features, with their titles.
func (set *tileset) fields(i int, lang string) map[string]string {
	fields := map[string]string{"id": "text"}
	for _, p := range set.layers[i].Properties {
		text := p.Type
		if title := p.Title.In(lang); title != "" {
			text = title
		}
		if p.Unit != "" {
			text += " (" + p.Unit + ")"
		}
		fields[p.Name] = text
	}
	if f := set.options[i].Figures; f != nil {
		for k, kind := range [4]string{"number", "number", "number", "integer"} {
			fields[f.Names[k]] = kind
		}
	}
	return fields
}

// generalisation says what tiles below the layer's highest zoom draw otherwise than the layer has it; nil when nothing.
func generalisation(f *layer.File, figures bool) map[string]any {
	spec := f.Spec()
	out := map[string]any{"layer": spec.Name, "budget": tile.DefaultBudget}
	cells := map[int]int{}
	for z := spec.MinZoom; z <= spec.MaxZoom && !figures; z++ {
		if side := f.Cell(z); side > 0 {
			cells[z] = side
		}
	}
	lines := spec.Geometry == layer.Lines && spec.MinZoom < spec.MaxZoom
	switch {
	case len(cells) > 0:
		out["cells"] = cells // by zoom, in units of a tile of 4096: features of one cell become one
	case lines:
		out["joined_below"] = spec.MaxZoom // lines that continue one another with equal properties become one
	default:
		return nil
	}
	out["count"] = spec.CountName()
	sums := []string{}
	for _, p := range spec.Properties {
		if p.Sum {
			sums = append(sums, p.Name)
		}
	}
	out["sums"] = sums
	return out
}

// within is the start of the addresses that a document gives: pinned when the document itself is.
func (q *request) within() string {
	if q.pinned {
		return "/r/" + q.rel.id
	}
	return ""
}
