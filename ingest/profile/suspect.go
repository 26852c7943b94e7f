package profile

import (
	"fmt"
	"slices"
	"strings"
)

// Suspicion is a reason to think that a column is about persons.
type Suspicion struct {
	Kind   string // stable: email, phone, identifier, trace…
	FR, EN string // what was seen, without a value
}

// byName are the words of a column's name that betray what it holds, whole words only.
var byName = []struct {
	kind, fr, en string
	words        []string
	joined       []string // in names that run together
}{
	{"email", "courriel, d'après le nom", "e-mail, by its name", []string{"email", "mail", "courriel", "mel"}, nil},
	{"phone", "téléphone, d'après le nom", "telephone, by its name", []string{"tel", "telephone", "phone", "mobile", "portable", "fax", "msisdn", "gsm"}, nil},
	{"nir", "numéro de sécurité sociale, d'après le nom", "social security number, by its name", []string{"nir", "insee_nir", "ssn"}, []string{"securitesociale", "numsecu"}},
	{"iban", "compte bancaire, d'après le nom", "bank account, by its name", []string{"iban", "rib", "bic"}, nil},
	{"mac", "adresse matérielle, d'après le nom", "hardware address, by its name", []string{"mac", "bssid", "imei", "imsi", "udid", "idfa", "aaid"}, []string{"macaddress", "adressemac", "deviceid", "advertisingid"}},
	{"plate", "immatriculation, d'après le nom", "number plate, by its name", []string{"plaque", "immat", "immatriculation", "vin"}, []string{"licenceplate", "licenseplate", "numberplate", "platenumber"}},
	{"person", "nom de personne, d'après le nom", "name of a person, by its name", []string{"prenom", "prenoms", "firstname", "lastname", "surname", "patronyme", "usager", "demandeur", "proprietaire", "proprio",
		"beneficiaire", "titulaire", "gerant", "occupant", "locataire", "abonne", "allocataire", "eleve"}, []string{"firstname", "lastname", "nomfamille", "nomnaissance", "nomusage", "nomprenom", "nomdefamille"}},
	{"birth", "naissance, d'après le nom", "birth, by its name", []string{"naissance", "naiss", "birth", "birthdate", "dob", "ddn"}, []string{"datenaiss", "annenaiss", "birthdate", "dateofbirth"}},
	{"identifier", "identifiant de personne ou d'appareil, d'après le nom", "identifier of a person or device, by its name", []string{"user", "individu", "individual", "personne", "person", "badge",
		"carte", "abonnement", "passenger", "voyageur", "menage", "household", "respondent", "device", "vehicle", "vehicule"}, []string{"individualid", "personid", "userid", "clientid", "customerid", "vehicleid", "cardid", "deviceid", "householdid", "menageid"}},
	{"home", "domicile, d'après le nom", "home, by its name", []string{"domicile", "home", "logement_adresse"}, []string{"adressedomicile", "homeaddress", "homelat", "homelon"}},
	{"income", "revenu d'un foyer, d'après le nom", "income of a household, by its name", []string{"salaire", "salary", "rfr"}, []string{"revenufiscal", "quotientfamilial"}},
	{"health", "santé, d'après le nom", "health, by its name", []string{"handicap", "pathologie", "diagnostic", "maladie"}, nil},
	{"free_text", "texte libre, où un nom peut se trouver", "free text, in which a name may stand", []string{"commentaire", "commentair", "commentaires", "comment", "comments", "comm", "remarque", "remarques", "remark", "observation",
		"observations", "observatio", "note", "notes"}, nil},
}

// identifierWords are words of identifiers; whose they are is told by what goes with them.
var identifierWords = []string{"id", "ident", "identifiant", "uid", "uuid", "guid", "ref", "trip", "journey", "session", "course", "trajet", "trackid", "traj", "pseudo", "hash"}

// fewTexts is how many different texts a column of categories may have; beyond it, somebody wrote freely.
const fewTexts = 20

// suspect notes for each column why it may be about persons.
func (p *Profile) suspect() {
	for _, c := range p.Columns {
		c.suspectName()
		c.suspectContent()
	}
	p.suspectTraces()
}

func (c *Column) note(kind, fr, en string) {
	if !slices.ContainsFunc(c.Suspicions, func(s Suspicion) bool { return s.Kind == kind }) {
		c.Suspicions = append(c.Suspicions, Suspicion{kind, fr, en})
	}
}

func (c *Column) suspectName() {
	if c.Filled == 0 {
		return
	}
	w := words(c.Name)
	if len(w) == 1 && w[0] == "uid" { // of a contributor to OpenStreetMap, of a user
		c.note("identifier", "identifiant d'un utilisateur, d'après le nom", "identifier of a user, by its name")
	}
	for _, known := range byName {
		if w.any(known.words...) || slices.ContainsFunc(known.joined, func(j string) bool { return strings.Contains(w.joined(), j) }) {
			if known.kind == "identifier" && w.about() || known.kind == "free_text" && (c.Type != "text" || len(c.values) <= fewTexts) || known.kind == "home" && c.Type == "text" && c.longest <= 9 { // a code of commune
				continue
			}
			c.note(known.kind, known.fr, known.en)
		}
	}
}

func (c *Column) suspectContent() {
	for _, kind := range contents {
		n := c.content[kind.name]
		if n < kind.least || n == 0 || float64(n) < kind.share*float64(c.Filled) {
			continue
		}
		if kind.name == "phone" && c.Type == "integer" {
			continue
		}
		c.note(kind.name, fmt.Sprintf("%s : %d valeurs sur %d", kind.fr, n, c.Filled), fmt.Sprintf("%s: %d values of %d", kind.en, n, c.Filled))
	}
}

