package batch

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"jumeau/model"
	"jumeau/model/release"
)

// metadata is a manifest without what is drawn, what follows from it (digests of files of figures, the release's id, counts of cells), the moment,
// the hashes of the ledger's line, and the time and memory of the work that does not look at rows about people.
func metadata(t *testing.T, m *release.Manifest) map[string]any {
	t.Helper()
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	var strip func(v any)
	strip = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, name := range []string{"id", "content", "built_at", "release", "key", "sha256", "digest", "hash", "previous", "at", "tiles", "download",
				"min", "max", "breaks", "total", "published", "error", "near", "detailed", "words", "wall_seconds", "cpu_seconds", "watt_hours", "peak_bytes"} {
				delete(v, name)
			}
			for _, inner := range v {
				strip(inner)
			}
		case []any:
			for _, inner := range v {
				strip(inner)
			}
		}
	}
	strip(out)
	return out
}

// Two releases whose sources differ by one person say the same of themselves, but for the figures.
func TestOnePersonMoreChangesNothingButDrawnFigures(t *testing.T) {
	manifest := func(more int) *release.Manifest {
		riders := crowds(2, 400)
		for range more {
			riders = append(riders, rider{0, 0, 1, "car"})
		}
		releases := t.TempDir()
		return drawnInto(t, rowOfCommunes(t, 2, riders, nil), releases).Manifest
	}
	base := metadata(t, manifest(0))
	if one := metadata(t, manifest(1)); !reflect.DeepEqual(base, one) {
		a, _ := json.MarshalIndent(base, "", " ")
		b, _ := json.MarshalIndent(one, "", " ")
		t.Errorf("the metadata differ: %s", apart(string(a), string(b)))
	}
	raw := manifest(1) // a run that counts its rows
	for i := range raw.Catalog.Sources {
		if s := &raw.Catalog.Sources[i]; s.ID == "riders" {
			s.Read = 1601
		}
	}
	if reflect.DeepEqual(base, metadata(t, raw)) {
		t.Error("the test does not see a number of rows")
	}
}

// What a release says that it cost leaves out the work on rows about people, whatever there is of it; who runs it is told the whole.
func TestTheCostOfARowAboutAPersonIsNotPublished(t *testing.T) {
	releases := t.TempDir()
	dir := rowOfCommunes(t, 2, crowds(2, 40_000), nil)
	result := drawnInto(t, dir, releases)
	told, whole := result.Manifest.Cost, result.Cost
	account := result.Accounts[len(result.Accounts)-1]
	if account.Source.ID != "riders" || account.Elapsed <= 0 {
		t.Fatalf("account %+v", account)
	}
	if apart := whole.WallSeconds - told.WallSeconds; apart < account.Elapsed.Seconds() {
		t.Errorf("%.3f s are left out, reading the rows took %.3f s", apart, account.Elapsed.Seconds())
	}
	if told.CPUSeconds >= whole.CPUSeconds || told.WattHours >= whole.WattHours || told.PeakBytes > whole.PeakBytes || !strings.Contains(told.Estimate, "without") {
		t.Errorf("told %+v of %+v", told, whole)
	}
	info, err := os.Stat(filepath.Join(dir, "riders.csv"))
	if err != nil || told.BytesRead <= 0 || told.BytesRead >= info.Size() {
		t.Errorf("%d bytes read are told, the rows are %d (%v)", told.BytesRead, info.Size(), err)
	}
	open := drawnInto(t, write(t, nil), t.TempDir()) // nobody in it: the whole is told
	if open.Cost != open.Manifest.Cost {
		t.Errorf("told %+v of %+v", open.Manifest.Cost, open.Cost)
	}
}

// The egress guard looks at every file of figures as it was written: a column of identifiers does not pass.
func TestAFileWithAColumnOfIdentifiersDoesNotLeave(t *testing.T) {
	file := func(fields ...arrow.Field) string {
		path := filepath.Join(t.TempDir(), "figures.arrow")
		out, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		schema := arrow.NewSchema(fields, nil)
		w, err := ipc.NewFileWriter(out, ipc.WithSchema(schema))
		if err != nil {
			t.Fatal(err)
		}
		b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
		defer b.Release()
		if err := errors.Join(w.Write(b.NewRecordBatch()), w.Close(), out.Close()); err != nil {
			t.Fatal(err)
		}
		return path
	}
	zone, value := arrow.Field{Name: "zone", Type: arrow.PrimitiveTypes.Uint32}, arrow.Field{Name: "value", Type: arrow.PrimitiveTypes.Float64}
	if err := guarded("seen", file(zone, value)); err != nil {
		t.Error(err)
	}
	for _, column := range []arrow.Field{{Name: "card", Type: arrow.BinaryTypes.String}, {Name: "unit", Type: arrow.PrimitiveTypes.Uint64}, {Name: "at", Type: arrow.FixedWidthTypes.Timestamp_us}} {
		if err := guarded("seen", file(zone, value, column)); model.KindOf(err) != model.Withheld {
			t.Errorf("column %s leaves: %v", column.Name, err)
		}
	}
}
