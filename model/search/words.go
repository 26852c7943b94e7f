package search

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// expansions are what French addresses shorten, as the page (query/web/src/find/words.ts) knows them too.
var expansions = map[string]string{
	"r": "rue", "av": "avenue", "ave": "avenue", "bd": "boulevard", "bld": "boulevard", "blvd": "boulevard", "boul": "boulevard",
	"pl": "place", "ch": "chemin", "che": "chemin", "chem": "chemin", "rte": "route", "imp": "impasse", "all": "allee", "sq": "square",
	"crs": "cours", "fg": "faubourg", "fbg": "faubourg", "lot": "lotissement", "res": "residence", "pass": "passage", "qu": "quai",
	"st": "saint", "ste": "sainte", "gal": "general", "mal": "marechal", "dr": "docteur", "pdt": "president", "cdt": "commandant", "capt": "capitaine",
	"prof": "professeur", "za": "zone", "zi": "zone", "rpt": "rondpoint",
}

// common words lead nowhere by themselves: kinds of streets and articles.
var common = set("rue avenue boulevard place chemin route impasse allee square cours faubourg lotissement residence passage quai " +
	"de du des d la le les l et a au aux en sur sous")

func set(words string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(words) {
		out[w] = true
	}
	return out
}

var ligatures = strings.NewReplacer("œ", "oe", "æ", "ae")

// Fold is a text as it is compared: words in lower case without accents, ligatures, punctuation or shortenings.
func Fold(text string) []string {
	plain := strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case unicode.IsLetter(r) || unicode.IsNumber(r):
			return r
		}
		return ' '
	}, norm.NFD.String(ligatures.Replace(strings.ToLower(text))))
	words := strings.Fields(plain)
	for i, w := range words {
		if full := expansions[w]; full != "" {
			words[i] = full
		}
	}
	return words
}

// keys are the words by which a name is found: all but the common ones, each once; all when there are no others.
func keys(name string) []string {
	words := Fold(name)
	var out []string
	seen := map[string]bool{}
	for _, w := range words {
		if !common[w] && !seen[w] {
			seen[w] = true
			out = append(out, w)
		}
	}
	if len(out) == 0 && len(words) > 0 {
		return words[:1]
	}
	return out
}
