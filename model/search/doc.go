// Package search makes the index by which a page finds streets, house numbers and facilities without asking a server anything: files
// of at most 64 kB in the release, of which a page reads those that its words point to.
//
// An index of a layer is search/LAYER/index.json, files of names w0.json, w1.json, …, in the order of their words, and files of
// house numbers n0.json, …, in the order of their streets. Coordinates are whole hundred-thousandths of a degree (about a metre).
package search
