package format

import (
	"bytes"
	"context"
	"strings"
)

// xmlFormat tells XML formats by their outermost elements.
func xmlFormat(head []byte) string {
	for _, m := range xmlRoot.FindAllSubmatch(bytes.TrimPrefix(head, []byte(bom)), 8) {
		switch name := strings.ToLower(string(m[1])); name {
		case "osm", "osmchange":
			return "openstreetmap"
		case "kml":
			return "kml"
		case "citymodel":
			return "citygml"
		case "featurecollection", "featuremember", "featuremembers":
			return "gml"
		case "gpx":
			return "gpx"
		}
	}
	if bytes.Contains(head, []byte("opengis.net/gml")) {
		return "gml"
	}
	return ""
}

func openXML(ctx context.Context, src *source, opt Options) (Reader, error) {
	head, err := src.head()
	if err != nil {
		return nil, err
	}
	found := xmlFormat(head)
	open := map[string]func(context.Context, *source, Options) (Reader, error){
		"openstreetmap": openOSMXMLFile, "kml": openKML, "gml": openGML, "citygml": openCityGML,
	}[found]
	switch {
	case found == "gpx":
		return nil, refusal{"a GPX track", "convert it: ogr2ogr out.gpkg IN tracks"}.error()
	case open == nil:
		return nil, refusal{"an XML file of a kind that is not known", "use GML, KML, CityGML, GeoPackage or CSV"}.error()
	}
	if err := fits(found, opt); err != nil {
		return nil, err
	}
	return open(ctx, src, opt)
}
