package query

import (
	"net/http"
	"slices"
	"strconv"

	"jumeau/model/release"
	"jumeau/query/ogc"
)

// The addresses of OGC API Tiles (20-057), below / and /r/{release}/: the tiles of tiles.go under the names of the standard, with the row before the column.

const vectorTiles = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"

// matrixSets answers GET /tileMatrixSets.
func (s *Server) matrixSets(w http.ResponseWriter, q *request) error {
	p, err := q.parameters("f")
	if err != nil {
		return err
	}
	return s.sendDocument(w, q, p, document{what: "matrixsets", body: map[string]any{"tileMatrixSets": []any{map[string]any{
		"id": ogc.MatrixSet, "title": "Google Maps Compatible for the World", "uri": ogc.MatrixSetURI, "crs": "http://www.opengis.net/def/crs/EPSG/0/3857",
		"links": []ogc.Link{{Href: s.root(q) + "/tileMatrixSets/" + ogc.MatrixSet, Rel: "self", Type: ogc.JSON}}}}}})
}

// matrixSet answers GET /tileMatrixSets/WebMercatorQuad.
func (s *Server) matrixSet(w http.ResponseWriter, q *request) error {
	p, err := q.parameters("f")
	if err != nil {
		return err
	}
	if q.parts[1] != ogc.MatrixSet {
		return notFound("tile matrix set", q.parts[1], []string{ogc.MatrixSet})
	}
	return s.sendDocument(w, q, p, document{what: "matrixset", body: ogc.Matrices(22)})
}

// allLayers is what the whole dataset's tiles hold: the first layers, as many as one tile may have.
func (q *request) allLayers() []*release.Layer {
	var all []*release.Layer
	for i := range q.rel.catalog.Layers {
		if len(all) < mostLayers {
			all = append(all, &q.rel.catalog.Layers[i])
		}
	}
	return all
}

// tilesets answers GET /tiles and GET /collections/{layer}/tiles: the list of what tiles there are.
func (s *Server) tilesets(w http.ResponseWriter, q *request) error {
	return s.withTileset(w, q, func(p map[string]string, here string, layers []*release.Layer) error {
		lang := language(q.Header.Get("Accept-Language"))
		one := s.tilesetOf(q, here, layers, lang)
		delete(one, "tileMatrixSetLimits")
		delete(one, "layers")
		return s.sendDocument(w, q, p, document{what: "tilesets" + here, body: map[string]any{"tilesets": []any{one},
			"links": []ogc.Link{{Href: s.root(q) + here, Rel: "self", Type: ogc.JSON}}}})
	})
}

// tilesetDocument answers GET …/tiles/WebMercatorQuad.
func (s *Server) tilesetDocument(w http.ResponseWriter, q *request) error {
	if last := q.parts[len(q.parts)-1]; last != ogc.MatrixSet {
		return notFound("tile matrix set", last, []string{ogc.MatrixSet})
	}
	return s.withTileset(w, q, func(p map[string]string, here string, layers []*release.Layer) error {
		return s.sendDocument(w, q, p, document{what: "tileset" + here, body: s.tilesetOf(q, here, layers, language(q.Header.Get("Accept-Language")))})
	})
}

// withTileset finds the layers that an address of tiles is about, and the address of their tiles.
func (s *Server) withTileset(_ http.ResponseWriter, q *request, answer func(p map[string]string, here string, layers []*release.Layer) error) error {
	p, err := q.parameters("f")
	if err != nil {
		return err
	}
	if q.parts[0] == "collections" {
		l, err := q.layer(q.parts[1])
		if err != nil {
			return err
		}
		return answer(p, "/collections/"+l.ID+"/tiles", []*release.Layer{l})
	}
	return answer(p, "/tiles", q.allLayers())
}

