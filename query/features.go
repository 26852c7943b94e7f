package query

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"jumeau/model/release"
	"jumeau/query/ogc"
)

// The addresses of OGC API Features (17-069r4, 18-058r1, 19-079r2), below / and /r/{release}/.

// offer is a representation that an address has, by the name that f= gives it.
type offer struct{ name, media string }

var (
	asJSON    = offer{"json", ogc.JSON}
	asHTML    = offer{"html", ogc.HTML}
	asGeoJSON = offer{"geojson", ogc.GeoJSON}
)

// form chooses a representation: f= says, else Accept, else the first.
func (q *request) form(p map[string]string, offers ...offer) (offer, error) {
	if name, given := p["f"]; given {
		names := []string{}
		for _, o := range offers {
			if o.name == name || o.media == name {
				return o, nil
			}
			names = append(names, o.name)
		}
		if name == "json" { // what GeoJSON is too
			return offers[0], nil
		}
		return offer{}, invalid("parameter f", "write one of "+strings.Join(names, ", "), "%q is not offered here", clip(name, 40))
	}
	media := make([]string, len(offers))
	for i, o := range offers {
		media[i] = o.media
	}
	chosen := mediaType(q.Header.Get("Accept"), media...)
	return offers[slices.IndexFunc(offers, func(o offer) bool { return o.media == chosen })], nil
}

// root is the start of the addresses that a document gives, without a slash at the end.
func (s *Server) root(q *request) string { return s.base(q) + q.within() }

// document answers with a JSON document, or the page that shows the same.
type document struct {
	what    string // in keys
	body    any
	page    func(context.Context, *webPage) error     // nil when there is only JSON
	media   string                                    // of the JSON; default application/json
	header  map[string]string                         // more headers
	encode  func(ctx context.Context) ([]byte, error) // instead of body
	varied  bool
	offered []offer
}

func (s *Server) sendDocument(w http.ResponseWriter, q *request, p map[string]string, d document) error {
	if d.media == "" {
		d.media = ogc.JSON
	}
	offers := d.offered
	if offers == nil {
		offers = []offer{asJSON, asHTML}
		if d.page == nil {
			offers = offers[:1]
		}
	}
	form, err := q.form(p, offers...)
	if err != nil {
		return err
	}
	lang := language(q.Header.Get("Accept-Language"))
	if form == asHTML && d.page != nil {
		return s.sendPage(w, q, d.page)
	}
	return s.send(w, q, answer{contentType: d.media, key: fmt.Sprintf("%s\x00%s\x00%s\x00%s", d.what, form.name, s.root(q), lang), varied: d.varied,
		vary: "Accept, Accept-Language", header: d.header, build: func(ctx context.Context) ([]byte, error) {
			if d.encode != nil {
				return d.encode(ctx)
			}
			return marshal(d.body)
		}})
}

// landing answers GET / of the API.
func (s *Server) landing(w http.ResponseWriter, q *request) error {
	p, err := q.parameters("f")
	if err != nil {
		return err
	}
	root, lang := s.root(q), language(q.Header.Get("Accept-Language"))
	c := &q.rel.catalog
	en := lang == "en"
	links := []ogc.Link{
		{Href: root + "/?f=json", Rel: "self", Type: ogc.JSON, Title: pick(en, "This document", "Ce document")},
		{Href: root + "/?f=html", Rel: "alternate", Type: ogc.HTML, Title: pick(en, "The map", "La carte")},
		{Href: root + "/api?f=json", Rel: "service-desc", Type: ogc.OpenAPI, Title: pick(en, "Definition of the API", "Définition de l’API")},
		{Href: root + "/api?f=html", Rel: "service-doc", Type: ogc.HTML, Title: pick(en, "The API, to try it", "L’API, à essayer")},
		{Href: root + "/conformance", Rel: "conformance", Type: ogc.JSON, Title: pick(en, "Conformance classes", "Classes de conformité")},
		{Href: root + "/collections", Rel: "data", Type: ogc.JSON, Title: pick(en, "Collections", "Collections")},
		{Href: root + "/tiles", Rel: "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector", Type: ogc.JSON, Title: pick(en, "Vector tiles", "Tuiles vectorielles")},
		{Href: root + "/tileMatrixSets", Rel: "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes", Type: ogc.JSON, Title: pick(en, "Tile matrix sets", "Grilles de tuiles")},
		{Href: root + "/styles", Rel: "http://www.opengis.net/def/rel/ogc/1.0/styles", Type: ogc.JSON, Title: "Styles"},
		{Href: root + "/catalog.jsonld", Rel: "describedby", Type: "application/ld+json", Title: "DCAT-AP"},
	}
	return s.sendDocument(w, q, p, document{what: "landing", page: func(_ context.Context, v *webPage) error { s.landingPage(q, v); return nil }, body: map[string]any{
		"title": c.Territory.Title.In(lang), "description": pick(en, "Published by ", "Publié par ") + c.Territory.Publisher.In(lang),
		"attribution": c.Credits(ids(c.Sources, func(s release.Source) string { return s.ID })), "links": links}})
}

// pick is the English or the French text.
func pick(en bool, english, french string) string {
	if en {
		return english
	}
	return french
}

