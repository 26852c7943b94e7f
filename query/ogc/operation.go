package ogc

import (
	"jumeau/model"
)

// Operation is one address of the API, from which the description and the page to try it are made.
type Operation struct {
	Path    string // with {parameters}
	ID, Tag string
	Title   model.Text
	About   model.Text
	Params  []string // names of Params
	Media   []string // of the answer, the first is the default
	Post    bool     // a GeoJSON geometry may be the body
	Schema  string   // of the JSON answer: a component, or "" for any object
}

// Param is a parameter of one or several operations.
type Param struct {
	Name, In string // path or query
	About    model.Text
	Schema   map[string]any
	Example  string
	// Unexploded lists are written with commas.
	List bool
}

func about(fr, en string) model.Text { return model.Text{FR: fr, EN: en} }

// Tags group operations, in this order.
var Tags = []struct {
	ID    string
	Title model.Text
}{
	{"figures", about("Chiffres", "Figures")}, {"features", about("Objets", "Features")}, {"exports", about("Téléchargements", "Downloads")},
	{"tiles", about("Tuiles et styles", "Tiles and styles")}, {"catalogue", about("Catalogue", "Catalogue")},
}

// ExportMedia is set by the server: media types by extension.
type ExportMedia struct{ Extension, Media string }

// Operations are all addresses that answer data.
func Operations(exports []ExportMedia) []Operation {
	geometry := []string{"bbox_degrees", "within", "coordinates"}
	chosen := []string{"bbox", "bbox-crs", "datetime", "filter", "filter-lang", "filter-crs", "slot", "measure"}
	with := func(a []string, b ...string) []string { return append(append([]string{}, a...), b...) }
	ops := []Operation{
		{Path: "/values/{measure}", ID: "values", Tag: "figures", Title: about("Chiffres par zone", "Figures by zone"),
			About:  about("Un nombre par zone pour un créneau, avec son intervalle et son état.", "One number a zone for a slot, with its interval and its flag."),
			Params: []string{"measureId", "zones", "slot"}, Media: []string{JSON, "application/vnd.apache.arrow.stream"}},
		{Path: "/profile/{measure}", ID: "profile", Tag: "figures", Title: about("Chiffres d’une zone, par créneau", "Figures of one zone, by slot"),
			About: about("Toutes les heures, tous les jours ou mois d’une zone.", "All hours, days or months of a zone."), Params: []string{"measureId", "zones", "zone"}, Media: []string{JSON}},
		{Path: "/figures/{measure}", ID: "figure", Tag: "figures", Title: about("Chiffre d’un polygone dessiné", "Figure of a drawn polygon"),
			About:  about("La somme des zones publiées qui s’y trouvent, avec son intervalle.", "The sum of the published zones in it, with its interval."),
			Params: append([]string{"measureId", "zones", "slot", "slots"}, geometry...), Media: []string{JSON}, Post: true},
		{Path: "/counts/{layer}", ID: "count", Tag: "figures", Title: about("Compter des objets", "Count features"),
			About: about("Combien d’objets répondent à un filtre et touchent une forme.", "How many features meet a filter and a shape."), Params: append([]string{"layerId", "filter"}, geometry...), Media: []string{JSON}, Post: true},
		{Path: "/flows/{flow}", ID: "flows", Tag: "figures", Title: about("Flux entre zones", "Flows between zones"), About: about("Par origine et destination.", "By origin and destination."),
			Params: []string{"flowId", "slot", "from", "to", "top", "zones"}, Media: []string{JSON, "application/vnd.apache.arrow.stream"}},
		{Path: "/zones/{system}", ID: "zones", Tag: "figures", Title: about("Zones d’un découpage", "Zones of a system"), About: about("Identifiants, noms, emprises, surfaces, parents.", "Ids, names, boxes, areas, parents."),
			Params: []string{"systemId"}, Media: []string{JSON}},
		{Path: "/collections", ID: "getCollections", Tag: "features", Title: about("Les collections", "The collections"), Params: []string{"f"}, Media: []string{JSON, HTML}, Schema: "collections"},
		{Path: "/collections/{collectionId}", ID: "getCollection", Tag: "features", Title: about("Une collection", "One collection"), Params: []string{"collectionId", "f"}, Media: []string{JSON, HTML}, Schema: "collection"},
		{Path: "/collections/{collectionId}/queryables", ID: "getQueryables", Tag: "features", Title: about("Ce qui se filtre", "What can be filtered"), Params: []string{"collectionId", "f"}, Media: []string{Schema, HTML}},
		{Path: "/collections/{collectionId}/items", ID: "getFeatures", Tag: "features", Title: about("Les objets d’une collection", "The features of a collection"),
			About:  about("Une page d’objets, filtrée par propriétés et par lieu ; chaque propriété est aussi un paramètre.", "A page of features, filtered by properties and place; each property is a parameter too."),
			Params: with([]string{"collectionId", "limit", "crs", "after", "f"}, chosen...), Media: []string{GeoJSON, HTML}, Schema: "featureCollection"},
		{Path: "/collections/{collectionId}/items/{featureId}", ID: "getFeature", Tag: "features", Title: about("Un objet", "One feature"),
			Params: []string{"collectionId", "featureId", "crs", "slot", "measure", "f"}, Media: []string{GeoJSON, HTML}, Schema: "feature"},
	}
	var media []string
	for _, e := range exports {
		media = append(media, e.Media)
	}
	return append(ops, []Operation{
		{Path: "/export/{layer}{extension}", ID: "export", Tag: "exports", Title: about("Télécharger une couche, filtrée", "Download a layer, filtered"),
			About: about("Le fichier accepte les requêtes partielles (Range).", "Ranges of the file may be asked for."), Params: with([]string{"layerId", "extension"}, chosen...), Media: media},
		{Path: "/download/{layer}.parquet", ID: "download", Tag: "exports", Title: about("La couche entière en GeoParquet", "The whole layer as GeoParquet"), Params: []string{"layerId"}, Media: []string{"application/vnd.apache.parquet"}},
		{Path: "/tiles/{layer}/{z}/{x}/{y}.mvt", ID: "tile", Tag: "tiles", Title: about("Une tuile vectorielle", "A vector tile"), Params: []string{"layerId", "z", "x", "y", "filter", "slot", "measure"}, Media: []string{MVT}},
		{Path: "/tiles/{layer}.json", ID: "tilejson", Tag: "tiles", Title: about("TileJSON", "TileJSON"), Params: []string{"layerId", "filter", "slot", "measure"}, Media: []string{JSON}},
		{Path: "/collections/{collectionId}/tiles", ID: "getTilesets", Tag: "tiles", Title: about("Tuiles d’une collection", "Tiles of a collection"), Params: []string{"collectionId"}, Media: []string{JSON}},
		{Path: "/collections/{collectionId}/tiles/{tileMatrixSetId}", ID: "getTileset", Tag: "tiles", Title: about("Description des tuiles", "Description of the tiles"), Params: []string{"collectionId", "tileMatrixSetId"}, Media: []string{JSON}},
		{Path: "/collections/{collectionId}/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}", ID: "getTile", Tag: "tiles", Title: about("Une tuile (OGC)", "A tile (OGC)"),
			Params: []string{"collectionId", "tileMatrixSetId", "tileMatrix", "tileRow", "tileCol", "filter", "slot", "measure"}, Media: []string{MVT}},
		{Path: "/tiles", ID: "getDatasetTilesets", Tag: "tiles", Title: about("Tuiles de toutes les couches", "Tiles of all layers"), Media: []string{JSON}},
		{Path: "/tiles/{tileMatrixSetId}", ID: "getDatasetTileset", Tag: "tiles", Title: about("Description des tuiles de toutes les couches", "Description of the tiles of all layers"), Params: []string{"tileMatrixSetId"}, Media: []string{JSON}},
		{Path: "/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}", ID: "getDatasetTile", Tag: "tiles", Title: about("Une tuile de toutes les couches", "A tile of all layers"),
			Params: []string{"tileMatrixSetId", "tileMatrix", "tileRow", "tileCol"}, Media: []string{MVT}},
		{Path: "/tileMatrixSets", ID: "getTileMatrixSets", Tag: "tiles", Title: about("Grilles de tuiles", "Tile matrix sets"), Media: []string{JSON}},
		{Path: "/tileMatrixSets/{tileMatrixSetId}", ID: "getTileMatrixSet", Tag: "tiles", Title: about("Une grille de tuiles", "A tile matrix set"), Params: []string{"tileMatrixSetId"}, Media: []string{JSON}},
		{Path: "/styles", ID: "getStyles", Tag: "tiles", Title: about("Styles", "Styles"), Media: []string{JSON}},
		{Path: "/style.json", ID: "style", Tag: "tiles", Title: about("Style MapLibre", "MapLibre style"), Media: []string{JSON}},
		{Path: "/", ID: "getLandingPage", Tag: "catalogue", Title: about("Accueil de l’API", "Landing page"), Params: []string{"f"}, Media: []string{JSON, HTML}, Schema: "landingPage"},
		{Path: "/conformance", ID: "getConformance", Tag: "catalogue", Title: about("Classes de conformité", "Conformance classes"), Params: []string{"f"}, Media: []string{JSON, HTML}, Schema: "confClasses"},
		{Path: "/api", ID: "getApi", Tag: "catalogue", Title: about("Cette description", "This description"), Params: []string{"f"}, Media: []string{OpenAPI, HTML}},
		{Path: "/catalog", ID: "catalog", Tag: "catalogue", Title: about("Le catalogue de la publication", "The catalogue of the release"), Media: []string{JSON}},
		{Path: "/catalog.jsonld", ID: "dcat", Tag: "catalogue", Title: about("Catalogue DCAT-AP, à moissonner", "DCAT-AP catalogue, to harvest"), Media: []string{"application/ld+json"}},
	}...)
}
