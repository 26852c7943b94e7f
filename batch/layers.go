package batch

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/apache/arrow-go/v18/arrow/array"
	"golang.org/x/sync/errgroup"

	"jumeau/batch/reuse"
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

	inputs reuse.Inputs  // nil: of protected figures, never kept
	reused bool          // with its tiles
	took   time.Duration // to make it
	found  *release.LayerSearch
}

// buildLayer writes the Arrow file and the GeoParquet file of a layer, or takes those of an earlier run, with its tiles.
func (r *run) buildLayer(ctx context.Context, l *model.Layer) (*builtLayer, error) {
	query, export, spec := r.layerQueries(l)
	var inputs reuse.Inputs
	if !r.systems.mosaics[l.Geometry.Zones] {
		inputs = r.tracer.layer(l, r.systems.source[l.Geometry.Zones])
		if e := r.again(ctx, keptLayer, l.ID, inputs); e != nil {
			return r.takeLayer(e, l, spec)
		}
	}
	if src := r.layerSource(l); src != nil {
		if err := r.need(ctx, src.ID); err != nil {
			return nil, err
		}
	}
	start := time.Now()
	var stats layer.Stats
	rows, err := r.layerRows(ctx, l, query)
	if err != nil {
		return nil, err
	}
	defer rows.Release()
	group, both := errgroup.WithContext(ctx)
	read := make(chan struct{})
	group.Go(func() (err error) {
		stats, err = layer.Write(both, r.path(release.LayerPath(l.ID)), spec, &untilEnd{rows, sync.OnceFunc(func() { close(read) })}, layer.WriteOptions{})
		return err
	})
	group.Go(func() error { // while the layer is put in order, which no longer needs the build file
		select {
		case <-read:
		case <-both.Done():
			return both.Err()
		}
		_, err := r.store.Exec(both, export)
		return err
	})
	if err := group.Wait(); err != nil {
		return nil, err
	}
	if err := r.store.Shed(ctx); err != nil { // tiles are baked next, from the mapped file
		return nil, err
	}
	file, err := layer.Open(r.path(release.LayerPath(l.ID)))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return &builtLayer{layer: l, spec: spec, stats: stats, bbox: file.Bounds(), inputs: inputs, took: time.Since(start)}, nil
}

// levelProperty of the zones of a mosaic is the zone system that a piece is a zone of.
const levelProperty = "level"

// untilEnd tells when the rows have ended.
type untilEnd struct {
	array.RecordReader
	end func()
}

func (u *untilEnd) Next() bool {
	more := u.RecordReader.Next()
	if !more {
		u.end()
	}
	return more
}

// layerRows are the features of a layer: the zones of a system at once, those of a source in parts.
func (r *run) layerRows(ctx context.Context, l *model.Layer, query string) (array.RecordReader, error) {
	if l.Geometry.Zones != "" {
		return r.store.Query(ctx, query)
	}
	var end int64
	if err := r.store.Scan(ctx, store.Fill(statements["RowsEnd"], map[string]string{"table": ingest.Table(l.Geometry.Source)}), nil, &end); err != nil {
		return nil, err
	}
	return r.store.Ranges(ctx, query, end)
}

func (r *run) layerQueries(l *model.Layer) (query, export string, spec layer.Spec) {
	spec = layer.Spec{Name: l.ID, MinZoom: l.Geometry.Zoom.Min, MaxZoom: l.Geometry.Zoom.Max}
	holes := map[string]string{"path": store.Literal(r.path(release.ParquetPath(l.ID)))}
	if id := l.Geometry.Zones; id != "" {
		system := r.systems.byID[id]
		spec.Geometry = shape(system)
		spec.SharedBorders = spec.Geometry == layer.Polygons
		spec.Properties = []layer.Property{{Name: "name", Type: "text"}}
		holes["system"], holes["join"] = store.Literal(id), ""
		if src := r.layerSource(l); src != nil && len(l.Properties) > 0 {
			holes["join"] = "LEFT JOIN " + ingest.Table(src.ID) + " AS s ON CAST(s." + store.Quote(src.Zones.ID) + " AS VARCHAR) = z.id"
			r.showProperties(l, "s.", &spec, holes)
		} else {
			holes["properties"], holes["columns"] = "", ""
		}
		if r.systems.mosaics[id] { // of which level a figure is
			spec.Properties = append(spec.Properties, layer.Property{Name: levelProperty, Type: "text"})
			holes["properties"] = ", split_part(z.id, ':', 1)"
			holes["columns"] = ", split_part(z.id, ':', 1) AS " + store.Quote(levelProperty)
		}
		return store.Fill(statements["ZoneLayer"], holes), store.Fill(statements["WriteZoneParquet"], holes), spec
	}
	src := r.source(l.Geometry.Source)
	spec.Geometry = src.Contract.Geometry.Type
	holes["id"], holes["table"] = featureID(src), ingest.Table(src.ID)
	r.showProperties(l, "", &spec, holes)
	return store.Fill(statements["SourceLayer"], holes), store.Fill(statements["WriteSourceParquet"], holes), spec
}

// featureID is the SQL of a feature's id: the declared one, or the number of its row.
func featureID(src *model.Source) string {
	for _, name := range sortedKeys(src.Contract.Columns) {
		if src.Contract.Columns[name].Role == "id" {
			return "coalesce(CAST(" + store.Quote(name) + " AS VARCHAR), CAST(_row + 1 AS VARCHAR))"
		}
	}
	return "_row + 1"
}

// layerSource is the source whose columns a layer shows: of its features, or of its zones.
func (r *run) layerSource(l *model.Layer) *model.Source {
	return r.source(cmp.Or(l.Geometry.Source, r.systems.source[l.Geometry.Zones]))
}

// showProperties fills the holes "properties" (of the layer file, which has no dates: they are texts, and times are the
// territory's) and "columns" (of the GeoParquet file).
func (r *run) showProperties(l *model.Layer, alias string, spec *layer.Spec, holes map[string]string) {
	src := r.layerSource(l)
	var properties, columns strings.Builder
	for _, name := range l.Properties {
		c := src.Contract.Columns[name]
		property := layer.Property{Name: name, Type: c.Type, Sum: c.Sum}
		column := alias + store.Quote(name)
		if name != "id" { // the first column already
			columns.WriteString(", " + column)
		}
		switch c.Type {
		case "date":
			property.Type, column = "text", "CAST("+column+" AS VARCHAR)"
		case "timestamp":
			property.Type, column = "text", "strftime(timezone("+store.Literal(r.Territory.TimeZone)+", "+column+"), '%Y-%m-%d %H:%M')"
		}
		spec.Properties = append(spec.Properties, property)
		properties.WriteString(", " + column)
	}
	holes["properties"], holes["columns"] = properties.String(), columns.String()
}

// shape is the geometry of a system's zones, as layers name it.
func shape(s *zone.System) string {
	switch s.Kind {
	case zone.Point:
		return layer.Points
	case zone.Line:
		return layer.Lines
	}
	return layer.Polygons
}

// path is a file of the draft; its folder is made.
func (r *run) path(name string) string {
	path := filepath.Join(r.draft.Dir(), filepath.FromSlash(name))
	os.MkdirAll(filepath.Dir(path), 0o755) //nolint:errcheck // the write that follows reports a folder that cannot be made
	return path
}
