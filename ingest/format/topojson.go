package format

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"

	"github.com/paulmach/orb"
)

// topojson reads one object of a topology (https://github.com/topojson/topojson-specification). Its arcs are shared by all
// features, so that the document is held in memory whole.
type topojson struct {
	featureRows
	ctx      context.Context
	src      *source
	limit    int
	scale    *topoTransform
	arcs     [][]orb.Point
	features []topoGeometry
	box      *orb.Bound
	at       int
}

// maxDocument bounds documents that are held whole.
const maxDocument = 128 << 20

type topoGeometry struct {
	Type        string
	ID          json.RawMessage
	Properties  json.RawMessage
	Arcs        json.RawMessage
	Coordinates json.RawMessage
	Geometries  []topoGeometry
}

type topoTransform struct{ Scale, Translate [2]float64 }

// wholeDocument reads what is left of a window.
func wholeDocument(w *window, what string) ([]byte, error) {
	b := w.peek(maxDocument + 1)
	if w.err != nil {
		return nil, w.err
	}
	if len(b) > maxDocument {
		return nil, invalid(toGeoJSON, "%s longer than %d MB does not fit in memory", what, maxDocument>>20)
	}
	return b, nil
}

func newTopoJSON(ctx context.Context, src *source, w *window, dec *decoder, opt Options) (Reader, error) {
	raw, err := wholeDocument(w, "TopoJSON")
	if err != nil {
		return nil, err
	}
	var doc struct {
		Transform *topoTransform
		Arcs      [][][]float64
		Objects   map[string]topoGeometry
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, invalid("download it again: it looks truncated or damaged", "the TopoJSON cannot be read: %w", err)
	}
	r := &topojson{ctx: ctx, src: src, limit: opt.batchRows()}
	r.id = -1
	r.tree, r.decoder = newTree(), dec
	var names []string
	for name := range doc.Objects {
		names = append(names, name)
	}
	slices.Sort(names)
	n, err := pickTable("object", names, opt.Table)
	if err != nil {
		return nil, err
	}
	object := doc.Objects[names[n]]
	r.features = []topoGeometry{object}
	if object.Type == "GeometryCollection" {
		r.features = object.Geometries
	}
	r.scale = doc.Transform
	metres := r.decode(doc.Arcs, doc.Transform)
	r.info = Info{Format: "topojson", Geometry: true, Bytes: src.size, Rows: int64(len(r.features))}
	said := "OGC:CRS84"
	if metres || opt.CRS.Known() {
		said = ""
	}
	if r.info.CRS, err = settleCRS(said, opt); err == nil {
		r.box, err = opt.boxIn(r.info.CRS)
	}
	if err != nil {
		return nil, err
	}
	r.learn()
	return r, r.Select(r.names())
}

// decode turns arcs into positions: of a quantised topology they are differences.
func (r *topojson) decode(arcs [][][]float64, t *topoTransform) (metres bool) {
	for _, arc := range arcs {
		var line []orb.Point
		x, y := 0.0, 0.0
		for _, p := range arc {
			if len(p) < 2 {
				continue
			}
			at := orb.Point{p[0], p[1]}
			if t != nil {
				x, y = x+p[0], y+p[1]
				at = t.apply(x, y)
			}
			metres = metres || at[0] < -720 || at[0] > 720 || at[1] < -180 || at[1] > 180
			line = append(line, at)
		}
		r.arcs = append(r.arcs, line)
	}
	return metres
}

func (t *topoTransform) apply(x, y float64) orb.Point {
	return orb.Point{x*t.Scale[0] + t.Translate[0], y*t.Scale[1] + t.Translate[1]}
}

func (r *topojson) learn() {
	for _, f := range r.features {
		r.ids = r.ids || len(f.ID) > 0
		r.tree.next()
		r.properties(f)
	}
	r.settleIDs()
}

// properties reads a feature's members into the cells; the bytes that they point into end with a 0.
func (r *topojson) properties(f topoGeometry) []byte {
	b := append(append([]byte(nil), f.Properties...), 0)
	if b[0] == '{' {
		r.tree.object(b, 0, r.tree.root)
	}
	return b
}

