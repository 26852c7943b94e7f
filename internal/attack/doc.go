// Package attack plays the attacker of a release whose truth is known, because the territory is invented.
//
// In: a Town (what each invented person did) and a Publisher (the gate, or a weaker way to publish). Out: for each attack, how
// often it succeeds against the gate, what theory bounds it by, and how often the same attack succeeds against a plain redaction
// ("drop counts up to 15, publish exact totals").
//
//	results, err := attack.Run(ctx, town, attack.Options{K: 20, Epsilon: 1, Delta: 1e-6})
//
// The attacker is the strong one of the theory: he knows the rules, the code, and the rows of everybody but his target. Attacks
// are those of the gate's specification: T7 membership, T8 differencing, T9 reconstruction, T10 averaging, T12 uniqueness, T13
// the attacks on trajectories, T15 homogeneity.
package attack
