package query

import "jumeau/query/ogc"

// standard is the handler of an address that a standard of the OGC gives, or nil.
func (s *Server) standard(parts []string) handler {
	if len(parts) == 1 {
		return map[string]handler{"": s.landing, "conformance": s.conformance, "collections": s.collections, "api": s.api, "tiles": s.tilesets,
			"tileMatrixSets": s.matrixSets, "styles": s.styles, "catalog.jsonld": s.dcat}[parts[0]]
	}
	switch {
	case parts[0] == "collections":
		return s.ofCollection(parts)
	case parts[0] == "tiles" && parts[1] == ogc.MatrixSet && len(parts) == 2:
		return s.tilesetDocument
	case parts[0] == "tiles" && parts[1] == ogc.MatrixSet && len(parts) == 5:
		return s.ogcTile
	case parts[0] == "tileMatrixSets" && len(parts) == 2:
		return s.matrixSet
	case parts[0] == "api" && parts[1] == "go" && len(parts) == 2:
		return s.try
	}
	return nil
}

func (s *Server) ofCollection(parts []string) handler {
	switch {
	case len(parts) == 2:
		return s.collection
	case len(parts) == 3:
		return map[string]handler{"items": s.items, "queryables": s.queryables, "tiles": s.tilesets}[parts[2]]
	case parts[2] == "items":
		return s.item
	case parts[2] == "tiles" && len(parts) == 4:
		return s.tilesetDocument
	case parts[2] == "tiles" && len(parts) == 7:
		return s.ogcTile
	}
	return nil
}

// wantsPage says whether who asks for / wants the map and not the landing page of the API.
func (q *request) wantsPage() bool {
	switch q.URL.Query().Get("f") {
	case "html":
		return true
	case "json":
		return false
	}
	return mediaType(q.Header.Get("Accept"), ogc.HTML, ogc.JSON) == ogc.HTML
}
