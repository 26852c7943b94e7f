package extract

import (
	"context"
	"database/sql"
	"embed"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"net/url"
	"os"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
	_ "modernc.org/sqlite" // the driver: SQLite in Go

	"jumeau/model/layer"
)

//go:embed gpkg.sql
var files embed.FS

// degreesSRS is EPSG:4326, in which GeoPackage has longitude first.
const degreesSRS = 4326

// geoPackage writes GeoPackage 1.3 (OGC 12-128r17) with an R-tree.
func geoPackage(ctx context.Context, path string, r *Rows) (err error) {
	if err := os.Truncate(path, 0); err != nil {
		return err
	}
	// A database without journal that nobody else sees: when it is not finished it is thrown away.
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Opaque: url.PathEscape(path), RawQuery: "_pragma=journal_mode(off)&_pragma=synchronous(off)&_pragma=cache_size(-8000)&_pragma=temp_store(1)"}).String())
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	defer func() { err = errors.Join(err, db.Close()) }()
	start, err := files.ReadFile("gpkg.sql")
	if err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, string(start)); err != nil {
		return err
	}
	p := &packageFile{rows: r, table: r.Name, geometry: r.geometryName(), box: [4]float64{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}}
	return p.write(ctx, db, path)
}

// packageFile is a GeoPackage being written.
type packageFile struct {
	rows            *Rows
	table, geometry string
	box             [4]float64
	key             string // name of the primary key
	bytes           int64  // written, at least
	several         bool   // points come in several parts
}

// quote makes a name of what the layer calls its columns: the only names in statements, and none comes from a request.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func (p *packageFile) write(ctx context.Context, db *sql.DB, path string) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // it is committed when everything went well
	if err := p.create(ctx, tx); err != nil {
		return err
	}
	if err := p.fill(ctx, tx, path); err != nil {
		return err
	}
	if err := p.register(ctx, tx); err != nil {
		return err
	}
	return tx.Commit()
}

func (p *packageFile) create(ctx context.Context, tx *sql.Tx) error {
	types := map[string]string{layer.Text: "TEXT", layer.Integer: "INTEGER", layer.Number: "REAL", layer.Boolean: "BOOLEAN"}
	p.key = "fid"
	var columns []string
	for _, c := range p.rows.columns() {
		if strings.EqualFold(c.name, p.key) {
			p.key = "jumeau_fid"
		}
		columns = append(columns, quote(c.name)+" "+types[c.kind])
	}
	p.several = p.kind() == "MULTIPOINT"
	head := []string{quote(p.key) + " INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL", quote(p.geometry) + " GEOMETRY"}
	_, err := tx.ExecContext(ctx, "CREATE TABLE "+quote(p.table)+" ("+strings.Join(append(head, columns...), ", ")+")")
	if err == nil {
		_, err = tx.ExecContext(ctx, "CREATE VIRTUAL TABLE "+quote(p.index())+" USING rtree(id, minx, maxx, miny, maxy)")
	}
	return err
}

func (p *packageFile) index() string { return "rtree_" + p.table + "_" + p.geometry }

func (p *packageFile) fill(ctx context.Context, tx *sql.Tx, path string) error {
	marks := strings.Repeat(", ?", len(p.rows.columns()))
	insert, err := tx.PrepareContext(ctx, "INSERT INTO "+quote(p.table)+" VALUES (?, ?"+marks+")")
	if err != nil {
		return err
	}
	defer insert.Close()
	indexed, err := tx.PrepareContext(ctx, "INSERT INTO "+quote(p.index())+" VALUES (?, ?, ?, ?, ?)")
	if err != nil {
		return err
	}
	defer indexed.Close()
	var values []any
	n := int64(0)
	return p.rows.visit(ctx, path, func(b *layer.Batch, row int) error {
		n++
		g := p.shape(b, row)
		values = append(values[:0], n, nil)
		p.bytes += 64
		if g != nil {
			blob, err := geometryBlob(g)
			if err != nil {
				return err
			}
			values[1] = blob
			p.bytes += int64(len(blob))
		}
		values = p.rows.values(values, b, row)
		for _, v := range values {
			if text, ok := v.(string); ok {
				p.bytes += int64(len(text))
			}
		}
		if p.bytes > p.rows.Limit { // the database writes the file late
			return p.rows.tooLarge()
		}
		if _, err := insert.ExecContext(ctx, values...); err != nil {
			return err
		}
		if g == nil {
			return nil
		}
		at := g.Bound()
		p.box = [4]float64{min(p.box[0], at.Min[0]), min(p.box[1], at.Min[1]), max(p.box[2], at.Max[0]), max(p.box[3], at.Max[1])}
		_, err := indexed.ExecContext(ctx, n, at.Min[0], at.Max[0], at.Min[1], at.Max[1])
		return err
	})
}

// kind is the one type that the geometries have, which QGIS wants: several parts, or single points when no feature has more.
func (p *packageFile) kind() string {
	switch p.rows.File.Spec().Geometry {
	case layer.Lines:
		return "MULTILINESTRING"
	case layer.Polygons:
		return "MULTIPOLYGON"
	}
	for k := range p.rows.File.Batches() {
		b := &p.rows.File.Batches()[k]
		if len(b.X) != b.Rows {
			return "MULTIPOINT"
		}
	}
	return "POINT"
}

