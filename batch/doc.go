// Package batch is one run: sources in, a signed release out.
//
// It drives ingest and model in the order of the architecture page: refuse, load, zones, facts, layers, people, release. Nothing of
// a failed run is left behind, and the served release is untouched until the last step moves the pointer.
//
// Sources about people come last, because what is drawn from them is charged to the ledger before the release is there. A period
// is drawn once: later runs carry its figures over (doc/decisions/0011).
package batch
