package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/paulmach/orb"
	"golang.org/x/text/unicode/norm"

	"jumeau/ingest/format"
	"jumeau/model"
)

// Names under which lists of communes have their columns, in lower case.
var (
	epciColumns       = []string{"epci", "siren_epci", "code_epci", "codes_siren_des_epci", "codeepci", "siren"}
	epciNameColumns   = []string{"nom_epci", "epci_name", "libepci", "nomepci"}
	communeColumns    = []string{"code", "code_insee", "insee_com", "codgeo", "commune", "insee", "depcom", "com"}
	nameColumns       = []string{"nom", "nom_officiel", "libgeo", "nom_com", "commune_name", "libelle", "name"}
	populationColumns = []string{"population", "populationmunicipale", "p22_pop", "pmun"}
)

// rowsOf reads a file with the columns that are found under one of their names; row gets "" for those that are not.
func rowsOf(ctx context.Context, file string, opt format.Options, wanted [][]string, row func(cells []string, shape orb.Geometry, info format.Info)) (found []bool, err error) {
	r, err := format.Open(ctx, file, opt)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	info := r.Info()
	found = make([]bool, len(wanted))
	at := make([]int, len(wanted))
	var names []string
	for i, list := range wanted {
		at[i] = -1
		for _, want := range list {
			k := slices.IndexFunc(info.Columns, func(c format.Column) bool { return strings.EqualFold(c.Name, want) })
			if k >= 0 && at[i] < 0 {
				if at[i] = slices.Index(names, info.Columns[k].Name); at[i] < 0 {
					at[i] = len(names)
					names = append(names, info.Columns[k].Name)
				}
				found[i] = true
			}
		}
	}
	if err := r.Select(names); err != nil {
		return nil, err
	}
	cells := make([]string, len(wanted))
	for {
		batch, err := r.Next()
		if errors.Is(err, io.EOF) {
			return found, nil
		}
		if err != nil {
			return nil, err
		}
		for i := range batch.Line {
			for k, column := range at {
				cells[k] = ""
				if column >= 0 {
					cells[k] = cellOf(batch.Columns[column], i)
				}
			}
			var shape orb.Geometry
			if batch.Geometry != nil {
				shape = batch.Geometry[i]
			}
			row(cells, shape, info)
		}
	}
}

func cellOf(values arrow.Array, i int) string {
	if values.IsNull(i) {
		return ""
	}
	return strings.TrimSpace(values.ValueStr(i))
}

// list takes the members of the authority from a file, when it lists them: one row for each commune with its authority, or one
// for each authority with its communes inside (decoupage-administratif).
func (of *authority) list(ctx context.Context, file string) error {
	if len(of.members) > 0 {
		return nil
	}
	take := func(siren, name, code, commune, population string) {
		if !slices.Contains(strings.Split(siren, "/"), of.SIREN) || len(code) != 5 || slices.ContainsFunc(of.members, func(m member) bool { return m.code == code }) {
			return
		}
		if name != "" {
			of.Name = name
		}
		of.members = append(of.members, member{code, commune, population})
	}
	nested := [][]string{{"code"}, {"nom"}, {"membres.code"}, {"membres.nom"}, {"membres.populationMunicipale"}}
	if found, err := rowsOf(ctx, file, format.Options{Format: "json", Explode: "membres"}, nested, func(c []string, _ orb.Geometry, _ format.Info) {
		take(c[0], c[1], c[2], c[3], c[4])
	}); err == nil && found[2] {
		of.listed(file)
		return nil
	}
	of.members = nil
	flat := [][]string{epciColumns, epciNameColumns, communeColumns, nameColumns, populationColumns}
	_, err := rowsOf(ctx, file, format.Options{}, flat, func(c []string, _ orb.Geometry, _ format.Info) { take(c[0], c[1], c[2], c[3], c[4]) })
	if err != nil {
		return err
	}
	of.listed(file)
	return nil
}

func (of *authority) listed(file string) {
	of.ListedIn, of.ListProducer = filepath.Base(file), "INSEE, DGCL"
	of.ListVintage = "found by jumeau init in " + of.ListedIn
	slices.SortFunc(of.members, func(a, b member) int { return strings.Compare(a.code, b.code) })
}

