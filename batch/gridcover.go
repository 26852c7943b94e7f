package batch

import (
	"math"

	"github.com/paulmach/orb"

	"jumeau/ingest"
	"jumeau/model"
	"jumeau/model/crs"
	"jumeau/model/zone"
)

// cover adds the grids in which figures about people are published, where no open measure says which cells there are: every
// cell whose middle lies in the territory. Which cells exist must never depend on where people were seen.
func (s *systems) cover(t *model.Territory, grids map[string]*cells) {
	for _, src := range t.Sources {
		if !ingest.AboutPeople(src) || src.Behaviour == nil {
			continue
		}
		for _, p := range src.Behaviour.Publish {
			for _, name := range p.Systems() {
				if size := model.GridSize(name); size > 0 && grids[name] == nil {
					grids[name] = &cells{size: size, used: s.cellsWithin(t, size)}
				}
			}
		}
	}
}

// cellsWithin are the cells of a size whose middle lies in the finest areas of the territory.
func (s *systems) cellsWithin(t *model.Territory, size int) map[zone.GridCell]bool {
	var areas *zone.System
	for _, id := range t.Zones {
		if z := s.byID[id]; z != nil && z.HasArea() && model.GridSize(id) == 0 {
			areas = z
		}
	}
	out := map[zone.GridCell]bool{}
	if areas == nil {
		return out
	}
	points := middles(areas.Bound(), float64(size))
	in := make([]int32, len(points))
	zone.NewLocator(areas).Locate(points, in)
	for i, p := range points {
		if cell, ok := zone.CellAt(p, size); ok && in[i] >= 0 {
			out[cell] = true
		}
	}
	return out
}

// middles are the middles, in degrees, of the cells of a grid that may have their middle within the bounds.
func middles(b orb.Bound, step float64) (points []orb.Point) {
	box := orb.Bound{Min: orb.Point{math.Inf(1), math.Inf(1)}, Max: orb.Point{math.Inf(-1), math.Inf(-1)}}
	const around = 32 // points along each edge: a line of latitude is curved in the plane of the grid
	for i := range around + 1 {
		f := float64(i) / around
		lon, lat := b.Min[0]+f*(b.Max[0]-b.Min[0]), b.Min[1]+f*(b.Max[1]-b.Min[1])
		for _, c := range []orb.Point{{lon, b.Min[1]}, {lon, b.Max[1]}, {b.Min[0], lat}, {b.Max[0], lat}} {
			x, y := crs.LAEAEurope.FromLonLat(c[0], c[1])
			box = box.Extend(orb.Point{x, y})
		}
	}
	for y := math.Floor(box.Min[1]/step) * step; y <= box.Max[1]; y += step {
		for x := math.Floor(box.Min[0]/step) * step; x <= box.Max[0]; x += step {
			lon, lat := crs.LAEAEurope.ToLonLat(x+step/2, y+step/2)
			points = append(points, orb.Point{lon, lat})
		}
	}
	return points
}
