package export

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
	"github.com/paulmach/orb/geojson"

	"jumeau/model/release"
	"jumeau/query/extract"
)

// geometryColumn is the column of our GeoParquet files that holds the geometry, as WKB in degrees (OGC:CRS84).
const geometryColumn = "geometry"

// rows calls on every feature of the layer that meets the box: its columns and its geometry.
func (j *job) rows(begin func(names []string) error, each func(columns []arrow.Array, row int, g orb.Geometry) error) (n int64, err error) {
	name := release.ParquetPath(j.layer.ID)
	if _, ok := j.r.Manifest.File(name); !ok {
		return 0, j.invalid("export the arrow file", "the release has no %s", name)
	}
	source, err := file.OpenParquetFile(j.r.Path(name), false)
	if err != nil {
		return 0, err
	}
	defer source.Close()
	reader, err := pqarrow.NewFileReader(source, pqarrow.ArrowReadProperties{BatchSize: 4096}, memory.DefaultAllocator)
	if err != nil {
		return 0, err
	}
	records, err := reader.GetRecordReader(j.ctx, nil, nil)
	if err != nil {
		return 0, err
	}
	defer records.Release()
	at, names := -1, []string{}
	for i, f := range records.Schema().Fields() {
		if f.Name == geometryColumn {
			at = i
			continue
		}
		names = append(names, f.Name)
	}
	if at < 0 {
		return 0, fmt.Errorf("%s has no column %s", name, geometryColumn)
	}
	if err := begin(names); err != nil {
		return 0, err
	}
	seen := int64(0)
	for records.Next() {
		batch := records.RecordBatch()
		written, err := j.batch(batch, at, each)
		if err != nil {
			return n, err
		}
		n += written
		seen += batch.NumRows()
		j.told(seen, max(seen, j.layer.Features))
	}
	if err := records.Err(); err != nil && !errors.Is(err, io.EOF) {
		return n, err
	}
	return n, j.ctx.Err()
}

func (j *job) batch(batch arrow.RecordBatch, at int, each func([]arrow.Array, int, orb.Geometry) error) (n int64, err error) {
	var columns []arrow.Array
	for i, c := range batch.Columns() {
		if i != at {
			columns = append(columns, c)
		}
	}
	shapes, err := binary(batch.Column(at))
	if err != nil {
		return 0, err
	}
	for row := range int(batch.NumRows()) {
		g, err := wkb.Unmarshal(shapes(row))
		if err != nil {
			return n, fmt.Errorf("feature %d: %w", row, err)
		}
		if j.Within != nil && !g.Bound().Intersects(orb.Bound{Min: orb.Point{j.Within[0], j.Within[1]}, Max: orb.Point{j.Within[2], j.Within[3]}}) {
			continue
		}
		n++
		if err := each(columns, row, g); err != nil {
			return n, err
		}
	}
	return n, nil
}

// binary reads a column of bytes, which some writers tag as geometry.
func binary(c arrow.Array) (func(int) []byte, error) {
	if e, ok := c.(array.ExtensionArray); ok {
		c = e.Storage()
	}
	b, ok := c.(interface{ Value(int) []byte })
	if !ok {
		return nil, fmt.Errorf("column %s is %s, not bytes", geometryColumn, c.DataType())
	}
	return b.Value, nil
}

// output is a buffered file with a count of its bytes.
type output struct {
	*bufio.Writer
	file *os.File
}

func create(path string) (*output, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0o644)
	if err != nil {
		return nil, err
	}
	return &output{bufio.NewWriterSize(f, 1<<20), f}, nil
}

func (o *output) close() (int64, error) {
	err := o.Flush()
	n, seek := o.file.Seek(0, io.SeekCurrent)
	return n, errors.Join(err, seek, o.file.Close())
}

// geojson writes a FeatureCollection (RFC 7946), a feature a line.
func (j *job) geojson(path string) (Stats, error) {
	out, err := create(path)
	if err != nil {
		return Stats{}, err
	}
	name, err := json.Marshal(j.layer.Title.In(j.language()))
	if err != nil {
		return Stats{}, err
	}
	fmt.Fprintf(out, `{"type":"FeatureCollection","name":%s,"features":[`, name)
	var names []string
	separator := "\n"
	n, err := j.rows(func(columns []string) error { names = columns; return nil }, func(columns []arrow.Array, row int, g orb.Geometry) error {
		feature := geojson.NewFeature(g)
		for i, c := range columns {
			feature.Properties[names[i]] = value(c, row)
			if names[i] == "id" {
				feature.ID = value(c, row)
			}
		}
		text, err := feature.MarshalJSON()
		if err != nil {
			return err
		}
		out.WriteString(separator)
		separator = ",\n"
		_, err = out.Write(text)
		return err
	})
	out.WriteString("\n]}\n")
	bytes, closed := out.close()
	return Stats{Features: n, Bytes: bytes}, errors.Join(err, closed)
}

// csv writes a table with a header (RFC 4180), in UTF-8: points as lon and lat, other geometry as WKT in degrees.
func (j *job) csv(path string) (Stats, error) {
	out, err := create(path)
	if err != nil {
		return Stats{}, err
	}
	w := csv.NewWriter(out)
	var line []string
	n, err := j.rows(func(names []string) error {
		if j.layer.Geometry == "point" {
			return w.Write(append(names, "lon", "lat"))
		}
		return w.Write(append(names, geometryColumn))
	}, func(columns []arrow.Array, row int, g orb.Geometry) error {
		line = line[:0]
		for _, c := range columns {
			line = append(line, text(c, row))
		}
		if j.layer.Geometry != "point" {
			return w.Write(append(line, extract.WKT(g)))
		}
		at, ok := single(g)
		if !ok {
			return j.invalid("export geojson, which has them", "a feature has several points, and a row has one")
		}
		return w.Write(append(line, degrees(at[0]), degrees(at[1])))
	})
	w.Flush()
	bytes, closed := out.close()
	return Stats{Features: n, Bytes: bytes}, errors.Join(err, w.Error(), closed)
}

func single(g orb.Geometry) (orb.Point, bool) {
	switch g := g.(type) {
	case orb.Point:
		return g, true
	case orb.MultiPoint:
		if len(g) == 1 {
			return g[0], true
		}
	}
	return orb.Point{}, false
}

// degrees are written without exponent, with all their digits.
func degrees(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// value of a column as JSON has it: numbers, truth values, texts; null where there is none.
func value(c arrow.Array, row int) any {
	if c.IsNull(row) {
		return nil
	}
	switch c := c.(type) {
	case *array.Int64:
		return c.Value(row)
	case *array.Int32:
		return c.Value(row)
	case *array.Float64:
		return c.Value(row)
	case *array.Boolean:
		return c.Value(row)
	}
	return c.ValueStr(row) // texts, dates, times
}

func text(c arrow.Array, row int) string {
	if c.IsNull(row) {
		return ""
	}
	if f, ok := c.(*array.Float64); ok {
		return degrees(f.Value(row))
	}
	return c.ValueStr(row)
}
