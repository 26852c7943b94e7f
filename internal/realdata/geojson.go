package realdata

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/paulmach/orb"
)

// Feature of a GeoJSON file, for tests of packages that have no reader.
type Feature struct {
	Properties map[string]any
	Geometry   orb.Geometry
}

// Features reads a real GeoJSON file, or newline-delimited features, gzip-compressed or not.
func Features(t testing.TB, name string) []Feature {
	t.Helper()
	features, err := ReadFeatures(Path(t, name))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return features
}

type jsonFeature struct {
	Features   []jsonFeature
	Properties map[string]any
	Geometry   *jsonGeometry
}

type jsonGeometry struct {
	Type        string
	Coordinates json.RawMessage
	Geometries  []jsonGeometry
}

// ReadFeatures is Features for any path.
func ReadFeatures(path string) ([]Feature, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			return nil, err
		}
	}
	var out []Feature
	for dec := json.NewDecoder(r); ; {
		var doc jsonFeature
		if err := dec.Decode(&doc); err == io.EOF {
			return out, nil
		} else if err != nil {
			return nil, err
		}
		if doc.Features == nil {
			doc.Features = []jsonFeature{doc}
		}
		for _, f := range doc.Features {
			g, err := f.Geometry.orb()
			if err != nil {
				return nil, err
			}
			out = append(out, Feature{f.Properties, g})
		}
	}
}

func (g *jsonGeometry) orb() (orb.Geometry, error) {
	if g == nil {
		return nil, nil
	}
	switch g.Type {
	case "Point":
		return decode[orb.Point](g.Coordinates)
	case "MultiPoint":
		return decode[orb.MultiPoint](g.Coordinates)
	case "LineString":
		return decode[orb.LineString](g.Coordinates)
	case "MultiLineString":
		return decode[orb.MultiLineString](g.Coordinates)
	case "Polygon":
		return decode[orb.Polygon](g.Coordinates)
	case "MultiPolygon":
		return decode[orb.MultiPolygon](g.Coordinates)
	}
	parts := orb.Collection{}
	for _, part := range g.Geometries {
		p, err := part.orb()
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	return parts, nil
}

func decode[G orb.Geometry](coordinates json.RawMessage) (orb.Geometry, error) {
	var g G
	err := json.Unmarshal(coordinates, &g)
	return g, err
}
