// Package model is the vocabulary of jumeau: the words of a territory and of a release, and the one error type.
//
// It has no I/O and imports nothing of ours. Declarations (territory.yaml, sources/*.yaml, layers/*.yaml) are read into
// these types by model/declare; ingest turns sources into tables, model/fact into measures, model/layer into layers, and
// model/release publishes them.
package model
