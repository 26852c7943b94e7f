package geom

import "github.com/paulmach/orb"

// flatten removes what wraps a geometry: empty parts, collections of one type, multis of one part, orb's rings and bounds.
// It gives nil when nothing is left.
func (c *cleaner) flatten(g orb.Geometry) orb.Geometry {
	switch g := g.(type) {
	case nil:
		return nil
	case orb.Point:
		return g
	case orb.Ring:
		return c.flatten(orb.Polygon{g})
	case orb.Bound:
		return g.ToPolygon()
	case orb.LineString:
		if len(g) > 0 {
			return g
		}
	case orb.Polygon:
		if p := c.rings(g); p != nil {
			return p
		}
	case orb.MultiPoint:
		if len(g) > 0 {
			return single(c, g, func(p orb.Point) orb.Geometry { return p })
		}
	case orb.MultiLineString:
		if g = keep(c, g, func(l orb.LineString) bool { return len(l) > 0 }); len(g) > 0 {
			return single(c, g, func(l orb.LineString) orb.Geometry { return l })
		}
	case orb.MultiPolygon:
		for i := range g {
			g[i] = c.rings(g[i])
		}
		if g = keep(c, g, func(p orb.Polygon) bool { return p != nil }); len(g) > 0 {
			return single(c, g, func(p orb.Polygon) orb.Geometry { return p })
		}
	case orb.Collection:
		return c.collection(g)
	}
	c.empty = true
	return nil
}

// rings drops empty rings of a polygon; nil when its outer ring is empty.
func (c *cleaner) rings(p orb.Polygon) orb.Polygon {
	if len(p) == 0 || len(p[0]) == 0 {
		return nil
	}
	return keep(c, p, func(r orb.Ring) bool { return len(r) > 0 })
}

// keep filters in place.
func keep[S ~[]E, E any](c *cleaner, parts S, good func(E) bool) S {
	n := 0
	for _, p := range parts {
		if good(p) {
			parts[n] = p
			n++
		}
	}
	if n < len(parts) {
		c.done |= partDropped
	}
	return parts[:n]
}

func single[S ~[]E, E any](c *cleaner, parts S, one func(E) orb.Geometry) orb.Geometry {
	if len(parts) == 1 {
		c.done |= unwrapped
		return one(parts[0])
	}
	return any(parts).(orb.Geometry)
}

// collection becomes a multi when its parts are of one type, and stays when they are not.
func (c *cleaner) collection(g orb.Collection) orb.Geometry {
	kept := orb.Collection{}
	for _, part := range g {
		if flat := c.flatten(part); flat != nil {
			if inner, ok := flat.(orb.Collection); ok {
				kept = append(kept, inner...)
			} else {
				kept = append(kept, flat)
			}
		}
	}
	switch {
	case len(kept) == 0:
		c.empty = true
		return nil
	case len(kept) < len(g):
		c.done |= partDropped
	}
	if multi := gather(kept); multi != nil {
		c.done |= unwrapped
		return multi
	}
	return kept
}

// gather joins parts of one dimension into a multi; nil when they differ.
func gather(parts orb.Collection) orb.Geometry {
	if len(parts) == 1 {
		return parts[0]
	}
	var points orb.MultiPoint
	var lines orb.MultiLineString
	var polygons orb.MultiPolygon
	for _, part := range parts {
		switch part := part.(type) {
		case orb.Point:
			points = append(points, part)
		case orb.MultiPoint:
			points = append(points, part...)
		case orb.LineString:
			lines = append(lines, part)
		case orb.MultiLineString:
			lines = append(lines, part...)
		case orb.Polygon:
			polygons = append(polygons, part)
		case orb.MultiPolygon:
			polygons = append(polygons, part...)
		}
	}
	switch {
	case lines == nil && polygons == nil:
		return points
	case points == nil && polygons == nil:
		return lines
	case points == nil && lines == nil:
		return polygons
	}
	return nil
}
