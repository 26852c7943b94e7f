package profile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"jumeau/model/declare"
)

func lookAt(t *testing.T, text string) *Profile {
	t.Helper()
	p, err := Look(t.Context(), writeFile(t, text), Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *Profile) kinds(column string) (out []string) {
	for _, s := range p.Column(column).Suspicions {
		out = append(out, s.Kind)
	}
	return out
}

func TestPersonalDataIsSuspectedByItsValues(t *testing.T) {
	for _, c := range []struct {
		kind   string
		values []string
	}{
		{"email", []string{"Bonjour", "voir marie.durand@example.org svp", "rien", "rien"}},
		{"phone", []string{"05 61 00 00 00", "+33 6 12 34 56 78", "0612345678", "06.12.34.56.78"}},
		{"nir", []string{"255081416802538", "x", "y", "z"}},                 // the example of the national institute: key 38
		{"iban", []string{"FR76 3000 6000 0112 3456 7890 189", "", "", ""}}, // the example of the standard
		{"mac", []string{"00:1B:44:11:3A:B7", "00-1b-44-11-3a-b8", "n", "n"}},
		{"ip", []string{"192.168.1.4", "10.0.0.255", "10.0.0.2", "1.2.3.4"}},
		{"imei", []string{"490154203237518", "356938035643809", "490154203237518", "356938035643809", "490154203237518"}},
		{"plate", []string{"AB-123-CD", "EF456GH", "AB-123-CE", "x"}},
		{"first_name", []string{"Hélène", "Jean-Pierre", "Mohamed", "Zoé"}},
		{"person", []string{"DURAND Sophie", "Julien Martinez", "Lefèvre Anne", "Bernadot Karim"}},
	} {
		rows := "v;n\n"
		for i, v := range c.values {
			rows += fmt.Sprintf("%s;%d\n", v, i)
		}
		p := lookAt(t, rows)
		if !slices.Contains(p.kinds("v"), c.kind) {
			t.Errorf("%s not suspected in %q: %v", c.kind, c.values, p.kinds("v"))
		}
		if len(p.kinds("n")) > 0 {
			t.Errorf("%s: the counter is suspected: %v", c.kind, p.kinds("n"))
		}
	}
}

func TestOrdinaryValuesAreNotSuspected(t *testing.T) {
	p := lookAt(t, "commune;nom;rue;adresse;siret;date;montant;code_postal;arret\n"+
		"31113;Castanet-Tolosan;Rue Jean Jaurès;12 rue Marie Curie;55210055400013;2025-01-03;1200,50;31320;Gare Matabiau\n"+
		"31446;Ramonville-Saint-Agne;Place Pierre Mendès;Avenue Paul Sabatier;55210055400021;2025-01-04;90,00;31520;Jean Jaurès\n"+
		"31555;Toulouse;Allée Charles de Fitte;3 rue du Lac;55210055400039;2025-02-04;12,00;31000;Parc Technologique\n")
	for _, c := range p.Columns {
		if c.Suspected() {
			t.Errorf("%s is suspected: %v", c.Name, c.Suspicions)
		}
	}
	if p.Decimal != "," || p.Column("montant").Type != "number" || p.Column("code_postal").Type != "text" || p.Column("date").Type != "date" {
		t.Errorf("decimal %q, montant %s, code_postal %s, date %s", p.Decimal, p.Column("montant").Type, p.Column("code_postal").Type, p.Column("date").Type)
	}
}

func TestAFalseKeyOfASocialSecurityNumberIsNone(t *testing.T) {
	if !isNIR("2 55 08 14 168 025 38") || isNIR("255081416802539") || isNIR("255131416802538") {
		t.Error("the key is not checked")
	}
	if !isIBAN("GB82WEST12345698765432") || isIBAN("GB83WEST12345698765432") {
		t.Error("the check digits of an account are not checked")
	}
}

func TestAnIdentifierThatComesBackWithExactTimesIsATrace(t *testing.T) {
	rows := "badge;valide;arret\n"
	for i := range 60 {
		rows += fmt.Sprintf("B%d;2025-03-0%d 08:%02d:17;Lac\n", i%7, i%9+1, i%60)
	}
	p := lookAt(t, rows)
	if !slices.Contains(p.kinds("badge"), "trace") || p.Proposed.Class != "C" {
		t.Errorf("badge %v, class %s", p.kinds("badge"), p.Proposed.Class)
	}
	hourly := lookAt(t, "counter_id;start;count\nC1;2025-03-01 08:00:00;4\nC1;2025-03-01 09:00:00;5\nC2;2025-03-01 08:00:00;2\nC2;2025-03-01 09:00:00;1\n")
	if len(hourly.kinds("counter_id")) > 0 || hourly.Proposed.Class != "B" {
		t.Errorf("a counter by the hour: %v, class %s", hourly.kinds("counter_id"), hourly.Proposed.Class)
	}
}

func TestTheReadingOfValues(t *testing.T) {
	p := lookAt(t, "jour;vu;ca;rien;nb;insee;lon;lat\n"+
		"31/12/2024;14/03/25;12,5;;s;01004;1.5;43.5\n02/01/2025;15/03/25;#N/A;;12;01005;1.6;43.6\n03/01/2025;16/03/25;7;;nd;31113;1.7;43.4\n")
	for name, want := range map[string]string{"jour": "date %d/%m/%Y", "vu": "date %d/%m/%y", "ca": "number ", "rien": "text ", "nb": "integer ", "insee": "text "} {
		if c := p.Column(name); c.Type+" "+c.Date != want {
			t.Errorf("%s is %s %s, expected %s", name, c.Type, c.Date, want)
		}
	}
	if !slices.Equal(p.Column("ca").Missing, []string{"#N/A"}) || !slices.Equal(p.Column("nb").Withheld, []string{"nd", "s"}) || p.Proposed.Class != "D" {
		t.Errorf("missing %v, withheld %v, class %s", p.Column("ca").Missing, p.Column("nb").Withheld, p.Proposed.Class)
	}
	if p.X != "lon" || p.Y != "lat" || p.CRS != "OGC:CRS84" || !p.CRSGuessed {
		t.Errorf("place %s %s %s", p.X, p.Y, p.CRS)
	}
}

func TestADayThatCouldBeAMonthIsInDoubt(t *testing.T) {
	if p := lookAt(t, "jour;n\n01/02/2025;1\n03/04/2025;2\n"); p.Column("jour").Doubt == "" {
		t.Error("01/02/2025 may be the first of February or the second of January")
	}
}

func TestADraftHoldsNoValueOfASuspectedColumn(t *testing.T) {
	p := lookAt(t, "mail;nom_famille;pondi;age\nzoe@example.org;Zyxwv;5,2;31\nyves@example.org;Vwxyz;4,1;47\n")
	draft := string(p.Draft(DraftOptions{ID: "enquete", Path: "raw/enquete.csv"}))
	for _, secret := range []string{"zoe", "yves", "Zyxwv", "Vwxyz"} {
		if strings.Contains(draft, secret) {
			t.Errorf("%s is in the draft", secret)
		}
	}
	if strings.Contains(draft, "47") {
		t.Errorf("a range of persons is in the draft:\n%s", draft)
	}
	allowed := string(p.Draft(DraftOptions{ID: "enquete", Path: "raw/enquete.csv", Allow: []string{"mail"}}))
	if strings.Contains(draft, "mail: {type") || !strings.Contains(allowed, "mail: {type: text}") {
		t.Errorf("allowing a column:\n%s", allowed)
	}
}

func TestEveryMarkOfADraftIsReportedWithItsLine(t *testing.T) {
	p := lookAt(t, "mail;n\nzoe@example.org;5\nyves@example.org;4\n")
	draft := string(p.Draft(DraftOptions{ID: "looked_at", Path: "raw/x.csv"}))
	_, err := declared(draft)
	var problems declare.Problems
	if !errors.As(err, &problems) {
		t.Fatal(err)
	}
	for i, line := range strings.Split(draft, "\n") {
		if strings.HasPrefix(line, "#") || !strings.Contains(line, declare.ToComplete) {
			continue
		}
		if !slices.ContainsFunc(problems, func(p declare.Problem) bool {
			return p.Line == i+1 && strings.Contains(p.Message, "still to be completed")
		}) {
			t.Errorf("line %d is not reported: %s", i+1, line)
		}
	}
}

// FuzzDraft: whatever a text file holds, its draft can be read, is refused as it is, and passes once completed.
func FuzzDraft(f *testing.F) {
	for _, text := range []string{"a;b\n1;2\n", "id,email\n1,a@b.fr\n2,c@d.fr\n", "\"x\"\"\";^y;\n1;2;3\n", "[{\"a\": {\"b\": 1}}]", "null;true;x\n1;2;3", "lon;lat\n1;2\n", "wkt|n\nPOINT(1 2)|3\n"} {
		f.Add([]byte(text))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(dir, fmt.Sprintf("f%d", os.Getpid()))
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := Look(t.Context(), path, Options{Rows: 100})
		if err != nil {
			return
		}
		draft := string(p.Draft(DraftOptions{ID: "looked_at", Path: "raw/x"}))
		if _, err := declared(draft); err == nil {
			t.Errorf("passes before it is completed:\n%s", draft)
		}
		var problems declare.Problems
		if _, err := declared(completed(draft)); errors.As(err, &problems) {
			t.Errorf("%s\n%s", problems.Text(), completed(draft))
		}
	})
}
