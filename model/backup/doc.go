// Package backup writes what a server and its runs cannot make again into one file, and brings it back.
//
// In: a releases folder (releases, keys, the privacy ledger, the diary, pointer and hold) and perhaps the state folder of a server.
// Out: a tar file packed with zstd, which `tar --zstd -xf` reads as well, whose last entry, SHA256SUMS, is what `sha256sum -c` takes.
//
// Releases are immutable, so that a backup may be made while runs and servers go on. The ledger is read after the releases: it may
// know of more than they show, never of less.
//
// Bringing back is careful in three places. A ledger that is longer than that of the backup stays; where there is none, the time
// between the backup and now becomes a gap (model.LedgerGap), in which everything counts as spent, because a budget must not be
// spent twice. Tokens are not brought back unless that is asked for: some may have been revoked since. And a key that differs from the
// one there is never replaced.
package backup
