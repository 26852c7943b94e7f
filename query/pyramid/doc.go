// Package pyramid encodes all tiles of a layer that hold something, in parallel, and hands them on in the order of a tile
// archive: zoom after zoom, within a zoom along the Hilbert curve.
//
// In: an open layer file, zooms, and what to make of the bytes of a tile. Out: a call per tile, one at a time.
//
//	err := pyramid.Encode(ctx, file, pyramid.Options{MinZoom: 5, MaxZoom: 14}, gzipped,
//		func(p pyramid.Place, body []byte) error { return archive.Add(p.ID, body) })
//
// Memory is bounded by the tiles in flight, whatever the size of the layer; the places of one zoom are held as 24 bytes each.
package pyramid
