package query

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/maptile"

	"jumeau/model/crs"
	"jumeau/model/release/releasetest"
	"jumeau/query/ogc"
)

// The classes of /conformance, each held to the requirements of its standard: the names of the tests are theirs.

type jsonObject = map[string]any

// standards is a server over the tiny territory with 250 features more.
func standards(t testing.TB) *Server {
	dir := t.TempDir()
	opt := tiny
	opt.Works = 250
	releasetest.Publish(t, dir, opt)
	s, _ := serve(t, dir, Options{})
	return s
}

func linkTo(t *testing.T, o jsonObject, rel, media string) string {
	t.Helper()
	links, _ := o["links"].([]any)
	for _, l := range links {
		if l := l.(jsonObject); l["rel"] == rel && (media == "" || l["type"] == media) {
			return strings.TrimPrefix(l["href"].(string), "http://twin.example")
		}
	}
	t.Errorf("no link %s %s in %v", rel, media, links)
	return ""
}

func status(t *testing.T, s *Server, address string, want int) {
	t.Helper()
	if got := ask(s, address); got.Code != want {
		t.Errorf("%s: %d %s", address, got.Code, got.Body)
	}
}

func TestConformanceCommonAndFeaturesCore(t *testing.T) {
	s := standards(t)
	t.Run("req/core/root-op req/core/root-success", func(t *testing.T) {
		landing := decode[jsonObject](t, ask(s, "/", "Accept", "application/json"))
		for rel, media := range map[string]string{"service-desc": ogc.OpenAPI, "service-doc": ogc.HTML, "conformance": ogc.JSON, "data": ogc.JSON, "self": ogc.JSON, "alternate": ogc.HTML} {
			status(t, s, linkTo(t, landing, rel, media), http.StatusOK)
		}
		if landing["title"] == "" || landing["attribution"] == "" {
			t.Errorf("%v", landing)
		}
	})
	t.Run("req/core/conformance-op req/core/conformance-success", func(t *testing.T) {
		got := decode[struct{ ConformsTo []string }](t, ask(s, "/conformance"))
		if !slices.Equal(got.ConformsTo, ogc.Conformance) {
			t.Errorf("%v", got)
		}
	})
	t.Run("req/core/fc-md-op req/core/fc-md-success req/core/fc-md-links req/core/fc-md-items req/core/fc-md-items-links req/core/fc-md-extent", func(t *testing.T) {
		list := decode[jsonObject](t, ask(s, "/collections"))
		linkTo(t, list, "self", ogc.JSON)
		linkTo(t, list, "alternate", ogc.HTML)
		collections := list["collections"].([]any)
		if len(collections) != 2 {
			t.Fatalf("%d collections", len(collections))
		}
		for _, c := range collections {
			c := c.(jsonObject)
			status(t, s, linkTo(t, c, "items", ogc.GeoJSON), http.StatusOK)
			box := c["extent"].(jsonObject)["spatial"].(jsonObject)["bbox"].([]any)[0].([]any)
			if len(box) != 4 || c["itemType"] != "feature" {
				t.Errorf("%v", c)
			}
			// req/core/sfc-md-op req/core/sfc-md-success
			one := decode[jsonObject](t, ask(s, "/collections/"+c["id"].(string)))
			if one["id"] != c["id"] || one["title"] != c["title"] || fmt.Sprint(one["links"]) != fmt.Sprint(c["links"]) {
				t.Errorf("%v\n%v", one, c)
			}
		}
		status(t, s, "/collections/nothing", http.StatusNotFound)
	})
	t.Run("req/core/fc-op req/core/fc-response req/core/fc-links req/core/fc-rel-type req/core/fc-numberMatched req/core/fc-numberReturned", func(t *testing.T) {
		w := ask(s, "/collections/works/items")
		if got := w.Header().Get("Content-Type"); got != ogc.GeoJSON {
			t.Errorf("%s", got)
		}
		page := decode[jsonObject](t, w)
		if page["type"] != "FeatureCollection" || page["numberMatched"] != 251.0 || page["numberReturned"] != 100.0 || len(page["features"].([]any)) != 100 {
			t.Errorf("%v %v", page["numberMatched"], page["numberReturned"])
		}
		linkTo(t, page, "self", ogc.GeoJSON)
		linkTo(t, page, "alternate", ogc.HTML)
	})
	t.Run("req/core/fc-limit-definition req/core/fc-limit-response-1 and paging that loses and repeats nothing", func(t *testing.T) {
		seen, next, pages := 0, "/collections/works/items?limit=60&kind=water", 0
		for next != "" {
			page := decode[jsonObject](t, ask(s, next))
			n := len(page["features"].([]any))
			if n > 60 || page["numberMatched"] != 250.0 {
				t.Fatalf("%d of %v", n, page["numberMatched"])
			}
			seen += n
			if pages++; n == 60 && seen < 250 {
				if next = linkTo(t, page, "next", ogc.GeoJSON); !strings.HasPrefix(next, "/r/") {
					t.Errorf("%s does not name the release", next)
				}
			} else {
				next = ""
			}
		}
		if seen != 250 || pages != 5 {
			t.Errorf("%d features on %d pages", seen, pages)
		}
		for _, limit := range []string{"0", "-1", "x", "1.5", ""} {
			status(t, s, "/collections/works/items?limit="+limit, http.StatusBadRequest)
		}
		status(t, s, "/collections/works/items?limit=1000000", http.StatusOK) // capped, not refused
	})
	t.Run("req/core/fc-bbox-definition req/core/fc-bbox-response", func(t *testing.T) {
		for box, want := range map[string]float64{"1.44995,43.4,1.45095,43.6": 10, "1.44995,43.4,0,1.45095,43.6,9000": 10, "-180,-90,180,90": 251, "179,43,-179,44": 0, "1.45,43.51,1.45,43.51": 1} {
			if got := decode[jsonObject](t, ask(s, "/collections/works/items?bbox="+box))["numberMatched"]; got != want {
				t.Errorf("%s: %v", box, got)
			}
		}
		for _, box := range []string{"1,2,3", "1,2,3,x", "1,44,2,43", "NaN,1,2,3", "1,2,3,4,5"} {
			status(t, s, "/collections/works/items?bbox="+box, http.StatusBadRequest)
		}
	})
	t.Run("req/core/fc-time-definition req/core/fc-time-response", func(t *testing.T) {
		for _, at := range []string{"2026-03-14T08:00:00Z", "2026-03-14", "../2026-03-14T08:00:00Z", "2026-03-14T08:00:00Z/..", "/2026-03-14T08:00:00Z", "2025-01-01T00:00:00Z/2026-01-01T00:00:00Z"} {
			if got := decode[jsonObject](t, ask(s, "/collections/works/items?datetime="+at))["numberMatched"]; got != 251.0 {
				t.Errorf("%s: %v", at, got)
			}
		}
		for _, at := range []string{"yesterday", "2026-01-01T00:00:00Z/2025-01-01T00:00:00Z", "a/b/c"} {
			status(t, s, "/collections/works/items?datetime="+at, http.StatusBadRequest)
		}
	})
	t.Run("req/core/query-param-unknown req/core/query-param-invalid", func(t *testing.T) {
		status(t, s, "/collections/works/items?nothing=1", http.StatusBadRequest)
		status(t, s, "/collections?f=xml", http.StatusBadRequest)
	})
	t.Run("req/core/f-op req/core/f-success req/core/f-links", func(t *testing.T) {
		w := ask(s, "/collections/communes/items/31002")
		f := decode[jsonObject](t, w)
		if f["id"] != "31002" || f["type"] != "Feature" || f["properties"].(jsonObject)["name"] != "Labège-l'Été" || w.Header().Get("Content-Type") != ogc.GeoJSON {
			t.Errorf("%v", f)
		}
		linkTo(t, f, "self", ogc.GeoJSON)
		linkTo(t, f, "alternate", ogc.HTML)
		linkTo(t, f, "collection", ogc.JSON)
		status(t, s, "/collections/communes/items/nobody", http.StatusNotFound)
	})
}

