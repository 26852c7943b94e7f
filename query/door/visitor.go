package door

import (
	"slices"
	"strings"
)

// Audiences, from the least trusted on.
const (
	Public  = "public"
	Agent   = "agent"
	Steward = "steward"
)

// Audiences in their order: who is of one sees what those before it see.
var Audiences = []string{Public, Agent, Steward}

// Verb is something that a visitor may do. A visitor may do several: Read|Export.
type Verb uint8

const (
	Read    Verb = 1 << iota // look: catalogue, tiles, figures, the page
	Export                   // take whole layers away as files
	Admin                    // see how the model is kept, and move the pointer
	Metrics                  // read the server's own figures
)

var verbNames = []string{"read", "export", "admin", "metrics"}

// ParseVerb reads the name of a verb.
func ParseVerb(name string) (Verb, bool) {
	i := slices.Index(verbNames, name)
	return Verb(1 << max(i, 0)), i >= 0
}

func (v Verb) String() string {
	var names []string
	for i, name := range verbNames {
		if v&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, ",")
}

// VerbsOf are what everybody of an audience may do.
func VerbsOf(audience string) Verb {
	if audience == Steward {
		return Read | Export | Admin | Metrics
	}
	return Read | Export
}

// Doors a visitor may come in by.
const (
	ByNobody = ""       // anonymous
	ByToken  = "token"  // a program, with a bearer token
	ByPerson = "person" // a session, after signing in
	ByProxy  = "proxy"  // a proxy on the list says who it is
)

// Visitor is who asks, as far as it matters: what they may see and do. The zero value may nothing.
type Visitor struct {
	Audience string
	Layers   []string // only these, sorted; nil: all of the audience
	Verbs    Verb
	By       string // the door
	Who      string // pseudonym, or the id of a token; "" for the anonymous
	Session  *Session
	CSRF     string // what a form must repeat; "" for who comes with a bearer token, and the anonymous
}

// Anonymous is a visitor of whom nothing is known.
func Anonymous(audience string) Visitor {
	return Visitor{Audience: audience, Verbs: VerbsOf(audience) &^ (Admin | Metrics)}
}

// May says whether the visitor may do it.
func (v Visitor) May(verb Verb) bool { return v.Verbs&verb == verb }

// Known says whether the visitor came in by a door.
func (v Visitor) Known() bool { return v.By != ByNobody }

// Open says whether everybody sees what the visitor sees: the answers may be kept by caches that others share.
func (v Visitor) Open() bool { return v.Audience == Public && v.Layers == nil && !v.Known() }

// View names what the visitor sees of a release: visitors with the same view are given the same bytes.
func (v Visitor) View() string {
	if v.Layers == nil {
		return v.Audience
	}
	return v.Audience + "/" + strings.Join(v.Layers, ",")
}

// rank of an audience; -1 for an unknown one.
func rank(audience string) int { return slices.Index(Audiences, audience) }

// Higher is the audience of the two that sees more.
func Higher(a, b string) string {
	if rank(b) > rank(a) {
		return b
	}
	return a
}
