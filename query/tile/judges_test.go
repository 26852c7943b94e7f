package tile_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"testing"

	"github.com/paulmach/orb"
	orbmvt "github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/maptile"
	"github.com/peterstace/simplefeatures/geom"

	"jumeau/internal/realdata"
	"jumeau/model/layer"
	"jumeau/model/layer/layertest"
	"jumeau/model/layer/planar"
	"jumeau/query/tile"
	"jumeau/query/tile/mvt"
)

// Three decoders that are not ours must see what our strict one sees.

type sample struct {
	name    string
	at      maptile.Tile
	body    []byte
	decoded []mvt.Layer
}

func samples(t *testing.T) []sample {
	t.Helper()
	at := here
	typed := polygons(layer.Property{Name: "name", Type: layer.Text}, layer.Property{Name: "floors", Type: layer.Integer},
		layer.Property{Name: "height", Type: layer.Number}, layer.Property{Name: "open", Type: layer.Boolean})
	made := layertest.File(t, typed, []layertest.Row{
		{ID: "hole", Key: 1, Geometry: orb.Polygon{ring(at, 100, 100, 900, 100, 900, 900, 100, 900), ring(at, 300, 300, 600, 300, 600, 600, 300, 600)}, Values: []any{"Église", int64(3), 12.5, true}},
		{ID: "parts", Key: 1 << 40, Geometry: orb.MultiPolygon{{ring(at, 1000, 0, 1900, 0, 1900, 900, 1000, 900), ring(at, 1300, 300, 1600, 300, 1600, 600, 1300, 600)}, {ring(at, 2000, 2000, 2100, 2000, 2100, 2100)}}, Values: []any{"", int64(-3), -0.25, false}},
		{ID: "comb", Key: 3, Geometry: orb.Polygon{ring(at, 5000, 500, 3000, 500, 3000, 800, 4500, 800, 4500, 1100, 3000, 1100, 3000, 1400, 5000, 1400)}, Values: []any{nil, nil, nil, nil}},
	})
	lines := layertest.File(t, layer.Spec{Name: "streets", Geometry: layer.Lines, MaxZoom: 14}, []layertest.Row{
		{ID: "a", Key: 1, Geometry: orb.LineString{unit(at, 3000, 100), unit(at, 5000, 100), unit(at, 5000, 300), unit(at, 3000, 300)}},
		{ID: "b", Key: 2, Geometry: orb.LineString{unit(at, 100, 100), unit(at, 200, 150), unit(at, 300, 900)}},
	})
	stops := layertest.File(t, layer.Spec{Name: "stops", Geometry: layer.Points, MaxZoom: 14}, []layertest.Row{
		{ID: "a", Key: 1, Geometry: unit(at, 10, 20)}, {ID: "b", Key: 2, Geometry: orb.MultiPoint{unit(at, 700, 20), unit(at, 30, 900)}},
		{ID: "c", Key: 3, Geometry: unit(at, 2000, 2001)}, {ID: "d", Key: 4, Geometry: unit(at, 2002, 2003)},
	})
	list := []sample{{name: "made", at: at}}
	files := [][]*layer.File{{made, lines, stops}}
	for _, real := range []struct {
		file, id string
		spec     layer.Spec
		at       []maptile.Tile
	}{
		{
			"france-geojson-31/communes-31-haute-garonne.geojson", "code",
			layer.Spec{Name: "communes", Geometry: layer.Polygons, MinZoom: 5, MaxZoom: 14, SharedBorders: true, Properties: []layer.Property{{Name: "nom", Type: layer.Text}}},
			[]maptile.Tile{maptile.New(16, 11, 5), maptile.New(258, 187, 9), maptile.New(1032, 749, 11), maptile.New(8259, 5991, 14)},
		},
		{
			"montpellier-batiments/VilleMTP_MTP_Batiments.geojson.gz", "",
			layer.Spec{Name: "batiments", Geometry: layer.Polygons, MaxZoom: 16},
			[]maptile.Tile{maptile.At(orb.Point{3.8767, 43.6108}, 10), maptile.At(orb.Point{3.8767, 43.6108}, 13), maptile.At(orb.Point{3.8767, 43.6108}, 16)},
		},
	} {
		if _, err := os.Stat(filepath.Join(realdata.Dir(t), real.file)); err != nil {
			continue
		}
		f := layertest.File(t, real.spec, layertest.Read(t, realdata.Path(t, real.file), real.spec, real.id))
		for _, at := range real.at {
			list = append(list, sample{name: fmt.Sprintf("%s %d/%d/%d", real.spec.Name, at.Z, at.X, at.Y), at: at})
			files = append(files, []*layer.File{f})
		}
	}
	for i := range list {
		body, _, err := tile.Encode(nil, files[i], list[i].at, tile.Options{})
		if err != nil {
			t.Fatal(err)
		}
		list[i].body, list[i].decoded = body, check(t, body, list[i].at)
	}
	return list
}

