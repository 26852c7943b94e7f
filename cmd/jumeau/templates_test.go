package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"jumeau/data"
	"jumeau/ingest"
	"jumeau/ingest/contract"
	"jumeau/internal/realdata"
	"jumeau/model"
	"jumeau/model/declare"
)

func allTemplates(t *testing.T) []*declare.Template {
	t.Helper()
	all, err := declare.Templates(data.Templates())
	var problems declare.Problems
	if errors.As(err, &problems) {
		t.Fatal(problems.Text())
	}
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// using is a territory of one source that names a template, and of what the template expects of others.
func using(tpl *declare.Template, edition, extra string) fstest.MapFS {
	systems := map[string]string{"epci": "", "commune": "", "iris": "", "compteur": ""}
	if z := tpl.Describe().Zones; z != nil {
		delete(systems, z.System)
	}
	folder := fstest.MapFS{"territory.yaml": {Data: []byte("territory: ours\ntitle: {fr: A, en: A}\nbbox: [1, 43, 2, 44]\ntime_zone: Europe/Paris\n" +
		"zones: [epci, commune, iris, compteur, cell_1km, cell_200m]\n")}}
	stub := func(id, zones string) {
		folder["sources/"+id+".yaml"] = &fstest.MapFile{Data: []byte("source: " + id + "\ntitle: {fr: A, en: A}\nfrom: {path: x.csv}\nproducer: A\nlicence: A\nvintage: \"2025\"\n" +
			"contract:\n  columns:\n    code: {type: text}\n    commune: {type: text}\n    channel: {type: text}\n  geometry: {type: polygon, wkt: wkt}\n" + zones)}
	}
	for system := range systems {
		id := map[string]string{"epci": "epci", "commune": "communes", "iris": "contours", "compteur": "compteurs"}[system]
		stub(id, "zones: {system: "+system+", title: {fr: A, en: A}, id: code}\n")
	}
	if _, ok := systems["commune"]; !ok {
		stub("communes_2", "")
	}
	stub("canaux", "")
	text := "source: tested\ntemplate: " + tpl.ID + "@" + edition + "\n"
	if len(tpl.With) > 0 {
		text += "with:\n"
		for name, p := range tpl.With {
			text += fmt.Sprintf("  %s: %q\n", name, p.Example)
		}
	}
	folder["sources/tested.yaml"] = &fstest.MapFile{Data: []byte(text + extra)}
	return folder
}

func resolve(t *testing.T, folder fs.FS) *model.Source {
	t.Helper()
	territory, err := declare.ReadWith(folder, declare.Options{Templates: data.Templates(), Try: contract.CheckExample})
	var problems declare.Problems
	if errors.As(err, &problems) {
		t.Fatal(problems.Text())
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range territory.Sources {
		if s.ID == "tested" {
			return s
		}
	}
	t.Fatal("the source is gone")
	return nil
}

// heldRows is what the contract of a source makes of a file.
type heldRows struct {
	read, bound, rejected, skipped int64
	codes                          map[string]int
	geometry                       bool
	binder                         *contract.Binder
}

func hold(t *testing.T, src *model.Source, file string) heldRows {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	b, err := contract.New(src, zone)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := ingest.Open(t.Context(), src, ingest.File{Path: file, Name: filepath.Base(file)})
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	wanted, err := b.File(0, filepath.Base(file), reader.Info())
	if err != nil {
		t.Fatal(err, model.HintOf(err))
	}
	if err := reader.Select(wanted); err != nil {
		t.Fatal(err)
	}
	a := heldRows{codes: map[string]int{}, binder: b, geometry: reader.Info().Geometry}
	for {
		batch, err := reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		a.read += int64(len(batch.Line) + len(batch.Bad))
		rec, rejects := b.Bind(batch)
		if rec != nil {
			a.bound += rec.NumRows()
			rec.Release()
		}
		a.rejected += int64(len(rejects))
		for _, r := range rejects {
			if a.codes[r.Code+" "+r.Column]++; a.codes[r.Code+" "+r.Column] < 2 {
				t.Logf("line %d: %s %s: %s", r.Line, r.Code, r.Column, r.Reason)
			}
		}
	}
	a.skipped = b.Skipped
	return a
}

func TestEveryTemplateIsBilingualAndSaysWhereItsDataIsFrom(t *testing.T) {
	for _, tpl := range allTemplates(t) {
		s := tpl.Describe()
		if tpl.Summary.FR == "" || tpl.Summary.EN == "" || s.Title.FR == "" || s.Title.EN == "" || s.Producer == "" || s.Licence == "" {
			t.Errorf("%s: a text is missing", tpl.ID)
		}
		if s.From.Verified {
			t.Errorf("%s claims an address that nobody has downloaded from", tpl.ID)
		}
		if len(s.Examples) < 2 || !slices.ContainsFunc(s.Examples, func(e model.Example) bool { return e.Reject != "" }) {
			t.Errorf("%s: an example that is loaded and one that is rejected are due", tpl.ID)
		}
		for name, m := range s.Measures {
			if m.Title.FR == "" || m.Title.EN == "" || m.Unit.FR == "" || m.Unit.EN == "" {
				t.Errorf("%s: measure %s lacks a text", tpl.ID, name)
			}
		}
	}
}

func TestEveryTemplateHoldsItsOwnExampleFile(t *testing.T) {
	for _, tpl := range allTemplates(t) {
		files, err := fs.Glob(data.Templates(), tpl.ID+"/example*")
		if err != nil || len(files) == 0 {
			t.Errorf("%s has no example file", tpl.ID)
		}
		for _, name := range files {
			t.Run(strings.TrimSuffix(name, path.Ext(name)), func(t *testing.T) {
				edition := tpl.Edition
				if _, other, ok := strings.Cut(strings.TrimSuffix(path.Base(name), path.Ext(name)), "-"); ok {
					edition = other
				}
				src := resolve(t, using(tpl, edition, ""))
				text, err := fs.ReadFile(data.Templates(), name)
				if err != nil {
					t.Fatal(err)
				}
				src.From.Member = "" // the example is the member
				file := filepath.Join(t.TempDir(), path.Base(name))
				if err := os.WriteFile(file, text, 0o644); err != nil {
					t.Fatal(err)
				}
				a := hold(t, src, file)
				if a.rejected > 0 || a.bound == 0 || len(a.binder.Drift) > 0 || len(a.binder.Absent) > 0 {
					t.Errorf("read %d, bound %d, skipped %d, rejected %v; drift %v; absent %v", a.read, a.bound, a.skipped, a.codes, a.binder.Drift, a.binder.Absent)
				}
				if (src.Contract.Geometry != nil) != a.geometry {
					t.Errorf("geometry declared %t, read %t", src.Contract.Geometry != nil, a.geometry)
				}
			})
		}
	}
}

func TestTemplatesHoldTheRealFilesThatWeHave(t *testing.T) {
	for _, c := range []struct {
		template, edition, file, extra string
		read, bound                    int64
	}{
		{"etalab/epci", "2026", "decoupage-administratif-2026/epci.json.gz", "", 34871, 36},
		{"france-geojson/communes", "2018", "france-geojson-31/communes-31-haute-garonne.geojson", "", 587, 587},
		{"ign/contours-iris", "2016", "iris-2016/iris-34-herault.geojson.gz", "", 579, 578},
		{"ign/contours-iris", "2016", "iris-2016/iris-09-ariege.geojson.gz", "", 346, 346},
		{"insee/filosofi-200m", "2015", "insee-filosofi-200m-bordeaux/carreaux_200m_bm.csv.gz", "", 6735, 6735},
		{"ban/adresses-locales", "1.4", "bal-validator-cases/1.4/1.4-valid.csv", "", 2, 1},
		{"ban/adresses-locales", "1.3", "bal-validator-cases/1.4/1.3-valid.csv", "", 1, 1},
		{"transport/gtfs-arrets", "2024-01", "gtfs-montpellier-tam/TAM_MMM_GTFS.zip", "", 2054, 0},
		{"transport/gtfs-lignes", "2024-01", "gtfs-montpellier-tam/TAM_MMM_GTFS.zip", "", 45, 45},
		{"transport/gtfs-arrets", "2025", "gtfs-toulouse-tisseo-partial/stops.txt", "from: {member: null}\n", 5569, 0},
		{"transport/gtfs-lignes", "2025", "gtfs-toulouse-tisseo-partial/routes.txt", "from: {member: null}\n", 125, 125},
	} {
		t.Run(c.template+" "+path.Base(c.file), func(t *testing.T) {
			file := realdata.Path(t, c.file)
			i := slices.IndexFunc(allTemplates(t), func(tpl *declare.Template) bool { return tpl.ID == c.template })
			src := resolve(t, using(allTemplates(t)[i], c.edition, c.extra))
			a := hold(t, src, file)
			t.Logf("read %d, bound %d, skipped %d, rejected %v, absent %v, found as %v", a.read, a.bound, a.skipped, a.codes, a.binder.Absent, a.binder.Bound)
			if a.read != c.read || c.bound > 0 && a.bound != c.bound || a.bound == 0 {
				t.Errorf("read %d, bound %d; expected %d, %d", a.read, a.bound, c.read, c.bound)
			}
			if share := float64(a.rejected) / float64(a.rejected+a.bound); share > float64(src.Contract.RejectAtMost) {
				t.Errorf("rejected %v", a.codes)
			}
		})
	}
}

func TestAnotherVintageInAColumnIsReported(t *testing.T) {
	i := slices.IndexFunc(allTemplates(t), func(tpl *declare.Template) bool { return tpl.ID == "insee/flux-domicile-travail" })
	tpl := allTemplates(t)[i]
	text, err := fs.ReadFile(data.Templates(), tpl.ID+"/example.csv")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "flux.csv")
	if err := os.WriteFile(file, text, 0o644); err != nil {
		t.Fatal(err)
	}
	a := hold(t, resolve(t, using(tpl, "2020", "")), file)
	if want := []string{"flux.csv: the column NBFLUX_C22_ACTOCC15P is of vintage 22, the declaration says 2020"}; !slices.Equal(a.binder.Drift, want) {
		t.Errorf("drift %q, expected %q", a.binder.Drift, want)
	}
}
