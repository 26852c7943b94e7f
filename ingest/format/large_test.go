package format

import (
	"fmt"
	"strings"
	"testing"
)

// Records of all lengths meet every place at which the window is refilled: beyond the sample, twice the window and more.
func TestNoRecordIsLostWhereTheWindowIsRefilled(t *testing.T) {
	const size = sampleSize + 5*windowSize
	write := func(record func(i int, filler string) string) (string, int) {
		var b strings.Builder
		n := 0
		for ; b.Len() < size; n++ {
			b.WriteString(record(n, strings.Repeat("x", n*7919%977)))
		}
		return b.String(), n
	}
	for name, c := range map[string]struct {
		head, tail string
		record     func(int, string) string
		opt        Options
	}{
		"geojsonseq": {"", "", func(i int, f string) string {
			return fmt.Sprintf(`{"type":"Feature","properties":{"f":"%s","i":%d},"geometry":{"type":"Point","coordinates":[%d,1]}}`+"\n", f, i, i%90)
		}, Options{}},
		"geojson": {`{"type":"FeatureCollection","features":[`, `null]}`, func(i int, f string) string {
			return fmt.Sprintf(`{"type":"Feature","geometry":{"coordinates":[%d,1],"type":"Point"},"properties":{"i":%d,"f":"%s"}},`, i%90, i, f)
		}, Options{}},
		"json": {"[", "0]", func(i int, f string) string { return fmt.Sprintf(`{"i":%d,"f":"%s\n"},`, i, f) }, Options{}},
		"csv":  {"i,f\n", "", func(i int, f string) string { return fmt.Sprintf("%d,\"%s\n\"\"\"\n", i, f) }, Options{}},
		"wkt": {"i;g\n", "", func(i int, f string) string {
			return fmt.Sprintf("%d;POINT(%d %s1)\n", i, i%90, strings.Repeat(" ", len(f)))
		}, Options{Geometry: geometryIn("g", "", "").Geometry}},
	} {
		t.Run(name, func(t *testing.T) {
			body, n := write(c.record)
			got := readText(t, c.head+body+c.tail, c.opt, "i")
			if len(got.cells) != n {
				t.Fatalf("%d rows, want %d (%v)", len(got.cells), n, got.bad)
			}
			for i, row := range got.cells {
				if row[0] != fmt.Sprint(i) {
					t.Fatalf("row %d holds %q", i, row[0])
				}
				if got.geometry != nil && pointsOf(got.geometry[i])[0][0] != float64(i%90) {
					t.Fatalf("row %d lies at %v", i, got.geometry[i])
				}
			}
		})
	}
}
