package batch

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb/encoding/wkt"

	"jumeau/internal/realdata"
	"jumeau/model"
	"jumeau/model/edition"
	"jumeau/model/release"
	"jumeau/model/store"
)

const streets = `source: streets
title: {fr: Rues, en: Streets}
from: {path: streets.csv}
read: {header_strip: ",[A-Z](,[0-9,]+)?$", decimal: ","}
producer: Ville de Montpellier
licence: Licence Ouverte
vintage: "2013"
contract:
  columns:
    street: {from: IDARC, type: integer, role: id, unique: true, required: true}
    name: {from: LIB_OFF, type: text}
    direction: {from: SENS_CIRCU, type: text}
    length: {from: LONGUEUR, type: number}
`

// streetFile is the header and the records of the real street file; records are kept as they are, line breaks in cells and all.
func streetFile(t *testing.T) (header string, records []string) {
	t.Helper()
	text := realdata.Unzipped(t, "montpellier-voies/VilleMTP_MTP_FilaireVoies.csv.gz")
	header, body, _ := strings.Cut(string(text), "\n")
	start, quoted := 0, false
	for i := range len(body) {
		switch {
		case body[i] == '"':
			quoted = !quoted
		case body[i] == '\n' && !quoted:
			records = append(records, body[start:i+1])
			start = i + 1
		}
	}
	return header + "\n", records
}

// The editions are made of the real file by known numbers of changes; the rows of the second come in another order.
func TestEditionsOfAStreetFileSayWhatWasAddedChangedAndRemoved(t *testing.T) {
	header, first := streetFile(t)
	second := slices.Clone(first[25:]) // 25 removed
	for i := range 40 {                // 40 changed
		second[i*7] = strings.Replace(second[i*7], ";DOUBLE SENS;", ";RENDU AUX PIETONS;", 1)
		second[i*7] = strings.Replace(second[i*7], ";SENS UNIQUE;", ";RENDU AUX PIETONS;", 1)
	}
	changed := 0
	for i := range second {
		if second[i] != first[25+i] {
			changed++
		}
	}
	for i := range 13 { // 13 added
		parts := strings.SplitN(first[30], ";", 3)
		second = append(second, fmt.Sprintf("%s;%d;%s", parts[0], 9_000_000+i, parts[2]))
	}
	slices.Reverse(second)
	third := slices.Clone(second[13:])                        // the 13 are gone again
	third = append(third, first[:5]...)                       // five of the 25 are back
	third[100] = strings.Replace(third[100], ";N;", ";Y;", 1) // in a column that nobody declared
	dir := fill(t, map[string]string{"territory.yaml": small["territory.yaml"], "sources/streets.yaml": streets,
		"sources/communes.yaml": small["sources/communes.yaml"], "communes.geojson": small["communes.geojson"], "streets.csv": header + strings.Join(first, "")})
	releases := t.TempDir()
	if got := publishedEditions(t, dir, releases); got != "" {
		t.Errorf("the first edition is compared with %s", got)
	}
	one := servedID(t, releases)
	overwrite(t, dir, "streets.csv", header+strings.Join(second, ""))
	n := len(first)
	if got, want := publishedEditions(t, dir, releases), fmt.Sprintf("streets +13 ~%d -25 =%d", changed, n-25-changed); got != want {
		t.Errorf("from the first to the second: %s, want %s", got, want)
	}
	overwrite(t, dir, "streets.csv", header+strings.Join(third, ""))
	if got, want := publishedEditions(t, dir, releases), fmt.Sprintf("streets +5 ~0 -13 =%d", n-25); got != want {
		t.Errorf("from the second to the third: %s, want %s", got, want)
	}
	d, err := release.Compare(releases, one, servedID(t, releases))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := editionsText(d.Rows), fmt.Sprintf("streets +0 ~%d -20 =%d", changed, n-20-changed); got != want {
		t.Errorf("from the first to the third: %s, want %s", got, want)
	}
	overwrite(t, dir, "streets.csv", header+strings.Join(first, "")) // what was kept of the first run is used again
	if got, want := publishedEditions(t, dir, releases), fmt.Sprintf("streets +20 ~%d -0 =%d", changed, n-20-changed); got != want {
		t.Errorf("back to the first: %s, want %s", got, want)
	}
	overwrite(t, dir, "sources/streets.yaml", strings.Replace(streets, "    length: {from: LONGUEUR, type: number}\n", "", 1))
	if got := publishedEditions(t, dir, releases); got != "" {
		t.Errorf("nothing came or went, and it says %s", got)
	}
	if changed < 30 {
		t.Errorf("only %d streets were changed", changed)
	}
}

