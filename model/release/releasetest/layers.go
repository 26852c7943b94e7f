package releasetest

import (
	"context"
	"os"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"jumeau/model/layer"
	"jumeau/model/release"
)

// feature of a layer with one text property.
type feature struct {
	id, property string
	geometry     orb.Geometry
}

func square(west, south, east, north float64) orb.Geometry {
	return orb.Polygon{{{west, south}, {east, south}, {east, north}, {west, north}, {west, south}}}
}

func writeLayers(dir string, opt Options, c *release.Catalog) error {
	communes := []feature{
		{"31001", "Ayguesvives", square(1.45, 43.45, 1.55, 43.55)},
		{"31002", "Labège-l'Été", square(1.55, 43.45, 1.65, 43.55)},
	}
	works := []feature{{"w1", "gas", orb.LineString{{1.5, 43.5}, {1.51, 43.51}}}}
	for i := range opt.Works {
		at := 1.45 + 0.0001*float64(i)
		works = append(works, feature{"more", "water", orb.LineString{{at, 43.5}, {at, 43.52}}})
	}
	c.Layers[1].Features = int64(len(works))
	if err := writeLayer(dir, &c.Layers[0], communes); err != nil {
		return err
	}
	if err := writeLayer(dir, &c.Layers[1], works); err != nil {
		return err
	}
	return os.WriteFile(path(dir, release.ParquetPath("communes")), []byte("PAR1 a table of communes PAR1"), 0o644)
}

func writeLayer(dir string, l *release.Layer, features []feature) error {
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "id", Type: arrow.BinaryTypes.String},
		{Name: "key", Type: arrow.PrimitiveTypes.Uint64},
		{Name: "geometry", Type: arrow.BinaryTypes.Binary},
		{Name: l.Properties[0].Name, Type: arrow.BinaryTypes.String, Nullable: true},
	}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	for i, f := range features {
		bytes, err := wkb.Marshal(f.geometry)
		if err != nil {
			return err
		}
		b.Field(0).(*array.StringBuilder).Append(f.id)
		b.Field(1).(*array.Uint64Builder).Append(uint64(i + 1))
		b.Field(2).(*array.BinaryBuilder).Append(bytes)
		b.Field(3).(*array.StringBuilder).Append(f.property)
	}
	batch := b.NewRecordBatch()
	defer batch.Release()
	rows, err := array.NewRecordReader(schema, []arrow.RecordBatch{batch})
	if err != nil {
		return err
	}
	defer rows.Release()
	spec := layer.Spec{Name: l.ID, Geometry: l.Geometry, MinZoom: l.MinZoom, MaxZoom: l.MaxZoom, SharedBorders: l.Zones != "",
		Properties: []layer.Property{{Name: l.Properties[0].Name, Type: l.Properties[0].Type}}}
	_, err = layer.Write(context.Background(), path(dir, release.LayerPath(l.ID)), spec, rows, layer.WriteOptions{})
	return err
}
