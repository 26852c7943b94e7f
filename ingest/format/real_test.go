package format

import (
	"path/filepath"
	"strings"
	"testing"

	"jumeau/internal/realdata"
	"jumeau/model"
)

// counts are those of the real files' README. geometry is the number of rows that have one.
var counts = []struct {
	file           string
	opt            Options
	format         string
	rows, geometry int
	bad            int
	crs            string
}{
	{file: "france-geojson-31/communes-31-haute-garonne.geojson", format: "geojson", rows: 587, geometry: 587, crs: "OGC:CRS84"},
	{file: "france-geojson-31/communes-31-haute-garonne-2016.geojson.gz", format: "geojson", rows: 589, geometry: 589, crs: "OGC:CRS84"},
	{file: "france-geojson-31/cantons-31-haute-garonne.geojson", format: "geojson", rows: 27, geometry: 27, crs: "OGC:CRS84"},
	{file: "france-geojson-31/arrondissements-31-haute-garonne.geojson", format: "geojson", rows: 3, geometry: 3, crs: "OGC:CRS84"},
	{file: "france-geojson-31/departement-31-haute-garonne.geojson", format: "geojson", rows: 1, geometry: 1, crs: "OGC:CRS84"},
	{file: "france-geojson-occitanie/communes-occitanie-2017.geojson.gz", format: "geojson", rows: 4516, geometry: 4516, crs: "OGC:CRS84"},
	{file: "france-geojson-occitanie/departements-occitanie.geojson", format: "geojson", rows: 13, geometry: 13, crs: "OGC:CRS84"},
	{file: "iris-2016/iris-34-herault.geojson.gz", format: "geojson", rows: 579, geometry: 579, crs: "OGC:CRS84"},
	{file: "iris-2016/iris-09-ariege.geojson.gz", format: "geojson", rows: 346, geometry: 346, crs: "OGC:CRS84"},
	{file: "decoupage-administratif-2026/communes.json.gz", format: "json", rows: 37590},
	{file: "decoupage-administratif-2026/epci.json.gz", format: "json", rows: 1255},
	{file: "decoupage-administratif-2026/departements.json", format: "json", rows: 109},
	{file: "decoupage-administratif-2026/regions.json", format: "json", rows: 26},
	{file: "decoupage-administratif-2026/arrondissements.json", format: "json", rows: 333},
	{file: "decoupage-administratif-2026/ept.json", format: "json", rows: 11},
	{file: "insee-filosofi-200m-bordeaux/carreaux_200m_bm.csv.gz", opt: geometryIn("wkt", "", ""), format: "csv", rows: 6735, geometry: 6735},
	{file: "schools-2024/schools.parquet", format: "parquet", rows: 27588},
	{file: "flows-grand-est/nav.csv", format: "csv", rows: 3350},
	{file: "entd-2008/short_dist_trips.parquet", format: "parquet", rows: 126438},
	{file: "entd-2008/days_trip.parquet", format: "parquet", rows: 36893},
	{file: "entd-2008/insee_modes_to_entd_modes.parquet", format: "parquet", rows: 480},
	{file: "bike-counter-seattle/FremontBridge.csv.gz", format: "csv", rows: 37968},
	{file: "montpellier-comptage/VilleMTP_MTP_Comptage.csv", format: "csv", rows: 3314},
	{file: "paris-rail-ridership/trafic-annuel-entrant-par-station-du-reseau-ferre-2021.csv", format: "csv", rows: 371},
	{file: "paris-rail-ridership/emplacement-des-gares-idf.csv.gz", opt: geometryIn("Geo Shape", "", ""), format: "csv", rows: 1173, geometry: 1173},
	{file: "gps-liverpool-bus/route14_outbound.csv", opt: geometryIn("", "longitude", "latitude"), format: "csv", rows: 1533, geometry: 1533},
	{file: "flights-3m/flights-3m.parquet", format: "parquet", rows: 3000000},
	{file: "flights-3m/airports.csv", opt: geometryIn("", "longitude", "latitude"), format: "csv", rows: 3376, geometry: 3376},
	{file: "gtfs-montpellier-tam/TAM_MMM_GTFS.zip", opt: memberNamed("stops.txt"), format: "csv", rows: 2054},
	{file: "gtfs-montpellier-tam/TAM_MMM_GTFS.zip", opt: memberNamed("routes.txt"), format: "csv", rows: 45},
	{file: "gtfs-montpellier-tam/TAM_MMM_GTFS.zip", opt: memberNamed("trips.txt"), format: "csv", rows: 16393},
	{file: "gtfs-montpellier-tam/TAM_MMM_GTFS.zip", opt: memberNamed("stop_times.txt"), format: "csv", rows: 339023},
	{file: "gtfs-montpellier-tam/TAM_MMM_GTFS.zip", opt: memberNamed("calendar.txt"), format: "csv", rows: 31},
	{file: "gtfs-montpellier-tam/TAM_MMM_GTFS.zip", opt: memberNamed("calendar_dates.txt"), format: "csv", rows: 1821},
	{file: "gtfs-montpellier-tam/TAM_MMM_GTFS.zip", opt: memberNamed("transfers.txt"), format: "csv", rows: 1057},
	{file: "gtfs-toulouse-tisseo-partial/stops.txt", opt: geometryIn("", "stop_lon", "stop_lat"), format: "csv", rows: 5569, geometry: 5569},
	{file: "gtfs-toulouse-tisseo-partial", opt: memberNamed("stops.txt"), format: "csv", rows: 5569},
	{file: "gtfs-toulouse-tisseo-partial/routes.txt", format: "csv", rows: 125},
	{file: "gtfs-toulouse-tisseo-partial/trips.txt.gz", format: "csv", rows: 38719},
	{file: "gtfs-toulouse-tisseo-partial/transfers.txt", format: "csv", rows: 9607},
	{file: "gtfs-toulouse-tisseo-partial/calendar.txt", format: "csv", rows: 0},
	{file: "sao-paulo/spo.zip", opt: memberNamed("stops.txt"), format: "csv", rows: 654},
	{file: "sao-paulo/spo.zip", opt: memberNamed("trips.txt"), format: "csv", rows: 36},
	{file: "sao-paulo/spo.zip", opt: memberNamed("frequencies.txt"), format: "csv", rows: 704},
	{file: "sao-paulo/spo.zip", opt: memberNamed("stop_times.txt"), format: "csv", rows: 860},
	{file: "sao-paulo/spo_hexgrid.csv", format: "csv", rows: 323},
	{file: "montpellier-adresses/VilleMTP_MTP_PointAdresse.zip", format: "shapefile", rows: 36395, geometry: 36395, crs: "EPSG:2154"},
	{file: "montpellier-voies/VilleMTP_MTP_FilaireVoies.zip", format: "shapefile", rows: 8011, geometry: 8011, crs: "EPSG:2154"},
	{file: "montpellier-voies/VilleMTP_MTP_FilaireVoies.csv.gz", format: "csv", rows: 8011},
	{file: "montpellier-batiments/VilleMTP_MTP_Batiments.zip", format: "shapefile", rows: 3356, geometry: 3356, crs: "EPSG:2154"},
	{file: "montpellier-batiments/VilleMTP_MTP_Batiments.csv", format: "csv", rows: 3356},
	{file: "montpellier-batiments/VilleMTP_MTP_Batiments.geojson.gz", format: "geojson", rows: 3356, geometry: 3356, crs: "OGC:CRS84"},
	{file: "montpellier-quartiers/VilleMTP_MTP_Quartiers.zip", format: "shapefile", rows: 7, geometry: 7, crs: "EPSG:2154"},
	{file: "montpellier-quartiers/VilleMTP_MTP_Quartiers.csv", format: "csv", rows: 7},
	{file: "montpellier-quartiers/VilleMTP_MTP_Quartiers.geojson", format: "geojson", rows: 7, geometry: 7, crs: "OGC:CRS84"},
	{file: "montpellier-quartiers/VilleMTP_MTP_SousQuartiers.zip", format: "shapefile", rows: 31, geometry: 31, crs: "EPSG:2154"},
	{file: "montpellier-quartiers/VilleMTP_MTP_SousQuartiers.csv", format: "csv", rows: 31},
	{file: "montpellier-quartiers/VilleMTP_MTP_SousQuartiers.geojson", format: "geojson", rows: 31, geometry: 31, crs: "OGC:CRS84"},
	{file: "montpellier-eclairage/VilleMTP_MTP_EclairagePublic.zip", format: "shapefile", rows: 29969, geometry: 29969, crs: "EPSG:2154"},
	{file: "montpellier-etablissements/VilleMTP_MTP_EtabliPublic.zip", format: "shapefile", rows: 1024, geometry: 1024, crs: "EPSG:2154"},
	{file: "montpellier-etablissements/VilleMTP_MTP_EtabliPublic.csv", format: "csv", rows: 1024},
	{file: "montpellier-etablissements/VilleMTP_MTP_EtabliPublic.geojson.gz", format: "geojson", rows: 1024, geometry: 1024, crs: "OGC:CRS84"},
	// One cycle path has no shape: the GeoJSON, made from it, lacks the feature. It is in Lambert-93 without saying so.
	{file: "montpellier-pistes-cyclables/VilleMTP_AggloMTP_PistesCyclables.zip", format: "shapefile", rows: 319, geometry: 318, crs: "EPSG:2154"},
	{file: "montpellier-pistes-cyclables/VilleMTP_AggloMTP_PistesCyclables.csv", format: "csv", rows: 319},
	{file: "montpellier-pistes-cyclables/VilleMTP_AggloMTP_PistesCyclables.kml.geojson", format: "geojson", rows: 318, geometry: 318, crs: ""},
	{file: "montpellier-limites/VilleMTP_MTP_LimiteCommune.zip", format: "shapefile", rows: 1, geometry: 1, crs: "EPSG:2154"},
	{file: "montpellier-limites/VilleMTP_MTP_LimiteCommune.geojson", format: "geojson", rows: 1, geometry: 1, crs: "OGC:CRS84"},
	{file: "osm-multipolygon-cases/tests.json", format: "json", rows: 130},
	{file: "flatgeobuf-suite/countries.geojson", format: "geojson", rows: 179, geometry: 179, crs: "OGC:CRS84"},
	{file: "flatgeobuf-suite/countries.shp", format: "shapefile", rows: 179, geometry: 179, crs: "EPSG:4326"},
	{file: "flatgeobuf-suite/tiger_roads.geojson.gz", format: "geojson", rows: 8333, geometry: 8333, crs: "OGC:CRS84"},
	{file: "sf-samples/nc.shp", format: "shapefile", rows: 100, geometry: 100, crs: ""}, // EPSG:4267
	{file: "sf-samples/storms_xyz.shp", format: "shapefile", rows: 71, geometry: 71, crs: ""},
	{file: "geonames-cities/cities.csv.gz", opt: geometryIn("", "lon", "lat"), format: "csv", rows: 135233, geometry: 135233},
	{file: "vector-edge-cases/cities.csv", format: "csv", rows: 4},
	{file: "vector-edge-cases/duplicate-fields.shp", format: "shapefile", rows: 1, geometry: 1},
	{file: "vector-edge-cases/new-zealand-antimeridian.shp", format: "shapefile", rows: 2, geometry: 2},
	{file: "vector-edge-cases/new-zealand-antimeridian.geojson", format: "geojson", rows: 2, geometry: 2, crs: "OGC:CRS84"},
	{file: "vector-edge-cases/valid-polygon-projected.shp", format: "shapefile", rows: 3, geometry: 3},
	{file: "vector-edge-cases/valid-polygon-projected.geojson", format: "geojson", rows: 3, geometry: 3, crs: "EPSG:3857"},
	{file: "vector-edge-cases/hkzones-mixed-geometries.geojson", format: "geojson", rows: 3, geometry: 3, crs: "OGC:CRS84"},
	{file: "vector-edge-cases/hkzones-mixed-numeric.geojson", format: "geojson", rows: 3, geometry: 3, crs: "OGC:CRS84"},
	{file: "vector-edge-cases/hkzones-type-mismatch.geojson", format: "geojson", rows: 3, geometry: 3, crs: "OGC:CRS84"},
	{file: "vector-edge-cases/too-small.geojson", format: "geojson", bad: 1, crs: "OGC:CRS84"},
	{file: "geojson-odd-cases/dateline.geojson", format: "geojson", rows: 11, geometry: 11, crs: "OGC:CRS84"},
	{file: "geojson-odd-cases/empty-linestring.geojson", format: "geojsonseq", rows: 5, geometry: 5, crs: "OGC:CRS84"},
	{file: "geojson-odd-cases/epsg-3857.geojson.gz", format: "geojson", rows: 243, geometry: 243, crs: "EPSG:3857"},
	{file: "geojson-odd-cases/intersection.geojson", format: "geojsonseq", rows: 2, geometry: 2, crs: "OGC:CRS84"},
	// 4,612 records, the first of which is a notice and no stop.
	{file: "geojson-odd-cases/muni.geojson.gz", format: "geojsonseq", rows: 4611, geometry: 4611, bad: 1, crs: "OGC:CRS84"},
	{file: "geojson-odd-cases/nullisland.geojson", format: "geojson", rows: 13, geometry: 13, crs: "OGC:CRS84"},
	{file: "geojson-odd-cases/single-polygons.geojson", format: "geojsonseq", rows: 30, geometry: 30, crs: "OGC:CRS84"},
	{file: "geojson-odd-cases/wraparound2.geojson", format: "geojson", rows: 1, geometry: 1, crs: "OGC:CRS84"},
	{file: "montpellier-quartiers/VilleMTP_MTP_Quartiers.kml", format: "kml", rows: 7, geometry: 7, crs: "OGC:CRS84"},
	{file: "montpellier-quartiers/VilleMTP_MTP_SousQuartiers.kml", format: "kml", rows: 31, geometry: 31, crs: "OGC:CRS84"},
	{file: "montpellier-etablissements/VilleMTP_MTP_EtabliPublic.kml.gz", format: "kml", rows: 1024, geometry: 1024, crs: "OGC:CRS84"},
	{file: "montpellier-pistes-cyclables/VilleMTP_AggloMTP_PistesCyclables.kmz", format: "kml", rows: 318, geometry: 318, crs: "OGC:CRS84"},
	{file: "montpellier-limites/VilleMTP_MTP_LimiteCommune.kml", format: "kml", rows: 1, geometry: 1, crs: "OGC:CRS84"},
	{file: "citygml-samples/delft-citygml2.xml.gz", format: "citygml", rows: 3, geometry: 3},
	{file: "osm-monaco/monaco-latest.osm.pbf", format: "openstreetmap", rows: 6459, geometry: 6459, bad: 33, crs: "OGC:CRS84"},
	{file: "osm-overpass/overpass.osm", format: "openstreetmap", rows: 14, geometry: 14, crs: "OGC:CRS84"},
	{file: "sf-samples/fmi_test.gml", format: "gml", rows: 22, geometry: 22, crs: "EPSG:4258"},
	{file: "flatgeobuf-suite/countries.fgb", format: "flatgeobuf", rows: 179, geometry: 179, crs: "EPSG:4326"},
	{file: "flatgeobuf-suite/countries_nocrs.fgb", format: "flatgeobuf", rows: 179, geometry: 179},
	{file: "flatgeobuf-suite/countries_nogeo.fgb", format: "flatgeobuf", rows: 179},
	{file: "flatgeobuf-suite/heterogeneous.fgb", format: "flatgeobuf", rows: 3, geometry: 3},
	{file: "amsterdam-roads/amsterdam_roads.fgb", format: "flatgeobuf", rows: 21648, geometry: 21648, crs: "EPSG:3857"},
	{file: "sf-samples/nc.gpkg", format: "geopackage", rows: 100, geometry: 100, crs: ""}, // EPSG:4267
	{file: "sf-samples/nospatial.gpkg", format: "geopackage", rows: 1},
	{file: "sf-samples/grd_addr.gpkg", format: "geopackage", rows: 1429, geometry: 1429, crs: ""}, // EPSG:32119
	{file: "sf-samples/buildings.gpkg", format: "geopackage", rows: 158, geometry: 158, crs: ""},  // on the datum OSGB 1936
	{file: "flows-grand-est/GE.gpkg", opt: Options{Table: "region"}, format: "geopackage", rows: 1, geometry: 1, crs: "EPSG:2154"},
	{file: "flows-grand-est/GE.gpkg", opt: Options{Table: "urban_area"}, format: "geopackage", rows: 159, geometry: 159, crs: "EPSG:2154"},
	{file: "gpkg-tegola/natural_earth_minimal.gpkg", format: "geopackage", rows: 127, geometry: 127, crs: "EPSG:4326"},
	{file: "vector-edge-cases/valid-polygon-projected.gpkg", format: "geopackage", rows: 3, geometry: 3},
	{file: "vector-edge-cases/new-zealand-antimeridian.gpkg", format: "geopackage", rows: 2, geometry: 2},
	{file: "geoparquet-ogc/example.parquet", format: "parquet", rows: 5, geometry: 5, crs: "OGC:CRS84"},
}

