// Package extract writes features that were chosen from a layer to a file that other programs read.
//
// In: the features of a selection, one after the other, with the figures of a slot. Out: one file in one of Formats, with bounded memory
// whatever the number of features: they are written in batches of batchRows.
//
// Where a figure is not published its number is empty and its flag says so (ok, estimated, not_published, no_data, partial): it is never a
// number.
package extract

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/paulmach/orb"

	"jumeau/model"
	"jumeau/model/layer"
	"jumeau/query/ogc"
)

// Rows are the features to write. All fields but Figures are required.
type Rows struct {
	File *layer.File
	// Each calls visit on every feature until it says no.
	Each    func(ctx context.Context, visit func(b *layer.Batch, row int) bool) error
	Figures *ogc.Figures
	Name    string // of tables
	Title   string
	Credits string
	// Limit is what the file may weigh in bytes.
	Limit int64
}

// batchRows is how many features are in memory at once.
const batchRows = 4096

// Formats by the name that the program gives them.
var formats = map[string]func(context.Context, string, *Rows) error{
	"geojson": geoJSON, "csv": international, "csv-fr": french, "parquet": geoParquet, "gpkg": geoPackage, "xlsx": workbook, "arrow": arrowStream,
}

// Write writes a file at path, which must exist and is overwritten.
func Write(ctx context.Context, format, path string, rows *Rows) error {
	write := formats[format]
	if write == nil {
		return fmt.Errorf("extract: unknown format %q", format)
	}
	return write(ctx, path, rows)
}

// visit calls on every feature; the first error ends it. Now and then the size of the file at path is held to the limit.
func (r *Rows) visit(ctx context.Context, path string, each func(b *layer.Batch, row int) error) error {
	var failed error
	n := 0
	err := r.Each(ctx, func(b *layer.Batch, row int) bool {
		if n++; n%batchRows == 0 {
			failed = r.weigh(path)
		}
		if failed == nil {
			failed = each(b, row)
		}
		return failed == nil
	})
	return errors.Join(failed, err)
}

func (r *Rows) weigh(path string) error {
	info, err := os.Stat(path)
	if err == nil && info.Size() > r.Limit {
		err = r.tooLarge()
	}
	return err
}

func (r *Rows) tooLarge() error {
	return &model.Error{Kind: model.Invalid, Op: "export", Subject: r.Name, Hint: "ask for less with filter= or bbox=, or take the whole layer from /download",
		Err: fmt.Errorf("the file would be larger than %d MB", r.Limit>>20)}
}

// columns are those of the table besides the geometry.
type column struct{ name, kind string }

func (r *Rows) columns() []column {
	out := []column{{"id", layer.Text}}
	for _, p := range r.File.Spec().Properties {
		out = append(out, column{p.Name, p.Type})
	}
	if r.Figures != nil {
		for i, kind := range [4]string{layer.Number, layer.Number, layer.Number, layer.Text} {
			out = append(out, column{r.Figures.Names[i], kind})
		}
	}
	return out
}

// geometryName is a name for the geometry that no column has.
func (r *Rows) geometryName() string {
	name := "geometry"
	for _, c := range r.columns() {
		if c.name == name {
			name = "the_" + name
		}
	}
	return name
}

// values of a row, in the order of the columns: string, int64, float64, bool, or nil.
func (r *Rows) values(dst []any, b *layer.Batch, row int) []any {
	dst = append(dst, string(b.IDs.At(row)))
	for i := range b.Props {
		c := &b.Props[i]
		switch {
		case !c.Has(row):
			dst = append(dst, nil)
		case c.Type == layer.Text:
			dst = append(dst, string(c.TextAt(row)))
		case c.Type == layer.Integer:
			dst = append(dst, c.Int[row])
		case c.Type == layer.Boolean:
			dst = append(dst, c.Flag(row))
		default:
			dst = append(dst, finite(c.Num[row]))
		}
	}
	if r.Figures == nil {
		return dst
	}
	i, ok := r.Figures.Row(b, row)
	if !ok {
		return append(dst, nil, nil, nil, nil)
	}
	f := r.Figures
	return append(dst, finite(f.Value[i]), finite(f.Lo[i]), finite(f.Hi[i]), f.Flag[i].String())
}

func finite(v float64) any {
	if v != v || v-v != 0 {
		return nil
	}
	return v
}

// geometry of a feature in degrees, a single part by itself; nil when there is none.
func (r *Rows) geometry(b *layer.Batch, row int) orb.Geometry {
	switch g := r.File.Feature(b.First + row).Geometry.(type) {
	case orb.MultiPoint:
		return alone(g, g)
	case orb.MultiLineString:
		return alone(g, g)
	case orb.MultiPolygon:
		return alone(g, g)
	}
	return nil
}

// alone is the only part of a geometry, the whole when there are several, nil when there is none.
func alone[P orb.Geometry](whole orb.Geometry, parts []P) orb.Geometry {
	switch len(parts) {
	case 0:
		return nil
	case 1:
		return parts[0]
	}
	return whole
}

// position is where a feature is marked: the point, or the middle of its box, in degrees.
func position(b *layer.Batch, row int) (lon, lat float64) {
	return layer.LonLat(int32((int64(b.MinX[row])+int64(b.MaxX[row]))/2), int32((int64(b.MinY[row])+int64(b.MaxY[row]))/2))
}
