package cog

import "fmt"

// Arrondissements are the municipal districts of Paris, Lyon and Marseille, which files name in the place of communes, with the
// commune of each.
func Arrondissements() map[string]string {
	out := map[string]string{}
	for _, city := range []struct {
		commune     string
		first, last int
	}{{"75056", 75101, 75120}, {"69123", 69381, 69389}, {"13055", 13201, 13216}} {
		for code := city.first; code <= city.last; code++ {
			out[fmt.Sprint(code)] = city.commune
		}
	}
	return out
}