func geometryIn(wkt, x, y string) Options {
	return Options{Geometry: &model.Geometry{Type: "any", WKT: wkt, X: x, Y: y}}
}

func memberNamed(name string) Options { return Options{Member: name} }

func TestEveryRealFileHasTheRowsOfItsReadme(t *testing.T) {
	for _, c := range counts {
		t.Run(filepath.Base(c.file)+" "+c.opt.Member, func(t *testing.T) {
			got := mustRead(t, realdata.Path(t, c.file), c.opt)
			geometry := 0
			for _, g := range got.geometry {
				if g != nil {
					geometry++
				}
			}
			if len(got.cells) != c.rows || geometry != c.geometry || len(got.bad) != c.bad {
				t.Errorf("%d rows, %d geometries, %d bad (%v); want %d, %d, %d",
					len(got.cells), geometry, len(got.bad), got.bad, c.rows, c.geometry, c.bad)
			}
			if got.info.Format != c.format || got.info.CRS.Code() != c.crs {
				t.Errorf("format %s, CRS %s; want %s, %s", got.info.Format, got.info.CRS.Code(), c.format, c.crs)
			}
		})
	}
}

func TestBikeCountersAreReadThroughTheirMissingSeparators(t *testing.T) {
	total := 0
	for name, want := range map[string]int{"Albert_1er": 91, "Beracasa": 88, "Delmas_1": 71, "Delmas_2": 76, "Lattes_1": 91,
		"Lattes_2": 91, "Vieille-Poste": 91} {
		got := mustRead(t, realdata.Path(t, "bike-counters-montpellier/"+name+".json"), Options{})
		if len(got.cells) != want || len(got.bad) != 0 {
			t.Errorf("%s: %d rows, %v; want %d", name, len(got.cells), got.bad, want)
		}
		if len(got.geometry) != want || got.geometry[0] == nil {
			t.Errorf("%s: the location is not the geometry", name)
		}
		total += len(got.cells)
	}
	if total != 599 {
		t.Errorf("%d records in all, want 599", total)
	}
}

