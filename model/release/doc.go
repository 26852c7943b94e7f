// Package release publishes the model of a territory as an immutable, signed folder, and reads it back.
//
// In comes a folder of files that a run has built (a Draft) and its Manifest. Out comes releases/<id>, complete or not at
// all, and the pointer releases/current moved to it:
//
//	d, err := release.Begin("releases")          // one run at a time; leftovers of a killed run are removed
//	defer d.Close()
//	write(d.Dir(), ...)                          // layers/, zones/, values/, flows/, model.duckdb
//	id, published, err := d.Publish(ctx, m)      // hashed, signed, verified, synced, renamed
//
// The id is the time of publication and the start of the content id: SHA-256 over the paths and digests of the files and
// over what the manifest says of them. The same inputs give the same content id, and then nothing is published twice.
//
// A process killed at any moment leaves the old release or the new one, whole: a release gets its name by one rename, the
// pointer moves by another, and everything is on disk before either.
package release
