package ingest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"jumeau/ingest/contract"
	"jumeau/model"
	"jumeau/model/store"
)

// Prepare makes the tables reject and source_file in a new build file.
func Prepare(ctx context.Context, st *store.Store) error {
	for _, name := range []string{"CreateReject", "CreateSourceFile"} {
		if _, err := st.Exec(ctx, statements[name]); err != nil {
			return err
		}
	}
	return nil
}

// settle stores the rejects found while reading, leaves out the rows of other territories, applies the rules that need the
// whole table, and counts what is left.
func settle(ctx context.Context, st *store.Store, a *Account, s *stream) error {
	for i, f := range a.Files {
		if _, err := st.Exec(ctx, statements["InsertSourceFile"], a.Source.ID, i, f.Name); err != nil {
			return err
		}
	}
	if err := storeRejects(ctx, st, a, s.rejects); err != nil {
		return err
	}
	if a.Source.COG == nil {
		if err := keepOwn(ctx, st, a, s.opt); err != nil {
			return err
		}
		if err := wholeTableRules(ctx, st, a, s, true, true); err != nil {
			return err
		}
		a.Rejected = sortCounts(s.counts)
		return st.Scan(ctx, "SELECT count(*) FROM "+Table(a.Source.ID), nil, &a.Loaded)
	}
	// What is unique is so among the codes of the file; what is referred to, and the territory, are in its own vintage.
	if err := wholeTableRules(ctx, st, a, s, true, false); err != nil {
		return err
	}
	if err := passCodes(ctx, st, a, s.opt); err != nil {
		return err
	}
	if err := keepOwn(ctx, st, a, s.opt); err != nil {
		return err
	}
	if err := wholeTableRules(ctx, st, a, s, false, true); err != nil {
		return err
	}
	a.Rejected = sortCounts(s.counts)
	if err := st.Scan(ctx, "SELECT count(DISTINCT _row) FROM "+Table(a.Source.ID), nil, &a.Loaded); err != nil {
		return err
	}
	a.Skipped = a.Read - a.Loaded - a.RejectedRows() // a row that was split counts once, as long as a part of it is ours
	return nil
}

// keepOwn drops the rows whose value is not found where the declaration says, and those outside the zones; they are skipped,
// not rejected.
func keepOwn(ctx context.Context, st *store.Store, a *Account, opt Options) error {
	within := false
	for _, k := range a.Source.Keep {
		within = within || k.Within != ""
		source, column, ok := strings.Cut(k.FoundIn, ".")
		if !ok {
			continue
		}
		if opt.absent(source) {
			return &model.Error{Kind: model.NotFound, Op: "keep", Subject: a.Source.ID,
				Err:  fmt.Errorf("its rows are kept when they are found in %s, and the source %s is absent", k.FoundIn, source),
				Hint: "give the files of " + source + ", or take both out of the territory"}
		}
		gone, err := st.Exec(ctx, store.Fill(statements["NotFound"], map[string]string{
			"table": Table(a.Source.ID), "column": store.Quote(k.Column), "target": Table(source), "target_column": store.Quote(column)}))
		if err != nil {
			return err
		}
		a.Skipped += gone
	}
	if !within {
		return nil
	}
	return opt.Within(ctx, a)
}

func (opt Options) absent(source string) bool { return opt.Absent != nil && opt.Absent(source) }

// KeepWithin drops the features that touch no zone, given the table (_row, zone) of their assignment.
func KeepWithin(ctx context.Context, st *store.Store, a *Account, assigned string) error {
	gone, err := st.Exec(ctx, store.Fill(statements["Outside"], map[string]string{"table": Table(a.Source.ID), "assigned": assigned}))
	a.Skipped += gone
	return err
}

// wholeTableRules applies unique and refers: the rows that break them move from the table to the reject table.
func wholeTableRules(ctx context.Context, st *store.Store, a *Account, s *stream, unique, refers bool) error {
	table, counts := Table(a.Source.ID), s.counts
	for _, name := range slices.Sorted(maps.Keys(a.Source.Contract.Columns)) {
		c := a.Source.Contract.Columns[name]
		holes := map[string]string{"table": table, "column": store.Quote(name)}
		if unique && (c.Unique || c.Role == "id") {
			if err := move(ctx, st, a, store.Fill(statements["Duplicates"], holes), "duplicate", name, counts); err != nil {
				return err
			}
		}
		source, column, ok := strings.Cut(c.Refers, ".")
		ok = ok && refers
		if ok && s.opt.absent(source) {
			s.opt.Log.Warn("not checked: the source referred to is absent", "source", a.Source.ID, "column", name, "refers", c.Refers)
			continue
		}
		if ok {
			holes["target"], holes["target_column"] = Table(source), store.Quote(column)
			holes["target_text"] = store.Literal(c.Refers)
			if err := move(ctx, st, a, store.Fill(statements["Unknown"], holes), "reference_unknown", name, counts); err != nil {
				return err
			}
		}
	}
	return nil
}

// move takes the rows that find puts into "broken" from the table to the reject table.
func move(ctx context.Context, st *store.Store, a *Account, find, code, column string, counts map[string]int64) error {
	if _, err := st.Exec(ctx, find); err != nil {
		return err
	}
	n, err := st.Exec(ctx, statements["Reject"], a.Source.ID, code, column, a.Source.ID)
	if err != nil || n == 0 {
		return err
	}
	counts[code] += n
	_, err = st.Exec(ctx, store.Fill(statements["Remove"], map[string]string{"table": Table(a.Source.ID)}))
	return err
}

var rejectSchema = arrow.NewSchema([]arrow.Field{
	{Name: "source", Type: arrow.BinaryTypes.String},
	{Name: "file", Type: arrow.BinaryTypes.String},
	{Name: "line", Type: arrow.PrimitiveTypes.Int64},
	{Name: "code", Type: arrow.BinaryTypes.String},
	{Name: "column", Type: arrow.BinaryTypes.String},
	{Name: "reason", Type: arrow.BinaryTypes.String},
}, nil)

func storeRejects(ctx context.Context, st *store.Store, a *Account, rejects []contract.Reject) error {
	if len(rejects) == 0 {
		return nil
	}
	build := array.NewRecordBuilder(memory.DefaultAllocator, rejectSchema)
	defer build.Release()
	for _, r := range rejects {
		for i, text := range []string{a.Source.ID, a.Files[r.File].Name, "", r.Code, r.Column, r.Reason} {
			if i != 2 {
				build.Field(i).(*array.StringBuilder).Append(text)
			}
		}
		build.Field(2).(*array.Int64Builder).Append(r.Line)
	}
	rec := build.NewRecordBatch()
	defer rec.Release()
	rows, err := array.NewRecordReader(rejectSchema, []arrow.RecordBatch{rec})
	if err != nil {
		return err
	}
	return st.Append(ctx, "reject", rows)
}