func TestExplodingTheMembersOfSicovalGivesItsCommunes(t *testing.T) {
	got := mustRead(t, realdata.Path(t, "decoupage-administratif-2026/epci.json.gz"), Options{Explode: "membres"},
		"code", "nom", "membres.code", "membres.nom")
	members, codes := 0, map[string]bool{}
	for _, r := range got.cells {
		codes[r[0]] = true
		if r[0] == "243100633" {
			members++
			if r[1] != "CA du Sicoval" || !strings.HasPrefix(r[2], "31") || r[3] == "" {
				t.Errorf("member %q", r)
			}
		}
	}
	if members != 36 || len(codes) != 1255 {
		t.Errorf("%d members of %d bodies, want 36 of 1255", members, len(codes))
	}
}

func TestQuotedLineBreaksStayInTheirCells(t *testing.T) {
	got := mustRead(t, realdata.Path(t, "montpellier-voies/VilleMTP_MTP_FilaireVoies.csv.gz"),
		Options{HeaderStrip: `,[A-Z](,[0-9,]+)?$`})
	breaks := 0
	for _, r := range got.cells {
		for _, c := range r {
			if strings.Contains(c, "\n") {
				breaks++
			}
		}
	}
	if breaks != 31 {
		t.Errorf("%d cells with a line break, want 31", breaks)
	}
	if last := got.line[len(got.line)-1]; last != 8043 {
		t.Errorf("the last record starts on line %d, want 8043", last)
	}
	expect(t, "header", strings.Join(got.names[:4], " "), "HIERARCHIE IDARC CODE_VOIE DATE_DCM")
	expect(t, "encoding", got.info.Encoding, "windows-1252")
}

