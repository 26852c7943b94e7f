package format

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/paulmach/orb"
)

// geopackage reads one table of features or of attributes (OGC 12-128r19). Its own reader of SQLite's file format serves
// it: tables are walked page by page, without SQL.
type geopackage struct {
	typedRows
	shaper
	ctx    context.Context
	src    *source
	db     *sqlite
	table  *sqliteSchema
	info   Info
	batchN int
	stored []int // place in a record of each column of the table, -1: not stored
	shape  int   // column of the geometry, -1
	chosen []int // columns of the table to deliver
	kinds  []arrow.DataType
	fields []int // column of the table of each of info.Columns
	box    *orb.Bound
	rowids []int64 // found in the R-tree, when there is a box
	index  bool
	walk   *sqliteTable
	values []sqliteValue
	ready  bool
	err    error
}

func newGeoPackage(ctx context.Context, src *source, opt Options) (Reader, error) {
	if err := noWAL(src); err != nil {
		return nil, err
	}
	at, size, err := src.random()
	if err != nil {
		return nil, err
	}
	r := &geopackage{ctx: ctx, src: src, batchN: opt.batchRows(), shape: -1}
	r.db, err = newSQLite(&countedAt{ReaderAt: at, n: &src.consumed}, size)
	if err != nil {
		return nil, damagedSQLite(err)
	}
	schema, err := r.db.schema()
	if err != nil {
		return nil, damagedSQLite(err)
	}
	if schema["gpkg_contents"] == nil {
		return nil, foreignSQLite(schema).error()
	}
	r.info = Info{Format: "geopackage", Bytes: src.size, Rows: -1, Encoding: utf8Name}
	layer, err := r.pick(schema, opt)
	if err != nil {
		return nil, err
	}
	if err := r.describe(schema, layer, opt); err != nil {
		return nil, err
	}
	r.walk = r.db.table(r.table.root)
	return r, r.Select(columnNames(r.info.Columns))
}

// noWAL refuses a database whose last changes are still in a file beside it.
func noWAL(src *source) error {
	if src.plain == nil {
		return nil
	}
	if wal, err := os.Stat(src.plain.Name() + "-wal"); err == nil && wal.Size() > 0 {
		return invalid("close the program that edits it, or run: sqlite3 FILE \"PRAGMA wal_checkpoint(TRUNCATE)\"",
			"its last changes are in the file beside it that ends in -wal: it is being edited, or was copied while it was")
	}
	return nil
}

func damagedSQLite(err error) error {
	return invalid("download it again: it looks truncated or damaged", "the GeoPackage cannot be read: %w", err)
}

// foreignSQLite names the databases that are no GeoPackage.
func foreignSQLite(schema map[string]*sqliteSchema) refusal {
	switch {
	case schema["geometry_columns"] != nil && schema["spatial_ref_sys"] != nil:
		return refusal{"a SpatiaLite database", "convert it: ogr2ogr out.gpkg IN"}
	case schema["tiles"] != nil && schema["metadata"] != nil:
		return refusal{"an MBTiles archive", notTabular}
	}
	return refusal{"an SQLite database that is no GeoPackage", "convert it: ogr2ogr out.gpkg IN"}
}

// gpkgLayer is a row of gpkg_contents, with what gpkg_geometry_columns and gpkg_spatial_ref_sys add.
type gpkgLayer struct {
	name, kind, geometry string
	srs                  int64
}

