package tile_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/maptile"

	"jumeau/model/layer"
	"jumeau/model/layer/layertest"
	"jumeau/query/tile"
)

// A layer file is written once, when a release is made, and opened by the server, which encodes tiles from it.
func Example() {
	spec := layer.Spec{
		Name: "stops", Geometry: layer.Points, MinZoom: 8, MaxZoom: 16,
		Properties: []layer.Property{{Name: "name", Type: layer.Text}},
	}
	rows := layertest.Rows(spec, []layertest.Row{
		{ID: "stop:1", Key: 1, Geometry: orb.Point{1.5032, 43.5385}, Values: []any{"Ramonville"}},
		{ID: "stop:2", Key: 2, Geometry: orb.Point{1.5210, 43.5462}, Values: []any{"Labège"}},
	}, 100)
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "stops.arrow")
	if _, err := layer.Write(context.Background(), path, spec, rows, layer.WriteOptions{}); err != nil {
		log.Fatal(err)
	}

	stops, err := layer.Open(path)
	if err != nil {
		log.Fatal(err)
	}
	defer stops.Close()
	body, stats, err := tile.Encode(nil, []*layer.File{stops}, maptile.At(orb.Point{1.51, 43.54}, 10), tile.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(stats.Features, "features")

	layers, err := mvt.Unmarshal(body)
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range layers[0].Features {
		fmt.Println(f.ID, f.Geometry, f.Properties["id"], f.Properties["name"])
	}
	// Output:
	// 2 features
	// 2 [1337 550] stop:2 Labège
	// 1 [1130 674] stop:1 Ramonville
}