func TestGeoParquetExamplesHoldTheirExpectedGeometry(t *testing.T) {
	for _, kind := range []string{"point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon"} {
		t.Run(kind, func(t *testing.T) {
			stem := "geoparquet-ogc/data-" + kind
			got := mustRead(t, realdata.Path(t, stem+"-encoding_wkb.parquet"), Options{})
			want := mustRead(t, realdata.Path(t, stem+"-wkt.csv"), geometryIn("geometry", "", ""))
			expect(t, "geometry", got.shapes(), want.shapes())
			expect(t, "CRS", got.info.CRS.Code(), "OGC:CRS84")
		})
	}
	got := mustRead(t, realdata.Path(t, "geoparquet-ogc/example.parquet"), Options{}, "name")
	want := mustRead(t, realdata.Path(t, "geoparquet-ogc/example.csv"), geometryIn("geometry", "", ""), "name")
	expect(t, "geometry", got.shapes(), want.shapes())
	expect(t, "names", got.rows(), want.rows())
}

func TestDamagedParquetFilesFailInWords(t *testing.T) {
	for _, name := range []string{"ARROW-GH-41317", "ARROW-GH-47662", "ARROW-RS-GH-6229-LEVELS"} {
		_, err := read(realdata.Path(t, "parquet-bad-data/"+name+".parquet"), Options{})
		expectError(t, err, "Parquet file cannot be read", "damaged")
	}
	got := mustRead(t, realdata.Path(t, "parquet-bad-data/ARROW-GH-43605.parquet"), Options{})
	if len(got.cells) != 21186 {
		t.Errorf("%d rows, want 21186", len(got.cells))
	}
}

