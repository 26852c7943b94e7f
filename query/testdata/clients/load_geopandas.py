"""GeoPandas reads a page of features and a GeoPackage, and rdflib the catalogue. Argument: address of the server. Writes JSON."""
import json
import sys

import geopandas
import rdflib

url = sys.argv[1]
page = geopandas.read_file(url + "/collections/communes/items?limit=1000")
package = geopandas.read_file(url + "/export/communes.gpkg")
catalogue = rdflib.Graph().parse(url + "/catalog.jsonld", format="json-ld")
dcat = rdflib.Namespace("http://www.w3.org/ns/dcat#")
print(json.dumps({
    "page": sorted(page["id"]), "package": sorted(package["id"]), "system": str(package.crs),
    "datasets": len(list(catalogue.subjects(rdflib.RDF.type, dcat.Dataset))),
    "distributions": len(list(catalogue.objects(None, dcat.distribution))),
}))