// pick reads the list of layers and chooses one.
func (r *geopackage) pick(schema map[string]*sqliteSchema, opt Options) (gpkgLayer, error) {
	var layers []gpkgLayer
	err := r.rows(schema, "gpkg_contents", []string{"table_name", "data_type", "srs_id"}, func(v []sqliteValue) {
		layers = append(layers, gpkgLayer{name: r.db.text(v[0]), kind: strings.ToLower(r.db.text(v[1])), srs: v[2].i})
	})
	if err != nil {
		return gpkgLayer{}, err
	}
	err = r.rows(schema, "gpkg_geometry_columns", []string{"table_name", "column_name", "srs_id"}, func(v []sqliteValue) {
		for i := range layers {
			if strings.EqualFold(layers[i].name, r.db.text(v[0])) {
				layers[i].geometry, layers[i].srs = r.db.text(v[1]), v[2].i
			}
		}
	})
	if err != nil {
		return gpkgLayer{}, err
	}
	var vector []gpkgLayer
	var names []string
	for _, l := range layers {
		if l.kind != "tiles" && l.kind != "2d-gridded-coverage" && l.name != "ogr_empty_table" {
			vector, names = append(vector, l), append(names, l.name)
		}
	}
	if len(vector) == 0 && len(layers) > 0 && layers[0].kind == "tiles" {
		return gpkgLayer{}, refusal{"a GeoPackage of images", notTabular}.error()
	}
	n, err := pickTable("layer", names, opt.Table)
	if err != nil {
		return gpkgLayer{}, err
	}
	return vector[n], nil
}

// rows visits a table of the GeoPackage's own, if it is there, with the named columns in their order.
func (r *geopackage) rows(schema map[string]*sqliteSchema, name string, columns []string, visit func([]sqliteValue)) error {
	s := schema[name]
	if s == nil || s.root == 0 {
		return nil
	}
	places := make([]int, len(columns))
	for i, c := range columns {
		places[i] = s.column(c)
	}
	picked := make([]sqliteValue, len(columns))
	err := r.db.each(s.root, func(rowid int64, v []sqliteValue) error {
		for i, at := range places {
			picked[i] = sqliteValue{}
			switch {
			case at == s.rowid && at >= 0:
				picked[i] = sqliteValue{kind: sqliteInt, i: rowid}
			case at >= 0 && at < len(v):
				picked[i] = v[at]
			}
		}
		visit(picked)
		return nil
	})
	if err != nil {
		return damagedSQLite(err)
	}
	return nil
}

func (r *geopackage) describe(schema map[string]*sqliteSchema, layer gpkgLayer, opt Options) error {
	s := schema[strings.ToLower(layer.name)]
	switch {
	case s == nil:
		return invalid("use another layer with `table`, or repair it with ogr2ogr", "the layer %q has no table", layer.name)
	case s.view:
		return invalid("write it as a table: ogr2ogr out.gpkg IN "+layer.name, "the layer %q is a view, not a table", layer.name)
	case s.root == 0 || s.without || len(s.columns) == 0:
		return invalid("write it as a table: ogr2ogr out.gpkg IN "+layer.name, "the layer %q is kept in an unusual kind of table", layer.name)
	}
	r.table = s
	var names []string
	at := 0
	for i, c := range s.columns {
		r.stored = append(r.stored, at)
		if c.virtual {
			r.stored[i] = -1
			continue
		}
		at++
		if layer.geometry != "" && strings.EqualFold(c.name, layer.geometry) {
			r.shape = i
			continue
		}
		names = append(names, c.name)
		r.fields = append(r.fields, i)
	}
	for i, name := range unique(names) {
		r.info.Columns = append(r.info.Columns, Column{name, gpkgType(s.columns[r.fields[i]].kind)})
	}
	if layer.geometry == "" {
		return nil
	}
	if r.shape < 0 {
		return invalid("repair it with ogr2ogr", "the layer %q has no column %q for its geometry", layer.name, layer.geometry)
	}
	r.info.Geometry = true
	if err := r.system(schema, layer, opt); err != nil {
		return err
	}
	return r.search(schema, layer, opt)
}