func (r *topojson) Next() (*Batch, error) {
	r.ready = true
	if err := r.ctx.Err(); err != nil {
		return nil, err
	}
	r.begin(len(r.chosen), true, r.limit)
	r.locator.made, r.points = 0, 0
	for !r.full() && r.at < len(r.features) {
		f := r.features[r.at]
		r.at++
		g, err := r.geometry(f, 0)
		if err != nil {
			r.reject(Bad{int64(r.at), BadGeometry, err.Error()})
			continue
		}
		if outsideBox(r.box, g) {
			continue
		}
		r.tree.next()
		b := r.properties(f)
		if r.id >= 0 && len(f.ID) > 0 && f.ID[0] != 'n' {
			start := len(b)
			b = append(b, f.ID...)
			r.tree.cells[r.id] = cell{r.tree.record, cellRaw, start, len(b)}
			if f.ID[0] == '"' {
				r.tree.cells[r.id] = cell{r.tree.record, cellEscaped, start + 1, len(b) - 1}
			}
		}
		r.row(b, int64(r.at), g)
	}
	if b := r.batch(); b != nil {
		return b, nil
	}
	return nil, io.EOF
}

var errTopology = errors.New("its arcs do not exist, or do not fit its type")

func (r *topojson) geometry(f topoGeometry, level int) (orb.Geometry, error) {
	var err error
	decode := func(to any, raw json.RawMessage) {
		if json.Unmarshal(raw, to) != nil {
			err = errTopology
		}
	}
	lines := func(arcs [][]int) (out [][]orb.Point) {
		for _, a := range arcs {
			line, bad := r.line(a)
			err = errors.Join(err, bad)
			out = append(out, line)
		}
		return out
	}
	var one []int
	var two [][]int
	var three [][][]int
	var g orb.Geometry
	switch f.Type {
	case "Point":
		var p []float64
		if decode(&p, f.Coordinates); len(p) < 2 {
			return nil, errors.New(reasonPosition)
		}
		r.locator.made++
		g = r.place(p)
	case "MultiPoint":
		var all [][]float64
		decode(&all, f.Coordinates)
		m := orb.MultiPoint{}
		for _, p := range all {
			if len(p) < 2 {
				return nil, errors.New(reasonPosition)
			}
			m = append(m, r.place(p))
		}
		g = m
	case "LineString":
		decode(&one, f.Arcs)
		for _, l := range lines([][]int{one}) {
			g = orb.LineString(l)
		}
	case "MultiLineString":
		decode(&two, f.Arcs)
		m := orb.MultiLineString{}
		for _, l := range lines(two) {
			m = append(m, l)
		}
		g = m
	case "Polygon":
		decode(&two, f.Arcs)
		p := orb.Polygon{}
		for _, l := range lines(two) {
			p = append(p, l)
		}
		g = p
	case "MultiPolygon":
		decode(&three, f.Arcs)
		m := orb.MultiPolygon{}
		for _, part := range three {
			p := orb.Polygon{}
			for _, l := range lines(part) {
				p = append(p, l)
			}
			m = append(m, p)
		}
		g = m
	case "GeometryCollection":
		parts := orb.Collection{}
		for _, part := range f.Geometries {
			if level > maxCollections {
				return nil, errors.New(reasonDeep)
			}
			h, bad := r.geometry(part, level+1)
			if err = errors.Join(err, bad); h != nil {
				parts = append(parts, h)
			}
		}
		g = parts
	case "":
		return nil, nil
	default:
		return nil, errors.New(reasonType)
	}
	if err != nil {
		return nil, err
	}
	return g, nil
}

func (r *topojson) place(p []float64) orb.Point {
	if r.scale != nil {
		return r.scale.apply(p[0], p[1])
	}
	return orb.Point{p[0], p[1]}
}

// line joins arcs; ^i is arc i backwards, and the point where two arcs meet counts once.
func (r *topojson) line(arcs []int) ([]orb.Point, error) {
	var out []orb.Point
	for _, i := range arcs {
		reverse := i < 0
		if reverse {
			i = ^i
		}
		if i < 0 || i >= len(r.arcs) || len(out) > maxBatchPoints {
			return nil, errTopology
		}
		arc := r.arcs[i]
		if reverse {
			arc = slices.Clone(arc)
			slices.Reverse(arc)
		}
		if len(out) > 0 && len(arc) > 0 {
			arc = arc[1:]
		}
		out = append(out, arc...)
	}
	r.locator.made += len(out)
	return out, nil
}

func (r *topojson) Read() int64  { return r.src.read() }
func (r *topojson) Close() error { return r.src.close() }
