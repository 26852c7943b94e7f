// Package place invents the demonstration territory: terrain, water, communes, streets, buildings, people.
//
// In: a seed. Out: a World, wholly in memory, in metres of EPSG:2154 (Lambert-93). Nothing in it exists: names, codes
// (department 99) and figures are made up. The same seed gives the same World whatever the number of processors.
//
//	w := place.New(place.Options{Seed: 1})
//	len(w.Communes) // 36
//
// The order of invention is the order of geography: relief and rivers (terrain.go), who owns which land (parish.go), where
// people settled (settle.go), the roads between them (roads.go), the streets inside (streets.go), what was built along the
// streets (buildings.go), and who lives, works and learns there (people.go).
package place
