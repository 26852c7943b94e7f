package batch

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"jumeau/ingest"
	"jumeau/model"
	"jumeau/model/geom"
	"jumeau/model/release"
	"jumeau/model/search"
	"jumeau/model/store"
	"jumeau/model/zone"
)

// makeSearch writes the index of each layer whose features can be searched for.
func (r *run) makeSearch(ctx context.Context) error {
	for _, b := range r.layers {
		if b.layer.Search == nil {
			continue
		}
		if err := r.need(ctx, b.layer.Geometry.Source); err != nil {
			return err
		}
		features, err := r.searchable(ctx, b.layer)
		if err != nil {
			return err
		}
		places := r.searchPlaces(features)
		index, err := search.Write(filepath.Dir(r.path(release.SearchPath(b.layer.ID, "index"))), places, features)
		if err != nil {
			return err
		}
		b.found = &release.LayerSearch{Title: b.layer.Search.Title, Entries: index.Entries, Addresses: len(b.layer.Search.Number) > 0}
	}
	return nil
}

// searchable are the features of a layer with their names, in the order of the source.
func (r *run) searchable(ctx context.Context, l *model.Layer) ([]search.Feature, error) {
	src := r.source(l.Geometry.Source)
	texts := func(columns []string) string {
		var out []string
		for _, c := range columns {
			out = append(out, "CAST("+store.Quote(c)+" AS VARCHAR)")
		}
		if len(out) == 0 {
			return "''"
		}
		return "concat_ws(' ', " + strings.Join(out, ", ") + ")"
	}
	rows, err := r.store.Rows(ctx, store.Fill(statements["Searchable"], map[string]string{"table": ingest.Table(src.ID), "id": featureID(src),
		"name": texts(l.Search.Text), "number": texts(l.Search.Number)}))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []search.Feature
	for rows.Next() {
		var f search.Feature
		var name, number sql.NullString
		var shape []byte
		if err := rows.Scan(&f.ID, &name, &number, &shape); err != nil {
			return nil, err
		}
		g, err := geom.DecodeWKB(shape)
		if err != nil {
			return nil, err
		}
		at, _ := planar.CentroidArea(g)
		f.Lon, f.Lat = at.Lon(), at.Lat()
		f.Name, f.Number, f.Place = strings.TrimSpace(name.String), strings.TrimSpace(number.String), -1
		// Some files write the number in the name too.
		if rest, ok := strings.CutPrefix(f.Name, f.Number+" "); ok && f.Number != "" {
			f.Name = strings.TrimSpace(rest)
		}
		out = append(out, f)
	}
	return out, rows.Err()
}

// searchPlaces says in which place each feature lies, and of which zone system the places are: that which the page names
// places by (placeSystem in query/web/src/catalog.ts).
func (r *run) searchPlaces(features []search.Feature) string {
	var system *zone.System
	for _, id := range r.systems.order {
		if s := r.systems.byID[id]; s.HasArea() && model.GridSize(id) == 0 && (system == nil || system.ID != "commune") {
			system = s
		}
	}
	if system == nil {
		return ""
	}
	points, at := make([]orb.Point, len(features)), make([]int32, len(features))
	for i, f := range features {
		points[i] = orb.Point{f.Lon, f.Lat}
	}
	zone.NewLocator(system).Locate(points, at)
	for i := range features {
		features[i].Place = at[i]
	}
	return system.ID
}
