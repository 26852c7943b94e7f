package layer

import (
	"sort"

	"github.com/paulmach/orb"
)

// Feature is one feature taken out of the file, for inspection: tiles are encoded from the arrays.
type Feature struct {
	ID         string
	Key        uint64
	Geometry   orb.Geometry // MultiPoint, MultiLineString or MultiPolygon in degrees (OGC:CRS84)
	Properties map[string]any
}

// At is the batch and the row of feature i.
func (f *File) At(i int) (*Batch, int) {
	k := sort.Search(len(f.batches), func(k int) bool { return f.batches[k].First+f.batches[k].Rows > i })
	return &f.batches[k], i - f.batches[k].First
}

// Feature is the i-th feature in full detail.
func (f *File) Feature(i int) Feature {
	b, row := f.At(i)
	out := Feature{ID: string(b.IDs.At(row)), Key: b.Key[row], Properties: map[string]any{}}
	for j := range b.Props {
		if c := &b.Props[j]; c.Has(row) {
			out.Properties[f.head.Properties[j].Name] = c.value(row)
		}
	}
	switch f.head.Geometry {
	case Points:
		points := orb.MultiPoint{}
		for _, part := range b.parts(row) {
			points = append(points, part...)
		}
		out.Geometry = points
	case Lines:
		lines := orb.MultiLineString{}
		for _, part := range b.parts(row) {
			lines = append(lines, orb.LineString(part))
		}
		out.Geometry = lines
	default:
		out.Geometry = b.polygons(row)
	}
	return out
}

// Index is the number of the feature with this id; false when there is none. It looks at every feature.
func (f *File) Index(id string) (int, bool) {
	for k := range f.batches {
		b := &f.batches[k]
		for i := range b.Rows {
			if string(b.IDs.At(i)) == id {
				return b.First + i, true
			}
		}
	}
	return 0, false
}

func (c *Column) value(row int) any {
	switch c.Type {
	case Text:
		return string(c.TextAt(row))
	case Integer:
		return c.Int[row]
	case Number:
		return c.Num[row]
	}
	return c.Flag(row)
}

func (b *Batch) parts(row int) []orb.MultiPoint {
	var parts []orb.MultiPoint
	for p := b.Part[row]; p < b.Part[row+1]; p++ {
		part := orb.MultiPoint{}
		for v := b.Vertex[p]; v < b.Vertex[p+1]; v++ {
			lon, lat := LonLat(b.X[v], b.Y[v])
			part = append(part, orb.Point{lon, lat})
		}
		parts = append(parts, part)
	}
	return parts
}

func (b *Batch) polygons(row int) orb.MultiPolygon {
	polygons := orb.MultiPolygon{}
	for _, part := range b.parts(row) {
		if len(part) == 0 {
			continue
		}
		ring := orb.Ring(append(part, part[0]))
		ring.Reverse() // y points south on the grid: back to counter-clockwise exteriors
		if n := len(polygons); n > 0 && ring.Orientation() == orb.CW {
			polygons[n-1] = append(polygons[n-1], ring)
			continue
		}
		polygons = append(polygons, orb.Polygon{ring})
	}
	return polygons
}
