package format

import (
	"math"

	"github.com/paulmach/orb"
)

// face is one surface of a building: rings of x, y, z.
type face struct {
	rings  [][][3]float64
	ground bool // it is said to be the ground surface
	plan   bool // it is the footprint of level of detail 0
}

// building gathers the faces of one building and of its parts.
type building struct {
	faces     []face
	low, high float64
}

func newBuilding() building { return building{low: math.Inf(1), high: math.Inf(-1)} }

func (b *building) add(f face) {
	for _, ring := range f.rings {
		for _, p := range ring {
			b.low, b.high = math.Min(b.low, p[2]), math.Max(b.high, p[2])
		}
	}
	b.faces = append(b.faces, f)
}

// flat: horizontal at the building's foot, to a centimetre.
func (b *building) flat(f face) bool {
	for _, p := range f.rings[0] {
		if p[2] > b.low+0.01 {
			return false
		}
	}
	return true
}

// footprint is what the building covers: its ground surfaces, else its plan, else its lowest horizontal faces. Faces that
// share an edge are joined, to a millimetre.
func (b *building) footprint(m *areaMaker, degrees bool) orb.Geometry {
	for _, pick := range []func(face) bool{
		func(f face) bool { return f.ground }, func(f face) bool { return f.plan }, b.flat,
	} {
		var polygons orb.MultiPolygon
		for _, f := range b.faces {
			if len(f.rings) > 0 && len(f.rings[0]) > 3 && pick(f) {
				if p := f.polygon(); p != nil {
					polygons = append(polygons, p)
				}
			}
		}
		switch len(polygons) {
		case 0:
			continue
		case 1:
			return polygons[0]
		}
		return joined(m, polygons, degrees)
	}
	return nil
}

// polygon drops z; nil when nothing is left of the area.
func (f face) polygon() orb.Polygon {
	var p orb.Polygon
	for i, ring := range f.rings {
		r := make(orb.Ring, len(ring))
		for k, at := range ring {
			r[k] = orb.Point{at[0], at[1]}
		}
		if len(r) < 4 || math.Abs(signedArea(r)) == 0 {
			if i == 0 {
				return nil
			}
			continue
		}
		p = append(p, r)
	}
	return p
}

// joined unites polygons that meet along edges, by the rule of OpenStreetMap's areas: what two of them share is no border. If
// they overlap in another way, they stay as they are.
func joined(m *areaMaker, polygons orb.MultiPolygon, degrees bool) orb.Geometry {
	unit := 1e-3 // metre
	if degrees {
		unit = 1e-8
	}
	origin := polygons[0][0][0]
	m.start()
	for _, p := range polygons {
		for _, ring := range p {
			line := make([]osmPoint, len(ring))
			for i, at := range ring {
				x, y := math.Round((at[0]-origin[0])/unit), math.Round((at[1]-origin[1])/unit)
				if math.Abs(x) > 1e9 || math.Abs(y) > 1e9 {
					return polygons
				}
				line[i] = osmPoint{int32(x), int32(y)}
			}
			m.add(line, true)
		}
	}
	g, _ := m.area()
	back := func(p orb.Polygon) {
		for _, ring := range p {
			for i, at := range ring {
				ring[i] = orb.Point{origin[0] + at[0]*1e7*unit, origin[1] + at[1]*1e7*unit}
			}
		}
	}
	switch g := g.(type) {
	case orb.Polygon:
		back(g)
		return g
	case orb.MultiPolygon:
		for _, p := range g {
			back(p)
		}
		return g
	}
	return polygons
}

// heights are the columns that every building has.
var heightColumns = []string{"height", "z_min", "z_max"}

func (f *fields) putHeights(b building) {
	if b.high < b.low {
		return
	}
	f.putText("height", trimFloat(math.Round((b.high-b.low)*1000)/1000))
	f.putText("z_min", trimFloat(b.low))
	f.putText("z_max", trimFloat(b.high))
}
