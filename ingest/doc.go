// Package ingest reads the sources of a territory into the build file.
//
// In: a declared territory, its files. Out: one table a source in the build file (typed columns, geometry in OGC:CRS84),
// the reject table, the zone systems that sources give, and an account of every row: read = loaded + rejected + skipped.
//
// Rows about persons, devices, households, enterprises or respondents (classes C, E, F, G) never become a table: Protect streams
// them, under the same contracts, from the reader into a gate (ingest/gate). Of such rows nothing is kept here, rejects are
// counted by code only, and no message quotes the file.
package ingest
