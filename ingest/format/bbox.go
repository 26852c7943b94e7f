package format

import (
	"github.com/paulmach/orb"

	"jumeau/model/crs"
)

// boxIn is the declared box in the coordinates of the file; nil: no box. The sides are followed, because they are curves in
// a projection.
func (opt Options) boxIn(c crs.CRS) (*orb.Bound, error) {
	if opt.BBox == nil {
		return nil, nil
	}
	if !c.Known() {
		return nil, invalid("declare the coordinate system of the source (crs: EPSG:2154)",
			"a box in degrees cannot be looked up in coordinates of an unknown system")
	}
	const steps = 32
	var side orb.MultiPoint
	for i := range steps + 1 {
		t := float64(i) / steps
		x := opt.BBox.Min[0] + t*(opt.BBox.Max[0]-opt.BBox.Min[0])
		y := opt.BBox.Min[1] + t*(opt.BBox.Max[1]-opt.BBox.Min[1])
		side = append(side, orb.Point{x, opt.BBox.Min[1]}, orb.Point{x, opt.BBox.Max[1]},
			orb.Point{opt.BBox.Min[0], y}, orb.Point{opt.BBox.Max[0], y})
	}
	projected, err := c.Project(side)
	if err != nil {
		return nil, err
	}
	box := projected.Bound()
	return &box, nil
}

// outside says that a geometry is known not to meet the box; what has no geometry is outside.
func outsideBox(box *orb.Bound, g orb.Geometry) bool {
	if box == nil {
		return false
	}
	return g == nil || !box.Intersects(g.Bound())
}
