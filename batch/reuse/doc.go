// Package reuse keeps what a run made, so that the next one makes again only what changed.
//
// In: files, and the inputs that they follow from (hashes of files and declarations, keys of what they were made from, the
// program). Out: the same files, when the same inputs come again and every byte is as it was; or what is different now.
//
// A folder of kept things may be removed at any time: the next run makes everything again, with the same result. It holds nothing
// that rows about people went into.
package reuse
