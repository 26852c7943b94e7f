package profile

import (
	"math/big"
	"regexp"
	"slices"
	"strings"
)

// content is a kind of personal data that values themselves betray.
type content struct {
	name   string
	fr, en string
	match  func(string) bool
	share  float64 // of the values, from which it is a suspicion; 0: a single value is enough
	least  int64   // values, from which it is one
}

var contents = []content{
	{"email", "adresses de courriel", "e-mail addresses", regexp.MustCompile(`(?i)\b[a-z0-9._%+-]+@[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}\b`).MatchString, 0, 1},
	{"phone", "numéros de téléphone", "telephone numbers", isPhone, 0.3, 2},
	{"nir", "numéros de sécurité sociale (NIR)", "social security numbers (NIR)", isNIR, 0, 1},
	{"iban", "comptes bancaires (IBAN)", "bank accounts (IBAN)", isIBAN, 0, 1},
	{"mac", "adresses matérielles (MAC)", "hardware addresses (MAC)", regexp.MustCompile(`(?i)^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$`).MatchString, 0, 1},
	{"ip", "adresses IP", "IP addresses", isIP, 0.5, 2},
	{"imei", "numéros d'appareil (IMEI)", "device numbers (IMEI)", func(s string) bool { return len(s) == 15 && luhn(s) }, 0.8, 5},
	{"card", "numéros de carte", "card numbers", func(s string) bool { d := strings.ReplaceAll(s, " ", ""); return len(d) == 16 && luhn(d) }, 0.8, 5},
	{"plate", "plaques d'immatriculation", "number plates", regexp.MustCompile(`^[A-HJ-NP-TV-Z]{2}[- ]?[0-9]{3}[- ]?[A-HJ-NP-TV-Z]{2}$`).MatchString, 0.3, 2},
	{"first_name", "prénoms", "first names", isFirstName, 0.3, 3},
	{"person", "noms de personnes", "names of persons", isPersonName, 0.3, 3},
}

var phone = regexp.MustCompile(`^(\+33 ?|0033 ?|0)[1-9]([ .-]?[0-9]{2}){4}$`)

func isPhone(text string) bool { return phone.MatchString(strings.TrimSpace(text)) }

var nir = regexp.MustCompile(`^([1-478][0-9]{2}(0[1-9]|1[0-2]|[2-9][0-9])([0-9]{2}|2[AB])[0-9]{6})([0-9]{2})$`)

// isNIR checks the form and the key: 97 less the number modulo 97, Corsica's 2A and 2B counted as 19 and 18.
func isNIR(text string) bool {
	found := nir.FindStringSubmatch(strings.ToUpper(strings.ReplaceAll(text, " ", "")))
	if found == nil {
		return false
	}
	digits := strings.NewReplacer("2A", "19", "2B", "18").Replace(found[1])
	return 97-modulo97(digits) == int64(found[4][0]-'0')*10+int64(found[4][1]-'0')
}

func modulo97(digits string) int64 {
	n, ok := new(big.Int).SetString(digits, 10)
	if !ok {
		return -1
	}
	return n.Mod(n, big.NewInt(97)).Int64()
}

var iban = regexp.MustCompile(`^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$`)

// isIBAN checks ISO 13616: the first four characters moved to the end, letters as 10 to 35, the rest is 1 modulo 97.
func isIBAN(text string) bool {
	text = strings.ToUpper(strings.ReplaceAll(text, " ", ""))
	if !iban.MatchString(text) {
		return false
	}
	var digits strings.Builder
	for _, r := range text[4:] + text[:4] {
		if r >= 'A' {
			digits.WriteString(big.NewInt(int64(r - 'A' + 10)).String())
		} else {
			digits.WriteRune(r)
		}
	}
	return modulo97(digits.String()) == 1
}

func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if d < 0 || d > 9 {
			return false
		}
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum > 0 && sum%10 == 0
}

var ip = regexp.MustCompile(`^((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])$`)

func isIP(text string) bool { return ip.MatchString(text) }

// firstNames are common in France, without accents; enough of them to notice a column of persons, no more.
var firstNames = strings.Fields(`adam agathe alain albert alexandra alexandre alice aline amandine amelie andre anne annie antoine arnaud arthur audrey
aurelie aurelien baptiste benjamin benoit bernard brigitte camille carole caroline catherine cecile celine chantal charles charlotte chloe christelle
christian christiane christine christophe claire claude clement colette corinne cyril damien daniel daniele david delphine denis denise didier dominique
edouard elise elodie emile emilie emma emmanuel enzo eric etienne eva fabien fabrice fanny fatima florence florent florian francis francois francoise
frederic gabriel gaelle genevieve georges gerard ghislaine gilbert gilles guillaume guy helene henri herve hugo ines isabelle jacqueline jacques jean
jeanne jeremy jerome joel jonathan josephine josiane joseph julie julien juliette karine karim kevin laura laurence laurent lea leo liliane lionel louis
louise lucas lucie ludovic luc lyes madeleine manon marc marcel margaux marguerite marie marion martine mathieu mathilde maurice maxime melanie michel
michele mickael mohamed monique morgane myriam nadia nadine nathalie nicolas nicole nina noemie odile olivier pascal pascale patrice patricia patrick
paul paulette pauline philippe pierre quentin rachid raphael raymond regine remi rene renee richard robert roger roland romain sabine samir samuel
sandra sandrine sarah sebastien serge severine simon simone solene sophie stephane stephanie suzanne sylvain sylvie theo therese thierry thomas
valentin valerie vanessa veronique victor vincent virginie viviane xavier yann yannick yasmine yves yvette yvonne zoe
james john robert michael william mary patricia linda barbara elizabeth jennifer maria susan margaret`)

var isKnown = func() map[string]bool {
	out := map[string]bool{}
	for _, name := range firstNames {
		out[name] = true
	}
	return out
}()

func known(word string) bool { return isKnown[word] }

func isFirstName(text string) bool {
	w := words(text)
	return len(w) >= 1 && len(w) <= 2 && known(w[0]) && (len(w) == 1 || known(w[1]))
}

// isPersonName is two or three words of letters, one of them a first name at an end: "MARTIN Sophie", "Sophie Martin". Three or
// more words, or a word of place, are streets and schools named after somebody.
func isPersonName(text string) bool {
	w := words(text)
	if len(w) != 2 || strings.ContainsAny(text, "0123456789,;:/()") {
		return false
	}
	for _, word := range w {
		if len(word) < 2 || slices.Contains(placeWords, word) {
			return false
		}
	}
	return known(w[0]) != known(w[1])
}

var placeWords = []string{"rue", "avenue", "place", "allee", "chemin", "route", "impasse", "boulevard", "square", "parc", "quai", "pont", "ecole", "college", "lycee", "stade",
	"gymnase", "salle", "piscine", "saint", "sainte", "st", "ste", "cours", "esplanade", "residence", "maison", "espace", "centre", "gare", "mairie", "eglise"}
