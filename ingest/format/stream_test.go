package format

import (
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"jumeau/internal/realdata"
	"jumeau/model/crs"
)

const entity = `{"id":"urn:c:1","type":"TrafficFlowObserved","intensity":{"type":"Property","value":12,"observedAt":"2024-01-01T00:00:00Z"},
"address":{"type":"PostalAddress","value":{"addressLocality":"Labège"}},"refRoad":{"type":"Relationship","object":"urn:r:9"},
"location":{"type":"GeoProperty","value":{"type":"Point","coordinates":[1.5,43.5]}},"@context":["x"]}`

func TestFIWAREEntitiesAreUnwrapped(t *testing.T) {
	got := readText(t, entity+"\n"+strings.Replace(entity, "12", "13", 1), Options{})
	expect(t, "columns", strings.Join(got.names, "|"), "id|type|intensity|intensity.observedAt|address.addressLocality|refRoad")
	expect(t, "rows", got.rows(), "urn:c:1|TrafficFlowObserved|12|2024-01-01T00:00:00Z|Labège|urn:r:9 / urn:c:1|TrafficFlowObserved|13|2024-01-01T00:00:00Z|Labège|urn:r:9")
	expect(t, "geometry", got.shapes(), "POINT(1.5 43.5) POINT(1.5 43.5)")
	expect(t, "chosen", readText(t, "["+entity+"]", Options{}, "refRoad", "intensity").rows(), "urn:r:9|12")
	plain := readText(t, `{"id":1,"type":"x","a":{"b":2,"value":3,"type":4}}`, Options{})
	expect(t, "no entity", strings.Join(plain.names, "|"), "id|type|a.b|a.value|a.type")
}

func tagged(num protowire.Number, b []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, num, protowire.BytesType), b)
}

func number64(num protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, num, protowire.VarintType), v)
}

func joinedBytes(parts ...[]byte) (out []byte) {
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// feedMessage has a vehicle with its plate, and a trip that is late.
func feedMessage() []byte {
	trip := joinedBytes(tagged(1, []byte("T")), tagged(5, []byte("R")))
	float := func(num protowire.Number, bits uint32) []byte {
		return protowire.AppendFixed32(protowire.AppendTag(nil, num, protowire.Fixed32Type), bits)
	}
	vehicle := joinedBytes(tagged(1, trip), tagged(2, joinedBytes(float(1, 0x422e0000), float(2, 0x3fc00000))), tagged(8, tagged(3, []byte("AB-123-CD"))), number64(5, 1700000000), number64(9, 2))
	late := joinedBytes(tagged(1, trip), tagged(2, joinedBytes(tagged(4, []byte("S")), tagged(3, number64(1, 90)))), tagged(2, joinedBytes(tagged(4, []byte("U")), tagged(2, number64(1, ^uint64(29))))))
	return joinedBytes(tagged(1, tagged(1, []byte("2.0"))), tagged(2, joinedBytes(tagged(1, []byte("e1")), tagged(4, vehicle))), tagged(2, joinedBytes(tagged(1, []byte("e2")), tagged(3, late))))
}

func TestARealtimeMessageGivesVehiclesAndDelaysWithoutPlates(t *testing.T) {
	path := tempFile(t, "x.pb", feedMessage())
	got := mustRead(t, path, Options{Table: "vehicles"})
	expect(t, "place", got.shapes(), "POINT(1.5 43.5)")
	if all := got.rows(); !strings.Contains(all, "T|R|") || !strings.Contains(all, "2023-11-14T22:13:20Z|FEW_SEATS_AVAILABLE") || strings.Contains(all, "AB-123") {
		t.Errorf("the vehicle is %s", all)
	}
	expect(t, "delays", mustRead(t, path, Options{Table: "delays"}, "trip_id", "stop_id", "arrival_delay", "departure_delay").rows(), "T|S||90 / T|U|-30|")
	_, err := read(path, Options{})
	expectError(t, err, "several tables", "vehicles")
	_, err = read(tempFile(t, "x", feedMessage()[:60]), Options{Table: "delays"})
	expectError(t, err, "cannot be read")
}

func FuzzRealtime(f *testing.F) {
	f.Add(feedMessage())
	f.Fuzz(func(t *testing.T, content []byte) {
		fuzzText(t, content, Options{Format: "gtfs-rt", Table: "vehicles"})
		fuzzText(t, content, Options{Format: "gtfs-rt", Table: "delays"})
	})
}

// One layer in every format that GDAL writes: the same communes meet the box.
func TestABoxFindsTheSameFeaturesInEachFormat(t *testing.T) {
	in := realdata.Path(t, "france-geojson-31/communes-31-haute-garonne.geojson")
	dir := t.TempDir()
	want := ""
	wgs, _ := crs.Parse("OGC:CRS84")
	for name, driver := range map[string]string{"x.geojson": "GeoJSON", "x.geojsonl": "GeoJSONSeq", "x.shp": "ESRI Shapefile", "x.gpkg": "GPKG",
		"x.fgb": "FlatGeobuf", "x.kml": "LIBKML", "x.gml": "GML", "x.csv": "CSV"} {
		path := filepath.Join(dir, name)
		args := []string{"-f", driver, path, in}
		opt := Options{BBox: &box}
		if driver == "CSV" {
			args = append(args, "-lco", "GEOMETRY=AS_WKT")
			opt.Geometry, opt.CRS = geometryIn("WKT", "", "").Geometry, wgs
		}
		ogr2ogr(t, args...)
		got := mustRead(t, path, opt)
		codes := strings.Fields(columnOf(got, "code"))
		sort.Strings(codes)
		if want == "" {
			want = strings.Join(codes, " ")
		}
		expect(t, driver, strings.Join(codes, " "), want)
		if len(codes) < 50 || len(codes) > 300 {
			t.Errorf("%s: %d communes", driver, len(codes))
		}
	}
}
