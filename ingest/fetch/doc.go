// Package fetch brings the files of declared sources to this machine, and writes down what it brought.
//
// In: sources with from.url (https, http, S3) and a work folder. Out: files below WORK/fetched that are whole and have the
// checksum that was declared or published, and WORK/jumeau.lock, which says where each came from, when, and which bytes it is.
//
//	result, err := fetch.Run(ctx, territory, territory.Sources, fetch.Options{Work: "my-town", Folders: folders, Log: log})
//	ingest.Load(ctx, store, src, ingest.Options{Fetched: result.Files, …})
//
// A producer is asked whether its file changed (ETag, If-Modified-Since), by one connection at a time, not more often than
// from.every, with a name and an address to complain to. A download that breaks off goes on where it stopped, when the producer
// says that the file is still the same; it is tried again after longer and longer waits, or when the producer says. Until a new
// file is whole and checked, the old one stays, and is used when the producer does not answer: the source is then late, which
// the run says.
//
// Addresses are those an operator declared, but what a producer answers is not trusted: few redirects, never from https to
// http, never from the internet into a private network; cloud metadata addresses are refused always. Secrets come from the
// environment or from a file and are in no message, lock, log or release. Rows about people are not fetched: from.path only.
package fetch
