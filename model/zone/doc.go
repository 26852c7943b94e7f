// Package zone holds zone systems: communes, IRIS, INSEE grid cells, counters, or a territory's own places, with what joins
// them: which zone a point, a line or a building lies in, and how one system overlaps another. Everything is in memory.
//
// In: features (id, name, valid geometry in degrees), cell ids, or groups of the zones of another system. Out: a System whose
// zones are sorted by id; the position of a zone is the index by which values, flows and layers join it.
//
//	communes, err := zone.FromFeatures(zone.Spec{ID: "commune"}, features)
//	locator := zone.NewLocator(communes)
//	locator.Locate(points, out) // out[i]: position of the commune of points[i], -1 for none
//
// Geometries are what GeoJSON says they are: an edge is the straight line between two positions in longitude and latitude.
// Areas and shares are those of such polygons on the ellipsoid, computed without projecting them, so that zones that meet in
// degrees neither overlap nor leave gaps in square metres.
package zone
