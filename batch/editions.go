package batch

import (
	"context"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"jumeau/ingest"
	"jumeau/ingest/contract"
	"jumeau/model"
	"jumeau/model/edition"
	"jumeau/model/release"
	"jumeau/model/store"
)

// compareEditions writes the edition of every source whose rows have a key, and says what it has beside the one of the release that is
// served. It is no part of the release's content: what changed depends on what was there before.
func (r *run) compareEditions(ctx context.Context) error {
	before := r.servedRelease()
	for _, a := range r.order {
		if a.Absent || ingest.AboutPeople(a.Source) || edition.Key(a.Source) == "" {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(r.path(release.EditionPath(a.Source.ID))), 0o700); err != nil {
			return err
		}
		if err := r.writeEdition(ctx, a, before); err != nil {
			return err
		}
		r.draft.Digest(release.EditionPath(a.Source.ID), "edition") // no content
		if err := r.compareEdition(a.Source, before); err != nil {
			return err
		}
	}
	return nil
}

// servedRelease is the release that is served, or nil.
func (r *run) servedRelease() *release.Release {
	id, err := release.Current(r.Releases)
	if err != nil || id == "" {
		return nil
	}
	served, err := release.Open(r.Releases, id)
	if err != nil {
		r.Log.Warn("editions are not compared: the served release cannot be opened", "release", id, "error", err)
		return nil
	}
	return served
}

// writeEdition makes the edition of a source of its table. Of a source that was not read again, because nothing changed since some
// earlier run, it takes that of the release before, where it is of the same rows.
func (r *run) writeEdition(ctx context.Context, a *ingest.Account, before *release.Release) error {
	path, columns := r.path(release.EditionPath(a.Source.ID)), comparedColumns(a.Source)
	var tables int
	if err := r.store.Scan(ctx, statements["Tables"], []any{"source_" + a.Source.ID}, &tables); err != nil {
		return err
	}
	if old, ok := sameEdition(before, a, columns); ok && tables == 0 {
		return copyFile(old, path)
	}
	if err := r.need(ctx, a.Source.ID); err != nil {
		return err
	}
	return writeDigests(ctx, r.store, ingest.Table(a.Source.ID), a.Source, path)
}

// sameEdition is the edition of a source in a release, when it is of the same files, loaded to as many rows, and of the same columns.
func sameEdition(before *release.Release, a *ingest.Account, columns string) (string, bool) {
	if before == nil {
		return "", false
	}
	old, ok := editionOf(before, a.Source.ID)
	if !ok {
		return "", false
	}
	for _, s := range before.Manifest.Catalog.Sources {
		if s.ID == a.Source.ID && s.SHA256 == digestOf(a.Files) && s.Read == a.Read && s.Loaded == a.Loaded && s.Skipped == a.Skipped {
			then, err := edition.Columns(old)
			return old, err == nil && then == columns
		}
	}
	return "", false
}

// comparedColumns names what is compared of a row.
func comparedColumns(src *model.Source) string {
	names := slices.Sorted(maps.Keys(src.Contract.Columns))
	if src.Contract.Geometry != nil {
		names = append(names, "("+contract.GeometryColumn+")")
	}
	return strings.Join(names, " ")
}

// writeDigests makes the edition of a table.
func writeDigests(ctx context.Context, st *store.Store, table string, src *model.Source, path string) error {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(src.Contract.Columns)) {
		parts = append(parts, "coalesce(CAST("+store.Quote(name)+" AS VARCHAR), chr(30))")
	}
	if src.Contract.Geometry != nil {
		parts = append(parts, "coalesce(md5(ST_AsWKB("+store.Quote(contract.GeometryColumn)+")), chr(30))")
	}
	rows, err := st.Query(ctx, store.Fill(statements["Digests"], map[string]string{"table": table, "key": store.Quote(edition.Key(src)),
		"columns": strings.Join(parts, ", ")}))
	if err != nil {
		return err
	}
	defer rows.Release()
	return edition.Write(rows, comparedColumns(src), path)
}

// editionOf is the file of a source's edition in a release.
func editionOf(r *release.Release, source string) (string, bool) {
	_, ok := r.Manifest.File(release.EditionPath(source))
	return r.Path(release.EditionPath(source)), ok
}

func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

func (r *run) compareEdition(src *model.Source, before *release.Release) error {
	if before == nil {
		return nil
	}
	old, ok := editionOf(before, src.ID)
	if !ok {
		return nil
	}
	change, err := edition.Compare(old, r.path(release.EditionPath(src.ID)))
	if err != nil {
		return err
	}
	r.editions = append(r.editions, release.Edition{Source: src.ID, Key: edition.Key(src), Since: before.Manifest.ID, Change: change})
	r.Log.Info("edition", "source", src.ID, "since", before.Manifest.ID, "added", change.Added, "changed", change.Changed, "removed", change.Removed, "same", change.Same)
	return nil
}
