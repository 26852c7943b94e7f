package main

import (
	"bytes"
	"embed"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"jumeau/data"
	"jumeau/ingest"
	"jumeau/model"
	"jumeau/model/declare"
)

//go:embed authority
var authorityForms embed.FS

// authority is what a territory of an intercommunal authority is made of.
type authority struct {
	SIREN, Name, Publisher    string
	ID                        string
	BBox, TimeZone            string
	ListedIn, ListProducer    string
	ListVintage               string
	HasPopulation             bool
	COG                       int
	Departement, Departements string // the one of most communes; all of them when there are several
	CommunesTemplate          string
	CommunesPath              string // of a file that is there; "": the template's

	members []member
	outline []byte // GeoJSON of the communes, asked online
}

// member is a commune of an authority.
type member struct{ code, name, population string }

var sirenForm = regexp.MustCompile(`^[0-9]{9}$`)

// authority makes the territory of a French intercommunal authority.
func (v *initVerb) authority(a *app) error {
	if !sirenForm.MatchString(v.EPCI) {
		return &model.Error{Kind: model.Invalid, Op: "init", Subject: v.EPCI, Err: errors.New("a SIREN has nine digits"), Hint: "Sicoval's is 243100633; nothing was written"}
	}
	of := &authority{SIREN: v.EPCI, TimeZone: v.TimeZone, COG: v.COG, CommunesTemplate: "etalab/communes@2025"}
	seen := orb.Bound{Min: orb.Point{180, 90}, Max: orb.Point{-180, -90}}
	files := v.Communes
	if v.Mirror != "" {
		found, err := filepath.Glob(filepath.Join(v.Mirror, "decoupage-administratif*", "epci.json*"))
		if err != nil {
			return v.failed(err)
		}
		files = append(slices.Clone(files), found...)
	}
	for _, file := range files {
		if err := of.list(a.ctx, file); err != nil {
			return err
		}
	}
	if v.Online {
		fmt.Fprintf(a.errOut, "Asking %s for the communes of %s…\n", v.API, v.EPCI)
		if err := of.ask(a.ctx, a.log, v.API, &seen); err != nil {
			return err
		}
	}
	if len(of.members) == 0 {
		return v.unlisted(files)
	}
	for _, file := range files {
		if err := of.draw(a.ctx, file, v.Mirror, &seen); err != nil {
			return err
		}
	}
	of.describe(v, seen)
	if v.Dir == "" {
		v.Dir = of.ID
	}
	if err := v.make(func(dir string) error { return of.write(v, dir) }); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "Made %s: %s, %s. It passes check.\n", v.Dir, of.Name, plural(len(of.members), "commune"))
	return v.tellFiles(a)
}

func (v *initVerb) unlisted(files []string) error {
	if len(files) > 0 {
		return &model.Error{Kind: model.NotFound, Op: "init", Subject: v.EPCI, Err: fmt.Errorf("no commune of %s is in %s", v.EPCI, strings.Join(files, ", ")),
			Hint: "look at the SIREN; a list has a column of the authority's SIREN and one of the commune's code; nothing was written"}
	}
	list := "https://unpkg.com/@etalab/decoupage-administratif/data/epci.json"
	return &model.Error{Kind: model.NotFound, Op: "init", Subject: v.EPCI, Err: errors.New("which communes are its members is not known"),
		Hint: "download " + list + " and give it with --communes, or ask geo.api.gouv.fr once with --online; nothing was written"}
}

// kindOf an authority, before its name: "CA du Sicoval" is Sicoval.
var kindOfAuthority = regexp.MustCompile(`(?i)^(CA|CC|CU|SAN|Métropole|Communauté (de communes|d'agglomération|urbaine))\s+(((du|des|de la|de|le|la|les)\s+)|((de l|d|l)['’]\s*))?`)

