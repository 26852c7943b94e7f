package format

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/parquet/metadata"
	"github.com/apache/arrow-go/v18/parquet/schema"
)

// geoColumn is what a Parquet file says about its geometry.
type geoColumn struct {
	column  string // "" when it says nothing
	crs     string // PROJJSON or code; "" when it is not known
	crsText string // for people
}

// geoMetadata reads the "geo" entry of GeoParquet 1.x, or else the GEOMETRY type of Parquet 2.11.
func geoMetadata(meta *metadata.FileMetaData) (geoColumn, error) {
	raw := meta.KeyValueMetadata().FindValue("geo")
	if raw == nil {
		return logicalGeometry(meta.Schema), nil
	}
	return geoJSONMetadata(*raw)
}

// geoJSONMetadata reads the text of a "geo" entry.
func geoJSONMetadata(raw string) (geoColumn, error) {
	var geo struct {
		Primary string `json:"primary_column"`
		Columns map[string]struct {
			Encoding string           `json:"encoding"`
			CRS      *json.RawMessage `json:"crs"`
		} `json:"columns"`
	}
	var members struct {
		Columns map[string]map[string]json.RawMessage `json:"columns"`
	}
	if err := json.Unmarshal([]byte(raw), &geo); err != nil {
		return geoColumn{}, invalid("name the geometry column with `wkt`", "its GeoParquet metadata is not JSON: %w", err)
	}
	if err := json.Unmarshal([]byte(raw), &members); err != nil {
		return geoColumn{}, invalid("name the geometry column with `wkt`", "its GeoParquet metadata is not JSON: %w", err)
	}
	column, ok := geo.Columns[geo.Primary]
	if !ok {
		return geoColumn{}, invalid("name the geometry column with `wkt`",
			"its GeoParquet metadata does not describe the primary column %q", geo.Primary)
	}
	if !strings.EqualFold(column.Encoding, "WKB") {
		return geoColumn{}, refusal{"GeoParquet with the encoding " + column.Encoding, "write it with WKB encoding"}.error()
	}
	said, given := members.Columns[geo.Primary]["crs"]
	g := geoColumn{column: geo.Primary}
	switch {
	case !given: // the default of the specification
		g.crs, g.crsText = "OGC:CRS84", "OGC:CRS84"
	case string(said) != "null":
		g.crs, g.crsText = string(said), projName(said)
		var wkt string // before version 1.0
		if json.Unmarshal(said, &wkt) == nil {
			g.crs, g.crsText = wkt, crsName(wkt)
		}
	}
	return g, nil
}

// projName is the name in PROJJSON.
func projName(raw []byte) string {
	var p struct {
		Name string `json:"name"`
	}
	if json.Unmarshal(raw, &p) == nil && p.Name != "" {
		return p.Name
	}
	return excerpt(string(raw))
}

// logicalGeometry is the first column of Parquet's own GEOMETRY type; its CRS is OGC:CRS84 unless it says another.
func logicalGeometry(s *schema.Schema) geoColumn {
	for i := range s.NumColumns() {
		c := s.Column(i)
		if g, ok := c.LogicalType().(schema.GeometryLogicalType); ok && len(c.ColumnPath()) == 1 {
			said := "OGC:CRS84"
			if g.IsCRSSet() {
				said = g.CRS()
			}
			return geoColumn{column: c.Name(), crs: said, crsText: fmt.Sprintf("%.60s", said)}
		}
	}
	return geoColumn{}
}
