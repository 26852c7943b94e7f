// Package export writes a layer of a release as a file that other programs open, and a release as a folder that any web
// server hands out.
//
// In: an open release. Out: a file, whole or not at all. Nothing is exported that the release does not publish.
//
//	r, err := release.Open("releases", id)
//	err = export.Layer(ctx, r, "buildings", export.Options{Format: "pmtiles", Path: "buildings.pmtiles"})
//
// Tiles come from the same encoder as those of the server, so they are the same bytes. Tables come from the GeoParquet file of
// the release: coordinates as the source had them, not those of the tile grid.
package export