// conformance answers GET /conformance.
func (s *Server) conformance(w http.ResponseWriter, q *request) error {
	p, err := q.parameters("f")
	if err != nil {
		return err
	}
	return s.sendDocument(w, q, p, document{what: "conformance", page: func(_ context.Context, v *webPage) error { s.conformancePage(v); return nil }, body: map[string]any{"conformsTo": ogc.Conformance,
		"links": s.selfLinks(q, "/conformance", "")}})
}

// selfLinks are to a document itself and to the page that shows the same.
func (s *Server) selfLinks(q *request, path, query string) []ogc.Link {
	address := s.root(q) + path
	and := "?"
	if query != "" {
		address, and = address+"?"+query, "&"
	}
	return []ogc.Link{{Href: address + and + "f=json", Rel: "self", Type: ogc.JSON}, {Href: address + and + "f=html", Rel: "alternate", Type: ogc.HTML}}
}

// collections answers GET /collections.
func (s *Server) collections(w http.ResponseWriter, q *request) error {
	p, err := q.parameters("f")
	if err != nil {
		return err
	}
	list := []map[string]any{}
	for i := range q.rel.catalog.Layers {
		list = append(list, s.collectionOf(q, &q.rel.catalog.Layers[i]))
	}
	return s.sendDocument(w, q, p, document{what: "collections", page: func(_ context.Context, v *webPage) error { s.collectionsPage(q, v); return nil },
		body: map[string]any{"links": s.selfLinks(q, "/collections", ""), "collections": list}})
}

// collection answers GET /collections/{layer}.
func (s *Server) collection(w http.ResponseWriter, q *request) error {
	p, err := q.parameters("f")
	if err != nil {
		return err
	}
	l, err := q.layer(q.parts[1])
	if err != nil {
		return err
	}
	return s.sendDocument(w, q, p, document{what: "collection/" + l.ID, page: func(_ context.Context, v *webPage) error { s.collectionPage(q, v, l); return nil }, body: s.collectionOf(q, l)})
}

// collectionOf describes a layer.
func (s *Server) collectionOf(q *request, l *release.Layer) map[string]any {
	c := &q.rel.catalog
	lang := language(q.Header.Get("Accept-Language"))
	here := s.root(q) + "/collections/" + l.ID
	links := append(s.selfLinks(q, "/collections/"+l.ID, ""),
		ogc.Link{Href: here + "/items", Rel: "items", Type: ogc.GeoJSON, Title: l.Title.In(lang)},
		ogc.Link{Href: here + "/items?f=html", Rel: "items", Type: ogc.HTML, Title: l.Title.In(lang)},
		ogc.Link{Href: here + "/queryables", Rel: "http://www.opengis.net/def/rel/ogc/1.0/queryables", Type: ogc.Schema},
		ogc.Link{Href: here + "/tiles", Rel: "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector", Type: ogc.JSON},
		ogc.Link{Href: s.root(q) + "/tiles/" + l.ID + ".json", Rel: "describedby", Type: ogc.JSON, Title: "TileJSON"})
	for _, f := range exportForms {
		links = append(links, ogc.Link{Href: s.root(q) + "/export/" + l.ID + f.extension, Rel: "enclosure", Type: f.media, Title: f.title.In(lang)})
	}
	for _, id := range l.Sources {
		if source, ok := c.Source(id); ok && source.URL != "" {
			links = append(links, ogc.Link{Href: source.URL, Rel: "via", Title: source.Producer})
		}
	}
	return map[string]any{"id": l.ID, "title": l.Title.In(lang), "description": l.Summary.In(lang), "attribution": c.Attribution(l), "itemType": "feature",
		"extent": map[string]any{"spatial": map[string]any{"bbox": [][4]float64{l.BBox}, "crs": ogc.Degrees.URI}},
		"crs":    ogc.URIs(ogc.Systems(l.BBox)), "storageCrs": ogc.Degrees.URI, "links": links}
}

// queryables answers GET /collections/{layer}/queryables: what a filter may ask about (19-079r2, clause 6), as a JSON schema.
func (s *Server) queryables(w http.ResponseWriter, q *request) error {
	p, err := q.parameters("f")
	if err != nil {
		return err
	}
	l, err := q.layer(q.parts[1])
	if err != nil {
		return err
	}
	lang := language(q.Header.Get("Accept-Language"))
	format := map[string]string{"point": "geometry-point-or-multipoint", "line": "geometry-linestring-or-multilinestring", "polygon": "geometry-polygon-or-multipolygon"}
	properties := map[string]any{"id": map[string]any{"type": "string", "title": "id", "x-ogc-role": "id"},
		"geometry": map[string]any{"format": format[l.Geometry], "x-ogc-role": "primary-geometry"}}
	for _, property := range l.Properties {
		one := map[string]any{"type": map[string]string{"text": "string"}[property.Type]}
		if property.Type != "text" {
			one["type"] = property.Type
		}
		if title := property.Title.In(lang); title != "" {
			one["title"] = title
		}
		if property.Unit != "" {
			one["x-ogc-unit"] = property.Unit
		}
		properties[property.Name] = one
	}
	return s.sendDocument(w, q, p, document{what: "queryables/" + l.ID, media: ogc.Schema, offered: []offer{{"json", ogc.Schema}, asJSON, asHTML}, page: func(_ context.Context, v *webPage) error { s.queryablesPage(v, l); return nil },
		body: map[string]any{"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": s.root(q) + "/collections/" + l.ID + "/queryables",
			"type": "object", "title": l.Title.In(lang), "properties": properties, "additionalProperties": false}})
}
