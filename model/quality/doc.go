// Package quality is what a release remembers of the files of its open sources: a profile of each file that was read, in a bounded
// history that goes from release to release, and how far a new file lies from it.
//
// In: profiles. Out: findings in sentences, and the file quality.json of a release. A profile holds counts, shares and quantiles of
// a whole file; nothing of sources about people.
package quality