// system finds the layer's CRS: by its code, else by its definition.
func (r *geopackage) system(schema map[string]*sqliteSchema, layer gpkgLayer, opt Options) error {
	code, definition := "", ""
	err := r.rows(schema, "gpkg_spatial_ref_sys",
		[]string{"srs_id", "organization", "organization_coordsys_id", "definition", "definition_12_063"}, func(v []sqliteValue) {
			if v[0].i != layer.srs || layer.srs <= 0 {
				return
			}
			code = r.db.text(v[1]) + ":" + r.db.text(v[2])
			if definition = r.db.text(v[3]); len(definition) < 20 { // "undefined"
				definition = r.db.text(v[4])
			}
		})
	if err != nil {
		return err
	}
	r.info.CRSText = crsName(definition)
	if known(code) {
		definition, r.info.CRSText = code, code
	}
	r.info.CRS, err = settleCRS(definition, opt)
	return err
}

func gpkgType(declared string) arrow.DataType {
	if strings.HasPrefix(declared, "BOOL") {
		return arrow.FixedWidthTypes.Boolean
	}
	switch sqliteAffinity(declared) {
	case sqliteInt:
		return arrow.PrimitiveTypes.Int64
	case sqliteFloat:
		return arrow.PrimitiveTypes.Float64
	}
	return arrow.BinaryTypes.String
}

func (r *geopackage) Info() Info { return r.info }

func (r *geopackage) Select(names []string) error {
	if r.ready {
		return errLateSelect
	}
	chosen, err := positions(r.info.Columns, names)
	if err != nil {
		return err
	}
	r.chosen, r.kinds = nil, nil
	for _, c := range chosen {
		r.chosen = append(r.chosen, r.fields[c])
		r.kinds = append(r.kinds, r.info.Columns[c].Type)
	}
	return nil
}

func (r *geopackage) Next() (*Batch, error) {
	r.ready = true
	if r.err != nil {
		return nil, r.err
	}
	if err := r.ctx.Err(); err != nil {
		return nil, err
	}
	r.begin(r.kinds, r.info.Geometry, r.batchN)
	r.made = 0
	for !r.full() && r.made < maxBatchPoints && r.err == nil {
		if r.err = r.row(); r.err != nil && !errors.Is(r.err, io.EOF) {
			r.err = located(r.src.name, damagedSQLite(r.err))
		}
	}
	if b := r.batch(); b != nil {
		return b, nil
	}
	if r.err == nil { // all of them lay outside the box
		return r.Next()
	}
	return nil, r.err
}

// following is the next row of the table, or the next one that the R-tree found.
func (r *geopackage) following() (rowid int64, record []byte, err error) {
	if !r.index {
		return r.walk.next()
	}
	for len(r.rowids) > 0 {
		rowid, r.rowids = r.rowids[0], r.rowids[1:]
		if record, err = r.walk.seek(rowid); record != nil || err != nil {
			return rowid, record, err
		}
	}
	return 0, nil, io.EOF
}

func (r *geopackage) row() error {
	rowid, record, err := r.following()
	if err != nil {
		return err
	}
	if r.values, err = r.db.values(record, r.values[:0]); err != nil {
		return err
	}
	var g orb.Geometry
	if r.shape >= 0 {
		var skip bool
		if g, skip, err = r.geometryOf(r.cell(r.shape, rowid)); err != nil {
			r.reject(Bad{rowid, BadGeometry, err.Error()})
			return nil
		}
		if skip {
			return nil
		}
	}
	for i, c := range r.chosen {
		if !r.put(r.columns[i], r.cell(c, rowid)) {
			r.reject(Bad{rowid, BadValue, "column " + r.table.columns[c].name + " holds a value of another type than " + r.table.columns[c].kind})
			return nil
		}
	}
	r.commit(rowid, g)
	return nil
}

// cell is the value of a column of the row in r.values.
func (r *geopackage) cell(column int, rowid int64) sqliteValue {
	if column == r.table.rowid {
		return sqliteValue{kind: sqliteInt, i: rowid}
	}
	if at := r.stored[column]; at < len(r.values) {
		return r.values[at]
	}
	return r.table.columns[column].fallback // added to the table after the row was written
}

func (r *geopackage) Read() int64  { return r.src.read() }
func (r *geopackage) Close() error { return r.src.close() }
