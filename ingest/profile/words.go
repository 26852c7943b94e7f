package profile

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// name is a column's name as lower-case words without accents: "dateNaissance", "DATE_NAISS." → date, naissance.
type name []string

func words(text string) name {
	var out name
	var word strings.Builder
	flush := func() {
		if word.Len() > 0 {
			out = append(out, word.String())
			word.Reset()
		}
	}
	lower := false
	for _, r := range norm.NFD.String(text) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if unicode.IsUpper(r) && lower {
				flush()
			}
			lower = unicode.IsLower(r)
			word.WriteRune(unicode.ToLower(r))
		default:
			lower = false
			flush()
		}
	}
	flush()
	return out
}

func (n name) any(among ...string) bool {
	return slices.ContainsFunc(n, func(w string) bool { return slices.Contains(among, w) })
}

// joined is the name as one word, for names that run together ("datenaiss").
func (n name) joined() string { return strings.Join(n, "") }

// identifier makes a name of a declaration out of a column's, different from those taken.
func identifier(text string, taken map[string]bool) string {
	id := strings.Map(func(r rune) rune {
		if r < 128 {
			return r
		}
		return -1
	}, strings.Join(words(text), "_"))
	id = strings.Trim(id, "_")
	if id == "" || id[0] < 'a' || id[0] > 'z' {
		id = "c_" + id
	}
	id = strings.TrimRight(id[:min(len(id), 50)], "_")
	out := id
	for n := 2; taken[out]; n++ {
		out = fmt.Sprintf("%s_%d", id, n)
	}
	taken[out] = true
	return out
}

// units by the word with which a name ends, or that it holds.
var units = []struct {
	unit  string
	words []string
}{
	{"km/h", []string{"kmh", "vitesse", "speed", "vlegale"}},
	{"km", []string{"km", "kilometres"}},
	{"ha", []string{"ha", "hectares"}},
	{"m²", []string{"m2", "surface", "superficie", "contenance", "area"}},
	{"m", []string{"hauteur", "height", "longueur", "length", "altitude", "metres", "largeur", "width"}},
	{"min", []string{"min", "minutes"}},
	{"s", []string{"secondes", "seconds", "sec"}},
	{"€", []string{"eur", "euros", "montant", "prix", "valeur_fonciere", "fonciere", "loyer", "price"}},
	{"%", []string{"pct", "pourcentage", "taux", "percent", "rate"}},
	{"dB", []string{"db", "decibels"}},
}

func unitOf(column string) string {
	w := words(column)
	for _, u := range units {
		if w.any(u.words...) {
			return u.unit
		}
	}
	return ""
}

func keys[K comparable, V any](m map[K]V) iter.Seq[K] { return maps.Keys(m) }
