// Package format reads the files of producers: a file goes in, batches of Arrow columns and geometry come out.
//
// GeoJSON (one document, newline-delimited or RS-separated), JSON tables, CSV and TSV, Parquet and GeoParquet, Shapefile;
// each plain, gzip-compressed or in a zip archive. Formats, encodings and delimiters are recognised by content, never by
// name. Everything streams: memory does not grow with the file.
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
