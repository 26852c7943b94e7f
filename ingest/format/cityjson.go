package format

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
)

// cityjson reads the buildings of CityJSON 1 and 2 (https://www.cityjson.org/specs): one document, whose vertices all objects
// share and which is held in memory whole, or a sequence of features, each with its own.
type cityjson struct {
	feed
	w       *window
	maker   areaMaker
	shift   cityTransform
	pending []cityBuilding
	names   []string
}

type cityTransform struct{ Scale, Translate [3]float64 }

type cityDocument struct {
	Type      string
	Transform *cityTransform
	Metadata  struct{ ReferenceSystem string }
	Objects   map[string]cityObject `json:"CityObjects"`
	Vertices  [][3]float64
}

type cityObject struct {
	Type       string
	Attributes map[string]json.RawMessage
	Geometry   []cityGeometry
	Parents    []string
}

type cityGeometry struct {
	Type       string
	Lod        any
	Boundaries json.RawMessage
	Semantics  *struct {
		Surfaces []struct{ Type string }
		Values   json.RawMessage
	}
}

type cityBuilding struct {
	id         string
	line       int64
	attributes map[string]json.RawMessage
	shape      building
}

func newCityJSON(ctx context.Context, src *source, w *window, opt Options) (Reader, error) {
	r := &cityjson{w: w, names: append([]string{"id"}, heightColumns...)}
	r.ctx, r.src, r.limit, r.made, r.feed.open = ctx, src, opt.batchRows(), &r.maker.made, true
	r.step = r.next
	r.info = Info{Format: "cityjson", Geometry: true, Encoding: utf8Name, Bytes: src.size, Rows: -1}
	first, err := r.document()
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = invalid("download it again", "the file is empty")
		}
		return nil, err
	}
	if first.Transform != nil {
		r.shift = *first.Transform
	} else {
		r.shift.Scale = [3]float64{1, 1, 1}
	}
	r.info.CRSText = first.Metadata.ReferenceSystem
	if r.info.CRS, err = settleCRS(r.info.CRSText, opt); err == nil {
		r.box, err = opt.boxIn(r.info.CRS)
	}
	if err != nil {
		return nil, err
	}
	r.collect(first)
	if len(r.pending) == 0 { // the header of a sequence: its first feature shows the attributes
		if next, err := r.document(); err == nil {
			r.collect(next)
		}
	}
	for _, b := range r.pending {
		for name := range b.attributes {
			if !slices.Contains(r.names, name) {
				r.names = append(r.names, name)
			}
		}
	}
	slices.Sort(r.names[1+len(heightColumns):])
	r.info.Columns = textColumns(r.names)
	return r, r.Select(r.names)
}

// document reads the next JSON object of the stream.
func (r *cityjson) document() (*cityDocument, error) {
	w := r.w
	for {
		w.advance(jsonSeparators(w.buf, w.pos))
		if w.pos == w.end {
			if w.more() {
				continue
			}
			if w.err != nil {
				return nil, w.err
			}
			return nil, io.EOF
		}
		if end, ok := balanced(w.buf, w.pos); ok && w.buf[w.pos] == '{' {
			var doc cityDocument
			err := json.Unmarshal(w.buf[w.pos:end], &doc)
			w.advance(end)
			if err != nil {
				return nil, invalid("download it again: it looks truncated or damaged", "the CityJSON cannot be read: %w", err)
			}
			return &doc, nil
		} else if w.buf[w.pos] != '{' {
			return nil, invalid("download it again: it looks truncated or damaged", "the CityJSON is damaged on line %d", w.line)
		}
		if w.end-w.pos > maxDocument {
			return nil, invalid("cut it into features: cjio IN export jsonl out", "a CityJSON document longer than %d MB does not fit in memory", maxDocument>>20)
		}
		if !w.more() {
			return nil, w.broken()
		}
	}
}

