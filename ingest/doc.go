// Package ingest reads the sources of a territory into the build file.
//
// In: a declared territory, its files. Out: one table a source in the build file (typed columns, geometry in OGC:CRS84),
// the reject table, the zone systems that sources give, and an account of every row: read = loaded + rejected + skipped.
//
// Sources about persons, devices, households, enterprises or respondents (classes C, E, F, G) are refused here, before a
// byte of them is read, until the gate that protects them exists.
package ingest
