package format

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"slices"
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
	read   int64
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

// search prepares the box: from the R-tree of the layer, if it has one.
func (r *geopackage) search(schema map[string]*sqliteSchema, layer gpkgLayer, opt Options) error {
	var err error
	if r.box, err = opt.boxIn(r.info.CRS); err != nil || r.box == nil {
		return err
	}
	nodes := schema[strings.ToLower("rtree_"+layer.name+"_"+layer.geometry+"_node")]
	if nodes == nil || nodes.root == 0 {
		return nil
	}
	r.index = true
	if err := r.rtree(r.db.table(nodes.root)); err != nil {
		return damagedSQLite(err)
	}
	slices.Sort(r.rowids)
	return nil
}

// rtree collects the rowids whose boxes meet the box. A node is a 16-bit depth (of the root), a 16-bit count, and cells of
// a 64-bit id and four 32-bit floats, big-endian (https://www.sqlite.org/rtree.html, 6).
func (r *geopackage) rtree(nodes *sqliteTable) error {
	type todo struct {
		id    int64
		depth int
	}
	stack := []todo{{1, -1}}
	for visits := uint32(0); len(stack) > 0; visits++ {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		record, err := nodes.seek(n.id)
		if err != nil {
			return err
		}
		if r.values, err = r.db.values(record, r.values[:0]); record == nil || err != nil || len(r.values) < 2 || visits > 2*r.db.pages {
			return errSQLite
		}
		b := r.values[1].b
		if len(b) < 4 {
			return errSQLite
		}
		if n.depth < 0 {
			n.depth = int(binary.BigEndian.Uint16(b))
		}
		count := int(binary.BigEndian.Uint16(b[2:]))
		if b = b[4:]; len(b) < 24*count || n.depth > sqliteDepth {
			return errSQLite
		}
		for ; count > 0; count, b = count-1, b[24:] {
			float := func(i int) float64 { return float64(math.Float32frombits(binary.BigEndian.Uint32(b[8+4*i:]))) }
			if float(0) > r.box.Max[0] || float(1) < r.box.Min[0] || float(2) > r.box.Max[1] || float(3) < r.box.Min[1] {
				continue
			}
			id := int64(binary.BigEndian.Uint64(b))
			if n.depth == 0 {
				r.rowids = append(r.rowids, id)
			} else {
				stack = append(stack, todo{id, n.depth - 1})
			}
		}
	}
	return nil
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

// put appends a value, converted where nothing is lost.
func (r *geopackage) put(to typedColumn, v sqliteValue) bool {
	if v.kind == sqliteText && r.db.utf16 != nil {
		v.b = r.db.utf8(v.b)
	}
	switch c := to.(type) {
	case *fixed[bool]:
		c.put(v.i != 0, v.kind != sqliteNull)
		return v.kind == sqliteNull || v.kind == sqliteInt
	case *fixed[int64]:
		i, ok := v.i, v.kind == sqliteInt
		switch {
		case v.kind == sqliteFloat && v.f == math.Trunc(v.f) && math.Abs(v.f) < 1<<63:
			i, ok = int64(v.f), true
		case v.kind == sqliteText && len(v.b) > 0:
			i, ok = integer(v.b)
		}
		c.put(i, ok)
		return ok || v.kind == sqliteNull
	case *fixed[float64]:
		f, ok := v.f, v.kind == sqliteFloat
		switch {
		case v.kind == sqliteInt:
			f, ok = float64(v.i), true
		case v.kind == sqliteText && len(v.b) > 0:
			f, ok = decimal(v.b)
		}
		c.put(f, ok)
		return ok || v.kind == sqliteNull
	}
	c := to.(*textColumn)
	switch v.kind {
	case sqliteInt, sqliteFloat:
		c.data = append(c.data, r.db.text(v)...)
	case sqliteText:
		if !validUTF8(v.b) {
			return false
		}
		c.data = append(c.data, v.b...)
	}
	c.end()
	return true
}

var errGP = errors.New("not a GeoPackage geometry")

// geometryOf reads a GeoPackage geometry: a header of "GP", version, flags and SRS, an envelope, then WKB (OGC 12-128r19,
// 2.1.3). skip: the envelope or the geometry does not meet the box.
func (r *geopackage) geometryOf(v sqliteValue) (g orb.Geometry, skip bool, err error) {
	if v.kind == sqliteNull {
		return nil, r.box != nil, nil
	}
	b := v.b
	if v.kind != sqliteBlob || len(b) < 8 || b[0] != 'G' || b[1] != 'P' {
		return nil, false, errGP
	}
	flags := b[3]
	if flags&0x20 != 0 {
		return nil, false, errors.New("it is of an extended type that only its writer knows")
	}
	size := [8]int{0, 32, 48, 48, 64}[flags>>1&7]
	if flags>>1&7 > 4 || len(b) < 8+size {
		return nil, false, errGP
	}
	if r.box != nil && size > 0 && flags&1 == 1 {
		at := func(i int) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b[8+8*i:])) }
		if at(0) > r.box.Max[0] || at(1) < r.box.Min[0] || at(2) > r.box.Max[1] || at(3) < r.box.Min[1] {
			return nil, true, nil
		}
	}
	g, err = r.wkb(b[8+size:])
	return g, err == nil && outsideBox(r.box, g), err
}

func (r *geopackage) Read() int64  { return r.src.read() }
func (r *geopackage) Close() error { return r.src.close() }
