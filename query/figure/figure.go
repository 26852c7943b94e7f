// Package figure makes the figure of a drawn polygon from the published figures of zones.
//
// In: a shape, the layer that draws the zones of a system, the frame of a measure. Out: one figure with its interval and its flag, and
// how many zones it is made of. Nothing but published figures is read, so that whoever asks learns nothing that
// /values does not tell.
package figure

import (
	"context"
	"math"

	"jumeau/model"
	"jumeau/model/frame"
	"jumeau/model/layer"
	"jumeau/query/area"
)

// Sliver is the share below which a difference between a drawn border and a zone's is one of drawing: a zone of which all but so much
// lies in the polygon is inside, and one of which so little does, and which is as little of the polygon, is outside.
const Sliver = 0.001

// Cover is what of a zone system lies in a polygon.
type Cover struct {
	Inside  []int32 // indices of the zones that are wholly inside
	Crossed []Part  // those that the border of the polygon crosses
	Area    float64 // of the polygon in square metres
}

// Part is a zone and its share in the polygon: of its area, or its length.
type Part struct {
	Zone  int32
	Share float64
}

// Lay finds the zones of the layer that lie in the shape, in the order of the layer. Features without a zone are left out.
func Lay(ctx context.Context, shape *area.Shape, file *layer.File, zones int) (*Cover, error) {
	c := &Cover{Area: shape.Area()}
	for i, n := range file.Search(nil, shape.Box()) {
		if i%256 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		b, row := file.At(int(n))
		zone := int64(b.Key[row]) - 1
		if zone < 0 || zone >= int64(zones) {
			continue
		}
		share := shape.Share(b, row)
		switch {
		case share >= 1-Sliver:
			c.Inside = append(c.Inside, int32(zone))
		case share >= Sliver, share > 0 && share*area.Of(b, row) >= Sliver*c.Area:
			c.Crossed = append(c.Crossed, Part{int32(zone), share})
		}
	}
	return c, nil
}

// Figure is that of a polygon in one slot.
type Figure struct {
	Value, Lo, Hi float64 // NaN when there is none
	Flag          model.Flag
	Whole         float64 // of Value, what the zones inside are
	NotPublished  int     // zones without a figure because it was withheld
	NoData        int     // zones without one because nothing was measured
}

// Compose adds the figures of a slot: those of zones inside, and of each crossed zone its share, as if what is counted were spread evenly in it.
// What of a crossed zone is inside is really between nothing and everything, so the interval goes so far; of zones inside
// intervals are added end to end (frame.Sum). A figure with crossed zones is estimated, and has an interval. One that lacks a zone is
// partial and has none, since what is missing is not known.
func (c *Cover) Compose(f frame.Figures) Figure {
	var inside, all frame.Sum
	out := Figure{}
	lo, hi, bounds := 0.0, 0.0, false
	for _, zone := range c.Inside {
		out.count(f, zone)
		inside.Add(f, int(zone))
		all.Add(f, int(zone))
		if low, high, known := interval(f, zone); !math.IsNaN(low) {
			lo, hi, bounds = lo+low, hi+high, bounds || known
		}
	}
	shared := frame.NewFigures(1)
	crossed := false
	for _, p := range c.Crossed {
		out.count(f, p.Zone)
		shared.Value[0], shared.Flag[0] = f.Value[p.Zone]*p.Share, f.Flag[p.Zone]
		all.Add(shared, 0)
		if low, high, _ := interval(f, p.Zone); !math.IsNaN(low) {
			lo, hi, bounds = lo+min(0, low), hi+max(0, high), true
			crossed = true
		}
	}
	out.Value, out.Lo, out.Hi, out.Flag = all.Figure()
	out.Whole, _, _, _ = inside.Figure()
	if math.IsNaN(out.Whole) {
		out.Whole = 0
	}
	out.Lo, out.Hi = frame.None, frame.None
	if math.IsNaN(out.Value) || out.NotPublished+out.NoData > 0 {
		return out
	}
	if bounds {
		out.Lo, out.Hi = min(out.Value, frame.Settle(lo)), max(out.Value, frame.Settle(hi))
	}
	if crossed && out.Flag == model.OK {
		out.Flag = model.Estimated
	}
	return out
}

// interval of a zone's figure; its value twice where none is known, NaN where there is no figure.
func interval(f frame.Figures, zone int32) (lo, hi float64, known bool) {
	if math.IsNaN(f.Lo[zone]) || math.IsNaN(f.Hi[zone]) {
		return f.Value[zone], f.Value[zone], false
	}
	return f.Lo[zone], f.Hi[zone], true
}

func (out *Figure) count(f frame.Figures, zone int32) {
	switch f.Flag[zone] {
	case model.NotPublished:
		out.NotPublished++
	case model.NoData:
		out.NoData++
	}
}