func TestOrbSeesTheSameTile(t *testing.T) {
	for _, s := range samples(t) {
		layers, err := orbmvt.Unmarshal(s.body)
		if err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		if len(layers) != len(s.decoded) {
			t.Fatalf("%s: %d layers", s.name, len(layers))
		}
		for i, l := range layers {
			want := s.decoded[i]
			if l.Name != want.Name || l.Extent != tile.Extent || len(l.Features) != len(want.Features) {
				t.Fatalf("%s: layer %s, extent %d, %d features", s.name, l.Name, l.Extent, len(l.Features))
			}
			for j, f := range l.Features {
				w := want.Features[j]
				if area, have := signedArea(w), orbArea(f.Geometry); math.Abs(area-have) > 1e-6 {
					t.Errorf("%s: feature %d has the area %v instead of %v", s.name, w.ID, have, area)
				}
				if got, want := fmt.Sprint(plain(f.Properties)), fmt.Sprint(plain(w.Properties)); got != want {
					t.Errorf("%s: %s instead of %s", s.name, got, want)
				}
			}
		}
	}
}

func signedArea(f mvt.Feature) float64 {
	var sum int64
	if f.Kind == 3 {
		for _, part := range f.Parts {
			sum += planar.Area2(part)
		}
	}
	return float64(sum) / 2
}

func orbArea(g orb.Geometry) float64 {
	sum := 0.0
	add := func(p orb.Polygon) {
		for i, r := range p {
			area := 0.0
			for k := 1; k < len(r); k++ {
				area += r[k-1][0]*r[k][1] - r[k][0]*r[k-1][1]
			}
			if i == 0 {
				sum += math.Abs(area) / 2
			} else {
				sum -= math.Abs(area) / 2
			}
		}
	}
	switch g := g.(type) {
	case orb.Polygon:
		add(g)
	case orb.MultiPolygon:
		for _, p := range g {
			add(p)
		}
	}
	return sum
}

// plain makes the properties of different decoders comparable: numbers are numbers.
func plain(properties map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range properties {
		switch n := v.(type) {
		case int64:
			out[k] = float64(n)
		case uint64:
			out[k] = float64(n)
		case float32:
			out[k] = float64(n)
		default:
			out[k] = v
		}
	}
	return out
}

// seenLayer is a layer as a decoder in JavaScript sees it.
type seenLayer struct {
	Name     string
	Extent   int
	Version  int
	Features []struct {
		ID         string
		Type       int
		Properties map[string]any
		Parts      [][][2]int64
		Exteriors  int
	}
}

// decodeWith runs a script of testdata/js over tiles.
func decodeWith(t *testing.T, script string, bodies [][]byte) [][]seenLayer {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is absent")
	}
	dir := filepath.Join("testdata", "js")
	if _, err := os.Stat(filepath.Join(dir, "node_modules")); err != nil {
		t.Skip("the reference decoders are absent: run npm ci in query/tile/testdata/js")
	}
	args := []string{filepath.Join(dir, script)}
	for i, body := range bodies {
		path := filepath.Join(t.TempDir(), fmt.Sprint(i))
		if err := os.WriteFile(path, body, 0o644); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	cmd := exec.Command(node, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	var tiles [][]seenLayer
	if err := json.Unmarshal(out, &tiles); err != nil {
		t.Fatal(err)
	}
	return tiles
}

// compareSeen holds what a decoder saw against what our strict one did.
func compareSeen(t *testing.T, name string, seen []seenLayer, decoded []mvt.Layer) {
	t.Helper()
	if len(seen) != len(decoded) {
		t.Fatalf("%s: %d layers", name, len(seen))
	}
	for j, l := range seen {
		want := decoded[j]
		if l.Name != want.Name || l.Extent != tile.Extent || len(l.Features) != len(want.Features) {
			t.Fatalf("%s: layer %s, extent %d, %d features", name, l.Name, l.Extent, len(l.Features))
		}
		for k, f := range l.Features {
			w := want.Features[k]
			if w.HasID && f.ID != fmt.Sprint(w.ID) || !w.HasID && f.ID != "" || f.Type != w.Kind {
				t.Errorf("%s: feature %q of type %d instead of %d of type %d", name, f.ID, f.Type, w.ID, w.Kind)
			}
			if got, want := fmt.Sprint(f.Properties), fmt.Sprint(plain(w.Properties)); got != want {
				t.Errorf("%s: %s instead of %s", name, got, want)
			}
			if got, want := fmt.Sprint(f.Parts), fmt.Sprint(closed(w)); got != want {
				t.Errorf("%s feature %d: %s instead of %s", name, w.ID, got, want)
			}
		}
	}
}

func TestTheReferenceDecoderSeesTheSameTile(t *testing.T) {
	list := samples(t)
	var bodies [][]byte
	for _, s := range list {
		bodies = append(bodies, s.body)
	}
	for i, seen := range decodeWith(t, "decode.js", bodies) {
		compareSeen(t, list[i].name, seen, list[i].decoded)
		for j, l := range seen {
			for k, f := range l.Features {
				if want := exteriors(list[i].decoded[j].Features[k]); f.Exteriors != want || l.Version != 2 {
					t.Errorf("%s feature %s: %d exteriors instead of %d, version %d", list[i].name, f.ID, f.Exteriors, want, l.Version)
				}
			}
		}
	}
}

// closed is the parts as the reference decoder gives them: rings with their first vertex again, every point by itself.
func closed(f mvt.Feature) [][][2]int64 {
	var out [][][2]int64
	for _, part := range f.Parts {
		var p [][2]int64
		for _, q := range part {
			if f.Kind == 1 {
				out = append(out, [][2]int64{{q.X, q.Y}})
				continue
			}
			p = append(p, [2]int64{q.X, q.Y})
		}
		if f.Kind == 3 {
			p = append(p, p[0])
		}
		if f.Kind != 1 {
			out = append(out, p)
		}
	}
	return out
}

func exteriors(f mvt.Feature) int {
	n := 0
	for _, part := range f.Parts {
		if f.Kind == 3 && planar.Area2(part) > 0 {
			n++
		}
	}
	return n
}

func TestGDALSeesTheSameTile(t *testing.T) {
	ogr, err := exec.LookPath("ogr2ogr")
	if err != nil {
		t.Skip("ogr2ogr is absent: install gdal-bin")
	}
	for _, s := range samples(t) {
		path := filepath.Join(t.TempDir(), fmt.Sprint(s.at.Z), fmt.Sprint(s.at.X), fmt.Sprint(s.at.Y)+".mvt")
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, s.body, 0o644); err != nil {
			t.Fatal(err)
		}
		for _, l := range s.decoded {
			compareWithGDAL(t, ogr, path, s, l)
		}
	}
}

