// Package pmtiles writes and reads PMTiles archives: all tiles of a layer in one file that any web server can serve by ranges
// (PMTiles specification, version 3.1; https://github.com/protomaps/PMTiles).
//
// In: tiles, already compressed, in the order of their ids. Out: a clustered archive in which equal tiles lie once.
//
//	w, err := pmtiles.NewWriter(dir, pmtiles.Gzip)
//	defer w.Close()
//	err = w.Add(pmtiles.ID(maptile.New(516, 373, 10)), body) // ids ascend
//	stats, err := w.Finish(file, pmtiles.Info{MaxZoom: 14})
//
// Readers are told nothing that is not so: an archive that Open accepts has every tile inside the file, where its directory
// says.
package pmtiles
