package format

import (
	"context"
	"io"

	"github.com/paulmach/orb"

	"jumeau/model/crs"
)

// geojson reads feature collections, features and bare geometries: one document, or any number one after the other.
type geojson struct {
	featureRows
	ctx    context.Context
	src    *source
	w      *window
	limit  int
	place  place
	crs    string
	ahead  bool // the sample ended inside the features of a collection
	metres bool // coordinates of the sample cannot be degrees
	looked int  // geometries of the sample that were looked at
	err    error
}

// place is where in the document reading stands.
type place uint8

const (
	outside      place = iota // between documents
	inArray                   // in an outermost array of features
	inCollection              // in "features"
	inMembers                 // behind "features", in the collection
)

func newGeoJSON(ctx context.Context, src *source, w *window, dec *decoder, shape jsonShape, opt Options) (Reader, error) {
	r := &geojson{ctx: ctx, src: src, w: w, limit: opt.batchRows()}
	r.id = -1
	r.tree, r.decoder = newTree(), dec
	r.info = Info{Format: "geojson", Geometry: true, Bytes: src.size, Rows: -1}
	if shape.sequence {
		r.info.Format = "geojsonseq"
	}
	r.learn()
	if err := r.findCRS(opt); err != nil {
		return nil, err
	}
	if r.info.Geometry {
		var err error
		if r.within, err = opt.boxIn(r.info.CRS); err != nil {
			return nil, err
		}
	}
	return r, r.Select(r.names())
}

// learn reads what the window holds as Next would, but keeps nothing except the names of the properties, and returns to
// the start.
func (r *geojson) learn() {
	w := r.w
	eof := w.eof
	pos, line := w.pos, w.line
	w.eof = true // no reading on
	r.begin(0, false, 1)
	for r.err == nil {
		r.err = r.step(true)
		r.bad = r.bad[:0]
	}
	r.ahead = r.place == inCollection
	w.eof, w.pos, w.line = eof, pos, line
	r.err, r.place = nil, outside
	r.settleIDs()
}

// findCRS takes the 2008 "crs" member, which may stand behind the features. Without one, RFC 7946 says OGC:CRS84, unless
// the declaration says otherwise, or the coordinates contradict it: producers leave the member out.
func (r *geojson) findCRS(opt Options) error {
	if r.crs == "" && r.ahead {
		tail, err := r.src.tail(tailSize)
		if err != nil {
			return err
		}
		r.crs = tailCRS(tail)
	}
	said, unknown := crsMember(r.crs)
	r.info.CRSText = said
	if said == "" && !unknown && !r.metres && opt.CRS == (crs.CRS{}) {
		said = "OGC:CRS84"
	}
	var err error
	r.info.CRS, err = settleCRS(said, opt)
	return err
}

func (r *geojson) Next() (*Batch, error) {
	r.ready = true
	if r.err != nil {
		return nil, r.err
	}
	if err := r.ctx.Err(); err != nil {
		return nil, err
	}
	r.begin(len(r.chosen), true, r.limit)
	r.locator.made = 0
	for !r.full() && r.err == nil {
		r.err = r.step(false)
	}
	if b := r.batch(); b != nil {
		return b, nil
	}
	if r.err == nil { // all of them lay outside the box
		return r.Next()
	}
	return nil, r.err
}

// step reads the next record, or one piece of what surrounds it.
func (r *geojson) step(learning bool) error {
	w := r.w
	i := jsonSeparators(w.buf, w.pos)
	w.advance(i)
	c := w.buf[i]
	switch {
	case i == w.end:
		if w.more() {
			return nil
		}
		if w.err != nil || r.place != outside {
			return located(r.src.name, w.broken())
		}
		return io.EOF
	case r.place == inMembers:
		return r.member()
	case c == ']' && r.place == inCollection:
		r.place = inMembers
		w.advance(i + 1)
		return nil
	case c == ']' && r.place == inArray:
		r.place = outside
		w.advance(i + 1)
		return nil
	case c == '[' && r.place == outside:
		r.place = inArray
		w.advance(i + 1)
		return nil
	case c == '{':
		return r.record(learning)
	}
	end, ok := valueEnd(w.buf, i, 0)
	if !ok || end == i {
		return r.damaged(end)
	}
	r.reject(Bad{w.line, BadNotFeature, "the record is not a JSON object"})
	w.advance(end)
	return nil
}

// member reads one member of a collection behind its features, or its closing brace.
func (r *geojson) member() error {
	w := r.w
	b, i := w.buf, w.pos
	if b[i] == '}' {
		r.place = outside
		w.advance(i + 1)
		return nil
	}
	key, keyEnd, v, ok := member(b, i)
	end := v
	if ok {
		end, ok = valueEnd(b, v, 0)
	}
	if !ok {
		return r.damaged(end)
	}
	if string(b[key:keyEnd]) == "crs" {
		if err := r.lateCRS(string(b[v:end])); err != nil {
			return err
		}
	}
	w.advance(end)
	return nil
}

// lateCRS holds a crs member met while reading against what Info has promised.
func (r *geojson) lateCRS(raw string) error {
	if r.info.CRS == (crs.CRS{}) { // learning
		r.crs = raw
		return nil
	}
	if said, _ := crsMember(raw); said != "" && r.crs != raw {
		if c, err := crs.Parse(said); err != nil || c != r.info.CRS && !bothWGS84(c, r.info.CRS) {
			return located(r.src.name, invalid("declare it: `crs: "+said+"`",
				"the file says only on line %d that its CRS is %s", r.w.line, said))
		}
	}
	return nil
}