// outlines a file must have for its outlines to be read as communes.
var mapTemplates = []struct {
	template string
	columns  [][]string
}{
	{"france-geojson/communes@2018", [][]string{{"code"}, {"nom"}}},
	{"ign/admin-express-communes@2025", [][]string{{"code_insee", "insee_com"}, {"nom_officiel", "nom"}}},
}

// draw takes the outlines from a file of communes, when it has some: the first view, and the source that the territory names.
func (of *authority) draw(ctx context.Context, file, mirror string, seen *orb.Bound) error {
	codes := map[string]bool{}
	for _, m := range of.members {
		codes[m.code] = true
	}
	for _, kind := range mapTemplates {
		met := 0
		found, err := rowsOf(ctx, file, format.Options{}, kind.columns, func(c []string, shape orb.Geometry, info format.Info) {
			if shape == nil || !codes[c[0]] {
				return
			}
			if moved, err := info.CRS.Transform(shape); err == nil {
				met++
				*seen = seen.Union(moved.Bound())
			}
		})
		if err != nil {
			return err
		}
		if met == 0 || !found[0] || !found[1] {
			continue
		}
		of.CommunesTemplate, of.CommunesPath = kind.template, placeOf(file, mirror)
		return nil
	}
	return nil
}

// placeOf a file: in the mirror folder when it is there, else below raw/.
func placeOf(file, mirror string) string {
	at, err1 := filepath.Abs(file)
	dir, err2 := filepath.Abs(mirror)
	if rel, err := filepath.Rel(dir, at); mirror != "" && errors.Join(err1, err2, err) == nil && filepath.IsLocal(rel) {
		return filepath.ToSlash(rel)
	}
	return "raw/" + filepath.Base(file)
}

// ask takes the members and their outlines from the geo API of the State.
func (of *authority) ask(ctx context.Context, log *slog.Logger, api string, seen *orb.Bound) error {
	var about struct{ Nom string }
	text, err := fetchOnce(ctx, log, api+"/epcis/"+of.SIREN+"?fields=nom")
	if err == nil {
		err = json.Unmarshal(text, &about)
	}
	if err != nil {
		return notAnswered(api, err)
	}
	if of.outline, err = fetchOnce(ctx, log, api+"/epcis/"+of.SIREN+"/communes?fields=code,nom,population&format=geojson&geometry=contour"); err != nil {
		return notAnswered(api, err)
	}
	var communes struct {
		Features []struct {
			Properties struct {
				Code, Nom  string
				Population json.Number
			}
			Geometry json.RawMessage
		}
	}
	if err := json.Unmarshal(of.outline, &communes); err != nil {
		return notAnswered(api, err)
	}
	given := len(of.members) > 0
	for _, f := range communes.Features {
		if p := f.Properties; !given && len(p.Code) == 5 {
			of.members = append(of.members, member{p.Code, p.Nom, p.Population.String()})
		}
		*seen = seen.Union(boundOf(f.Geometry))
	}
	if !given {
		of.Name = about.Nom
		of.listed("geo.api.gouv.fr")
	}
	return nil
}

func notAnswered(api string, err error) error {
	return &model.Error{Kind: model.Unavailable, Op: "ask", Subject: api, Err: err, Hint: "try again, or give a list with --communes; nothing was written"}
}

// boundOf the numbers of a GeoJSON geometry, taken two by two.
func boundOf(geometry json.RawMessage) orb.Bound {
	out := orb.Bound{Min: orb.Point{180, 90}, Max: orb.Point{-180, -90}}
	var g struct{ Coordinates any }
	if json.Unmarshal(geometry, &g) != nil {
		return out
	}
	var walk func(v any)
	walk = func(v any) {
		list, ok := v.([]any)
		if !ok || len(list) == 0 {
			return
		}
		if x, ok := list[0].(float64); ok && len(list) > 1 {
			if y, ok := list[1].(float64); ok {
				out = out.Extend(orb.Point{x, y})
			}
			return
		}
		for _, part := range list {
			walk(part)
		}
	}
	walk(g.Coordinates)
	return out
}

// plain is a text without accents.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(text))
}
