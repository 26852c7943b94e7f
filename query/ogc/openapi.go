package ogc

import (
	"strings"

	"jumeau/model/release"
)

type object = map[string]any

// Known are the ids that parameters may have.
type Known struct {
	Layers, Measures, Flows, Systems, Slots, Extensions []string
	CRS                                                 []string
	MostLimit, DefaultLimit                             int
}

// KnownOf collects them from a catalogue.
func KnownOf(c *release.Catalog) Known {
	var k Known
	slots := map[string]bool{}
	for _, l := range c.Layers {
		k.Layers = append(k.Layers, l.ID)
	}
	for _, m := range c.Measures {
		k.Measures = append(k.Measures, m.ID)
		for _, s := range m.Slots {
			if !slots[string(s)] && len(k.Slots) < 400 {
				slots[string(s)] = true
				k.Slots = append(k.Slots, string(s))
			}
		}
	}
	for _, f := range c.Flows {
		k.Flows = append(k.Flows, f.ID)
	}
	for _, z := range c.ZoneSystems {
		k.Systems = append(k.Systems, z.ID)
	}
	k.CRS = URIs(Systems(c.Territory.BBox))
	return k
}

func oneOf(list []string) object {
	s := object{"type": "string"}
	if len(list) > 0 {
		s["enum"] = list
	}
	return s
}

// Params by the name that operations call them.
func Params(k Known) map[string]Param {
	text, whole := object{"type": "string"}, object{"type": "integer", "minimum": 0}
	box := object{"type": "array", "oneOf": []any{object{"minItems": 4, "maxItems": 4}, object{"minItems": 6, "maxItems": 6}}, "items": object{"type": "number"}}
	path := func(name, fr, en string, schema object, example string) Param {
		return Param{Name: name, In: "path", About: about(fr, en), Schema: schema, Example: example}
	}
	query := func(name, fr, en string, schema object, example string) Param {
		return Param{Name: name, In: "query", About: about(fr, en), Schema: schema, Example: example}
	}
	first := func(list []string) string {
		if len(list) == 0 {
			return ""
		}
		return list[0]
	}
	crs := func(name, fr, en string) Param {
		return query(name, fr, en, object{"type": "string", "format": "uri", "default": Degrees.URI, "enum": k.CRS}, "")
	}
	bbox := func() Param {
		p := query("bbox", "Emprise : ouest, sud, est, nord", "Box: west, south, east, north", box, "")
		p.List = true
		return p
	}
	return map[string]Param{
		"layerId": path("layer", "Couche", "Layer", oneOf(k.Layers), first(k.Layers)), "collectionId": path("collectionId", "Collection", "Collection", oneOf(k.Layers), first(k.Layers)),
		"measureId": path("measure", "Mesure", "Measure", oneOf(k.Measures), first(k.Measures)), "flowId": path("flow", "Flux", "Flow", oneOf(k.Flows), first(k.Flows)),
		"systemId": path("system", "Découpage", "Zone system", oneOf(k.Systems), first(k.Systems)), "featureId": path("featureId", "Identifiant de l’objet", "Id of the feature", text, ""),
		"extension": path("extension", "Format", "Format", oneOf(k.Extensions), first(k.Extensions)),
		"z":         path("z", "Zoom", "Zoom", whole, "10"), "x": path("x", "Colonne", "Column", whole, "516"), "y": path("y", "Rangée", "Row", whole, "373"),
		"tileMatrixSetId": path("tileMatrixSetId", "Grille", "Matrix set", oneOf([]string{MatrixSet}), MatrixSet), "tileMatrix": path("tileMatrix", "Zoom", "Zoom", text, "10"),
		"tileRow": path("tileRow", "Rangée", "Row", whole, "373"), "tileCol": path("tileCol", "Colonne", "Column", whole, "516"),
		"zones": query("zones", "Découpage", "Zone system", oneOf(k.Systems), ""), "zone": query("zone", "Identifiant de la zone", "Id of the zone", text, ""),
		"slot": query("slot", "Créneau", "Slot", oneOf(k.Slots), ""), "slots": query("slots", "Tous les créneaux", "All slots", oneOf([]string{"all"}), ""),
		"measure": query("measure", "Mesure de la couche", "Measure of the layer", oneOf(k.Measures), ""),
		"from":    query("from", "Zone d’origine", "Zone of origin", text, ""), "to": query("to", "Zone de destination", "Zone of destination", text, ""), "top": query("top", "Les plus grands seulement", "Only the greatest", whole, ""),
		"bbox": bbox(), "bbox_degrees": bbox(), "within": query("within", "Forme en texte (WKT)", "Shape as text (WKT)", text, "POLYGON((1.4 43.5, 1.5 43.5, 1.5 43.6, 1.4 43.5))"),
		"coordinates": query("crs", "Système de ces coordonnées", "System of these coordinates", object{"type": "string", "default": "OGC:CRS84"}, "EPSG:2154"),
		"limit":       query("limit", "Objets par page", "Features a page", object{"type": "integer", "minimum": 1, "maximum": k.MostLimit, "default": k.DefaultLimit}, ""),
		"after":       query("after", "Suite de la page précédente (voir le lien next)", "Continuation (see the link next)", whole, ""),
		"crs":         crs("crs", "Système des coordonnées de la réponse", "System of the coordinates of the answer"), "bbox-crs": crs("bbox-crs", "Système de l’emprise", "System of the box"),
		"filter-crs": crs("filter-crs", "Système des formes du filtre", "System of the shapes in the filter"),
		"datetime":   query("datetime", "Date ou intervalle ; les objets n’ont pas de date, tous répondent", "Time or interval; features have no time of their own, all meet it", text, ""),
		"filter":     query("filter", "Filtre (CQL2)", "Filter (CQL2)", text, ""), "filter-lang": query("filter-lang", "Écriture du filtre", "Encoding of the filter", object{"type": "string", "enum": []string{"cql2-text", "cql2-json"}, "default": "cql2-text"}, ""),
		"f": query("f", "Format de la réponse", "Format of the answer", object{"type": "string", "enum": []string{"json", "html"}}, ""),
	}
}

