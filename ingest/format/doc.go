// Package format reads the files of producers: a file goes in, batches of Arrow columns and geometry come out.
//
// GeoJSON (one document, newline-delimited or RS-separated), TopoJSON, JSON tables and FIWARE entities, CSV and TSV, Parquet
// and GeoParquet, Arrow, Shapefile, GeoPackage, FlatGeobuf, KML, GML, CityGML and CityJSON, OpenStreetMap (PBF and XML), GTFS
// and GTFS Realtime, XLSX and ODS; each plain, compressed (gzip, bzip2, zstd, xz) or in archives (zip, 7z), four deep.
// Formats, encodings and delimiters are recognised by content, never by name.
//
// Everything streams: memory does not grow with the file, except as said here. OpenStreetMap: 8 bytes a node, in a temporary
// file beyond 256 MB, and about 200 bytes a multipolygon relation. GTFS: 20 bytes a stop time, 24 a point of a shape. XLSX:
// the shared texts, at most 512 MB. TopoJSON, a CityJSON document that is no sequence, GTFS Realtime: whole, at most 128 MB.
// Archives inside archives, and Parquet, GeoPackage, PBF and 7z inside them, go through a temporary file.
//
//	r, err := format.Open(ctx, "communes.geojson.gz", format.Options{})
//	if err != nil { … }
//	defer r.Close()
//	r.Select([]string{"code", "nom"})
//	for {
//		batch, err := r.Next()
//		if err == io.EOF { break }
//		…
//	}
//
// A broken file is an error. A broken record is a Bad, and reading goes on with the next one. Coordinates stay in the
// file's CRS (Info.CRS); Z and M are dropped.
package format
