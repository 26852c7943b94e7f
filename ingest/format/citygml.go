package format

import (
	"context"
	"strings"

	"jumeau/model/crs"
)

// citygml reads the buildings of CityGML 2 and 3 (OGC 12-019, 20-010): footprint, lowest and highest point, attributes. Parts
// of a building belong to it.
type citygml struct {
	xmlFeatures
	maker  areaMaker
	system string
	swap   bool
}

func openCityGML(ctx context.Context, src *source, opt Options) (Reader, error) {
	r := &citygml{}
	r.names = append(r.names, heightColumns...)
	if err := r.start(ctx, src, "citygml", opt, r.next); err != nil {
		return nil, err
	}
	r.made = &r.maker.made
	var err error
	r.info.CRSText = r.system
	if r.info.CRS, err = settleCRS(r.system, opt); err == nil {
		r.box, err = opt.boxIn(r.info.CRS)
	}
	if err != nil {
		return nil, err
	}
	r.info.Columns = textColumns(r.names)
	return r, r.Select(r.names)
}

func (r *citygml) noteSystem() {
	if text := r.x.attr("srsName"); text != nil && r.system == "" && r.learning {
		r.system = strings.TrimSpace(string(text))
		r.swap = crs.NorthingFirst(r.system)
	}
}

// next reads up to the next building, and it.
func (r *citygml) next() error {
	for {
		if err := r.x.next(); err != nil {
			return err
		}
		if r.x.kind != xmlStart {
			continue
		}
		r.noteSystem()
		if string(r.x.name) == "Building" {
			return r.building()
		}
	}
}

func (r *citygml) building() error {
	x, line := r.x, r.x.w.line
	if id := x.attr("id"); id != nil {
		r.column("gml_id")
		r.putText("gml_id", string(id))
	}
	b := newBuilding()
	ground, plan := 0, 0 // depth of the enclosing element, 0: none
	attribute := ""
	for depth := x.depth; ; {
		if err := x.next(); err != nil {
			return x.inside(err)
		}
		if x.depth < depth {
			break
		}
		if x.kind == xmlEnd {
			if x.depth < ground {
				ground = 0
			}
			if x.depth < plan {
				plan = 0
			}
			continue
		}
		if x.kind != xmlStart {
			continue
		}
		r.noteSystem()
		var err error
		switch name := string(x.name); name {
		case "GroundSurface":
			ground = x.depth
		case "lod0FootPrint":
			plan = x.depth
		case "Polygon", "Triangle", "PolygonPatch":
			var f face
			if f, err = r.face(); len(f.rings) > 0 {
				f.ground, f.plan = ground > 0, plan > 0
				b.add(f)
			}
		case "measuredHeight", "function", "class", "usage", "roofType", "yearOfConstruction", "yearOfDemolition",
			"storeysAboveGround", "storeysBelowGround":
			err = r.cellOf([]byte(name))
		case "stringAttribute", "intAttribute", "doubleAttribute", "dateAttribute", "measureAttribute", "uriAttribute":
			attribute = string(x.attr("name"))
		case "value":
			if attribute != "" {
				err = r.cellOf([]byte(attribute))
			}
		}
		if err != nil {
			return err
		}
	}
	if !r.learning {
		r.putHeights(b)
	}
	r.emit(line, b.footprint(&r.maker, r.info.CRS.Geographic()), "")
	return nil
}

// face reads the rings of the polygon just started.
func (r *citygml) face() (f face, err error) {
	x := r.x
	var text []byte
	for depth := x.depth; ; {
		if err := x.next(); err != nil {
			return f, x.inside(err)
		}
		if x.depth < depth {
			return f, nil
		}
		if x.kind != xmlStart {
			continue
		}
		switch string(x.name) {
		case "LinearRing":
			f.rings = append(f.rings, nil)
		case "pos", "posList":
			if text, err = x.content(text[:0]); err != nil {
				return f, err
			}
			if n := len(f.rings); n > 0 {
				f.rings[n-1] = r.positions(f.rings[n-1], append(text, 0))
			}
		}
	}
}

// positions appends triples of numbers; what is none ends the list.
func (r *citygml) positions(ring [][3]float64, b []byte) [][3]float64 {
	var p [3]float64
	n := 0
	for i := space(b, 0); i < len(b)-1; i = space(b, i) {
		v, end, ok := signedNumber(b, i)
		if !ok || !finite(v) || b[end] > ' ' {
			return ring
		}
		p[n] = v
		i = end
		if n++; n == 3 {
			if r.swap {
				p[0], p[1] = p[1], p[0]
			}
			ring = append(ring, p)
			n = 0
		}
	}
	return ring
}
