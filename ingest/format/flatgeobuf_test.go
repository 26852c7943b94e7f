package format

import (
	"context"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"jumeau/internal/realdata"
)

func TestABoxFindsTheFeaturesOfAFlatGeobufWithAndWithoutItsIndex(t *testing.T) {
	in := realdata.Path(t, "france-geojson-31/communes-31-haute-garonne.geojson")
	with, without := filepath.Join(t.TempDir(), "with.fgb"), filepath.Join(t.TempDir(), "without.fgb")
	ogr2ogr(t, "-f", "FlatGeobuf", with, in)
	ogr2ogr(t, "-f", "FlatGeobuf", without, in, "-lco", "SPATIAL_INDEX=NO")
	all := mustRead(t, without, Options{})
	var want []string
	for i, g := range all.geometry {
		if box.Intersects(g.Bound()) {
			want = append(want, all.cells[i][all.column("code")])
		}
	}
	sort.Strings(want)
	if len(want) < 50 || len(all.cells) != 587 {
		t.Fatalf("%d of %d communes meet the box", len(want), len(all.cells))
	}
	content, _ := os.ReadFile(with)
	for _, path := range []string{with, without, tempFile(t, "x.gz", gzipped(content))} {
		got := mustRead(t, path, Options{BBox: &box})
		expect(t, filepath.Base(path), columnOf(got, "code"), strings.Join(want, " "))
	}
	r, err := Open(t.Context(), with, Options{BBox: &box})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := drain(r); err != nil {
		t.Fatal(err)
	}
	if r.Read() >= r.Info().Bytes {
		t.Errorf("%d of %d bytes were read: the index was not used", r.Read(), r.Info().Bytes)
	}
	r.Close()
	for _, n := range []int{10, 200, len(content) / 2, len(content) - 3} {
		_, err := read(tempFile(t, "cut.fgb", content[:n]), Options{})
		expectError(t, err, "download")
	}
}

func FuzzFlatGeobuf(f *testing.F) {
	for _, name := range []string{"alldatatypes", "heterogeneous", "mp_overlapping", "no_properties"} {
		content, err := os.ReadFile(realdata.Path(f, "flatgeobuf-suite/"+name+".fgb"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		open := func(opt Options) (Reader, error) {
			r, err := openSource(context.Background(), inMemory(content), "", opt)
			if err != nil {
				err = located("fuzz", err)
			}
			return r, err
		}
		checked(t, open, Options{Format: "flatgeobuf"})
		checked(t, open, Options{Format: "flatgeobuf", BBox: &box})
	})
}

func TestEveryTypeOfAFlatGeobufColumnIsRead(t *testing.T) {
	got := mustRead(t, realdata.Path(t, "flatgeobuf-suite/alldatatypes.fgb"), Options{})
	expect(t, "row", got.rows(), "-1|255|true|-1|65535|-1|4294967295|-1|18446744073709551615|0|0|X|X|2020-02-29T12:34:56Z|58")
}