func TestConformanceGeoJSONAndHTML(t *testing.T) {
	s := standards(t)
	t.Run("req/geojson/definition req/geojson/content", func(t *testing.T) {
		w := ask(s, "/collections/communes/items", "Accept", "application/geo+json")
		c, err := geojson.UnmarshalFeatureCollection(w.Body.Bytes())
		if err != nil || len(c.Features) != 2 {
			t.Fatalf("%v", err)
		}
		if g, ok := c.Features[0].Geometry.(orb.Polygon); !ok || g[0].Orientation() != orb.CCW || !g[0].Closed() {
			t.Errorf("%v", c.Features[0].Geometry)
		}
	})
	t.Run("req/html/definition req/html/content", func(t *testing.T) {
		for _, address := range []string{"/conformance", "/collections", "/collections/works", "/collections/works/items", "/collections/works/items?filter=kind='water'&slot=", "/collections/works/items/w1",
			"/collections/communes/items?slot=weekday-08&measure=presence", "/collections/works/queryables", "/api"} {
			for lang, word := range map[string]string{"fr": `<html lang="fr">`, "en": `<html lang="en">`} {
				w := ask(s, address, "Accept", "text/html", "Accept-Language", lang)
				if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") || !strings.Contains(w.Body.String(), word) {
					t.Errorf("%s: %d %.300s", address, w.Code, w.Body)
				}
				if policy := w.Header().Get("Content-Security-Policy"); strings.Contains(policy, "script") || !strings.Contains(policy, "default-src 'none'") {
					t.Errorf("%s: %s", address, policy)
				}
			}
		}
		if page := ask(s, "/collections/communes/items?f=html&slot=weekday-08&measure=presence").Body.String(); !strings.Contains(page, "non publié") {
			t.Errorf("%s", page)
		}
	})
}

