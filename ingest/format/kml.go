package format

import (
	"context"

	"github.com/paulmach/orb"

	"jumeau/model/crs"
)

// kml reads the placemarks of KML 2.2 (OGC 12-007r2): name, description, the time, and the extended data as columns.
type kml struct {
	xmlFeatures
	table   string // only placemarks of the folder or document of this name
	folders []string
	depths  []int
}

func openKML(ctx context.Context, src *source, opt Options) (Reader, error) {
	r := &kml{table: opt.Table}
	if err := r.start(ctx, src, "kml", opt, r.next); err != nil {
		return nil, err
	}
	if r.table != "" {
		if _, err := pickTable("folder", r.kinds, r.table); err != nil {
			return nil, err
		}
	}
	r.folders, r.depths = nil, nil
	r.info.CRS, r.info.CRSText = crs.CRS84, "OGC:CRS84"
	if opt.CRS.Known() && !bothWGS84(opt.CRS, crs.CRS84) {
		return nil, invalid("remove `crs` from the declaration", "KML is always in OGC:CRS84, the declaration says %s", opt.CRS.Code())
	}
	r.box = opt.BBox
	r.info.Columns = textColumns(r.names)
	return r, r.Select(r.names)
}

// next reads up to the next placemark, and it.
func (r *kml) next() error {
	for {
		if err := r.x.next(); err != nil {
			return err
		}
		if r.x.kind == xmlEnd {
			if n := len(r.depths); n > 0 && r.x.depth < r.depths[n-1] {
				r.folders, r.depths = r.folders[:n-1], r.depths[:n-1]
			}
			continue
		}
		if r.x.kind != xmlStart {
			continue
		}
		switch string(r.x.name) {
		case "Folder", "Document":
			r.folders, r.depths = append(r.folders, ""), append(r.depths, r.x.depth)
		case "name":
			n := len(r.depths)
			text, err := r.x.content(nil)
			if err != nil {
				return err
			}
			if n > 0 && r.x.depth == r.depths[n-1] {
				r.folders[n-1] = string(trimSpace(text))
				r.kindOf(r.folders[n-1])
			}
		case "kml":
		case "Placemark":
			return r.placemark()
		case "NetworkLink":
			return &refusedError{refusal{"a KML file that only points to another address", "download that address"}.error()}
		default:
			if err := r.x.skip(); err != nil {
				return err
			}
		}
	}
}

func (r *kml) wanted() bool {
	for _, f := range r.folders {
		if f == r.table {
			return true
		}
	}
	return r.table == "" || r.learning
}

func (r *kml) placemark() error {
	x, line := r.x, r.x.w.line
	if !r.wanted() {
		return x.skip()
	}
	var g orb.Geometry
	reason := ""
	for depth := x.depth; ; {
		if err := x.next(); err != nil {
			return x.inside(err)
		}
		if x.depth < depth {
			break
		}
		if x.kind != xmlStart {
			continue
		}
		var err error
		switch name := string(x.name); name {
		case "name", "description", "address", "phoneNumber":
			err = r.cellOf([]byte(name))
		case "TimeStamp", "TimeSpan", "ExtendedData", "SchemaData":
		case "when", "begin", "end":
			err = r.cellOf([]byte(name))
		case "SimpleData":
			err = r.cellOf(append([]byte(nil), x.attr("name")...))
		case "Data":
			err = r.data()
		default:
			if shapeNames[name] {
				g, reason, err = r.shape.read()
			} else {
				err = x.skip()
			}
		}
		if err != nil {
			return err
		}
	}
	r.emit(line, g, reason)
	return nil
}

// data reads <Data name="…"><value>…</value></Data>.
func (r *kml) data() error {
	x, name := r.x, append([]byte(nil), r.x.attr("name")...)
	for depth := x.depth; ; {
		if err := x.next(); err != nil {
			return x.inside(err)
		}
		if x.depth < depth {
			return nil
		}
		if x.kind != xmlStart {
			continue
		}
		var err error
		if string(x.name) == "value" {
			err = r.cellOf(name)
		} else {
			err = x.skip()
		}
		if err != nil {
			return err
		}
	}
}
