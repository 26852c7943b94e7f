package profile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"text/tabwriter"
	"time"

	"jumeau/ingest"
	"jumeau/ingest/contract"
	"jumeau/internal/realdata"
	"jumeau/model"
	"jumeau/model/declare"
)

// companions of another file, and what is no data.
var companions = []string{".prj", ".dbf", ".shx", ".cpg", ".properties", ".md", ".mvt", ".pbf_tile"}

// TestEveryRealFileIsLookedAt prints a table of all of them. What is refused is refused with a reason and a hint; of what is read,
// the draft, once completed, holds the rows that were looked at.
func TestEveryRealFileIsLookedAt(t *testing.T) {
	dir := realdata.Dir(t)
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "file\tformat\tgeometry\trows\tkey\tclass\tsuspicions\t")
	files, read := 0, 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && (d.Name() == "mvt-fixtures" || d.Name() == "mvt-real-world") {
			if err == nil {
				err = fs.SkipDir
			}
			return err
		}
		if d.IsDir() || slices.Contains(companions, filepath.Ext(path)) {
			return nil
		}
		files++
		name, _ := filepath.Rel(dir, path)
		p, err := Look(t.Context(), path, Options{Rows: 5000})
		if err != nil {
			var e *model.Error
			if !errors.As(err, &e) || e.Hint == "" {
				t.Errorf("%s: refused without saying what to try: %v", name, err)
			}
			fmt.Fprintf(w, "%s\trefused: %.90v\t\t\t\t\t\t\n", name, err)
			return nil
		}
		read++
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\t%s\t%s\t\n", name, p.Format, strings.TrimSpace(p.Shape+" "+p.CRS), p.Rows, keyOf(p), p.Proposed.Class, suspicionsOf(p))
		holdDraft(t, name, path, p)
		return nil
	})
	w.Flush()
	t.Logf("%d files, %d read\n%s", files, read, table.String())
	if err != nil {
		t.Fatal(err)
	}
	if read < 100 {
		t.Errorf("only %d of %d files were read", read, files)
	}
}

func keyOf(p *Profile) string {
	for _, c := range p.Columns {
		if c.Key {
			return c.Name
		}
	}
	return "-"
}

func suspicionsOf(p *Profile) string {
	var out []string
	for _, c := range p.Columns {
		if c.Suspected() {
			var kinds []string
			for _, s := range c.Suspicions {
				kinds = append(kinds, s.Kind)
			}
			out = append(out, c.Name+" ("+strings.Join(kinds, ", ")+")")
		}
	}
	return strings.Join(out, "; ")
}

var (
	classMark = regexp.MustCompile(`(?m)^  class: .*$`)
	crsMark   = regexp.MustCompile(`crs: "` + declare.ToComplete + `[^"]*"`)
	columns   = regexp.MustCompile(`nothing: \{type: "[^"]*"\}`)
	anyMark   = regexp.MustCompile(`"` + declare.ToComplete + `[^"]*"`)
)

// completed is a draft as a steward might leave it who says that nobody is in the rows that are read.
func completed(text string) string {
	if at := strings.Index(text, "\n  unit: "); at >= 0 {
		text = text[:at+1]
	}
	text = classMark.ReplaceAllString(text, "  class: A")
	text = crsMark.ReplaceAllString(text, `crs: "EPSG:4326"`)
	text = columns.ReplaceAllString(text, "nothing: {type: text}")
	return anyMark.ReplaceAllString(text, `"given"`)
}

const town = "territory: t\ntitle: {fr: T, en: T}\nbbox: [1, 43, 2, 44]\ntime_zone: UTC\nzones: [cell_1km]\n"

func declared(text string) (*model.Territory, error) {
	return declare.Read(fstest.MapFS{"territory.yaml": {Data: []byte(town)}, "sources/looked_at.yaml": {Data: []byte(text)}})
}

func holdDraft(t *testing.T, name, path string, p *Profile) {
	t.Helper()
	draft := string(p.Draft(DraftOptions{ID: "looked_at", Path: "raw/file"}))
	if _, err := declared(draft); err == nil {
		t.Errorf("%s: the draft passes before it is completed\n%s", name, draft)
	}
	for _, c := range p.Columns {
		if c.Suspected() && strings.Contains(draft, "from: "+quote(c.Name)+",") {
			t.Errorf("%s: the suspected column %s is in the contract", name, c.Name)
		}
	}
	territory, err := declared(completed(draft))
	var problems declare.Problems
	if errors.As(err, &problems) {
		t.Errorf("%s: %s\n%s", name, problems.Text(), completed(draft))
		return
	}
	src := territory.Sources[0]
	b, err := contract.New(src, time.UTC)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	reader, err := ingest.Open(t.Context(), src, ingest.File{Path: path, Name: filepath.Base(path)})
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	defer reader.Close()
	wanted, err := b.File(0, name, reader.Info())
	if err != nil {
		t.Errorf("%s: %v (%s)", name, err, model.HintOf(err))
		return
	}
	if err := reader.Select(wanted); err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	for rows := int64(0); rows < p.Rows; {
		batch, err := reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		first := rows
		rows += int64(len(batch.Line))
		rec, rejects := b.Bind(batch)
		if rec != nil {
			rec.Release()
		}
		for _, r := range rejects {
			if strings.HasPrefix(r.Code, "type_") && first+int64(len(batch.Line)) <= p.Rows {
				t.Errorf("%s:%d: %s %s: %s", name, r.Line, r.Code, r.Column, r.Reason)
				return
			}
		}
	}
}

func TestWhatIsKnownOfRealFilesIsFound(t *testing.T) {
	for _, c := range []struct{ file, class, suspected string }{
		{"gps-liverpool-bus/route14_outbound.csv", "C", "vehicle_id"},
		{"gps-liverpool-bus/route14_outbound.csv", "C", "latitude"},
		{"entd-2008/short_dist_trips.parquet", "G", "individual_id"},
		{"france-geojson-31/communes-31-haute-garonne.geojson", "A", ""},
		{"montpellier-comptage/VilleMTP_MTP_Comptage.csv", "A", ""},
		{"bike-counters-montpellier/Delmas_1.json", "B", ""},
		{"insee-filosofi-200m-bordeaux/carreaux_200m_bm.csv.gz", "A", ""},
		{"paris-rail-ridership/emplacement-des-gares-idf.csv.gz", "A", ""},
	} {
		p, err := Look(t.Context(), realdata.Path(t, c.file), Options{Rows: 5000})
		if err != nil {
			t.Errorf("%s: %v", c.file, err)
			continue
		}
		if p.Proposed.Class != c.class {
			t.Errorf("%s: class %s proposed, expected %s (%s)", c.file, p.Proposed.Class, c.class, suspicionsOf(p))
		}
		if c.suspected == "" && suspicionsOf(p) != "" {
			t.Errorf("%s: suspected %s", c.file, suspicionsOf(p))
		}
		if col := p.Column(c.suspected); c.suspected != "" && (col == nil || !col.Suspected()) {
			t.Errorf("%s: %s is not suspected", c.file, c.suspected)
		}
	}
}

func writeFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