// publishedEditions runs a territory and gives what changed.
func publishedEditions(t *testing.T, dir, releases string) string {
	t.Helper()
	result, err := Run(t.Context(), Options{Territory: territory(t, dir), Releases: releases, Folders: []string{dir}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return editionsText(result.Manifest.Editions)
}

func editionsText(editions []release.Edition) string {
	var out []string
	for _, e := range editions {
		if e.Any() {
			out = append(out, fmt.Sprintf("%s +%d ~%d -%d =%d", e.Source, e.Added, e.Changed, e.Removed, e.Same))
		}
	}
	return strings.Join(out, " ")
}

func servedID(t *testing.T, releases string) string {
	t.Helper()
	id, err := release.Current(releases)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func overwrite(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Two real editions of the communes of Haute-Garonne, compared here by their texts.
func TestCommunesThatMergedBetweenTwoEditionsAreRemovedOrChanged(t *testing.T) {
	texts := func(name string) map[string]string {
		out := map[string]string{}
		for _, f := range realdata.Features(t, "france-geojson-31/"+name) {
			out[fmt.Sprint(f.Properties["code"])] = fmt.Sprint(f.Properties["nom"]) + wkt.MarshalString(f.Geometry)
		}
		return out
	}
	before, after := texts("communes-31-haute-garonne-2016.geojson.gz"), texts("communes-31-haute-garonne.geojson")
	var want edition.Change
	for code, text := range before {
		switch now, ok := after[code]; {
		case !ok:
			want.Removed++
		case now == text:
			want.Same++
		default:
			want.Changed++
		}
	}
	want.Added = int64(len(after)) - want.Same - want.Changed
	copyOf := func(name string) string {
		text, err := os.ReadFile(realdata.Path(t, "france-geojson-31/"+name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	declared := strings.NewReplacer("name: {type: text}", "name: {from: nom, type: text}").Replace(small["sources/communes.yaml"])
	dir := fill(t, map[string]string{"territory.yaml": small["territory.yaml"], "sources/communes.yaml": declared,
		"communes.geojson": copyOf("communes-31-haute-garonne-2016.geojson.gz")})
	releases := t.TempDir()
	publishedEditions(t, dir, releases)
	overwrite(t, dir, "communes.geojson", copyOf("communes-31-haute-garonne.geojson"))
	result, err := Run(t.Context(), Options{Territory: territory(t, dir), Releases: releases, Folders: []string{dir}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if e := result.Manifest.Editions; len(e) != 1 || e[0].Change != want || e[0].Key != "code" {
		t.Errorf("editions %+v, want %+v", e, want)
	}
	if want.Removed < 2 || want.Changed == 0 {
		t.Errorf("the real files should differ: %+v", want)
	}
}

func TestNothingAndAnEmptyTextAreNotTheSameAndTheOrderOfRowsIsNothing(t *testing.T) {
	st, err := store.Create(t.Context(), filepath.Join(t.TempDir(), "x.duckdb"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	src := &model.Source{ID: "s", Contract: model.Contract{Columns: map[string]*model.Column{"id": {Type: "text", Role: "id"}, "a": {Type: "text"}, "b": {Type: "text"}}}}
	var paths []string
	for i, rows := range []string{"('1', 'x', NULL), ('2', 'y', 'z'), ('3', 'p', 'q')", "('3', 'p', 'q'), ('2', 'yz', ''), ('1', 'x', '')"} {
		table := store.Quote("t" + string(rune('0'+i)))
		if _, err := st.Exec(t.Context(), "CREATE TABLE "+table+` AS SELECT * FROM (VALUES `+rows+`) AS v(id, a, b)`); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, filepath.Join(t.TempDir(), "e.bin"))
		if err := writeDigests(t.Context(), st, table, src, paths[i]); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := edition.Compare(paths[0], paths[1]); err != nil || got != (edition.Change{Changed: 2, Same: 1}) {
		t.Errorf("%+v %v", got, err)
	}
}
