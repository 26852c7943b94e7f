// Package contract holds a source to what it promised.
//
// In: batches of a reader (text or native columns, geometry in the file's CRS). Out: typed Arrow batches ready for the
// build file (geometry as WKB in OGC:CRS84), and rejects: one row that broke its contract, with its line, a stable code and
// a reason. A row is either bound, rejected or skipped (it does not belong to the territory); none is lost.
//
// Rules that need the whole source (unique, refers, found_in, within) are applied by ingest in SQL after loading.
package contract
