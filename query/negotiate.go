package query

import (
	"slices"
	"strconv"
	"strings"

	"jumeau/model/bake"
)

// preference is one element of an Accept, Accept-Encoding or Accept-Language header, with its weight (RFC 9110, 12.4.2).
type preference struct {
	name   string
	weight float64
}

func preferences(header string) []preference {
	var out []preference
	for element := range strings.SplitSeq(header, ",") {
		name, rest, _ := strings.Cut(element, ";")
		p := preference{strings.ToLower(strings.TrimSpace(name)), 1}
		if p.name == "" {
			continue
		}
		for parameter := range strings.SplitSeq(rest, ";") {
			key, value, _ := strings.Cut(strings.TrimSpace(parameter), "=")
			if strings.EqualFold(key, "q") {
				if q, err := strconv.ParseFloat(value, 64); err == nil && q >= 0 && q <= 1 {
					p.weight = q
				}
			}
		}
		if out = append(out, p); len(out) == 32 {
			break // no honest client sends more
		}
	}
	return out
}

// choose is the offer the header likes best, the first one among equals; the first of all when it names none.
// matches says whether an element of the header stands for an offer, and how exactly: 0 not at all.
func choose(header string, offers []string, matches func(element, offer string) int) string {
	wanted := preferences(header)
	best, weight := offers[0], 0.0
	for _, offer := range offers {
		exact, w := 0, 0.0
		for _, p := range wanted {
			if m := matches(p.name, offer); m > exact {
				exact, w = m, p.weight
			}
		}
		if w > weight {
			best, weight = offer, w
		}
	}
	return best
}

// mediaType chooses what to answer with.
func mediaType(accept string, offers ...string) string {
	return choose(accept, offers, func(element, offer string) int {
		kind, _, _ := strings.Cut(offer, "/")
		switch element {
		case offer:
			return 3
		case kind + "/*":
			return 2
		case "*/*":
			return 1
		}
		return 0
	})
}

// Content codings, in the server's order of preference; "" sends the bytes as they are.
const (
	brotliCoding = bake.Brotli
	gzipCoding   = bake.Gzip
)

// codings are those that a client takes, in the server's order of preference. Clients that say nothing take none.
func codings(acceptEncoding string) (out []string) {
	wanted := preferences(acceptEncoding)
	named := func(name string) (weight float64, ok bool) {
		i := slices.IndexFunc(wanted, func(p preference) bool { return p.name == name })
		if i < 0 {
			return 0, false
		}
		return wanted[i].weight, true
	}
	for _, offer := range []string{brotliCoding, gzipCoding} {
		weight, ok := named(offer)
		if !ok && offer == gzipCoding { // what every client that takes anything can read
			weight, _ = named("*")
		}
		if weight > 0 {
			out = append(out, offer)
		}
	}
	return out
}

// coding chooses how to compress: one of those that lie ready when some do, else the first.
func coding(acceptEncoding string, ready bake.Body) string {
	taken := codings(acceptEncoding)
	for _, c := range taken {
		if ready.In(c) != nil {
			return c
		}
	}
	if len(taken) == 0 {
		return ""
	}
	return taken[0]
}

// language chooses between French and English; French when the header names neither.
func language(acceptLanguage string) string {
	return choose(acceptLanguage, []string{"fr", "en"}, func(element, offer string) int {
		main, _, _ := strings.Cut(element, "-")
		switch {
		case element == offer:
			return 3
		case main == offer:
			return 2
		}
		return 0
	})
}
