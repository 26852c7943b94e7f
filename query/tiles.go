package query

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/paulmach/orb/maptile"

	"jumeau/model/layer"
	"jumeau/model/release"
	"jumeau/query/tile"
)

const tileType = "application/vnd.mapbox-vector-tile"

// layer finds a layer of the release by its id.
func (q *request) layer(id string) (*release.Layer, error) {
	c := &q.rel.catalog
	l, ok := c.Layer(id)
	if !ok {
		return nil, notFound("layer", id, ids(c.Layers, func(l release.Layer) string { return l.ID }))
	}
	return l, nil
}

// tile answers GET /tiles/{layer}/{z}/{x}/{y}.mvt: a vector tile, or 204 where the layer has nothing.
func (s *Server) tile(w http.ResponseWriter, q *request) error {
	if _, err := q.parameters(); err != nil {
		return err
	}
	l, err := q.layer(q.parts[1])
	if err != nil {
		return err
	}
	t, err := tileOf(l, q.parts[2:])
	if err != nil {
		return err
	}
	file := q.rel.layers[l.ID]
	key := "tiles/" + strings.Join(q.parts[1:], "/")
	return s.send(w, q, answer{contentType: tileType, key: key, build: func(context.Context) ([]byte, error) {
		body, _, err := tile.Encode(nil, []*layer.File{file}, t, tile.Options{})
		return body, err
	}})
}

// tileOf reads z, x and y.mvt.
func tileOf(l *release.Layer, parts []string) (maptile.Tile, error) {
	subject := "tile " + clip(strings.Join(parts, "/"), 80)
	last, ok := strings.CutSuffix(parts[2], ".mvt")
	if !ok {
		return maptile.Tile{}, missing(subject, "tiles are at /tiles/{layer}/{z}/{x}/{y}.mvt", "nothing is here")
	}
	var at [3]uint32
	for i, text := range []string{parts[0], parts[1], last} {
		n, err := strconv.ParseUint(text, 10, 32)
		if err != nil || strconv.FormatUint(n, 10) != text {
			return maptile.Tile{}, invalid(subject, "z, x and y are whole numbers, as in /tiles/"+l.ID+"/10/516/373.mvt", "%q is not one", clip(text, 20))
		}
		at[i] = uint32(n)
	}
	switch z := int(at[0]); {
	case z < l.MinZoom || z > l.MaxZoom:
		return maptile.Tile{}, missing(subject, fmt.Sprintf("ask for zooms %d to %d; above, a client enlarges the tiles of zoom %d", l.MinZoom, l.MaxZoom, l.MaxZoom),
			"the layer has no tiles at this zoom")
	case at[1] >= 1<<z || at[2] >= 1<<z:
		return maptile.Tile{}, missing(subject, fmt.Sprintf("at zoom %d, x and y are 0 to %d", z, 1<<z-1), "outside the world")
	}
	return maptile.New(at[1], at[2], maptile.Zoom(at[0])), nil
}

// tileJSON answers GET /tiles/{layer}.json (TileJSON 3.0.0), which QGIS and others read.
func (s *Server) tileJSON(w http.ResponseWriter, q *request) error {
	if _, err := q.parameters(); err != nil {
		return err
	}
	id, ok := strings.CutSuffix(q.parts[1], ".json")
	if !ok {
		return unknownAddress(q)
	}
	l, err := q.layer(id)
	if err != nil {
		return err
	}
	base, lang := s.base(q), language(q.Header.Get("Accept-Language"))
	fields := map[string]string{"id": "text"}
	for _, p := range l.Properties {
		text := p.Type
		if title := p.Title.In(lang); title != "" {
			text = title
		}
		if p.Unit != "" {
			text += " (" + p.Unit + ")"
		}
		fields[p.Name] = text
	}
	box := l.BBox
	document := map[string]any{
		"tilejson": "3.0.0", "scheme": "xyz", "name": l.Title.In(lang), "description": l.Summary.In(lang), "version": "1.0.0",
		"attribution": attribution(&q.rel.catalog, l), "tiles": []string{base + q.within() + "/tiles/" + l.ID + "/{z}/{x}/{y}.mvt"},
		"minzoom": l.MinZoom, "maxzoom": l.MaxZoom, "bounds": box,
		"center":        []any{(box[0] + box[2]) / 2, (box[1] + box[3]) / 2, l.MinZoom},
		"vector_layers": []any{map[string]any{"id": l.ID, "description": l.Summary.In(lang), "minzoom": l.MinZoom, "maxzoom": l.MaxZoom, "fields": fields}},
	}
	return s.send(w, q, answer{contentType: jsonType, key: "tilejson/" + l.ID + "\x00" + base + q.within() + "\x00" + lang, vary: "Accept-Language",
		build: func(context.Context) ([]byte, error) { return json.Marshal(document) }})
}

// within is the start of the addresses that a document gives: pinned when the document itself is.
func (q *request) within() string {
	if q.pinned {
		return "/r/" + q.rel.id
	}
	return ""
}

// attribution names whom a layer must credit, with the licences.
func attribution(c *release.Catalog, l *release.Layer) string {
	var out []string
	for _, id := range l.Sources {
		source, ok := c.Source(id)
		if !ok {
			continue
		}
		text := source.Attribution
		if text == "" {
			text = source.Producer
		}
		if source.Licence != "" {
			text += " (" + source.Licence + ")"
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}
