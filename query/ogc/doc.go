// Package ogc has what the standards of the Open Geospatial Consortium ask for and the server itself does not need: addresses of coordinate systems with
// their order of axes, features as GeoJSON, links, conformance classes, the tile matrix set, the OpenAPI description, the
// DCAT catalogue.
//
// In: the catalogue of a release, as a client may see it, and its layer files. Out: documents. What is asked for over HTTP, and by
// whom, is the business of package query.
package ogc
