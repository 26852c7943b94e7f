package format

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/paulmach/orb"

	"jumeau/model/crs"
)

// Tables of OpenStreetMap.
const (
	osmPoints   = "points"   // nodes with tags
	osmLines    = "lines"    // ways that are no area
	osmPolygons = "polygons" // closed ways that are one, multipolygon and boundary relations
)

// BadIncomplete: an object whose nodes are not all in the file.
const BadIncomplete = "osm_incomplete"

// osmColumns are offered besides the declared ones; any other key can be selected too.
var osmColumns = []string{"osm_type", "osm_id", "tags", "name", "ref", "operator", "access", "addr:city", "addr:housenumber", "addr:postcode",
	"addr:street", "admin_level", "aeroway", "amenity", "area", "barrier", "bicycle", "boundary", "bridge", "building", "building:levels",
	"bus", "crossing", "cycleway", "denomination", "emergency", "entrance", "foot", "height", "highway", "historic", "junction", "landuse",
	"lanes", "layer", "leisure", "lit", "man_made", "maxspeed", "military", "motor_vehicle", "natural", "network", "office", "oneway",
	"opening_hours", "place", "population", "power", "public_transport", "railway", "ref:INSEE", "religion", "service", "shop", "sport",
	"surface", "tourism", "tracktype", "tunnel", "type", "water", "waterway", "website", "wheelchair", "width", "wikidata"}

// osm reads OpenStreetMap data as features. Relations are read first, because they decide which ways are parts of an area;
// then the nodes, whose positions are kept (about 8 bytes each, in a temporary file beyond 256 MB); then the ways.
type osm struct {
	feed
	maker     areaMaker
	open      func(pass osmPass) (osmInput, error)
	in        osmInput
	filter    osmFilter
	points    bool
	lines     bool
	polygons  bool
	late      bool // nodes come after ways: they are read in a pass of their own
	nodes     *nodeStore
	known     bool // all positions are
	relations []osmArea
	parts     map[int64]int64 // ways of relations: where their positions are in kept, -1 not met yet
	outers    map[int64]bool  // ways whose tags belong to a relation without tags
	kept      spill
	line      []osmPoint
	tags      []byte
	areas     int // relation to hand out next
	ways      bool
}

type osmPass uint8

const (
	passRelations osmPass = iota
	passNodes
	passAll
)

// osmArea is a relation that describes an area.
type osmArea struct {
	id      int64
	tags    []osmTag
	members []osmWayOf
	bare    bool // without tags of its own: the older way of mapping, tags are on the outer ways
}

type osmWayOf struct {
	way   int64
	inner bool
}

func newOSM(ctx context.Context, src *source, open func(osmPass) (osmInput, error), opt Options) (Reader, error) {
	r := &osm{open: open, nodes: newNodeStore(), parts: map[int64]int64{}, outers: map[int64]bool{}}
	r.ctx, r.src, r.limit, r.feed.open, r.made = ctx, src, opt.batchRows(), true, &r.maker.made
	r.feed.step, r.end, r.box = r.next, r.shut, opt.BBox
	var err error
	if r.filter, err = newOSMFilter(opt.Tags); err != nil {
		return nil, err
	}
	tables := []string{osmPoints, osmLines, osmPolygons}
	r.points, r.lines, r.polygons = true, true, true
	if opt.Table != "" {
		n, err := pickTable("table", tables, opt.Table)
		if err != nil {
			return nil, err
		}
		r.points, r.lines, r.polygons = n == 0, n == 1, n == 2
	}
	r.info = Info{Format: "openstreetmap", Encoding: utf8Name, Geometry: true, CRS: crs.CRS84, CRSText: "OGC:CRS84", Bytes: src.size, Rows: -1}
	names := slices.Clone(osmColumns)
	for _, extra := range append(opt.Tags, opt.Expect...) {
		key := extra
		if f, _ := newOSMFilter([]string{extra}); len(f) == 1 {
			key = f[0].key
		}
		if !slices.Contains(names, key) {
			names = append(names, key)
		}
	}
	r.info.Columns = textColumns(names)
	if err := r.learn(); err != nil {
		return nil, errors.Join(err, r.shut())
	}
	return r, r.Select(names)
}

func (r *osm) shut() error {
	err := errors.Join(r.kept.close(), r.nodes.close())
	if r.in != nil {
		err = errors.Join(err, r.in.close())
		r.in = nil
	}
	return err
}

// learn reads the relations, and nodes that come too late.
func (r *osm) learn() error {
	in, err := r.open(passRelations)
	if err != nil {
		return err
	}
	defer in.close()
	var o osmObject
	last := osmNode
	for n := 0; ; n++ {
		if n&0xffff == 0 && r.ctx.Err() != nil {
			return r.ctx.Err()
		}
		if err := in.next(&o); err != nil {
			if errors.Is(err, io.EOF) {
				break
			}
			return err
		}
		r.late = r.late || o.kind == osmNode && last != osmNode
		last = o.kind
		if o.kind == osmRelation && r.polygons {
			r.relation(&o)
		}
	}
	if !r.late || !r.lines && !r.polygons {
		return nil
	}
	nodes, err := r.open(passNodes)
	if err != nil {
		return err
	}
	defer nodes.close()
	for {
		if err := nodes.next(&o); err != nil {
			if errors.Is(err, io.EOF) {
				r.known = true
				return r.nodes.flush()
			}
			return err
		}
		if o.kind == osmNode {
			if err := r.nodes.put(o.id, o.at); err != nil {
				return err
			}
		}
	}
}

