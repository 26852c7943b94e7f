package batch

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"jumeau/ingest/format"
	"jumeau/model"
	"jumeau/model/frame"
	"jumeau/model/release"
)

// plant appends to the files about people some whose every text bears the canary, and leaves an unpacked copy of each file for the scan
// to be tried on.
func plant(t testing.TB, raw string) {
	t.Helper()
	unpacked := filepath.Join(raw, "unpacked")
	if err := os.MkdirAll(unpacked, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]string{
		"validations-2025-11.csv.gz": canary + "-card;2025-11-03 08:00:00;TO:SP0202;" + canary + "-line;Abonnement",
		"deplacements.csv.gz": canary + "-person,1,2025-11-04T06:20,2025-11-04T06:25,travail,velo,1.580833,43.512751,CRS3035RES200mN2305200E3640000,990070101," +
			"1.583398,43.512242,CRS3035RES200mN2305200E3640200,990070202,0.21,5",
		"traces-gps.csv.gz": canary + "-device," + canary + "-person,2025-11-03T07:03:00Z,1.580775,43.51278,8",
		"residents.csv.gz":  canary,
	} {
		path := filepath.Join(raw, "raw-people", name)
		var more bytes.Buffer
		zip := gzip.NewWriter(&more)
		if _, err := io.WriteString(zip, row+"\n"); err != nil {
			t.Fatal(err)
		}
		if err := zip.Close(); err != nil {
			t.Fatal(err)
		}
		packed, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		packed = append(packed, more.Bytes()...)
		if err := os.WriteFile(path, packed, 0o600); err != nil {
			t.Fatal(err)
		}
		plain, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(plain)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(unpacked, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// eachRow visits the rows of a file about people as columns by name.
func eachRow(t testing.TB, path string, comma rune, visit func(cell func(string) string)) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows := csv.NewReader(file)
	rows.Comma, rows.ReuseRecord, rows.FieldsPerRecord = comma, true, -1
	at := map[string]int{}
	for first := true; ; first = false {
		row, err := rows.Read()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if first {
			for i, name := range row {
				at[strings.Clone(name)] = i
			}
			continue
		}
		visit(func(name string) string { return row[min(at[name], len(row)-1)] })
	}
}

func firstCard(t testing.TB, raw string) (card string) {
	eachRow(t, filepath.Join(raw, "unpacked", "validations-2025-11.csv.gz"), ';', func(cell func(string) string) {
		if card == "" {
			card = strings.Clone(cell("carte"))
		}
	})
	return card
}

// key is a cell of a table: a slot, a place, and a second place or a class.
type key struct{ slot, place, to string }

// counted is the number of distinct units by cell.
type counted map[key]map[string]bool

func (c counted) add(k key, unit string) {
	if c[k] == nil {
		c[k] = map[string]bool{}
	}
	c[k][unit] = true
}

// grain compares published figures with the truth, cell by cell.
type grain struct {
	name   string
	truth  map[key]float64
	shown  map[key]frame.Figures // of length one
	cover  int
	errors []float64
}

func newGrain(name string, truth map[key]float64) *grain {
	return &grain{name: name, truth: truth, shown: map[key]frame.Figures{}}
}

func (g *grain) add(k key, f frame.Figures) {
	g.shown[k] = f
	n := g.truth[k]
	if f.Lo[0] <= n && n <= f.Hi[0] {
		g.cover++
	}
	if n > 0 {
		g.errors = append(g.errors, math.Abs(f.Value[0]/n-1))
	}
}

// report prints what the grain is worth: the share of units (with their cells) that are published, the median relative error of the
// figures, how often the interval holds the truth, and the Jensen-Shannon divergence (bits) between the published and the true shares of
// all cells, those that are not published counting as nothing.
func (g *grain) report(t testing.TB) (share, median, coverage, divergence float64) {
	var total, seen, sum float64
	for k, n := range g.truth {
		total += n
		if _, ok := g.shown[k]; ok {
			seen += n
		}
	}
	for _, f := range g.shown {
		sum += f.Value[0]
	}
	for k, n := range g.truth {
		p, q := n/total, 0.0
		if f, ok := g.shown[k]; ok {
			q = f.Value[0] / sum
		}
		m := (p + q) / 2
		divergence += p / 2 * math.Log2(p/m)
		if q > 0 {
			divergence += q / 2 * math.Log2(q/m)
		}
	}
	slices.Sort(g.errors)
	if n := len(g.errors); n > 0 {
		median, coverage = g.errors[n/2], float64(g.cover)/float64(len(g.shown))
	}
	share = seen / total
	t.Logf("%-34s %5d of %5d cells, %5.1f %% of units, median error %5.2f %%, interval holds the truth %5.1f %%, divergence %.4f bit",
		g.name, len(g.shown), len(g.truth), 100*share, 100*median, 100*coverage, divergence)
	return share, median, coverage, divergence
}

func sizes(c counted) map[key]float64 {
	out := map[key]float64{}
	for k, units := range c {
		out[k] = float64(len(units))
	}
	return out
}

// measured reads a measure of the release into a grain.
func (g *grain) measured(t testing.TB, dir, measure, system, class string) {
	t.Helper()
	v, err := frame.OpenValues(filepath.Join(dir, filepath.FromSlash(release.ValuesPath(measure, system))))
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	zones, err := frame.ReadZones(filepath.Join(dir, filepath.FromSlash(release.ZonesPath(system))))
	if err != nil {
		t.Fatal(err)
	}
	for _, slot := range v.Slots {
		f, _ := v.At(slot)
		for i, id := range zones.ID {
			if f.Flag[i] == model.OK {
				one := f.Slice(i, i+1)
				g.add(key{string(slot), id, class}, frame.Figures{Value: slices.Clone(one.Value), Lo: slices.Clone(one.Lo), Hi: slices.Clone(one.Hi)})
			}
		}
	}
}

// utility holds the protected figures of the demonstration territory to the truth, which only this test knows: the raw files, counted
// without any code of the gate.
func utility(t *testing.T, raw, dir string) {
	byIris, byCommune := positionsOf(t, filepath.Join(raw, "raw-people", "positions-2025-11.parquet"))
	iris, commune := newGrain("people present, IRIS × hour", byIris), newGrain("people present, commune × hour", byCommune)
	iris.measured(t, dir, "people_present", "iris", "")
	commune.measured(t, dir, "people_present", "commune", "")
	for _, g := range []*grain{iris, commune} {
		share, median, coverage, divergence := g.report(t)
		if share < 0.9 || median > 0.12 || coverage < 0.93 || divergence > 0.05 {
			t.Errorf("%s: the figures are worth less than they were", g.name)
		}
	}
	flows, modes, distances := counted{}, counted{}, counted{}
	edges := []float64{0, 0.5, 1, 2, 3, 5, 10, 20, 50}
	eachRow(t, filepath.Join(raw, "unpacked", "deplacements.csv.gz"), ',', func(cell func(string) string) {
		who, from, to := strings.Clone(cell("personne")), strings.Clone(cell("iris_origine")[:5]), strings.Clone(cell("iris_destination")[:5])
		flows.add(key{"all", from, to}, who)
		modes.add(key{"all", from, strings.Clone(cell("mode"))}, who)
		d := parse(t, cell("distance_km"))
		for i := range len(edges) - 1 {
			if d >= edges[i] && d < edges[i+1] {
				distances.add(key{"all", "999900036", string(rune('1' + i))}, who)
			}
		}
	})
	pairs := newGrain("trips, commune × commune", sizes(flows))
	pairs.flows(t, dir, "trips", "commune")
	if share, median, _, _ := pairs.report(t); share < 0.6 || median > 0.15 {
		t.Error("the flows are worth less than they were")
	}
	split := newGrain("modes, commune × mode", sizes(modes))
	for _, mode := range []string{"voiture", "transport_collectif", "velo", "marche"} {
		split.measured(t, dir, "trip_mode_"+mode, "commune", mode)
	}
	split.report(t)
	lengths := newGrain("distances, territory × class", sizes(distances))
	for i := range len(edges) - 1 {
		lengths.measured(t, dir, "trip_distance_"+string(rune('1'+i)), "epci", string(rune('1'+i)))
	}
	if _, _, _, divergence := lengths.report(t); divergence > 0.01 {
		t.Error("the histogram is worth less than it was")
	}
}

func (g *grain) flows(t testing.TB, dir, flow, system string) {
	t.Helper()
	f, err := frame.OpenFlows(filepath.Join(dir, filepath.FromSlash(release.FlowsPath(flow, system))))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	zones, err := frame.ReadZones(filepath.Join(dir, filepath.FromSlash(release.ZonesPath(system))))
	if err != nil {
		t.Fatal(err)
	}
	for _, slot := range f.Slots {
		p, _ := f.At(slot)
		for i := range p.Origin {
			if p.Origin[i] != frame.Outside && p.Destination[i] != frame.Outside {
				g.add(key{string(slot), zones.ID[p.Origin[i]], zones.ID[p.Destination[i]]},
					frame.Figures{Value: []float64{p.Value[i]}, Lo: []float64{p.Lo[i]}, Hi: []float64{p.Hi[i]}})
			}
		}
	}
}

// positionsOf counts telephones by IRIS and by commune and hour: each is once in each hour, so rows are units.
func positionsOf(t testing.TB, path string) (iris, commune map[key]float64) {
	t.Helper()
	r, err := format.Open(t.Context(), path, format.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := r.Select([]string{"instant", "code_iris"}); err != nil {
		t.Fatal(err)
	}
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	iris, commune = map[key]float64{}, map[key]float64{}
	slots := map[int64]string{}
	for {
		b, err := r.Next()
		if err == io.EOF {
			return iris, commune
		}
		if err != nil {
			t.Fatal(err)
		}
		at := b.Columns[0].(*array.Timestamp)
		unit := at.DataType().(*arrow.TimestampType).Unit
		for i := range at.Len() {
			v := int64(at.Value(i))
			if slots[v] == "" {
				slots[v] = string(model.SlotOf(model.SlotHour, at.Value(i).ToTime(unit).In(paris)))
			}
			code := b.Columns[1].ValueStr(i)
			iris[key{slots[v], code, ""}]++
			commune[key{slots[v], code[:5], ""}]++
		}
	}
}