// Description is the OpenAPI 3.0 description of the API.
func Description(c *release.Catalog, root, version, lang string, k Known, exports []ExportMedia) object {
	params, components := Params(k), object{}
	used := map[string]bool{}
	paths := object{}
	for _, op := range Operations(exports) {
		var list []any
		for _, name := range op.Params {
			used[name] = true
			list = append(list, object{"$ref": "#/components/parameters/" + name})
		}
		content := object{}
		for _, media := range op.Media {
			content[media] = object{"schema": schemaOf(media, op.Schema)}
		}
		get := object{"operationId": op.ID, "tags": []string{op.Tag}, "summary": op.Title.In(lang), "description": op.About.In(lang),
			"responses": object{"200": object{"description": "OK", "content": content}, "400": object{"$ref": "#/components/responses/problem"},
				"404": object{"$ref": "#/components/responses/problem"}, "500": object{"$ref": "#/components/responses/problem"}, "503": object{"$ref": "#/components/responses/problem"}}}
		if list != nil {
			get["parameters"] = list
		}
		item := object{"get": get}
		if op.Post {
			post := object{}
			for key, value := range get {
				post[key] = value
			}
			post["operationId"] = op.ID + "Of"
			post["requestBody"] = object{"required": true, "content": object{GeoJSON: object{"schema": object{"type": "object"}}}}
			item["post"] = post
		}
		paths[op.Path] = item
	}
	for name := range used {
		p := params[name]
		one := object{"name": p.Name, "in": p.In, "description": p.About.In(lang), "schema": p.Schema, "required": p.In == "path"}
		if p.List {
			one["style"], one["explode"] = "form", false
		}
		components[name] = one
	}
	var tags []any
	for _, t := range Tags {
		tags = append(tags, object{"name": t.ID, "description": t.Title.In(lang)})
	}
	problem := object{"description": "Problem (RFC 9457)", "content": object{"application/problem+json": object{"schema": object{"type": "object", "required": []string{"title", "status"},
		"properties": object{"type": object{"type": "string"}, "title": object{"type": "string"}, "status": object{"type": "integer"}, "detail": object{"type": "string"},
			"hint": object{"type": "string"}, "position": object{"type": "integer"}}}}}}
	return object{"openapi": "3.0.3", "info": object{"title": c.Territory.Title.In(lang), "version": strings.TrimPrefix(version, "v"), "description": c.Territory.Publisher.In(lang)},
		"servers": []any{object{"url": root + "/"}}, "tags": tags, "paths": paths,
		"components": object{"parameters": components, "responses": object{"problem": problem}, "schemas": schemas()}}
}

func schemaOf(media, name string) object {
	switch {
	case (media == JSON || media == GeoJSON) && name != "":
		return object{"$ref": "#/components/schemas/" + name}
	case media == HTML || strings.HasPrefix(media, "text/"):
		return object{"type": "string"}
	case strings.Contains(media, "json"):
		return object{"type": "object"}
	}
	return object{"type": "string", "format": "binary"}
}

func schemas() object {
	text, links := object{"type": "string"}, object{"type": "array", "items": object{"$ref": "#/components/schemas/link"}}
	return object{
		"link":        object{"type": "object", "required": []string{"href", "rel"}, "properties": object{"href": text, "rel": text, "type": text, "title": text, "hreflang": text}},
		"landingPage": object{"type": "object", "required": []string{"links"}, "properties": object{"title": text, "description": text, "links": links}},
		"confClasses": object{"type": "object", "required": []string{"conformsTo"}, "properties": object{"conformsTo": object{"type": "array", "items": text}}},
		"collections": object{"type": "object", "required": []string{"links", "collections"}, "properties": object{"links": links, "collections": object{"type": "array", "items": object{"$ref": "#/components/schemas/collection"}}}},
		"collection":  object{"type": "object", "required": []string{"id", "links"}, "properties": object{"id": text, "title": text, "description": text, "extent": object{"type": "object"}, "itemType": text, "crs": object{"type": "array", "items": text}, "links": links}},
		"feature":     object{"type": "object", "required": []string{"type", "geometry", "properties"}, "properties": object{"type": object{"type": "string", "enum": []string{"Feature"}}, "id": text, "geometry": object{"type": "object", "nullable": true}, "properties": object{"type": "object", "nullable": true}, "links": links}},
		"featureCollection": object{"type": "object", "required": []string{"type", "features"}, "properties": object{"type": object{"type": "string", "enum": []string{"FeatureCollection"}},
			"features": object{"type": "array", "items": object{"$ref": "#/components/schemas/feature"}}, "links": links, "numberMatched": object{"type": "integer", "minimum": 0}, "numberReturned": object{"type": "integer", "minimum": 0}}},
	}
}