// tilesetOf describes tiles of layers (17-083r4, clause 7).
func (s *Server) tilesetOf(q *request, here string, layers []*release.Layer, lang string) map[string]any {
	address := s.root(q) + here + "/" + ogc.MatrixSet
	out := map[string]any{"dataType": "vector", "crs": "http://www.opengis.net/def/crs/EPSG/0/3857", "tileMatrixSetURI": ogc.MatrixSetURI,
		"title": q.rel.catalog.Territory.Title.In(lang), "mediaTypes": []string{ogc.MVT},
		"links": []ogc.Link{{Href: address, Rel: "self", Type: ogc.JSON},
			{Href: s.root(q) + "/tileMatrixSets/" + ogc.MatrixSet, Rel: "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme", Type: ogc.JSON},
			{Href: address + "/{tileMatrix}/{tileRow}/{tileCol}?f=mvt", Rel: "item", Type: ogc.MVT, Templated: true}}}
	if len(layers) == 0 {
		return out
	}
	low, high, box := layers[0].MinZoom, layers[0].MaxZoom, layers[0].BBox
	var described []any
	var sources []string
	for _, l := range layers {
		low, high = min(low, l.MinZoom), max(high, l.MaxZoom)
		box = [4]float64{min(box[0], l.BBox[0]), min(box[1], l.BBox[1]), max(box[2], l.BBox[2]), max(box[3], l.BBox[3])}
		sources = append(sources, l.Sources...)
		properties := map[string]any{"id": map[string]any{"type": "string"}}
		for _, p := range l.Properties {
			kind := p.Type
			if kind == "text" {
				kind = "string"
			}
			properties[p.Name] = map[string]any{"type": kind, "title": p.Title.In(lang)}
		}
		described = append(described, map[string]any{"id": l.ID, "title": l.Title.In(lang), "description": l.Summary.In(lang), "dataType": "vector",
			"geometryDimension": map[string]int{"point": 0, "line": 1, "polygon": 2}[l.Geometry], "minTileMatrix": zoomText(l.MinZoom), "maxTileMatrix": zoomText(l.MaxZoom),
			"propertiesSchema": map[string]any{"type": "object", "properties": properties}})
	}
	if len(layers) == 1 {
		out["title"] = layers[0].Title.In(lang)
	}
	out["attribution"] = q.rel.catalog.Credits(distinct(sources))
	out["boundingBox"] = map[string]any{"lowerLeft": box[:2], "upperRight": box[2:], "crs": ogc.Degrees.URI}
	out["tileMatrixSetLimits"] = ogc.Limits(box, low, high)
	out["layers"] = described
	return out
}

// ogcTile answers GET …/tiles/WebMercatorQuad/{tileMatrix}/{tileRow}/{tileCol}.
func (s *Server) ogcTile(w http.ResponseWriter, q *request) error {
	n := len(q.parts)
	if q.parts[n-4] != ogc.MatrixSet {
		return notFound("tile matrix set", q.parts[n-4], []string{ogc.MatrixSet})
	}
	names := q.parts[1]
	if q.parts[0] == "tiles" {
		names = ""
		for _, l := range q.allLayers() {
			if names != "" {
				names += ","
			}
			names += l.ID
		}
	}
	extension := ".mvt"
	values := q.URL.Query()
	if f := values.Get("f"); f != "" {
		if f != "mvt" && f != "mlt" {
			return invalid("parameter f", "write f=mvt or f=mlt", "%q is not offered here", clip(f, 40))
		}
		extension = "." + f
		values.Del("f")
		address := *q.URL
		address.RawQuery = values.Encode()
		clone := *q.Request
		clone.URL = &address
		q.Request = &clone
	}
	z, row, column := q.parts[n-3], q.parts[n-2], q.parts[n-1]
	q.parts = []string{"tiles", names, z, column, row + extension}
	return s.tile(w, q)
}

// styles answers GET /styles: the one style that there is.
func (s *Server) styles(w http.ResponseWriter, q *request) error {
	p, err := q.parameters("f")
	if err != nil {
		return err
	}
	lang := language(q.Header.Get("Accept-Language"))
	return s.sendDocument(w, q, p, document{what: "styles", body: map[string]any{"default": "default", "styles": []any{map[string]any{"id": "default",
		"title": q.rel.catalog.Territory.Title.In(lang),
		"links": []ogc.Link{{Href: s.root(q) + "/style.json", Rel: "stylesheet", Type: "application/vnd.mapbox.style+json"}}}}}})
}

func zoomText(z int) string { return strconv.Itoa(z) }

func distinct(list []string) []string {
	out := slices.Clone(list)
	slices.Sort(out)
	return slices.Compact(out)
}
