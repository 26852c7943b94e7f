// Package profile looks at a file that nobody has described yet, and drafts its declaration.
//
// A file goes in; a Profile comes out: its format, its columns with their likely types, ranges and marks for "no data", where
// its coordinates are, and which columns look as if they were about persons, by their names and by their values. A Profile
// becomes the text of sources/NAME.yaml with Draft: what only a steward knows is marked, and nothing runs until it is filled in.
//
//	p, err := profile.Look(ctx, "comptages.csv", profile.Options{})
//	if err != nil { … }
//	text := p.Draft(profile.DraftOptions{ID: "comptages", Path: "raw/comptages.csv"})
//
// A suspicion is a reason to look, not a proof, and no suspicion is no proof of the contrary: only rows that were looked at
// count, and a steward decides.
package profile
