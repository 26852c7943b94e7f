// Package gate is the only place where rows about persons, devices, households, enterprises or respondents exist.
//
// In: batches that a contract has bound, whose roles say which column is the unit, the place and the time. Out: a Cube of
// protected figures, which nothing else can make: its fields are unexported, and so is every form of a row. Between the two a
// row is 16 bytes, a pseudonym under a key that lives as long as the Gate and a cell, and it is never written anywhere.
//
//	g, err := gate.Open(ctx, gate.Setup{Source: src, Privacy: territory.Privacy, …})
//	defer g.Close()                       // keys and rows are zeroed
//	for … { err = g.Feed(batch) }
//	cube, err := g.Release(ctx, ledger)   // once; charged to the ledger before anything is drawn
//	figures := cube.Tables()[0].Figures("iris", "weekday-08")
//
// Nothing that Gate returns before Release depends on the rows, save an error about the program's own limits. There is no
// mode without noise. The specification, its proofs and a worked example are in doc/gate.
package gate
