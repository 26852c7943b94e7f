// Package batch is one run: sources in, a signed release out.
//
// It drives ingest and model in the order of the architecture page: refuse, load, zones, facts, layers, release. Nothing of
// a failed run is left behind, and the served release is untouched until the last step moves the pointer.
package batch
