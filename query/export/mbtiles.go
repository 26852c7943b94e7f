package export

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"

	_ "modernc.org/sqlite" // the driver: SQLite in Go

	"jumeau/query/pyramid"
)

// mbtiles writes an MBTiles 1.3 archive: an SQLite database, rows counted from the south.
func (j *job) mbtiles(path string) (s Stats, err error) {
	// A database without journal that nobody else sees: when it is not finished it is thrown away.
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Opaque: url.PathEscape(path), RawQuery: "_pragma=journal_mode(off)&_pragma=synchronous(off)&_pragma=page_size(8192)"}).String())
	if err != nil {
		return s, err
	}
	db.SetMaxOpenConns(1)
	defer func() { err = errors.Join(err, db.Close()) }()
	tx, err := db.BeginTx(j.ctx, nil)
	if err != nil {
		return s, err
	}
	defer tx.Rollback() //nolint:errcheck // it is committed when everything went well
	if _, err := tx.ExecContext(j.ctx, `CREATE TABLE metadata (name text, value text);
		CREATE TABLE tiles (zoom_level integer, tile_column integer, tile_row integer, tile_data blob);`); err != nil {
		return s, err
	}
	insert, err := tx.PrepareContext(j.ctx, "INSERT INTO tiles VALUES (?, ?, ?, ?)")
	if err != nil {
		return s, err
	}
	defer insert.Close()
	err = j.encode(func(p pyramid.Place, body []byte) error {
		s.Tiles++
		_, err := insert.ExecContext(j.ctx, int(p.Tile.Z), int(p.Tile.X), 1<<p.Tile.Z-1-int(p.Tile.Y), body)
		return err
	})
	if err == nil && s.Tiles == 0 {
		err = j.noTiles()
	}
	if err != nil {
		return s, err
	}
	if err := j.mbtilesMetadata(tx); err != nil {
		return s, err
	}
	if _, err := tx.ExecContext(j.ctx, "CREATE UNIQUE INDEX tile_index ON tiles (zoom_level, tile_column, tile_row)"); err != nil {
		return s, err
	}
	if err := tx.Commit(); err != nil {
		return s, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return s, err
	}
	s.Contents, s.Bytes = s.Tiles, info.Size()
	return s, nil
}

func (j *job) mbtilesMetadata(tx *sql.Tx) error {
	about := j.metadata()
	text, err := json.Marshal(map[string]any{"vector_layers": about["vector_layers"]})
	if err != nil {
		return err
	}
	bounds, center, zoom := j.bounds()
	from, to := j.zooms()
	for _, row := range [][2]string{
		{"name", fmt.Sprint(about["name"])}, {"format", "pbf"}, {"bounds", fmt.Sprintf("%.7f,%.7f,%.7f,%.7f", bounds[0], bounds[1], bounds[2], bounds[3])},
		{"center", fmt.Sprintf("%.7f,%.7f,%d", center[0], center[1], zoom)}, {"minzoom", fmt.Sprint(from)}, {"maxzoom", fmt.Sprint(to)},
		{"attribution", fmt.Sprint(about["attribution"])}, {"description", fmt.Sprint(about["description"])}, {"type", "overlay"}, {"version", "1"},
		{"generator", fmt.Sprint(about["generator"])}, {"json", string(text)},
	} {
		if _, err := tx.ExecContext(j.ctx, "INSERT INTO metadata VALUES (?, ?)", row[0], row[1]); err != nil {
			return err
		}
	}
	return nil
}