// describe fills in what follows from the members and the flags.
func (of *authority) describe(v *initVerb, seen orb.Bound) {
	of.Publisher = of.Name
	if v.Name != "" {
		of.Name = v.Name
	}
	if of.Name == "" {
		of.Name = of.SIREN
	}
	if of.Publisher == "" {
		of.Publisher = of.Name
	}
	of.ID = sourceID(plain(kindOfAuthority.ReplaceAllString(of.Name, "")) + ".")
	if strings.HasPrefix(of.ID, "source_") {
		of.ID = "epci_" + of.SIREN
	}
	of.BBox = france
	if !seen.IsEmpty() {
		pad := max(seen.Max[0]-seen.Min[0], seen.Max[1]-seen.Min[1]) / 20
		seen = seen.Pad(pad)
		of.BBox = fmt.Sprintf("%.3f, %.3f, %.3f, %.3f", seen.Min[0], seen.Min[1], seen.Max[0], seen.Max[1])
	}
	if v.BBox != "" {
		of.BBox = v.BBox
	}
	count := map[string]int{}
	for _, m := range of.members {
		count[departementOf(m.code)]++
		of.HasPopulation = of.HasPopulation || m.population != ""
	}
	var all []string
	for d := range count {
		all = append(all, d)
	}
	slices.SortFunc(all, func(a, b string) int { return 2*(count[b]-count[a]) + strings.Compare(a, b) })
	of.Departement = all[0]
	if len(all) > 1 {
		of.Departements = strings.Join(all, ", ")
	}
}

// departementOf a commune: two characters of its code, three overseas.
func departementOf(code string) string {
	if strings.HasPrefix(code, "97") || strings.HasPrefix(code, "98") {
		return code[:3]
	}
	return code[:2]
}

func (of *authority) write(v *initVerb, dir string) error {
	if of.outline != nil {
		of.CommunesPath, of.CommunesTemplate = "raw/communes.geojson", "france-geojson/communes@2018"
		if err := put(filepath.Join(dir, "raw", "communes.geojson"), of.outline); err != nil {
			return v.failed(err)
		}
	}
	if err := fill(authorityForms, "authority", dir, of); err != nil {
		return v.failed(err)
	}
	if !of.HasPopulation { // no figure: no map of it
		if err := os.Remove(filepath.Join(dir, declare.LayerFolder, "residents.yaml")); err != nil {
			return v.failed(err)
		}
	}
	var table bytes.Buffer
	w := csv.NewWriter(&table)
	rows := [][]string{{"epci", "epci_name", "commune", "commune_name", "population"}}
	for _, m := range of.members {
		rows = append(rows, []string{of.SIREN, of.Publisher, m.code, m.name, m.population})
	}
	if err := w.WriteAll(rows); err != nil {
		return v.failed(err)
	}
	if err := put(filepath.Join(dir, "reference", "communes.csv"), table.Bytes()); err != nil {
		return v.failed(err)
	}
	return v.schemas(dir)
}

// tellFiles says which files to get next.
func (v *initVerb) tellFiles(a *app) error {
	t, err := declare.ReadWith(os.DirFS(v.Dir), declare.Options{Templates: data.Templates()})
	if err != nil {
		return err
	}
	folders := []string{v.Dir}
	if v.Mirror != "" {
		folders = []string{v.Mirror, v.Dir}
	}
	if absent := absentFiles(t, folders); len(absent) > 0 {
		fmt.Fprintf(a.out, "Get these files, below %s or a folder given with --mirror:\n", v.Dir)
		showAbsent(a.out, absent)
	}
	mirror := ""
	if v.Mirror != "" {
		mirror = " --mirror " + v.Mirror
	}
	fmt.Fprintf(a.out, "Next: jumeau run %s%s --releases releases\n", v.Dir, mirror)
	return nil
}

// absentFiles lists the sources whose files are in none of the folders, those that a run cannot do without first.
func absentFiles(t *model.Territory, folders []string) (out []*model.Source) {
	for _, optional := range []bool{false, true} {
		for _, s := range t.Sources {
			if _, err := ingest.Locate(s, folders); s.Optional == optional && err != nil && ingest.IsAbsent(err) {
				out = append(out, s)
			}
		}
	}
	return out
}
