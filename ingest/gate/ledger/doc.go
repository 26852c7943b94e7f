// Package ledger keeps account of the privacy that each source has spent.
//
// In: charges, each before a figure is drawn. Out: a file of one JSON object a line, append-only, each line bound to the one
// before by SHA-256, so that an entry cannot be changed or taken out of the middle unseen. (The end can be cut off: releases
// carry the hash of their entry, and Verify is asked for it.)
//
// A charge is on disk, synced, before Charge returns; a line torn by a crash was never returned and is cut off by the next
// charge. The year that a charge counts in is that of the data, not that of the clock: setting the clock back buys nothing.
package ledger
