package bench

import (
	"os"
	"path/filepath"
	"testing"
)

// territory declares the million buildings, and copies of them, in a folder of its own. Of a copy a few rows in a million are
// rejected: moving them rounds their coordinates.
func territory(b *testing.B) string {
	b.Helper()
	dir := b.TempDir()
	for name, text := range map[string]string{
		"territory.yaml": `territory: bench
title: {fr: Un million de bâtiments, en: A million buildings}
publisher: {fr: personne, en: nobody}
synthetic: true
bbox: [0.9, 43.2, 29.1, 44.0]
time_zone: Europe/Paris
zones: [district]
`,
		"sources/buildings.yaml": `source: buildings
title: {fr: Bâtiments, en: Buildings}
from: {path: buildings.geojsonl}
read: {format: geojsonseq}
producer: generated
licence: CC0
vintage: "2026"
contract:
  columns:
    id: {type: text, role: id}
    height: {type: number}
    usage: {type: text}
    commune: {type: text}
    year: {type: integer}
  geometry: {type: polygon}
  reject_at_most: 0.1%
`,
		"sources/zones.yaml": `source: zones
title: {fr: Secteurs, en: Districts}
from: {path: zones.geojsonl}
read: {format: geojsonseq}
producer: generated
licence: CC0
vintage: "2026"
contract:
  columns:
    code: {type: text, role: id}
  geometry: {type: polygon}
zones: {system: district, title: {fr: Secteurs, en: Districts}, id: code, name: code}
`,
		"layers/buildings.yaml": `layer: buildings
title: {fr: Bâtiments, en: Buildings}
geometry: {source: buildings, zoom: 5-16}
properties: [height, usage, commune, year]
style: {as: fill, colour: "#b0a090"}
`,
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	return dir
}
