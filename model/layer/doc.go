// Package layer writes and reads the layer file: the features of one layer, ready to be cut into tiles.
//
// In: Arrow batches with columns id, key, geometry (WKB, OGC:CRS84) and the layer's properties, in any order and number.
// Out: one Arrow IPC file whose memory map is the data: features along a Hilbert curve, coordinates as int32 Web Mercator,
// and beside every vertex the lowest zoom at which it is drawn. The format is described in doc/layer-file.md.
//
//	stats, err := layer.Write(ctx, "communes.arrow", layer.Spec{
//		Name: "communes", Geometry: "polygon", MinZoom: 5, MaxZoom: 14, SharedBorders: true,
//		Properties: []layer.Property{{Name: "name", Type: "text"}},
//	}, rows, layer.WriteOptions{})
//	f, err := layer.Open("communes.arrow")
//	defer f.Close()
//
// query/tile encodes vector tiles from the arrays of a File.
package layer