// feature is what one JSON object turned out to hold.
type feature struct {
	kind       string // of its "type"
	geometry   orb.Geometry
	reason     string // why the geometry cannot be read
	hasPlace   bool   // it has a member "geometry"
	coords     bool   // it has the members of a bare geometry
	badMembers bool   // its properties are no object
	features   int    // index behind the "[" of "features", or 0
}

func (r *geojson) record(learning bool) error {
	w := r.w
	f := feature{}
	r.tree.next()
	end, ok := r.object(&f, learning)
	if f.features > 0 {
		r.place = inCollection
		w.advance(f.features)
		return nil
	}
	if !ok {
		return r.damaged(end)
	}
	if !learning {
		r.emit(&f)
	}
	w.advance(end)
	return nil
}

// object reads the members of the object at the window's position. It stops at the features of a collection.
func (r *geojson) object(f *feature, learning bool) (end int, ok bool) {
	b := r.w.buf
	return members(b, r.w.pos, func(key, keyEnd, v int) (at int, ok, stop bool) {
		at = v
		switch string(b[key:keyEnd]) {
		case "geometry":
			f.hasPlace = true
			at, ok = r.shape(f, b, v, learning)
		case "properties":
			at, ok = r.properties(f, b, v)
		case "type":
			if at, ok = valueString(b, v); ok {
				f.kind = text(b[v+1 : at-1])
			}
		case "id":
			at, ok = r.identifier(b, v)
		case "features":
			if r.place == outside && b[v] == '[' {
				f.features = v + 1
				return v, false, true
			}
		case "coordinates", "geometries":
			if learning && !f.coords {
				r.probe(b, r.w.pos)
			}
			f.coords = true
		case "crs":
			if at, ok = valueEnd(b, v, 0); ok && r.place == outside && r.crs == "" {
				r.crs = string(b[v:at])
			}
		}
		if at == v && b[v] != 0 {
			at, ok = valueEnd(b, v, 0)
		}
		return at, ok, false
	})
}

func (r *geojson) shape(f *feature, b []byte, v int, learning bool) (end int, ok bool) {
	if learning {
		r.probe(b, v)
		if b[v] == '{' {
			return balanced(b, v)
		}
		return valueEnd(b, v, 0)
	}
	f.geometry, end, f.reason = r.locator.geojson(b, v, 0)
	if f.reason == "" || end == r.w.end {
		return end, f.reason == ""
	}
	return valueEnd(b, v, 0) // JSON, at least?
}

// How many geometries are looked at to tell degrees from metres.
const probeGeometries = 100

// probe notices coordinates that are not degrees. Longitudes run on beyond ±180 where lines cross the antimeridian.
func (r *geojson) probe(b []byte, v int) {
	if r.looked++; r.looked > probeGeometries {
		return
	}
	if g, _, reason := r.locator.geojson(b, v, 0); g != nil && reason == "" {
		at := g.Bound()
		r.metres = r.metres || at.Min[0] < -720 || at.Max[0] > 720 || at.Min[1] < -180 || at.Max[1] > 180
	}
}

func (r *geojson) properties(f *feature, b []byte, v int) (end int, ok bool) {
	if b[v] == '{' {
		return r.tree.object(b, v, r.tree.root)
	}
	f.badMembers = b[v] != 'n'
	return valueEnd(b, v, 0)
}

// identifier keeps a Feature's id, a string or a number.
func (r *geojson) identifier(b []byte, v int) (end int, ok bool) {
	end, ok = valueEnd(b, v, 0)
	if !ok || b[v] == '{' || b[v] == '[' || b[v] == 'n' {
		return end, ok
	}
	if r.tree.selected == nil {
		r.ids = true
	}
	if r.id >= 0 {
		at := cell{r.tree.record, cellRaw, v, end}
		if b[v] == '"' {
			at = cell{r.tree.record, cellEscaped, v + 1, end - 1}
		}
		r.tree.cells[r.id] = at
	}
	return end, ok
}

// emit makes a row of the record, or rejects it.
func (r *geojson) emit(f *feature) {
	w := r.w
	bad := Bad{Line: w.line, Code: BadNotFeature}
	switch {
	case f.kind == "Feature" && f.badMembers:
		bad.Reason = "the properties are not an object"
	case f.kind == "Feature" && f.reason != "":
		bad.Code, bad.Reason = BadGeometry, f.reason
	case f.kind == "Feature":
		r.row(w.buf, w.line, f.geometry)
		return
	case f.coords && r.place != inCollection && geojsonType([]byte(f.kind)) != 0:
		g, _, reason := r.locator.geojson(w.buf, w.pos, 0)
		if reason == "" {
			r.tree.next() // a geometry has no columns
			r.row(w.buf, w.line, g)
			return
		}
		bad.Code, bad.Reason = BadGeometry, reason
	case f.kind == "":
		bad.Reason = `the object has no "type"`
	default:
		bad.Reason = `the object's type is "` + excerpt(f.kind) + `", not "Feature"`
	}
	r.reject(bad)
}

// damaged goes on behind a record that stops being JSON at buf[at].
func (r *geojson) damaged(at int) error {
	w := r.w
	if at == w.end {
		if w.more() {
			return nil // from the start of the record
		}
		return located(r.src.name, w.broken())
	}
	r.reject(Bad{w.line, BadJSON, syntaxReason(w, at)})
	if !w.resync(at) {
		w.advance(w.end)
	}
	return nil
}

func (r *geojson) Read() int64  { return r.src.read() }
func (r *geojson) Close() error { return r.src.close() }
