package batch

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"jumeau/ingest"
	"jumeau/model"
	"jumeau/model/layer"
	"jumeau/model/release"
	"jumeau/model/store"
	"jumeau/model/zone"
)

// builtLayer is a layer as published.
type builtLayer struct {
	layer *model.Layer
	spec  layer.Spec
	stats layer.Stats
	bbox  [4]float64 // west, south, east, north in degrees
}

// buildLayer writes the Arrow file and the GeoParquet file of a layer.
func (r *run) buildLayer(ctx context.Context, l *model.Layer) (*builtLayer, error) {
	query, export, spec, err := r.layerQueries(l)
	if err != nil {
		return nil, err
	}
	rows, err := r.store.Query(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Release()
	stats, err := layer.Write(ctx, r.path(release.LayerPath(l.ID)), spec, rows, layer.WriteOptions{})
	if err != nil {
		return nil, &model.Error{Kind: model.KindOf(err), Op: "write layer", Subject: l.ID, Err: err, Hint: model.HintOf(err)}
	}
	if _, err := r.store.Exec(ctx, export); err != nil {
		return nil, err
	}
	file, err := layer.Open(r.path(release.LayerPath(l.ID)))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return &builtLayer{layer: l, spec: spec, stats: stats, bbox: file.Bounds()}, nil
}

func (r *run) layerQueries(l *model.Layer) (query, export string, spec layer.Spec, err error) {
	spec = layer.Spec{Name: l.ID, MinZoom: l.Geometry.Zoom.Min, MaxZoom: l.Geometry.Zoom.Max}
	parquet := store.Literal(r.path(release.ParquetPath(l.ID)))
	if id := l.Geometry.Zones; id != "" {
		system := r.systems.byID[id]
		if system == nil {
			return "", "", spec, fmt.Errorf("zone system %s has no zones", id)
		}
		spec.Geometry = shape(system)
		spec.SharedBorders = spec.Geometry == layer.Polygons
		spec.Properties = []layer.Property{{Name: "name", Type: "text"}}
		holes := map[string]string{"system": store.Literal(id), "path": parquet}
		return store.Fill(statements["ZoneLayer"], holes), store.Fill(statements["WriteZoneParquet"], holes), spec, nil
	}
	src := r.source(l.Geometry.Source)
	spec.Geometry = src.Contract.Geometry.Type
	holes := map[string]string{"id": "_row + 1", "table": ingest.Table(src.ID), "path": parquet, "properties": "", "columns": ""}
	for _, name := range sortedKeys(src.Contract.Columns) {
		if src.Contract.Columns[name].Role == "id" {
			holes["id"] = "coalesce(CAST(" + store.Quote(name) + " AS VARCHAR), CAST(_row + 1 AS VARCHAR))"
			break
		}
	}
	var properties, columns []string
	for _, name := range l.Properties {
		c := src.Contract.Columns[name]
		property := layer.Property{Name: name, Type: c.Type}
		expression := store.Quote(name)
		if c.Type == "date" || c.Type == "timestamp" {
			property.Type, expression = "text", "CAST("+expression+" AS VARCHAR) AS "+expression
		}
		spec.Properties = append(spec.Properties, property)
		properties = append(properties, ", "+expression)
		if name != "id" { // the first column already
			columns = append(columns, ", "+store.Quote(name))
		}
	}
	holes["properties"], holes["columns"] = strings.Join(properties, ""), strings.Join(columns, "")
	return store.Fill(statements["SourceLayer"], holes), store.Fill(statements["WriteSourceParquet"], holes), spec, nil
}

// shape is the geometry of a system's zones, as layers name it.
func shape(s *zone.System) string {
	if s.Kind == zone.Point {
		return layer.Points
	}
	return layer.Polygons
}

// path is a file of the draft; its folder is made.
func (r *run) path(name string) string {
	path := filepath.Join(r.draft.Dir(), filepath.FromSlash(name))
	os.MkdirAll(filepath.Dir(path), 0o755) //nolint:errcheck // the write that follows reports a folder that cannot be made
	return path
}
