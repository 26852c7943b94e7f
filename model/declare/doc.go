// Package declare reads a territory folder (territory.yaml, sources/*.yaml, layers/*.yaml) into a model.Territory.
//
// Reading is strict: an unknown key, a wrong type, a bad value or a bad reference is a Problem with file, line, column and
// what to write instead. Every problem of the whole folder is collected before Read gives up:
//
//	t, err := declare.Read(os.DirFS("data/sicoval"))
//	var problems declare.Problems
//	if errors.As(err, &problems) {
//		fmt.Print(problems.Text()) // layers/mobility.yaml:14:5: unknown key "min_zom" (did you mean "min_zoom"?) …
//	}
//
// What is left out gets its default (defaults.go); Resolved prints what was understood. Which values a key takes stands
// in one table (rules.go), from which the JSON schemas and the reference page are generated too.
package declare