func TestConformanceOpenAPI(t *testing.T) {
	s := standards(t)
	t.Run("req/oas30/oas-definition-1 req/oas30/oas-definition-2 req/oas30/oas-impl", func(t *testing.T) {
		w := ask(s, "/api")
		if got := w.Header().Get("Content-Type"); got != ogc.OpenAPI {
			t.Errorf("%s", got)
		}
		loader := openapi3.NewLoader()
		doc, err := loader.LoadFromData(w.Body.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if err := doc.Validate(loader.Context); err != nil {
			t.Fatal(err)
		}
		fill := strings.NewReplacer("{collectionId}", "communes", "{layer}", "communes", "{featureId}", "31001", "{measure}", "residents", "{flow}", "commuters", "{system}", "commune",
			"{extension}", ".geojson", "{z}/{x}/{y}", "10/516/373", "{tileMatrixSetId}", "WebMercatorQuad", "{tileMatrix}/{tileRow}/{tileCol}", "10/373/516")
		asked := map[string]string{"/figures/residents": "?bbox=1,43,2,44", "/profile/residents": "?zone=31001"}
		for path := range doc.Paths.Map() {
			address := fill.Replace(path)
			w := ask(s, address+asked[address])
			if w.Code != http.StatusOK && w.Code != http.StatusNoContent {
				t.Errorf("%s: %d %s", address, w.Code, w.Body)
			}
		}
	})
	t.Run("req/oas30/exceptions-codes", func(t *testing.T) {
		if got := ask(s, "/collections/nothing/items").Header().Get("Content-Type"); got != "application/problem+json" {
			t.Errorf("%s", got)
		}
	})
	t.Run("a form of the page leads to the address that it describes", func(t *testing.T) {
		w := ask(s, "/api/go?operation=getFeatures&collectionId=works&filter=kind%3D'gas'&limit=5&crs=")
		if got := w.Header().Get("Location"); w.Code != http.StatusSeeOther || got != "/collections/works/items?filter=kind%3D%27gas%27&limit=5" {
			t.Errorf("%d %s", w.Code, got)
		}
		w = ask(s, "/api/go?operation=getFeature&collectionId=..&featureId=//evil.example/x")
		if w.Code != http.StatusBadRequest {
			t.Errorf("%d %s", w.Code, w.Header().Get("Location"))
		}
		w = ask(s, "/api/go?operation=values&measure="+url.QueryEscape("//evil.example"))
		if got := w.Header().Get("Location"); got != "/values/%2F%2Fevil.example" {
			t.Errorf("%s", got)
		}
	})
}

func TestConformanceCRS(t *testing.T) {
	s := standards(t)
	const epsg = "http://www.opengis.net/def/crs/EPSG/0/"
	first := func(address string) (string, orb.Point) {
		t.Helper()
		w := ask(s, address)
		if w.Code != http.StatusOK {
			t.Fatalf("%s: %d %s", address, w.Code, w.Body)
		}
		f, err := geojson.UnmarshalFeature(w.Body.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		return w.Header().Get("Content-Crs"), f.Geometry.(orb.LineString)[0]
	}
	t.Run("req/crs/fc-md-crs-list req/crs/fc-md-storageCrs-valid-value", func(t *testing.T) {
		c := decode[struct {
			CRS        []string
			StorageCRS string
		}](t, ask(s, "/collections/works"))
		if !slices.Contains(c.CRS, c.StorageCRS) || c.CRS[0] != ogc.Degrees.URI || !slices.Contains(c.CRS, epsg+"2154") || !slices.Contains(c.CRS, epsg+"3943") || slices.Contains(c.CRS, epsg+"2975") {
			t.Errorf("%v", c)
		}
	})
	t.Run("req/crs/fc-crs-default-value req/crs/fc-crs-action req/crs/crs-action req/crs/geojson", func(t *testing.T) {
		lambert, err := crs.Parse("EPSG:2154")
		if err != nil {
			t.Fatal(err)
		}
		x, y := lambert.FromLonLat(1.5, 43.5)
		for uri, want := range map[string]orb.Point{"": {1.5, 43.5}, ogc.Degrees.URI: {1.5, 43.5}, epsg + "4326": {43.5, 1.5}, epsg + "2154": {x, y}} {
			address := "/collections/works/items/w1"
			if uri != "" {
				address += "?crs=" + uri
			} else {
				uri = ogc.Degrees.URI
			}
			header, at := first(address)
			if header != "<"+uri+">" || abs(at[0]-want[0]) > 0.02 || abs(at[1]-want[1]) > 0.02 {
				t.Errorf("%s: %s %v instead of %v", uri, header, at, want)
			}
			if got := ask(s, strings.Replace(address, "/w1", "", 1)).Header().Get("Content-Crs"); got != "<"+uri+">" {
				t.Errorf("the page: %s", got)
			}
		}
	})
	t.Run("req/crs/fc-crs-valid-value req/crs/fc-bbox-crs-valid-value", func(t *testing.T) {
		for _, bad := range []string{"crs=" + epsg + "9999", "crs=EPSG:2154", "bbox-crs=" + epsg + "2975&bbox=1,2,3,4", "crs=", "filter-crs=x&filter=TRUE"} {
			status(t, s, "/collections/works/items?"+bad, http.StatusBadRequest)
		}
	})
	t.Run("req/crs/fc-bbox-crs-definition req/crs/fc-bbox-crs-action", func(t *testing.T) {
		lambert, err := crs.Parse("EPSG:2154")
		if err != nil {
			t.Fatal(err)
		}
		x, y := lambert.FromLonLat(1.505, 43.505) // the middle of w1, away from the others
		for query, want := range map[string]float64{fmt.Sprintf("bbox=%f,%f,%f,%f&bbox-crs=%s2154", x-10, y-10, x+10, y+10, epsg): 1, "bbox=43.5049,1.5049,43.5051,1.5051&bbox-crs=" + epsg + "4326": 1,
			"bbox=1.5049,43.5049,1.5051,43.5051": 1, "bbox=1.5049,43.5049,1.5051,43.5051&bbox-crs=" + epsg + "4326": 0} {
			if got := decode[jsonObject](t, ask(s, "/collections/works/items?kind=gas&"+query))["numberMatched"]; got != want {
				t.Errorf("%s: %v", query, got)
			}
		}
	})
}

func abs(v float64) float64 { return max(v, -v) }

func TestConformanceFilters(t *testing.T) {
	s := standards(t)
	matched := func(query url.Values) any {
		t.Helper()
		return decode[jsonObject](t, ask(s, "/collections/works/items?"+query.Encode()))["numberMatched"]
	}
	t.Run("req/queryables/get-queryables-links req/queryables/get-queryables-response-json req/queryables/get-queryables-fragment", func(t *testing.T) {
		c := decode[jsonObject](t, ask(s, "/collections/works"))
		w := ask(s, linkTo(t, c, "http://www.opengis.net/def/rel/ogc/1.0/queryables", ogc.Schema))
		q := decode[jsonObject](t, w)
		properties := q["properties"].(jsonObject)
		if w.Header().Get("Content-Type") != ogc.Schema || q["$schema"] != "https://json-schema.org/draft/2020-12/schema" || q["type"] != "object" || q["additionalProperties"] != false ||
			properties["kind"].(jsonObject)["type"] != "string" || properties["geometry"].(jsonObject)["format"] != "geometry-linestring-or-multilinestring" {
			t.Errorf("%v", q)
		}
		if _, typed := properties["geometry"].(jsonObject)["type"]; typed {
			t.Error("a geometry has a format and no type")
		}
	})
	t.Run("req/queryables-query-parameters/parameters", func(t *testing.T) {
		if got := matched(url.Values{"kind": {"gas"}}); got != 1.0 {
			t.Errorf("%v", got)
		}
		if got := matched(url.Values{"kind": {"gas' OR 'a' = 'a"}}); got != 0.0 {
			t.Errorf("a quote in a value: %v", got)
		}
	})
	t.Run("req/filter/filter-param req/filter/response req/features-filter/filter-param req/filter/mixing-expressions", func(t *testing.T) {
		if got := matched(url.Values{"filter": {"kind = 'water'"}, "bbox": {"1.44995,43.4,1.45095,43.6"}}); got != 10.0 {
			t.Errorf("%v", got)
		}
		for _, wrong := range []string{"kind", "kind =", "nom = 'x'", "kind = 3", "DROP TABLE works", "kind = 'a'; SELECT 1"} {
			status(t, s, "/collections/works/items?filter="+url.QueryEscape(wrong), http.StatusBadRequest)
		}
	})
	t.Run("req/filter/filter-lang-param req/cql2-text req/cql2-json", func(t *testing.T) {
		for lang, text := range map[string]string{"cql2-text": "kind = 'gas'", "cql2-json": `{"op":"=","args":[{"property":"kind"},"gas"]}`} {
			if got := matched(url.Values{"filter": {text}, "filter-lang": {lang}}); got != 1.0 {
				t.Errorf("%s: %v", lang, got)
			}
		}
		status(t, s, "/collections/works/items?filter-lang=sql&filter=1", http.StatusBadRequest)
	})
	t.Run("req/filter/filter-crs-wgs84 req/filter/filter-crs-param", func(t *testing.T) {
		for system, text := range map[string]string{"": "S_INTERSECTS(geometry, BBOX(1.5049, 43.5049, 1.5051, 43.5051))", "http://www.opengis.net/def/crs/EPSG/0/4326": "S_INTERSECTS(geometry, BBOX(43.5049, 1.5049, 43.5051, 1.5051))"} {
			v := url.Values{"filter": {text + " AND kind = 'gas'"}}
			if system != "" {
				v.Set("filter-crs", system)
			}
			if got := matched(v); got != 1.0 {
				t.Errorf("%s: %v", system, got)
			}
		}
	})
	t.Run("req/basic-cql2 req/advanced-comparison-operators req/basic-spatial-functions req/basic-spatial-functions-plus", func(t *testing.T) {
		for text, want := range map[string]float64{
			"kind = 'gas'": 1, "kind <> 'gas'": 250, "kind < 'gaz'": 1, "kind >= 'gas'": 251, "NOT kind = 'gas'": 250, "kind IS NULL": 0, "kind IS NOT NULL": 251,
			"kind = 'gas' OR kind = 'water'": 251, "kind = 'gas' AND id = 'w1'": 1, "TRUE": 251, "FALSE": 0, "(kind = 'gas')": 1,
			"kind LIKE 'g%'": 1, "kind LIKE '%at%'": 250, "kind LIKE 'ga_'": 1, "kind NOT LIKE 'g%'": 250, "kind IN ('gas', 'oil')": 1, "kind NOT IN ('gas')": 250, "kind BETWEEN 'a' AND 'h'": 1,
			"S_INTERSECTS(geometry, POINT(1.45 43.51))": 1, "S_INTERSECTS(geometry, BBOX(1.44995, 43.4, 1.45095, 43.6))": 10,
			"S_INTERSECTS(geometry, POLYGON((1.44995 43.4, 1.45095 43.4, 1.45095 43.6, 1.44995 43.6, 1.44995 43.4)))": 10, "S_INTERSECTS(geometry, LINESTRING(1.44995 43.51, 1.45095 43.51))": 10,
			"S_INTERSECTS(geometry, MULTIPOINT((1.45 43.51), (1.4501 43.51)))": 2, "S_INTERSECTS(geometry, MULTILINESTRING((1.44995 43.51, 1.45005 43.51), (1.45015 43.51, 1.45025 43.51)))": 2,
			"S_INTERSECTS(geometry, MULTIPOLYGON(((1.44995 43.4, 1.45005 43.4, 1.45005 43.6, 1.44995 43.6, 1.44995 43.4))))": 1,
			"S_INTERSECTS(geometry, GEOMETRYCOLLECTION(POINT(1.45 43.51), POINT(1.4501 43.51)))":                             2, "kind < DATE('2026-01-01')": 0,
		} {
			if got := matched(url.Values{"filter": {text}}); got != want {
				t.Errorf("%s: %v instead of %v", text, got, want)
			}
		}
	})
}

func TestConformanceTiles(t *testing.T) {
	s := standards(t)
	t.Run("req/tileset/description req/tilesets-list/tileset-links req/dataset-tilesets req/geodata-tilesets", func(t *testing.T) {
		for _, address := range []string{"/tiles", "/collections/communes/tiles"} {
			list := decode[jsonObject](t, ask(s, address))
			one := list["tilesets"].([]any)[0].(jsonObject)
			set := decode[jsonObject](t, ask(s, linkTo(t, one, "self", ogc.JSON)))
			if set["dataType"] != "vector" || set["tileMatrixSetURI"] != ogc.MatrixSetURI || set["crs"] == "" {
				t.Errorf("%v", set)
			}
			template := linkTo(t, set, "item", ogc.MVT)
			limits := set["tileMatrixSetLimits"].([]any)
			last := limits[len(limits)-1].(jsonObject)
			address := strings.NewReplacer("{tileMatrix}", last["tileMatrix"].(string), "{tileRow}", fmt.Sprint(last["minTileRow"]), "{tileCol}", fmt.Sprint(last["minTileCol"])).Replace(template)
			if w := ask(s, address); w.Code != http.StatusOK || w.Header().Get("Content-Type") != ogc.MVT {
				t.Errorf("%s: %d", address, w.Code)
			}
			status(t, s, linkTo(t, set, "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme", ogc.JSON), http.StatusOK)
		}
		landing := decode[jsonObject](t, ask(s, "/?f=json"))
		status(t, s, linkTo(t, landing, vectorTiles, ogc.JSON), http.StatusOK)
	})
	t.Run("req/core/tc-tilematrix-definition req/core/tc-tilerow-definition req/core/tc-tilecol-definition req/core/tc-success req/core/tc-error req/mvt/content", func(t *testing.T) {
		at := maptile.At(orb.Point{1.5, 43.5}, 10)
		ours, theirs := ask(s, fmt.Sprintf("/tiles/communes/10/%d/%d.mvt", at.X, at.Y)), ask(s, fmt.Sprintf("/collections/communes/tiles/WebMercatorQuad/10/%d/%d?f=mvt", at.Y, at.X))
		if ours.Code != http.StatusOK || theirs.Code != http.StatusOK || ours.Body.String() != theirs.Body.String() {
			t.Errorf("%d and %d, %d and %d bytes", ours.Code, theirs.Code, ours.Body.Len(), theirs.Body.Len())
		}
		for address, want := range map[string]int{"/collections/communes/tiles/Other/10/1/1": 404, "/collections/communes/tiles/WebMercatorQuad/10/x/1": 400, "/collections/communes/tiles/WebMercatorQuad/10/4000/1": 404,
			"/collections/communes/tiles/WebMercatorQuad/10/1/1": 204, "/collections/nothing/tiles/WebMercatorQuad/10/1/1": 404, "/tiles/WebMercatorQuad/10/1/1": 204, "/collections/communes/tiles/WebMercatorQuad/10/1/1?f=png": 400} {
			status(t, s, address, want)
		}
	})
	t.Run("the matrix set is that of the register", func(t *testing.T) {
		set := decode[struct {
			ID, URI      string
			TileMatrices []struct {
				ID               string
				ScaleDenominator float64
				CellSize         float64
				PointOfOrigin    [2]float64
				MatrixWidth      int
			}
		}](t, ask(s, "/tileMatrixSets/WebMercatorQuad"))
		m := set.TileMatrices
		if set.ID != "WebMercatorQuad" || abs(m[0].ScaleDenominator-559082264.0287178) > 1e-3 || abs(m[0].CellSize-156543.033928041) > 1e-6 || abs(m[0].PointOfOrigin[1]-20037508.3427892) > 1e-6 || m[10].MatrixWidth != 1024 {
			t.Errorf("%+v", m[0])
		}
	})
}

func TestTheCatalogueIsHarvestable(t *testing.T) {
	s := standards(t)
	w := ask(s, "/catalog.jsonld")
	doc := decode[struct {
		Graph []jsonObject `json:"@graph"`
	}](t, w)
	if got := w.Header().Get("Content-Type"); got != "application/ld+json" {
		t.Errorf("%s", got)
	}
	kinds := map[any]int{}
	for _, n := range doc.Graph {
		kinds[n["@type"]]++
		if n["@type"] == "dcat:Dataset" {
			for _, key := range []string{"dct:title", "dct:description", "dct:publisher", "dct:spatial", "dct:temporal", "dcat:distribution"} {
				if n[key] == nil {
					t.Errorf("%v has no %s", n["@id"], key)
				}
			}
			if n["dct:license"] == nil {
				t.Errorf("%v has no licence", n["@id"])
			}
		}
		if n["@type"] == "dcat:Distribution" {
			if url := strings.TrimPrefix(n["@id"].(string), "http://twin.example"); strings.HasSuffix(url, ".csv") {
				status(t, s, url, http.StatusOK)
			}
		}
	}
	if kinds["dcat:Catalog"] != 1 || kinds["dcat:Dataset"] != 2 || kinds["dcat:Distribution"] != 2*len(exportForms) {
		t.Errorf("%v", kinds)
	}
	if text, err := json.Marshal(doc.Graph); err != nil || strings.Contains(string(text), "tiny territory/..") {
		t.Errorf("%v", err)
	}
}
