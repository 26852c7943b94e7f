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
// Areas, shares and labels are computed in the plane of EPSG:3035, which keeps areas: a square metre there is one on the
// ellipsoid.
package zone