// collect gathers the buildings of a document; the geometry of a part goes to its building.
func (r *cityjson) collect(doc *cityDocument) {
	ids := make([]string, 0, len(doc.Objects))
	for id := range doc.Objects {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	place := map[string]int{}
	for _, id := range ids {
		if o := doc.Objects[id]; o.Type == "Building" {
			place[id] = len(r.pending)
			r.pending = append(r.pending, cityBuilding{id, r.w.line, o.Attributes, newBuilding()})
		}
	}
	for _, id := range ids {
		o := doc.Objects[id]
		at, ok := place[id]
		if !ok && len(o.Parents) > 0 && strings.HasPrefix(o.Type, "Building") {
			at, ok = place[o.Parents[0]]
		}
		if !ok {
			continue
		}
		for _, g := range o.Geometry {
			r.faces(&r.pending[at].shape, g, doc.Vertices)
		}
	}
}

// faces adds the surfaces of a geometry. Boundaries nest: surfaces, shells of surfaces, solids of shells; the semantic values
// nest alike, one level less deep than the surfaces' rings.
func (r *cityjson) faces(b *building, g cityGeometry, vertices [][3]float64) {
	var semantics any
	if g.Semantics != nil {
		_ = json.Unmarshal(g.Semantics.Values, &semantics)
	}
	lod, _ := g.Lod.(string)
	if n, ok := g.Lod.(float64); ok {
		lod = trimFloat(n)
	}
	depth := map[string]int{"MultiSurface": 0, "CompositeSurface": 0, "Solid": 1, "MultiSolid": 2, "CompositeSolid": 2}
	levels, ok := depth[g.Type]
	if !ok {
		return
	}
	var walk func(raw json.RawMessage, values any, levels int)
	walk = func(raw json.RawMessage, values any, levels int) {
		of, _ := values.([]any)
		value := func(i int) any {
			if i < len(of) {
				return of[i]
			}
			return nil
		}
		if levels > 0 {
			var inner []json.RawMessage
			_ = json.Unmarshal(raw, &inner)
			for i, part := range inner {
				walk(part, value(i), levels-1)
			}
			return
		}
		var surfaces [][][]int
		_ = json.Unmarshal(raw, &surfaces)
		for i, rings := range surfaces {
			f := face{plan: strings.HasPrefix(lod, "0")}
			if n, ok := value(i).(float64); ok && g.Semantics != nil && int(n) >= 0 && int(n) < len(g.Semantics.Surfaces) {
				f.ground = g.Semantics.Surfaces[int(n)].Type == "GroundSurface"
			}
			for _, ring := range rings {
				f.rings = append(f.rings, r.ring(ring, vertices))
			}
			if len(f.rings) > 0 && len(f.rings[0]) > 0 {
				b.add(f)
			}
		}
	}
	walk(g.Boundaries, semantics, levels)
}

// ring follows indices into the vertices, and closes.
func (r *cityjson) ring(indices []int, vertices [][3]float64) (out [][3]float64) {
	for _, i := range indices {
		if i < 0 || i >= len(vertices) {
			return nil
		}
		var p [3]float64
		for k, v := range vertices[i] {
			p[k] = v*r.shift.Scale[k] + r.shift.Translate[k]
		}
		out = append(out, p)
	}
	if len(out) > 0 {
		out = append(out, out[0])
	}
	return out
}

func (r *cityjson) next() error {
	if len(r.pending) == 0 {
		doc, err := r.document()
		if err != nil {
			return err
		}
		r.collect(doc)
		return nil
	}
	b := r.pending[0]
	r.pending = r.pending[1:]
	for name, raw := range b.attributes {
		if text := jsonText(raw); text != "" {
			r.putText(name, text)
		}
	}
	r.putText("id", b.id)
	r.putHeights(b.shape)
	r.feature(b.line, b.shape.footprint(&r.maker, r.info.CRS.Geographic()))
	return nil
}

// jsonText is a JSON value as a cell: the content of a string, nothing for null, else as written.
func jsonText(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	if string(raw) == "null" {
		return ""
	}
	return string(raw)
}
