package store

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"jumeau/model"
)

// BeginPart makes a new file of tables beside the build file, for what outlives it. Until EndPart new tables are made there; those
// of the build file and of other parts are found as before.
func (s *Store) BeginPart(ctx context.Context, path string) error {
	if _, err := os.Stat(path); err == nil {
		return &model.Error{Kind: model.Internal, Op: "create part", Subject: path, Err: os.ErrExist}
	}
	s.part = s.newPart()
	if _, err := s.Exec(ctx, "ATTACH "+Literal(path)+" AS "+s.part); err != nil {
		return err
	}
	return s.search(ctx, append([]string{s.part}, s.searched()...))
}

// EndPart closes the part that was begun, with the named tables of it; others are dropped. Its tables are not found until the part
// is attached.
func (s *Store) EndPart(ctx context.Context, keep ...string) error {
	rows, err := s.Rows(ctx, "SELECT table_name FROM duckdb_tables() WHERE database_name = ?", s.part)
	if err != nil {
		return err
	}
	defer rows.Close()
	var others []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		if !slices.Contains(keep, name) {
			others = append(others, name)
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	rows.Close()
	for _, name := range others {
		if _, err := s.Exec(ctx, "DROP TABLE "+s.part+"."+Quote(name)); err != nil {
			return err
		}
	}
	if err := s.search(ctx, s.searched()); err != nil {
		return err
	}
	_, err = s.Exec(ctx, "CHECKPOINT "+s.part+"; DETACH "+s.part)
	return err
}

// Attach opens a part read-only, so that its tables are found. It gives the part's name in SQL, for tables that several parts have.
func (s *Store) Attach(ctx context.Context, path string) (name string, err error) {
	if name, err = s.AttachAside(ctx, path); err != nil {
		return "", err
	}
	s.attached = append(s.attached, name)
	return name, s.search(ctx, s.searched())
}

// AttachAside opens a part read-only, of which tables are found only by the part's name and theirs.
func (s *Store) AttachAside(ctx context.Context, path string) (name string, err error) {
	name = s.newPart()
	_, err = s.Exec(ctx, "ATTACH "+Literal(path)+" AS "+name+" (READ_ONLY)")
	return name, err
}

func (s *Store) newPart() string {
	s.parts++
	return fmt.Sprintf("part_%d", s.parts)
}

// searched are the databases in which a table is looked for; new ones are made in the first.
func (s *Store) searched() []string { return append([]string{s.name}, s.attached...) }

func (s *Store) search(ctx context.Context, databases []string) error {
	schemas := make([]string, len(databases))
	for i, name := range databases {
		schemas[i] = name + ".main"
	}
	for _, c := range []*conn{s.main, s.read} {
		if _, err := c.ExecContext(ctx, "SET search_path = "+Literal(strings.Join(schemas, ","))); err != nil {
			return fail(ctx, "run", "SET search_path", err)
		}
	}
	return nil
}
