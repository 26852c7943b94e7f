package geom

import (
	"github.com/paulmach/orb"
)

// contact is how two segments meet.
type contact uint8

const (
	apart    contact = iota
	touching         // at one point that is an end of at least one of them
	crossing         // at one point inside both
	overlaid         // along a stretch
)

// meet says how the segments ab and cd meet, and where when they touch.
func meet(a, b, c, d orb.Point) (contact, orb.Point) {
	if max(a[0], b[0]) < min(c[0], d[0]) || max(c[0], d[0]) < min(a[0], b[0]) ||
		max(a[1], b[1]) < min(c[1], d[1]) || max(c[1], d[1]) < min(a[1], b[1]) {
		return apart, orb.Point{}
	}
	oc, od := Orient(a, b, c), Orient(a, b, d)
	if oc > 0 && od > 0 || oc < 0 && od < 0 {
		return apart, orb.Point{}
	}
	oa, ob := Orient(c, d, a), Orient(c, d, b)
	if oa > 0 && ob > 0 || oa < 0 && ob < 0 {
		return apart, orb.Point{}
	}
	switch {
	case oc == 0 && od == 0:
		return meetOnLine(a, b, c, d)
	case oc == 0:
		return touching, c
	case od == 0:
		return touching, d
	case oa == 0:
		return touching, a
	case ob == 0:
		return touching, b
	}
	return crossing, crossingPoint(a, b, c, d)
}

// SegmentsMeet says, exactly, whether the segments ab and cd have a point in common.
func SegmentsMeet(a, b, c, d orb.Point) bool {
	kind, _ := meet(a, b, c, d)
	return kind != apart
}

// meetOnLine is meet for segments on one line whose boxes meet.
func meetOnLine(a, b, c, d orb.Point) (contact, orb.Point) {
	k := 0 // compare along the longer extent
	if a[0] == b[0] && c[0] == d[0] {
		k = 1
	}
	if a[k] > b[k] {
		a, b = b, a
	}
	if c[k] > d[k] {
		c, d = d, c
	}
	switch {
	case b[k] < c[k] || d[k] < a[k]:
		return apart, orb.Point{}
	case b[k] == c[k]:
		return touching, b
	case d[k] == a[k]:
		return touching, a
	}
	return overlaid, orb.Point{max(a[0], c[0]), max(a[1], c[1])}
}

// crossingPoint is where the lines ab and cd cross, rounded.
func crossingPoint(a, b, c, d orb.Point) orb.Point {
	ux, uy := b[0]-a[0], b[1]-a[1]
	vx, vy := d[0]-c[0], d[1]-c[1]
	t := ((c[0]-a[0])*vy - (c[1]-a[1])*vx) / (ux*vy - uy*vx)
	return orb.Point{a[0] + t*ux, a[1] + t*uy}
}
