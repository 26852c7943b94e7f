// Package generate writes the files of the demonstration territory as French producers would have published them.
//
// In: a seed. Out: a folder with raw/ (what `jumeau demo` loads) and raw-people/ (rows about simulated persons, for the gate;
// never loaded directly). The same options give the same bytes, whatever the number of processors.
//
//	report, err := generate.Generate(ctx, dir, generate.Options{Seed: 1})
//
// The files hold the deliberate defects listed in Defects.
package generate
