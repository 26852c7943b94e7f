package declare

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"jumeau/model"
)

func TestTheBaseIsValid(t *testing.T) {
	if problems := problemsOf(t, folder(nil)); len(problems) > 0 {
		t.Fatalf("\n%s", problems.Text())
	}
}

// Each case changes one place of the base; the first problem must be at that place and say this.
func TestWhatIsWrongIsShownWhereItIs(t *testing.T) {
	const territory, communes, counts, tickets, layer, outlines = "territory.yaml", "sources/communes.yaml", "sources/counts.yaml",
		"sources/tickets.yaml", "layers/communes.yaml", "layers/outlines.yaml"
	for _, c := range []struct{ name, file, old, with, want string }{
		// keys
		{"a misspelt key", layer, "title:", "titel:", `2:1: unknown key "titel" (did you mean "title"?)`},
		{"a key from nowhere", layer, "flows: [trips]", "wibble: 3", `5:1: unknown key "wibble"; allowed here: layer, title, summary, question, geometry, properties, measures, flows, audience, background, order, style, search`},
		{"a misspelt key after an accent", territory, "{fr: Démo, en: Demo}", "{fr: Démo, enn: Demo}", `2:19: unknown key "enn" (did you mean "en"?)`},
		{"a comma in braces", layer, "{fr: Communes, en: Communes}", "{fr: Communes, quartiers, en: Communes}", `2:23: "quartiers" has no value: inside { } a comma ends a text, so put texts with commas in quotes`},
		{"a key given twice", layer, "flows: [trips]", "layer: communes", `5:1: layer is given twice`},
		{"an empty value", communes, "producer: IGN", "producer:", `4:1: producer is empty: give it a value, or remove the key`},
		{"a missing key", communes, "licence: Licence Ouverte 2.0\n", "", `1:1: licence is missing`},
		{"a missing nested key", communes, "      type: text\n", "", `10:5: contract.columns.nom.type is missing: one of text, integer, number, boolean, date, timestamp`},
		{"a missing language", layer, "{fr: Communes, en: Communes}", "{fr: Communes}", `2:1: title.en is missing`},
		{"an alias", layer, "{fr: Communes, en: Communes}", "*title", `2:8: title is an anchor or an alias: write the value out`},
		{"a tag", layer, "layer: communes", "layer: !!str communes", `1:8: layer has a tag: write the value out`},
		{"two documents", layer, "flows: [trips]", "---\nlayer: other", `6:1: begins a second document: one file holds one declaration`},

		// types
		{"a number for a text", communes, `"2026"`, `2026`, `6:10: vintage must be a text: put it in quotes: "2026"`},
		{"a text for a number", territory, "k: 20", "k: twenty", `7:14: k must be a number`},
		{"a fraction for a whole number", territory, "k: 20", "k: 20.5", `7:14: k must be a whole number`},
		{"a word for a truth value", layer, "flows: [trips]", "background: maybe", `5:13: background must be true or false`},
		{"a text for a list", territory, "[commune, cell_200m]", "commune", `5:8: zones must be a list ([a, b])`},
		{"a text for a mapping", communes, "{path: raw/communes.geojson}", "raw/communes.geojson", `3:7: from must be a mapping ({path: …})`},
		{"a number in a list of texts", territory, "[commune, cell_200m]", "[commune, 200]", `5:18: entry 2 of zones must be a text: put it in quotes: "200"`},

		// values
		{"an unknown type", communes, "role: id", "role: ident", `9:30: "ident" is not one of "id", "name", "time", "place", "origin", "destination", "value" or "unit"`},
		{"a near miss", communes, "{type: polygon}", "{type: polygons}", `13:20: "polygons" is not one of "point", "line", "polygon" or "any" (did you mean "polygon"?)`},
		{"a share without percent", communes, "0.5%", "0.5", `14:19: reject_at_most must be a percentage, written like "0.5%"`},
		{"a share above all", communes, "0.5%", "150%", `14:19: "150%" is not a percentage between 0% and 100% (written "0.5%")`},
		{"zooms the wrong way", layer, "5-14", "14-5", `3:34: zooms run from the coarsest to the finest: "5-14"`},
		{"a single zoom", layer, "5-14", "5", `3:34: zoom must be a range of zooms, written like "8-16"`},
		{"a colour by name", outlines, `"#336699"`, `blue`, `5:27: "blue" is not a CSS hex colour (written like "#2f6f8f")`},
		{"a label without a colour", outlines, `colour: "#336699", label: nom`, `by: nom, colours: {A: "#336699"}, labels: {B: {fr: Bourg, en: Village}}`, `5:53: "B" has a label and no colour (did you mean "A"?)`},
		{"a box turned round", territory, "[1.40, 43.40, 1.75, 43.62]", "[1.75, 43.40, 1.40, 43.62]", `3:7: bbox runs west, south, east, north: 1.75 is not west of 1.4, or 43.4 is not south of 43.62`},
		{"a box in metres", territory, "[1.40, 43.40, 1.75, 43.62]", "[570000, 6260000, 590000, 6280000]", `3:7: bbox is in degrees: longitudes within -180..180, latitudes within -90..90`},
		{"three numbers for a box", territory, "[1.40, 43.40, 1.75, 43.62]", "[1.40, 43.40, 1.75]", `3:7: bbox must have 4 numbers, it has 3`},
		{"two ids of a row", communes, "role: name", "role: id", `12:13: column "code" has role id already: a row has one`},
		{"a column named as the shape is", communes, "    nom:\n", "    geometry: {type: text}\n    nom:\n", `10:5: the shape of a feature has this name already: call the column otherwise, with from: geometry`},
		{"rows within cells", communes, "zones:\n  system", "keep:\n  - {within: cell_200m}\nzones:\n  system", `16:14: the cells of "cell_200m" are those that rows lie in: name a system that a source gives`},
		{"a time zone of no place", territory, "Europe/Paris", "Europe/Toulouse", `4:12: "Europe/Toulouse" is not an IANA time zone: unknown name ("Europe/Paris" is one)`},
		{"an hour of no clock", territory, `"0 2 * * *"`, `"0 24 * * *"`, `6:11: "0 24 * * *" is not a cron expression: hour "24": "24" is not a number between 0 and 23`},
		{"four cron fields", territory, `"0 2 * * *"`, `"0 2 * *"`, `6:11: "0 2 * *" is not a cron expression: needs five fields: minute hour day month weekday ("0 2 * * *" is every night at two); it has 4`},
		{"a capital in an identifier", territory, "territory: demo", "territory: Demo", `1:12: "Demo" is not an identifier: lower-case letters, digits and _, beginning with a letter (written like "bus_stops")`},
		{"a broken expression", communes, `"[0-9]{5}"`, `"[0-9{5}"`, `9:43: "[0-9{5}" is not a regular expression: missing closing ]: ` + "`[0-9{5}`"},
		{"a system without formulas", counts, "{path: raw/counts.csv}", "{path: raw/counts.csv}\nread: {crs: EPSG:1234}", `4:13: "EPSG:1234" is not a coordinate reference system: it is not supported; there is `},
		{"k below the floor", territory, "k: 20", "k: 5", `7:14: k is 5: the least allowed is 11`},
		{"no privacy loss at all", territory, "epsilon: 1,", "epsilon: 0,", `7:27: epsilon is 0: it must be above 0`},
		{"a release that spends the year", territory, "epsilon: 1,", "epsilon: 9,", `7:27: epsilon of one release (9) is above epsilon_year (4)`},
		{"a path out of the folder", communes, "raw/communes.geojson", "../raw/communes.geojson", `3:14: "../raw/communes.geojson" is not a relative path: it must stay inside the territory folder or the mirror folder`},
		{"an address with a password", communes, "path: raw/communes.geojson", "url: https://me:secret@example.org/", `3:13: "https://me:secret@example.org/" is not a web address: it holds a user name; a declaration is public`},
		{"neither path nor address", communes, "{path: raw/communes.geojson}", "{member: a.txt}", `3:1: from needs path (a file) or url (an address)`},
		{"a retention of no length", tickets, "P30D", "P", `17:14: "P" is not an ISO 8601 duration: it has no length ("P30D" is thirty days)`},
		{"a date form with a strange letter", counts, "{type: timestamp, role: time}", `{type: timestamp, format: "%d/%q"}`, `10:35: "%d/%q" is not a date form: %q is not one of %d`},
		{"the same value twice", counts, "[all, hour]", "[all, all]", `21:18: "all" is listed twice`},

		// references
		{"an id that is not the file's name", layer, "layer: communes", "layer: comunes", `1:8: layer "comunes" is in layers/communes.yaml: rename the file to comunes.yaml, or the layer to "communes"`},
		{"a layer of an unknown source", outlines, "source: communes", "source: comunes", `3:20: there is no source "comunes" (did you mean "communes"?)`},
		{"a layer of a table", outlines, "source: communes", "source: counts", `3:20: source "counts" is a table: it has no contract.geometry to draw`},
		{"a layer of unknown zones", layer, "zones: commune", "zones: comune", `3:19: zone system "comune" is not among the zones of territory.yaml (did you mean "commune"?)`},
		{"an unlisted grid", layer, "zones: commune", "zones: cell_1km", `3:19: zone system "cell_1km" is not among the zones of territory.yaml (add it there)`},
		{"an unknown measure", layer, "[passages]", "[passage]", `4:12: no source gives the measure "passage" (did you mean "passages"?)`},
		{"a measure not known by these zones", layer, "zones: commune", "zones: cell_200m", `4:12: measure "passages" is not known by "cell_200m", only by "commune": add it to its rollup in sources/counts.yaml`},
		{"an unknown property", outlines, "properties: [nom]", "properties: [nam]", `4:14: source "communes" has no column "nam" (did you mean "nom"?)`},
		{"a label that is no property", outlines, "label: nom", "label: code", `5:45: "code" is not among the properties of the layer`},
		{"areas drawn as circles", outlines, "as: line", "as: circle", `5:13: polygons are drawn as "fill", "line" or "extrusion", not as circle`},
		{"an unknown value column", counts, "value: n", "value: m", `17:12: the contract has no column "m" (did you mean "n"?)`},
		{"a value that is a text", counts, "value: n", "value: place", `17:12: column "place" is text: a value is an integer or a number`},
		{"a time that is a number", counts, "time: at", "time: n", `20:11: column "n" is integer: a time is a date, a timestamp, or a text that is a slot ("weekday-08")`},
		{"hours without a time", counts, "    time: at\n", "", `20:5: slots by time need time, the column of the time`},
		{"a zone system nobody gives", territory, "[commune, cell_200m]", "[commune, quartier, cell_200m]", `5:18: no source gives the zone system "quartier" (there is "cell_1km", "cell_200m", "all_cells_1km", "all_cells_200m" or "commune")`},
		{"a zone system nobody lists", territory, "[commune, cell_200m]", "[cell_200m]", `16:11: zone system "commune" is not listed in territory.yaml: add it to zones, the coarsest first`},
		{"a reference to an unknown column", counts, "communes.code", "communes.codes", `9:46: source "communes" has no column "codes" (did you mean "code"?)`},
		{"a name taken by a measure", counts, "  trips:", "  passages:", `23:3: the name "passages" is taken by sources/counts.yaml: names of measures and flows are unique in a territory`},

		// people
		{"figures without a class", counts, "behaviour: {class: B}\n", "", `12:1: behaviour.class is missing: figures say how they protect people`},
		{"an unknown class", counts, "class: B", "class: H", `12:20: "H" is not one of "A", "B", "C", "D", "E", "F" or "G"`},
		{"class C without purpose", tickets, "  purpose: {fr: Fréquentation, en: Use of lines}\n", "", `12:1: behaviour.purpose is missing: class C needs it`},
		{"class C without legal basis", tickets, "  legal_basis: public task\n", "", `12:1: behaviour.legal_basis is missing: class C needs it (on which ground: "public task")`},
		{"class C without retention", tickets, "  retention: P30D\n", "", `12:1: behaviour.retention is missing: class C needs it`},
		{"class C without a unit", tickets, "  unit: person\n", "", `12:1: behaviour.unit is missing: class C needs it (what one row is about: "person", "device" or "vehicle")`},
		{"class C about a household", tickets, "unit: person", "unit: household", `14:9: rows of class C are about "person", "device" or "vehicle", not about "household"`},
		{"class C without a unit column", tickets, "card: {type: text, role: unit}", "card: {type: text}", `8:3: class C needs exactly one column with role unit (it has 0)`},
		{"persons in counts", counts, "{type: text, role: place, refers: communes.code}", "{type: text, role: unit}", `9:31: role unit names a person, household, device, vehicle or enterprise: it is for classes C, E, F and G (behaviour.class)`},
		{"a low threshold", counts, "{class: B}", "{class: D, threshold: 10}", `12:34: threshold is 10: the least allowed is 11`},
		{"a threshold for counts", counts, "{class: B}", "{class: B, threshold: 12}", `12:23: threshold is for class D`},
		{"an unknown grain", tickets, "zones: cell_200m", "zones: cell_500m", `20:82: zone system "cell_500m" is not among the zones of territory.yaml (did you mean "cell_200m"?)`},
		{"class C without a period", tickets, "  period: 2026-Q1\n", "", `12:1: behaviour.period is missing`},
		{"a period that is none", tickets, "2026-Q1", "2026-Q5", `18:11: "2026-Q5" is not a period`},
		{"a histogram without edges", tickets, "shape: presence", "shape: histogram", `20:5: a histogram needs value (a column) and edges`},
		{"a flow without ends", tickets, "shape: presence", "shape: flow", `20:5: origin is missing: no column has the role origin`},
		{"unique rows about people", tickets, "role: unit}", "role: unit, unique: true}", `9:5: rows of class C are never kept, so they cannot be held to be unique`},
		{"a budget divided twice", tickets, "place: stop", "place: stop, share: 99, bias: true", `20:129: bias is measured with the budget of the totals`},
		{"a level that is finer", tickets, "place: stop", "place: stop, levels: [cell_200m]", `20:127: "cell_200m" is not coarser than "cell_200m"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			problems := problemsOf(t, changed(t, c.file, c.old, c.with))
			for _, p := range problems {
				if strings.HasPrefix(p.String(), p.File+":"+c.want) {
					return
				}
			}
			t.Errorf("not found: %s\n%s", c.want, problems.Text())
		})
	}
}

func TestOneMistakeIsOneProblem(t *testing.T) {
	for _, c := range []struct{ name, file, old, with string }{
		{"columns misspelt: no reference into them is judged", "sources/communes.yaml", "columns:", "colums:"},
		{"zones misspelt: nobody misses them", "sources/communes.yaml", "zones:", "zonez:"},
		{"measures misspelt: no layer misses them", "sources/counts.yaml", "measures:", "mesures:"},
		{"a file that is no YAML", "sources/counts.yaml", "from: {path: raw/counts.csv}", "from: {path: raw/counts.csv"},
	} {
		t.Run(c.name, func(t *testing.T) {
			problems := problemsOf(t, changed(t, c.file, c.old, c.with))
			var elsewhere Problems
			for _, p := range problems {
				if p.File != c.file {
					elsewhere = append(elsewhere, p)
				}
			}
			if len(problems) == 0 || len(elsewhere) > 0 {
				t.Errorf("\n%s", problems.Text())
			}
		})
	}
}

func TestEveryProblemOfTheFolderIsShownWithItsLine(t *testing.T) {
	fsys := folder(map[string]string{
		"territory.yaml":       strings.Replace(base["territory.yaml"], "k: 20", "k: 3", 1),
		"sources/counts.yaml":  strings.Replace(base["sources/counts.yaml"], "type: integer", "type: interger", 1),
		"layers/communes.yaml": strings.Replace(base["layers/communes.yaml"], "{ramp: sequential, classes: 6, label: name}", "\n\tclases: 6", 1),
		"layers/outlines.yaml": strings.Replace(base["layers/outlines.yaml"], "zoom:", "zom:", 1),
		"layers/more.yml":      "layer: more\n",
	})
	const want = `territory.yaml:7:14: k is 3: the least allowed is 11
    privacy: {k: 3, epsilon: 1, delta: 1e-6, epsilon_year: 4}
                 ^
sources/counts.yaml:11:15: "interger" is not one of "text", "integer", "number", "boolean", "date" or "timestamp" (did you mean "integer"?)
        n: {type: interger, role: value, min: 0}
                  ^~~~~~~~
layers/communes.yaml:7:1: not YAML: found character '	' that cannot start any token
    	clases: 6
    ^~
layers/more.yml: would be overlooked: rename it to more.yaml
layers/outlines.yaml:3:1: geometry.zoom is missing (zoom: 8-16)
    geometry: {source: communes, zom: 5-14}
    ^~~~~~~~
layers/outlines.yaml:3:30: unknown key "zom" (did you mean "zoom"?)
    geometry: {source: communes, zom: 5-14}
                                 ^~~
`
	if diff := cmp.Diff(want, problemsOf(t, fsys).Text()); diff != "" {
		t.Error(diff)
	}
}

func TestSourcesThatWaitForEachOtherAreNamed(t *testing.T) {
	fsys := folder(map[string]string{
		"sources/communes.yaml": base["sources/communes.yaml"] + "keep:\n  - {column: code, found_in: counts.place}\n",
	})
	problems := problemsOf(t, fsys)
	if len(problems) != 1 || !strings.Contains(problems[0].Message, "communes → counts → communes") {
		t.Errorf("\n%s", problems.Text())
	}
	// The group of communes waits for the communes, and those only for the list of members: no ring.
	fsys = folder(map[string]string{
		"territory.yaml":        strings.Replace(base["territory.yaml"], "[commune,", "[epci, commune,", 1),
		"sources/communes.yaml": base["sources/communes.yaml"] + "keep:\n  - {column: code, found_in: members.code}\n",
		"sources/members.yaml": `source: members
title: {fr: Membres, en: Members}
from: {path: members.csv}
producer: DGCL
licence: Licence Ouverte 2.0
vintage: "2026"
contract:
  columns:
    epci: {type: text}
    code: {type: text}
zones: {system: epci, title: {fr: EPCI, en: EPCI}, id: epci, members: {system: commune, id: code}}
`})
	if problems := problemsOf(t, fsys); len(problems) > 0 {
		t.Errorf("\n%s", problems.Text())
	}
}

func TestHugeAndBottomlessFilesAreRefused(t *testing.T) {
	for name, text := range map[string]string{
		"brackets": "source: " + strings.Repeat("[", 500_000),
		"braces":   "source: " + strings.Repeat("{a: ", 200_000),
		"dashes":   strings.Repeat("- ", 500_000),
		"blanks":   "a:\n" + strings.Repeat(" ", 900_000) + "b:",
		"size":     "source: " + strings.Repeat("x", 2<<20),
	} {
		t.Run(name, func(t *testing.T) {
			problems := problemsOf(t, folder(map[string]string{"sources/counts.yaml": text}))
			if len(problems) != 1 || !strings.Contains(problems[0].Message, "levels deep") && !strings.Contains(problems[0].Message, "not a declaration") {
				t.Errorf("%.300s", problems.Text())
			}
		})
	}
}

func TestAFolderWithoutTerritoryFileIsNotFound(t *testing.T) {
	_, err := Read(fstest.MapFS{})
	if model.KindOf(err) != model.NotFound || !strings.Contains(model.HintOf(err), "jumeau init") {
		t.Errorf("%v, kind %v, hint %q", err, model.KindOf(err), model.HintOf(err))
	}
}

func TestDefaultsAreFilledIn(t *testing.T) {
	fsys := folder(map[string]string{"territory.yaml": strings.Replace(base["territory.yaml"], "privacy: {k: 20, epsilon: 1, delta: 1e-6, epsilon_year: 4}\n", "", 1)})
	got, err := Read(fsys)
	if err != nil {
		t.Fatal(err)
	}
	if want := (model.Privacy{K: 20, Epsilon: 1, Delta: 1e-6, EpsilonYear: 4}); got.Privacy != want {
		t.Errorf("privacy %+v", got.Privacy)
	}
	communes, counts := got.Sources[0], got.Sources[1]
	if c := communes.Contract; c.Match != "exact" || c.RejectAtMost != 0.005 || !c.Columns["code"].Required || !c.Columns["code"].Unique || c.Columns["nom"].Required {
		t.Errorf("contract %+v, code %+v, nom %+v", c, c.Columns["code"], c.Columns["nom"])
	}
	if m := counts.Measures["passages"]; m.Aggregate != "sum" || counts.Attribution != "Ville" {
		t.Errorf("measure %+v, attribution %q", m, counts.Attribution)
	}
	zones, outlines := got.Layers[0], got.Layers[1]
	if zones.Order != 50 || zones.Audience != "public" || zones.Style.As != "fill" || zones.Style.Opacity != 0.7 || zones.Geometry.Zoom != (model.ZoomRange{Min: 5, Max: 14}) {
		t.Errorf("layer %+v", zones)
	}
	if outlines.Style.As != "line" || outlines.Style.Width != 1.5 || outlines.Style.Colour != "#336699" || outlines.Style.Ramp != "" {
		t.Errorf("style %+v", outlines.Style)
	}
}

func TestWhatARunCouldNotDrawIsSaid(t *testing.T) {
	blocks := func(geometry, role string) string {
		return `source: blocks
title: {fr: Blocs, en: Blocks}
from: {path: blocks.geojson}
producer: P
licence: L
vintage: "2026"
contract:
  columns:
    n: {type: integer` + role + `}
  geometry: {type: ` + geometry + `}
behaviour: {class: D}
`
	}
	layer := "layer: blocks\ntitle: {fr: B, en: B}\ngeometry: {source: blocks, zoom: 5-14}\nproperties: [n]\n"
	group := func(system, members string) string {
		return "source: " + system + "\ntitle: {fr: G, en: G}\nfrom: {path: g.csv}\nproducer: P\nlicence: L\nvintage: \"2026\"\ncontract:\n  columns:\n" +
			"    group: {type: text}\n    member: {type: text}\nzones: {system: " + system + ", title: {fr: G, en: G}, id: group, members: {system: " + members + ", id: member}}\n"
	}
	territory := strings.Replace(base["territory.yaml"], "[commune,", "[a, b, commune,", 1)
	for name, c := range map[string]struct {
		files map[string]string
		want  string // "" when nothing is wrong
	}{
		"any_shape":           {map[string]string{"sources/blocks.yaml": blocks("any", ", role: value"), "layers/blocks.yaml": layer}, "a layer draws points, lines or polygons"},
		"counts_unprotected":  {map[string]string{"sources/blocks.yaml": blocks("polygon", ""), "layers/blocks.yaml": layer}, "role value"},
		"counts_protected":    {map[string]string{"sources/blocks.yaml": blocks("polygon", ", role: value"), "layers/blocks.yaml": layer}, ""},
		"groups_in_a_circle":  {map[string]string{"territory.yaml": territory, "sources/a.yaml": group("a", "b"), "sources/b.yaml": group("b", "a")}, "waits for itself"},
		"groups_of_groups":    {map[string]string{"territory.yaml": territory, "sources/a.yaml": group("a", "b"), "sources/b.yaml": group("b", "commune")}, ""},
		"properties_of_group": {map[string]string{"territory.yaml": strings.Replace(territory, "a, b,", "a,", 1), "sources/a.yaml": group("a", "commune"), "layers/a.yaml": "layer: a\ntitle: {fr: A, en: A}\ngeometry: {zones: a, zoom: 5-9}\nproperties: [member]\n"}, "has no properties"},
	} {
		t.Run(name, func(t *testing.T) {
			problems := problemsOf(t, folder(c.files))
			if c.want == "" && len(problems) == 0 || len(problems) == 1 && c.want != "" && strings.Contains(problems[0].Message, c.want) {
				return
			}
			t.Errorf("want %q\n%s", c.want, problems.Text())
		})
	}
}
