package store

import (
	"context"
	"database/sql"
	"slices"
)

// Description is what a database file of a release looks like from the outside.
type Description struct {
	Columns   []DescribedColumn
	Explained []string // sources of table reject with a reason beside a row
	Figures   []DescribedFigures
}

// DescribedColumn is a column of a table or view.
type DescribedColumn struct{ Table, Column, Type string }

// DescribedFigures sums up a measure or flow in one zone system.
type DescribedFigures struct {
	ID, System string
	Numbers    int64   // rows with a value
	Loose      int64   // rows flagged as not published or without data that carry a number
	Sum        float64 // of the values
}

const (
	describeColumns = "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal ORDER BY ALL"
	describeRejects = "SELECT DISTINCT source FROM reject WHERE reason <> '' ORDER BY source"
	describeFigures = ", system, count(value), count(*) FILTER (flag IN (2, 3) AND coalesce(value, lo, hi) IS NOT NULL), coalesce(sum(value), 0) FROM "
)

// Describe opens a database file read-only, by itself and with no way out of it, and says what is in it.
func Describe(ctx context.Context, path string) (*Description, error) {
	db, err := sql.Open("duckdb", path+"?access_mode=read_only&enable_external_access=false&autoinstall_known_extensions=false&autoload_known_extensions=false")
	if err != nil {
		return nil, fail(ctx, "describe", path, err)
	}
	defer db.Close()
	d := &Description{}
	err = each(ctx, db, describeColumns, func(scan func(...any) error) error {
		var c DescribedColumn
		defer func() { d.Columns = append(d.Columns, c) }()
		return scan(&c.Table, &c.Column, &c.Type)
	})
	has := func(table, column string) bool {
		return slices.ContainsFunc(d.Columns, func(c DescribedColumn) bool { return c.Table == table && c.Column == column })
	}
	if err == nil && has("reject", "reason") {
		err = each(ctx, db, describeRejects, func(scan func(...any) error) error {
			var s string
			defer func() { d.Explained = append(d.Explained, s) }()
			return scan(&s)
		})
	}
	for _, table := range []string{"measure", "flow"} {
		if err == nil && has(table, "flag") && has(table, table) {
			err = each(ctx, db, "SELECT "+table+describeFigures+table+" GROUP BY ALL ORDER BY ALL", func(scan func(...any) error) error {
				var f DescribedFigures
				defer func() { d.Figures = append(d.Figures, f) }()
				return scan(&f.ID, &f.System, &f.Numbers, &f.Loose, &f.Sum)
			})
		}
	}
	if err != nil {
		return nil, fail(ctx, "describe", path, err)
	}
	return d, nil
}

func each(ctx context.Context, db *sql.DB, query string, row func(scan func(...any) error) error) error {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
