package ingest

import (
	"context"
	"errors"
	"slices"
	"strings"

	"jumeau/ingest/format"
	"jumeau/model"
	"jumeau/model/store"
)

// ErrNotGrown says that a file must be read from its start after all.
var ErrNotGrown = errors.New("the file must be read from its start")

// Grown is what an earlier run made of the first bytes of a file: only the rest is read.
type Grown struct {
	From     int64    // the first byte of the rest
	Line     int64    // its line
	Rows     int64    // row numbers given so far
	Encoding string   // of the text so far, "" when there was only ASCII
	Table    string   // the rows of then, in SQL
	Rejects  string   // and those that broke their contract
	Account  *Account // of then
}

// MayGrow says whether the rest of a file can be read alone: what becomes of its rows does not depend on those before, and what became
// of those before does not depend on the rest. The rules of the whole table are applied to all rows again, so none of them may
// have taken a row away.
func MayGrow(src *model.Source, a *Account) bool {
	if len(a.Files) != 1 || a.Files[0].Bytes < format.LeastResumed || !slices.Contains([]string{"csv", "json", "geojsonseq"}, a.Format) {
		return false
	}
	if src.COG != nil || slices.ContainsFunc(src.Keep, func(k model.Keep) bool { return k.First }) {
		return false
	}
	for _, c := range src.Contract.Columns {
		if source, _, ok := strings.Cut(c.Refers, "."); ok && source == src.ID { // a row may refer to a later one
			return false
		}
	}
	for _, r := range a.Rejected {
		if r.Code == "duplicate" || r.Code == "reference_unknown" || r.Code == format.BadQuote {
			return false
		}
	}
	return a.RejectedRows() < detailed
}

// fillTable makes the table of a source from what is read, behind the rows of then.
func fillTable(ctx context.Context, st *store.Store, src *model.Source, s *stream, g *Grown) error {
	if g == nil {
		_, err := st.Load(ctx, Table(src.ID), s)
		return err
	}
	if _, err := st.Exec(ctx, "CREATE TABLE "+Table(src.ID)+" AS SELECT * FROM "+g.Table); err != nil {
		return err
	}
	return st.Append(ctx, Table(src.ID), s)
}

// add adds the account of then to that of the rest.
func (g *Grown) add(ctx context.Context, st *store.Store, a *Account, s *stream) error {
	a.Read, a.Skipped = a.Read+g.Account.Read, a.Skipped+g.Account.Skipped
	for kind, n := range g.Account.Repairs {
		a.Repairs[kind] += n
	}
	for _, r := range g.Account.Rejected {
		s.counts[r.Code] += r.Rows
	}
	_, err := st.Exec(ctx, "INSERT INTO reject SELECT * FROM "+g.Rejects)
	return err
}
