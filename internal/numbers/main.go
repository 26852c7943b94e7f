// Command numbers asks a release's own database what the question pages should say, in plain SQL, and prints the answers as JSON:
// numbers RELEASES. It reads no frame and shares no code with the server, so that the browser tests can hold the page to it.
package main

import (
	"database/sql"
	"embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	_ "github.com/duckdb/duckdb-go/v2" // the driver

	"jumeau/model/release"
	"jumeau/model/store"
)

//go:embed sql/numbers.sql
var files embed.FS

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: numbers RELEASES")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(releases string) error {
	keys, err := release.PublicKeys(releases)
	if err != nil {
		return err
	}
	id, err := release.Current(releases)
	if err != nil {
		return err
	}
	r, err := release.Open(releases, id, keys...)
	if err != nil {
		return err
	}
	db, err := sql.Open("duckdb", filepath.Join(r.Dir, "model.duckdb")+"?access_mode=READ_ONLY")
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // a variable is the connection's
	if _, err := db.Exec("SET VARIABLE facilities = $1", r.Path(release.ParquetPath("facilities"))); err != nil {
		return err
	}
	statements, err := store.Statements(files)
	if err != nil {
		return err
	}
	out := map[string][]map[string]any{}
	for name, query := range statements {
		if out[name], err = ask(db, query); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return json.NewEncoder(os.Stdout).Encode(out)
}

func ask(db *sql.DB, query string) ([]map[string]any, error) {
	rows, err := db.Query(query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	list := []map[string]any{}
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		row := map[string]any{}
		for i, c := range columns {
			row[c] = values[i]
		}
		list = append(list, row)
	}
	return list, rows.Err()
}
