// Package verify re-checks a release from the outside: with nothing but its files, its public key and the ledger, so that
// anybody who holds a copy can, without the raw data and without the gate's code.
//
//	report, err := verify.Run(ctx, verify.Options{Releases: "releases", ID: id})
//	report.OK()      // every check passed
//
// Each check says what it means in French and in English, and what it found against it. A check that is not about this
// release (no class C source, no database reader given) says so rather than pass in silence.
//
// It reads the ledger and the privacy cards by their own format, and shares no code with the gate that wrote them: a fault
// there does not hide itself here.
package verify