func TestAddressFilesAreReadWhateverTheirDefect(t *testing.T) {
	dir := realdata.Path(t, "bal-validator-cases")
	files, _ := filepath.Glob(filepath.Join(dir, "*.csv"))
	deeper, _ := filepath.Glob(filepath.Join(dir, "*", "*.csv"))
	if files = append(files, deeper...); len(files) != 19 {
		t.Fatalf("%d files, want 19", len(files))
	}
	for _, path := range files {
		got := mustRead(t, path, Options{})
		if len(got.bad) != 0 {
			t.Errorf("%s: %v", filepath.Base(path), got.bad)
		}
		if filepath.Base(path) == "sample.csv" {
			expect(t, "first column of a file with BOM", got.names[0], "cle_interop")
		}
	}
}

func TestUnsupportedFormatsAreNamedAndTheWayOutIsShown(t *testing.T) {
	for file, words := range map[string][]string{
		"montpellier-comptage/VilleMTP_MTP_FilaireComptage.xls": {"XLS", "CSV"},
		"pmtiles-fixtures/test_fixture_1.pmtiles":               {"PMTiles"},
		"sf-samples/nc.dbf":                                     {"dBase", ".shp"},
		"vector-edge-cases/empty.geojson":                       {"empty"},
		"sf-samples/nc.prj":                                     {"coordinate system", "read.crs"},
		"mvt-fixtures/004/tile.mvt":                             {"vector tile", "GeoPackage"},
		"wkb-invalid-geometries/exception_1.wkb.gz":             {"single geometry", "column"},
		"gtfs-sample-feed/gtfs.zip":                             {"several files", "stops.txt", "member"},
	} {
		_, err := read(realdata.Path(t, file), Options{})
		expectError(t, err, words...)
	}
}
