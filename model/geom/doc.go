// Package geom makes geometries fit for the model: it repairs what can be repaired without changing the place described,
// refuses the rest with a stable code and the place of the fault, and writes and reads well-known binary.
//
// In: an orb.Geometry as a reader found it. Out: a geometry that is valid in the sense of OGC Simple Features (the verdict of
// GEOS and PostGIS), closed and wound as RFC 7946 asks, or a Defect that becomes a row of the reject table.
//
//	g, repairs, defect := geom.Clean(g, geom.Polygon)
//	if defect != nil {
//		reject(defect.Code, defect.Reason)
//	}
package geom
