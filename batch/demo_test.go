package batch

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"jumeau/data"
	"jumeau/data/demo/generate"
	"jumeau/model"
	"jumeau/model/frame"
	"jumeau/model/release"
)

// The demonstration territory, generated, run and checked against its own truth.
func TestDemonstrationTerritory(t *testing.T) {
	raw, releases := t.TempDir(), t.TempDir()
	report, err := generate.Generate(t.Context(), raw, generate.Options{People: true})
	if err != nil {
		t.Fatal(err)
	}
	plant(t, raw)
	dir, err := data.Folder("demo", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	result, err := runIn(t.Context(), t, dir, releases, raw)
	if err != nil {
		t.Fatal(err)
	}
	values := func(t *testing.T, measure, system string) *frame.Values {
		t.Helper()
		v, err := frame.OpenValues(filepath.Join(releases, result.Release, filepath.FromSlash(release.ValuesPath(measure, system))))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { v.Close() })
		return v
	}
	zones, err := frame.ReadZones(filepath.Join(releases, result.Release, filepath.FromSlash(release.ZonesPath("compteur_velo"))))
	if err != nil {
		t.Fatal(err)
	}

	t.Run("every_defect_is_found_and_nothing_else", func(t *testing.T) {
		type key struct{ file, code string }
		want, got := map[key]int{}, map[key]int{}
		for _, d := range generate.Defects {
			if !d.Repair {
				want[key{d.File, d.Code}] += d.Count
			}
		}
		counted := map[string]bool{}
		for _, a := range result.Accounts {
			for _, c := range a.Rejected {
				k := key{a.Files[0].Name, c.Code}
				if counted[k.file+c.Code] {
					continue // several sources read the same file
				}
				counted[k.file+c.Code] = true
				got[k] += int(c.Rows)
			}
		}
		for k, n := range want {
			if got[k] != n {
				t.Errorf("%s %s: %d rejected, want %d", k.file, k.code, got[k], n)
			}
		}
		for k, n := range got {
			if want[k] == 0 {
				t.Errorf("%s: %d rejected with %s, and no such defect was made", k.file, n, k.code)
			}
		}
	})

	t.Run("nobody_is_in_any_byte_of_the_release", func(t *testing.T) { // T2
		for _, text := range []string{canary, "P000001", "P080000", firstCard(t, raw)} {
			if hits := scan(t, text, releases); len(hits) > 0 {
				t.Errorf("%s is in %v", text, hits)
			}
			if hits := scan(t, text, filepath.Join(raw, "unpacked")); len(hits) == 0 {
				t.Errorf("the scan does not find %s where it is", text)
			}
		}
	})

	t.Run("protected_figures_are_useful", func(t *testing.T) { utility(t, raw, filepath.Join(releases, result.Release)) })

	t.Run("residents_of_cells_are_the_residents_simulated", func(t *testing.T) {
		f, _ := values(t, "residents", model.Cell200m).At(model.All)
		total := 0.0
		for _, v := range f.Value {
			if !math.IsNaN(v) {
				total += v
			}
		}
		if truth := float64(len(report.World.Persons)); math.Abs(total-truth)/truth > 0.02 {
			t.Errorf("cells hold %.1f residents, %v were simulated", total, truth)
		}
	})

	t.Run("an_average_weekday_hour_is_what_the_file_says", func(t *testing.T) {
		v := values(t, "bicycles", "compteur_velo")
		for counter, index := range zones.Index() {
			want, lo, hi := averageHour(t, filepath.Join(raw, "raw", "comptage-velos-2025.csv.gz"), counter, 8)
			f, ok := v.At("weekday-08")
			if !ok {
				t.Fatal("no slot weekday-08")
			}
			for name, pair := range map[string][2]float64{"value": {f.Value[index], want}, "lo": {f.Lo[index], lo}, "hi": {f.Hi[index], hi}} {
				if math.Abs(pair[0]-pair[1]) > 1e-5 {
					t.Errorf("%s, %s: %v in the release, %v from the file", counter, name, pair[0], pair[1])
				}
			}
			break // one counter reads the whole file once
		}
	})
}

// averageHour computes from the raw file, without any of the code under test, the mean over working days of the counts of one
// counter in one local hour, and its 95 % interval.
func averageHour(t *testing.T, path, counter string, hour int) (mean, lo, hi float64) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	holidays := map[string]bool{}
	for _, d := range []string{"01-01", "04-21", "05-01", "05-08", "05-29", "06-09", "07-14", "08-15", "11-01", "11-11", "12-25"} {
		holidays["2025-"+d] = true
	}
	days, failed := map[string]float64{}, map[string]bool{}
	rows := csv.NewReader(unzipped)
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse(time.RFC3339, row[2])
		if err != nil || row[1] != counter {
			continue
		}
		local := at.In(paris)
		day := local.Format(time.DateOnly)
		if local.Hour() != hour || local.Weekday() == time.Saturday || local.Weekday() == time.Sunday || holidays[day] {
			continue
		}
		n, err := strconv.Atoi(row[4])
		if err != nil {
			failed[day] = true
			continue
		}
		days[day] += float64(n)
	}
	var sum, squares, n float64
	for day, v := range days {
		if !failed[day] {
			sum, squares, n = sum+v, squares+v*v, n+1
		}
	}
	mean = sum / n
	half := 1.96 * math.Sqrt((squares-n*mean*mean)/(n-1)/n)
	return mean, math.Max(mean-half, 0), mean + half
}