// shape is a geometry of that type, nil when there is none.
func (p *packageFile) shape(b *layer.Batch, row int) orb.Geometry {
	switch g := p.rows.geometry(b, row).(type) {
	case orb.Point:
		if p.several {
			return orb.MultiPoint{g}
		}
		return g
	case orb.LineString:
		return orb.MultiLineString{g}
	case orb.Polygon:
		return orb.MultiPolygon{g}
	default:
		return g
	}
}

// geometryBlob is the binary form of GeoPackage: a head with the box, then WKB (2.1.3).
func geometryBlob(g orb.Geometry) ([]byte, error) {
	body, err := wkb.Marshal(g)
	if err != nil {
		return nil, err
	}
	out := []byte{'G', 'P', 0, 1}
	flags := byte(0x01) // little endian
	if _, point := g.(orb.Point); !point {
		flags |= 0x02 // with a box
	}
	out[3] = flags
	out = binary.LittleEndian.AppendUint32(out, degreesSRS)
	if flags&0x02 != 0 {
		at := g.Bound()
		for _, v := range []float64{at.Min[0], at.Max[0], at.Min[1], at.Max[1]} {
			out = binary.LittleEndian.AppendUint64(out, math.Float64bits(v))
		}
	}
	return append(out, body...), nil
}

// register lists the table, its geometry and its index, and makes the triggers that keep the index (Annex F.3).
func (p *packageFile) register(ctx context.Context, tx *sql.Tx) error {
	box := []any{nil, nil, nil, nil}
	if p.box[0] <= p.box[2] {
		box = []any{p.box[0], p.box[1], p.box[2], p.box[3]}
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, min_x, min_y, max_x, max_y, srs_id) VALUES (?, 'features', ?, ?, ?, ?, ?, ?, ?)",
		append([]any{p.table, p.rows.Title, p.rows.Credits}, append(box, degreesSRS)...)...); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO gpkg_geometry_columns VALUES (?, ?, ?, ?, 0, 0)", p.table, p.geometry, p.kind(), degreesSRS); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO gpkg_extensions VALUES (?, ?, 'gpkg_rtree_index', 'http://www.geopackage.org/spec120/#extension_rtree', 'write-only')", p.table, p.geometry); err != nil {
		return err
	}
	for _, trigger := range triggers {
		fill := strings.NewReplacer("<name>", p.table+"_"+p.geometry, "<t>", quote(p.table), "<c>", quote(p.geometry), "<i>", quote(p.key), "<r>", quote(p.index()))
		if _, err := tx.ExecContext(ctx, fill.Replace(trigger)); err != nil {
			return fmt.Errorf("trigger: %w", err)
		}
	}
	return nil
}

const box = "NEW.<i>, ST_MinX(NEW.<c>), ST_MaxX(NEW.<c>), ST_MinY(NEW.<c>), ST_MaxY(NEW.<c>)"

var triggers = []string{
	`CREATE TRIGGER "rtree_<name>_insert" AFTER INSERT ON <t> WHEN (NEW.<c> NOT NULL AND NOT ST_IsEmpty(NEW.<c>)) BEGIN INSERT OR REPLACE INTO <r> VALUES (` + box + `); END`,
	`CREATE TRIGGER "rtree_<name>_update6" AFTER UPDATE OF <c> ON <t> WHEN OLD.<i> = NEW.<i> AND (NEW.<c> NOTNULL AND NOT ST_IsEmpty(NEW.<c>)) AND (OLD.<c> NOTNULL AND NOT ST_IsEmpty(OLD.<c>)) BEGIN UPDATE <r> SET minx = ST_MinX(NEW.<c>), maxx = ST_MaxX(NEW.<c>), miny = ST_MinY(NEW.<c>), maxy = ST_MaxY(NEW.<c>) WHERE id = NEW.<i>; END`,
	`CREATE TRIGGER "rtree_<name>_update7" AFTER UPDATE OF <c> ON <t> WHEN OLD.<i> = NEW.<i> AND (NEW.<c> NOTNULL AND NOT ST_IsEmpty(NEW.<c>)) AND (OLD.<c> ISNULL OR ST_IsEmpty(OLD.<c>)) BEGIN INSERT INTO <r> VALUES (` + box + `); END`,
	`CREATE TRIGGER "rtree_<name>_update2" AFTER UPDATE OF <c> ON <t> WHEN OLD.<i> = NEW.<i> AND (NEW.<c> ISNULL OR ST_IsEmpty(NEW.<c>)) BEGIN DELETE FROM <r> WHERE id = OLD.<i>; END`,
	`CREATE TRIGGER "rtree_<name>_update5" AFTER UPDATE ON <t> WHEN OLD.<i> != NEW.<i> AND (NEW.<c> NOTNULL AND NOT ST_IsEmpty(NEW.<c>)) BEGIN DELETE FROM <r> WHERE id = OLD.<i>; INSERT OR REPLACE INTO <r> VALUES (` + box + `); END`,
	`CREATE TRIGGER "rtree_<name>_update4" AFTER UPDATE ON <t> WHEN OLD.<i> != NEW.<i> AND (NEW.<c> ISNULL OR ST_IsEmpty(NEW.<c>)) BEGIN DELETE FROM <r> WHERE id IN (OLD.<i>, NEW.<i>); END`,
	`CREATE TRIGGER "rtree_<name>_delete" AFTER DELETE ON <t> WHEN OLD.<c> NOT NULL BEGIN DELETE FROM <r> WHERE id = OLD.<i>; END`,
}