// relation keeps one that describes an area and may be asked for.
func (r *osm) relation(o *osmObject) {
	if kind := string(o.tag("type")); kind != "multipolygon" && kind != "boundary" {
		return
	}
	a := osmArea{id: o.id, bare: !described(o.tags, osmRemarks)}
	if !a.bare && !r.filter.keeps(o.tags) {
		return
	}
	met := make(map[int64]bool, len(o.members))
	for _, m := range o.members {
		if m.kind == osmWay && !met[m.ref] {
			met[m.ref] = true
			a.members = append(a.members, osmWayOf{m.ref, string(m.role) == "inner"})
			r.parts[m.ref] = -1
			if a.bare && string(m.role) != "inner" {
				r.outers[m.ref] = true
			}
		}
	}
	for _, t := range o.tags {
		a.tags = append(a.tags, osmTag{slices.Clone(t.key), slices.Clone(t.value)})
	}
	r.relations = append(r.relations, a)
}

func (r *osm) next() error {
	if r.in == nil && !r.ways {
		var err error
		if r.in, err = r.open(passAll); err != nil {
			return err
		}
	}
	if r.ways {
		if r.areas == len(r.relations) {
			return io.EOF
		}
		r.areas++
		return r.area(&r.relations[r.areas-1])
	}
	var o osmObject
	err := r.in.next(&o)
	switch {
	case errors.Is(err, io.EOF):
		r.ways = true
		err = r.in.close()
		r.in = nil
		return err
	case err != nil:
		return err
	case o.kind == osmNode:
		return r.node(&o)
	case o.kind == osmWay && (r.lines || r.polygons):
		return r.way(&o)
	}
	return nil
}

func (r *osm) node(o *osmObject) error {
	if (r.lines || r.polygons) && !r.late {
		if r.known {
			return invalid("sort it: osmium sort IN -o out.osm.pbf", "a node comes after a way")
		}
		if err := r.nodes.put(o.id, o.at); err != nil {
			return err
		}
	}
	if r.points && len(o.tags) > 0 && described(o.tags, osmNotes) && r.filter.keeps(o.tags) {
		r.maker.made++
		r.emit(o.kind, o.id, o.tags, o.at.degrees())
	}
	return nil
}

func (r *osm) way(o *osmObject) error {
	if !r.known {
		r.known = true
		if err := r.nodes.flush(); err != nil {
			return err
		}
	}
	_, part := r.parts[o.id]
	closed := len(o.refs) > 3 && o.refs[0] == o.refs[len(o.refs)-1]
	area := closed && isArea(o.tags)
	wanted := (area && r.polygons || !area && r.lines) && described(o.tags, osmRemarks) && r.filter.keeps(o.tags) &&
		!(area && r.outers[o.id])
	if !part && !wanted {
		return nil
	}
	r.line = r.line[:0]
	for _, ref := range o.refs {
		at, ok, err := r.nodes.get(ref)
		if err != nil {
			return err
		}
		if !ok {
			if wanted {
				r.spoil(Bad{o.id, BadIncomplete, "node " + itoa(ref) + " of way " + itoa(o.id) + " is not in the file"})
			}
			return nil
		}
		r.line = append(r.line, at)
	}
	if part {
		if err := r.keep(o); err != nil {
			return err
		}
	}
	if wanted {
		r.shape(o, area)
	}
	return nil
}

// shape makes the feature of a way.
func (r *osm) shape(o *osmObject, area bool) {
	if area && r.repeats() {
		r.maker.start()
		r.maker.add(r.line, false)
		g, bad := r.maker.area()
		if g == nil {
			r.spoil(Bad{o.id, bad.Code, "way " + itoa(o.id) + ": " + bad.Reason})
			return
		}
		r.emit(o.kind, o.id, o.tags, g)
		return
	}
	m := &r.maker
	m.reset()
	for i, p := range r.line {
		if i == 0 || p != r.line[i-1] {
			m.shaper.points = append(m.shaper.points, p.degrees())
		}
	}
	if len(m.shaper.points) < 2 || area && len(m.shaper.points) < 4 {
		r.spoil(Bad{o.id, BadGeometry, "way " + itoa(o.id) + " has too few different positions"})
		return
	}
	m.close(2)
	if area {
		r.emit(o.kind, o.id, o.tags, m.build(typePolygon))
	} else {
		r.emit(o.kind, o.id, o.tags, m.build(typeLine))
	}
}

// repeats says whether a closed way passes a position twice.
func (r *osm) repeats() bool {
	seen := make(map[osmPoint]bool, len(r.line))
	for i, p := range r.line[:len(r.line)-1] {
		if seen[p] && p != r.line[i-1] {
			return true
		}
		seen[p] = true
	}
	return false
}

func (r *osm) emit(kind osmKind, id int64, tags []osmTag, g orb.Geometry) {
	if outsideBox(r.box, g) {
		return
	}
	for _, t := range tags {
		r.put(t.key, t.value)
	}
	r.putText("osm_type", osmKinds[kind])
	r.putText("osm_id", itoa(id))
	if at, ok := r.index["tags"]; ok {
		b := append(r.tags[:0], '{')
		for i, t := range tags {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSON(append(appendJSON(b, t.key), ':'), t.value)
		}
		r.tags = append(b, '}')
		r.set(at, r.tags)
	}
	r.row(id, g)
}