// about says whether a name is of a kind or a number of things, not of one of them: vehicleType, nb_personnes.
func (n name) about() bool {
	return n.any("type", "kind", "classe", "class", "nb", "nbr", "nbre", "nombre", "count", "total", "max", "min", "mode", "categorie", "category")
}

// suspectTraces finds identifiers that come back with precise times: whoever has them can follow somebody.
func (p *Profile) suspectTraces() {
	precise := p.precise()
	if precise == nil {
		return
	}
	located := p.Shape == "point" || p.X != "" || slices.ContainsFunc(p.Columns, func(c *Column) bool {
		w := words(c.Name)
		return w.any("lat", "latitude", "lon", "long", "longitude", "origin", "origine", "destination", "from", "to")
	})
	for _, c := range p.Columns {
		if c == precise || c.Place || !c.comesBack(p.Rows) {
			continue
		}
		c.note("trace", fmt.Sprintf("identifiant qui revient, avec l'heure exacte (%s)", precise.Name), fmt.Sprintf("identifier that comes back, with the exact time (%s)", precise.Name))
		if !located {
			continue
		}
		precise.note("trace", "heure exacte d'une unité suivie, avec un lieu", "exact time of a unit that can be followed, with a place")
		for _, place := range p.Columns {
			if place.Place {
				place.note("trace", "position d'une unité suivie", "position of a unit that can be followed")
			}
		}
	}
}

// precise is a column of times that are no whole hours: those of events, not of counts.
func (p *Profile) precise() *Column {
	for _, c := range p.Columns {
		if c.Type != "timestamp" || c.Filled == 0 {
			continue
		}
		odd := 0
		for text := range c.values {
			if clock := text[min(len(text), 11):]; len(clock) >= 5 && strings.Contains(clock, ":") && clock[3:5] != "00" && clock[3:5] != "30" && clock[3:5] != "15" && clock[3:5] != "45" {
				odd++
			}
		}
		if 2*odd > len(c.values) {
			return c
		}
	}
	return nil
}

// comesBack says whether a column looks like an identifier by its name, or is suspected already, and repeats.
func (c *Column) comesBack(rows int64) bool {
	n := int64(len(c.values))
	if n < 2 || c.Type == "number" || c.Type == "timestamp" || c.Type == "date" || !c.overflow && n == rows {
		return false
	}
	return words(c.Name).any(identifierWords...) || slices.ContainsFunc(c.Suspicions, func(s Suspicion) bool { return s.Kind == "identifier" || s.Kind == "mac" || s.Kind == "plate" })
}

// Suspected says whether any reason was found.
func (c *Column) Suspected() bool { return len(c.Suspicions) > 0 }

// Class is a proposal of the class under which a source may be read, with its reason.
type Class struct {
	Class, Unit string
	FR, EN      string
}

// class proposes; a steward decides.
func (p *Profile) class() Class {
	has := func(kinds ...string) bool {
		return slices.ContainsFunc(p.Columns, func(c *Column) bool {
			return slices.ContainsFunc(c.Suspicions, func(s Suspicion) bool { return slices.Contains(kinds, s.Kind) })
		})
	}
	named := func(list ...string) bool {
		return slices.ContainsFunc(p.Columns, func(c *Column) bool { return words(c.Name).any(list...) })
	}
	weighted := named("ipondi", "pond", "ponderation", "poids", "weight", "weights", "pondki", "coef", "coeffp")
	switch {
	case weighted && (has("identifier") || named("ipondi", "sexe", "age", "agerev", "sex", "csp", "cs1")):
		return Class{"G", "respondent", "des lignes par personne, avec un poids d'enquête", "rows about persons, with a survey weight"}
	case has("trace") && has("plate") || has("trace") && named("vehicle", "vehicule"):
		return Class{"C", "vehicle", "des véhicules suivis dans le temps", "vehicles followed through time"}
	case has("mac"):
		return Class{"C", "device", "des appareils", "devices"}
	case has("income"):
		return Class{"F", "household", "des revenus de foyers", "incomes of households"}
	case has("trace", "identifier", "email", "nir", "iban", "birth", "person", "first_name", "phone", "plate", "card", "imei", "health", "home"):
		return Class{"C", "person", "des personnes, d'après les colonnes signalées ; classe A si elles ne sont pas lues et que les lignes ne parlent de personne",
			"persons, by the columns pointed out; class A if they are not read and rows are about nobody"}
	case named("siren", "siret") && named("effectif", "effectifs", "montant", "ca", "salaries"):
		return Class{"E", "enterprise", "des entreprises", "enterprises"}
	case slices.ContainsFunc(p.Columns, func(c *Column) bool { return len(c.Withheld) > 0 }):
		return Class{"D", "", "des marques de secret : le producteur a retiré les petits nombres", "secrecy marks: the producer took small numbers out"}
	case slices.ContainsFunc(p.Columns, func(c *Column) bool { return c.Type == "timestamp" }) && named("count", "comptage", "intensity", "passages", "debit", "nb", "total", "compte"):
		return Class{"B", "", "des comptages sans identité", "counts without identity"}
	}
	return Class{"A", "", "rien n'y désigne une personne, dans les lignes vues", "nothing in it points at a person, in the rows that were seen"}
}
