// Package store is the private build file of one run: a DuckDB database that only the batch opens.
//
// In: Arrow record batches (from ingest) and SQL. Out: Arrow record batches, GeoParquet files, and a second DuckDB file
// that holds the allow-listed tables of a release. Rows cross the border as Arrow; geometry crosses as WKB in a binary
// column, and is stored as GEOMETRY('OGC:CRS84').
//
// Nothing here reaches the network: extensions are neither installed nor loaded.
package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/duckdb/duckdb-go/v2"

	"jumeau/model"
)

// Options of a build file. The zero value is fine.
type Options struct {
	Threads int   // default: every core
	Memory  int64 // bytes DuckDB may hold before it spills beside the file; default 192 MiB
}

// Store is a DuckDB file being built. One goroutine uses it at a time, but a reader returned by Query may be drained while
// Load consumes it: they run on two connections.
type Store struct {
	db     *sql.DB
	path   string
	memory int64
	read   *conn
	main   *conn

	name     string   // of the build file's database
	part     string   // the one that is being made
	parts    int      // made or attached so far
	attached []string // open parts
}

// conn is one connection, as database/sql and as Arrow.
type conn struct {
	*sql.Conn
	arrow *duckdb.Arrow
}

// Create makes a new, empty build file; a file already there is an error.
func Create(ctx context.Context, path string, opt Options) (*Store, error) {
	if _, err := os.Stat(path); err == nil {
		return nil, &model.Error{Kind: model.Internal, Op: "create build file", Subject: path, Err: os.ErrExist}
	}
	if opt.Memory == 0 {
		opt.Memory = 192 << 20
	}
	connector, err := duckdb.NewConnector(path, func(c driver.ExecerContext) error {
		pragmas := []string{
			"SET autoinstall_known_extensions = false",
			"SET autoload_known_extensions = false",
			"SET TimeZone = 'UTC'",
			memoryLimit(opt.Memory),
			"SET enable_progress_bar = false",
		}
		if opt.Threads > 0 {
			pragmas = append(pragmas, fmt.Sprintf("SET threads = %d", opt.Threads))
		}
		for _, p := range pragmas {
			if _, err := c.ExecContext(ctx, p, nil); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fail(ctx, "create build file", path, err)
	}
	s := &Store{db: sql.OpenDB(connector), path: path, memory: opt.Memory}
	for _, c := range []**conn{&s.main, &s.read} {
		if *c, err = s.connect(ctx); err != nil {
			s.Close()
			return nil, fail(ctx, "create build file", path, err)
		}
	}
	if err := s.Scan(ctx, "SELECT current_database()", nil, &s.name); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Store) connect(ctx context.Context) (*conn, error) {
	c, err := s.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	out := &conn{Conn: c}
	err = c.Raw(func(dc any) error {
		out.arrow, err = duckdb.NewArrowFromConn(dc.(driver.Conn))
		return err
	})
	return out, err
}

// leastMemory is what DuckDB gets along with while nothing is asked of it.
const leastMemory = 32 << 20

func memoryLimit(bytes int64) string { return fmt.Sprintf("SET memory_limit = '%d MiB'", bytes>>20) }

// Shed gives back the memory of the parts of the file that lie cached, for work beside the database. What is read again
// comes from disk.
func (s *Store) Shed(ctx context.Context) error {
	if _, err := s.Exec(ctx, memoryLimit(min(leastMemory, s.memory))); err != nil {
		return err
	}
	_, err := s.Exec(ctx, memoryLimit(s.memory))
	return err
}

// Close closes the file; it stays on disk.
func (s *Store) Close() error {
	var errs []error
	for _, c := range []*conn{s.read, s.main} {
		if c != nil {
			errs = append(errs, c.Close())
		}
	}
	return errors.Join(append(errs, s.db.Close())...)
}

// Exec runs one or more statements; arguments bind to the last.
func (s *Store) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	res, err := s.main.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, fail(ctx, "run", firstLine(query), err)
	}
	n, err := res.RowsAffected()
	return n, err
}

// Rows runs a small query whose rows are scanned one by one.
func (s *Store) Rows(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	rows, err := s.main.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fail(ctx, "query", firstLine(query), err)
	}
	return rows, nil
}

// Scan runs a query of one row.
func (s *Store) Scan(ctx context.Context, query string, args []any, into ...any) error {
	if err := s.main.QueryRowContext(ctx, query, args...).Scan(into...); err != nil {
		return fail(ctx, "query", firstLine(query), err)
	}
	return nil
}

// Query returns the result as Arrow batches. The caller releases the reader before the next Query. A geometry must be
// selected as ST_AsWKB(geometry): DuckDB 1.5 cannot describe a GEOMETRY with a CRS to Arrow outside a transaction.
// Strings and bytes of a batch alias memory of DuckDB and die with it: copy what outlives the batch.
func (s *Store) Query(ctx context.Context, query string, args ...any) (array.RecordReader, error) {
	r, err := s.read.arrow.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fail(ctx, "query", firstLine(query), err)
	}
	return r, nil
}

// Load makes a table of what the reader delivers, and returns its number of rows. A column named geometry must be WKB and
// becomes GEOMETRY('OGC:CRS84').
func (s *Store) Load(ctx context.Context, table string, rows array.RecordReader) (int64, error) {
	const view = "incoming"
	release, err := s.main.arrow.RegisterView(rows, view)
	if err != nil {
		return 0, fail(ctx, "load", table, err)
	}
	defer release()
	columns := "*"
	if rows.Schema().HasField("geometry") {
		columns = "* REPLACE (ST_SetCRS(ST_GeomFromWKB(geometry), 'OGC:CRS84') AS geometry)"
	}
	_, err = s.main.ExecContext(ctx, fmt.Sprintf("CREATE TABLE %s AS SELECT %s FROM %s", table, columns, view))
	if _, drop := s.main.ExecContext(context.WithoutCancel(ctx), "DROP VIEW IF EXISTS "+view); err == nil {
		err = drop
	}
	if readErr := rows.Err(); readErr != nil {
		return 0, readErr // the reader's own error says more than DuckDB's report of it
	}
	if err != nil {
		return 0, fail(ctx, "load", table, err)
	}
	var n int64
	return n, s.Scan(ctx, "SELECT count(*) FROM "+table, nil, &n)
}

// Append adds what the reader delivers to a table that exists, column by column.
func (s *Store) Append(ctx context.Context, table string, rows array.RecordReader) error {
	const incoming = "incoming_rows"
	if _, err := s.Load(ctx, incoming, rows); err != nil {
		return err
	}
	_, err := s.Exec(ctx, "INSERT INTO "+table+" SELECT * FROM "+incoming+"; DROP TABLE "+incoming)
	return err
}

// Quote makes an identifier of a declared name: the only way a name reaches SQL text.
func Quote(name string) string {
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// full are the words in which the database says that the machine has no more room.
var full = []string{"No space left", "File too large", "Disk quota exceeded", "Out of Memory"}

func fail(ctx context.Context, op, subject string, err error) error {
	if done := ctx.Err(); done != nil { // DuckDB says "interrupted", and not always in the driver's own words
		return done
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	e := &model.Error{Kind: model.Internal, Op: op, Subject: subject, Err: err}
	if text := err.Error(); slices.ContainsFunc(full, func(words string) bool { return strings.Contains(text, words) }) {
		e.Kind, e.Hint = model.Unavailable, "free some disk space or memory and run again; the served release is untouched"
	}
	return e
}

func firstLine(query string) string {
	for line := range strings.Lines(query) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "--") {
			return line
		}
	}
	return ""
}