func compareWithGDAL(t *testing.T, ogr, path string, s sample, l mvt.Layer) {
	t.Helper()
	out, err := exec.Command(ogr, "-f", "GeoJSON", "/vsistdout/", "-oo", "CLIP=NO", "-lco", "RFC7946=NO", "-lco", "COORDINATE_PRECISION=9",
		path, l.Name).Output()
	if err != nil {
		t.Fatalf("%s: %v", s.name, err)
	}
	var collection struct {
		Features []struct {
			Properties map[string]any
			Geometry   json.RawMessage
		}
	}
	if err := json.Unmarshal(out, &collection); err != nil {
		t.Fatal(err)
	}
	if len(collection.Features) != len(l.Features) {
		t.Fatalf("%s: GDAL sees %d features in %s instead of %d", s.name, len(collection.Features), l.Name, len(l.Features))
	}
	for i, f := range collection.Features {
		w := l.Features[i]
		for key, value := range plain(w.Properties) {
			got := f.Properties[key]
			if flag, ok := value.(bool); ok && got == map[bool]any{true: 1.0, false: 0.0}[flag] {
				continue
			}
			if got != value {
				t.Errorf("%s feature %d: property %s is %v instead of %v", s.name, w.ID, key, got, value)
			}
		}
		g, err := geom.UnmarshalGeoJSON(f.Geometry, geom.NoValidate{})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := vertices(s.at, g), sortedVertices(w); got != want {
			t.Errorf("%s feature %d: GDAL sees the vertices %s instead of %s", s.name, w.ID, got, want)
		}
		if w.Kind == 3 {
			side := 2 * math.Pi * 6378137 / float64(int64(1)<<s.at.Z) / tile.Extent
			if got, want := g.Area()/(side*side), signedArea(w); math.Abs(got-want) > 0.01*math.Max(1, want*1e-4) {
				t.Errorf("%s feature %d: GDAL sees the area %.3f instead of %.1f", s.name, w.ID, got, want)
			}
		}
	}
}

// vertices are the distinct vertices of a geometry in EPSG:3857, back in tile units, sorted.
func vertices(at maptile.Tile, g geom.Geometry) string {
	const half = math.Pi * 6378137
	side := 2 * half / float64(int64(1)<<at.Z)
	seen := map[planar.Point]bool{}
	sequence := g.DumpCoordinates()
	for i := range sequence.Length() {
		p := sequence.GetXY(i)
		seen[planar.Point{
			X: int64(math.Round((p.X + half - float64(at.X)*side) / side * tile.Extent)),
			Y: int64(math.Round((half - p.Y - float64(at.Y)*side) / side * tile.Extent)),
		}] = true
	}
	return sortedPoints(seen)
}

func sortedVertices(f mvt.Feature) string {
	seen := map[planar.Point]bool{}
	for _, part := range f.Parts {
		for _, p := range part {
			seen[p] = true
		}
	}
	return sortedPoints(seen)
}

func sortedPoints(set map[planar.Point]bool) string {
	list := make([]planar.Point, 0, len(set))
	for p := range set {
		list = append(list, p)
	}
	sort.Slice(list, func(i, j int) bool {
		return list[i].X < list[j].X || list[i].X == list[j].X && list[i].Y < list[j].Y
	})
	return fmt.Sprint(list)
}
