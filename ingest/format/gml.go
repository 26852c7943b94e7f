package format

import (
	"context"
	"strings"

	"github.com/paulmach/orb"

	"jumeau/model/crs"
)

// gml reads the features of GML 2, 3.1 and 3.2 (OGC 07-036) and of WFS answers. Elements with text are columns, under their
// own name, or under their path when two paths end in the same name. The first geometry of a feature counts.
type gml struct {
	xmlFeatures
	table  string
	paths  map[string]string // column of each path
	path   []byte
	system string // as the file writes it
	member int    // depth of the element that holds features, 0: outside
}

func openGML(ctx context.Context, src *source, opt Options) (Reader, error) {
	r := &gml{table: opt.Table, paths: map[string]string{}}
	r.shape.system = r.named
	if err := r.start(ctx, src, "gml", opt, r.next); err != nil {
		return nil, err
	}
	if len(r.kinds) == 0 {
		return nil, invalid("look at it: a WFS answers errors with status 200", "%w", errNoFeatures)
	}
	if len(r.kinds) > 1 || r.table != "" {
		n, err := pickTable("feature type", r.kinds, r.table)
		if err != nil {
			return nil, err
		}
		r.table = r.kinds[n]
	}
	r.member, r.path = 0, r.path[:0]
	var err error
	r.info.CRSText = r.system
	if r.info.CRS, err = settleCRS(r.system, opt); err != nil {
		return nil, err
	}
	if r.box, err = opt.boxIn(r.info.CRS); err != nil {
		return nil, err
	}
	r.info.Columns = textColumns(r.names)
	return r, r.Select(r.names)
}

// named takes note of a srsName. All geometries of a file are in one system.
func (r *gml) named(name []byte) string {
	text := strings.TrimSpace(string(name))
	if text == "" || text == r.system {
		return ""
	}
	if r.system == "" {
		if r.learning {
			r.system, r.shape.swap = text, crs.NorthingFirst(text)
		}
		return ""
	}
	if a, err := crs.Parse(text); err == nil {
		if b, err := crs.Parse(r.system); err == nil && a == b && crs.NorthingFirst(text) == crs.NorthingFirst(r.system) {
			return ""
		}
	}
	return "it is in " + excerpt(text) + ", the others in " + excerpt(r.system)
}

// next reads up to the next feature, and it.
func (r *gml) next() error {
	x := r.x
	for {
		if err := x.next(); err != nil {
			return err
		}
		if x.kind == xmlEnd && x.depth < r.member {
			r.member = 0
		}
		if x.kind != xmlStart {
			continue
		}
		name := string(x.name)
		switch {
		case name == "featureMember" || name == "featureMembers" || name == "member" || name == "members":
			r.member = x.depth
		case name == "boundedBy" && r.member == 0:
			if err := r.bounds(); err != nil {
				return err
			}
		case strings.Contains(name, "Exception"):
			return &refusedError{invalid("ask the server for something else", "it is an error message of a web service")}
		case r.member > 0 && name != "FeatureCollection" && name != "SimpleFeatureCollection":
			r.kindOf(name)
			if r.table != "" && !strings.EqualFold(name, r.table) && !r.learning {
				if err := x.skip(); err != nil {
					return err
				}
				continue
			}
			return r.feature1()
		case r.member == 0 && x.depth > 1 && name != "FeatureCollection":
			if err := x.skip(); err != nil {
				return err
			}
		}
	}
}

// bounds takes the CRS of the whole collection.
func (r *gml) bounds() error {
	x := r.x
	for depth := x.depth; ; {
		if err := x.next(); err != nil {
			return x.inside(err)
		}
		if x.depth < depth {
			return nil
		}
		if x.kind == xmlStart {
			if system := x.attr("srsName"); system != nil {
				r.named(system)
			}
		}
	}
}

func (r *gml) feature1() error {
	x, line := r.x, r.x.w.line
	for _, key := range []string{"id", "fid"} {
		if id := x.attr(key); id != nil {
			r.column("gml_id")
			r.putText("gml_id", string(id))
			break
		}
	}
	var g orb.Geometry
	reason, shaped := "", false
	r.path = r.path[:0]
	starts := []int{0} // of the names in the path
	leaf := false      // the element just started holds nothing else so far
	var text []byte
	for depth := x.depth; ; {
		if err := x.next(); err != nil {
			return x.inside(err)
		}
		if x.depth < depth {
			break
		}
		switch x.kind {
		case xmlText:
			text = append(text, x.text...)
		case xmlEnd:
			if leaf {
				r.value(trimSpace(text))
			}
			leaf = false
			r.path = r.path[:starts[len(starts)-1]]
			starts = starts[:len(starts)-1]
		default:
			if shapeNames[string(x.name)] {
				leaf = false
				got, why, err := r.shape.read()
				if err != nil {
					return err
				}
				if !shaped {
					g, reason, shaped = got, why, got != nil || why != ""
				}
				continue
			}
			if string(x.name) == "boundedBy" {
				if err := x.skip(); err != nil {
					return err
				}
				continue
			}
			starts = append(starts, len(r.path))
			r.path = append(append(r.path, x.name...), '.')
			leaf, text = true, text[:0]
		}
	}
	r.emit(line, g, reason)
	return nil
}

// value puts a text into the column of the path; one that is repeated is added to what is there.
func (r *gml) value(text []byte) {
	if len(text) == 0 {
		return
	}
	path := strings.TrimSuffix(string(r.path), ".")
	column, known := r.paths[path]
	if !known {
		if !r.learning || len(r.paths) >= sqliteColumns {
			return
		}
		column = path[strings.LastIndexByte(path, '.')+1:]
		if r.met[column] {
			column = path
		}
		r.paths[path] = column
	}
	r.column(column)
	at, ok := r.index[column]
	if !ok {
		return
	}
	if s := r.spans[at]; s.turn == r.turn && s.end > s.start {
		text = append(append(append([]byte(nil), r.data[s.start:s.end]...), ", "...), text...)
	}
	r.set(at, text)
}
