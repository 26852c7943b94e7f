// Package area is what a client draws on the map, laid over the features of a layer.
//
// In: a geometry in any coordinate system of package crs, at most MaxVertices long. Out: a Shape on the grid of the layer files
// (model/layer, 7 mm on the ground), which says exactly whether it meets a feature, and what share of a zone lies in it.
//
//	shape, err := area.New(polygon, crs.CRS84)
//	rows := file.Search(nil, shape.Box())
//	inside := shape.Match(batch, row)
//	share := shape.Share(batch, row)
//
// Whether shapes meet is decided in whole numbers, without rounding; borders belong to both. An edge is straight in the system that the
// client drew it in: long ones become chains on the grid that are nowhere further from it than a unit of the grid.
package area
