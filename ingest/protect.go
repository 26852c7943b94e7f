package ingest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"jumeau/ingest/contract"
	"jumeau/model"
	"jumeau/model/store"
)

// Gate takes batches of rows about people; it is a gate.Gate.
type Gate interface {
	Feed(arrow.RecordBatch) error
}

// Protect reads a source about people under its contract, straight into a gate. Nothing of a row is kept here: no table, no file,
// no reject but its code. st holds the open sources that its columns refer to.
func Protect(ctx context.Context, st *store.Store, src *model.Source, into Gate, opt Options) (*Account, error) {
	start := time.Now()
	if err := Refuse(src); err != nil {
		return nil, err
	}
	account := &Account{Source: src, Repairs: map[string]int64{}}
	var err error
	if account.Files, err = opt.Find(src); err != nil {
		if src.Optional && IsAbsent(err) {
			account.Absent = true
			opt.Log.Info("source absent", "source", src.ID)
			return account, nil
		}
		return nil, err
	}
	binder, err := contract.New(src, opt.Zone)
	if err != nil {
		return nil, err
	}
	if err := references(ctx, st, src, binder, opt); err != nil {
		return nil, err
	}
	s := newStream(ctx, src, account, binder, opt, true)
	defer s.stop()
	for rec := range s.out {
		err := into.Feed(rec)
		rec.Release()
		if err != nil {
			return nil, err
		}
	}
	s.stop()
	if s.err != nil {
		return nil, mute(src, s.err)
	}
	for _, f := range account.Files {
		if err := f.unchanged(); err != nil {
			return nil, unreadable(src, f, err)
		}
	}
	account.Read, account.Skipped, account.Rejected = s.read, binder.Skipped, sortCounts(s.counts)
	account.Loaded = account.Read - account.Skipped - account.RejectedRows()
	account.Elapsed = time.Since(start)
	opt.Log.Info("source protected", "source", src.ID, "elapsed", account.Elapsed)
	return account, tolerateCodes(account)
}

// references gives the binder the values that columns may have, from the open sources they refer to.
func references(ctx context.Context, st *store.Store, src *model.Source, binder *contract.Binder, opt Options) error {
	absent := func(source, column string) bool {
		if opt.Absent == nil || !opt.Absent(source) {
			return false
		}
		opt.Log.Warn("references not checked: their source is absent", "source", src.ID, "column", column, "absent", source)
		return true
	}
	for name, c := range src.Contract.Columns {
		if source, column, ok := strings.Cut(c.Refers, "."); ok && !absent(source, name) {
			values, err := valuesOf(ctx, st, source, column)
			if err != nil {
				return err
			}
			binder.Known(name, values)
		}
	}
	for _, k := range src.Keep {
		if source, column, ok := strings.Cut(k.FoundIn, "."); ok && !absent(source, k.Column) {
			values, err := valuesOf(ctx, st, source, column)
			if err != nil {
				return err
			}
			binder.Own(k.Column, values)
		}
	}
	return nil
}

func valuesOf(ctx context.Context, st *store.Store, source, column string) (map[string]bool, error) {
	rows, err := st.Rows(ctx, store.Fill(statements["Values"], map[string]string{"table": Table(source), "column": store.Quote(column)}))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	values := map[string]bool{}
	for rows.Next() {
		var v string
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		values[v] = true
	}
	return values, rows.Err()
}

// mute is an error about a file whose rows are about people: what kind of fault it is, and no byte of the file. A file without a
// header, for instance, would else be quoted by the complaint about its column names.
func mute(src *model.Source, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &model.Error{Kind: model.KindOf(err), Op: "read", Subject: src.ID, Err: errors.New("the file is not what its declaration says, or is broken"),
		Hint: "its rows are about people, so no message quotes it: look at the columns with jumeau inspect source, on the machine that holds it"}
}

// tolerateCodes fails when more rows were rejected than the contract allows, and says their codes only.
func tolerateCodes(a *Account) error {
	rejected := a.RejectedRows()
	share := float64(rejected) / float64(max(rejected+a.Loaded, 1))
	if rejected == 0 || share <= float64(a.Source.Contract.RejectAtMost) {
		return nil
	}
	var codes []string
	for _, c := range a.Rejected {
		codes = append(codes, c.Code)
	}
	slices.Sort(codes)
	return &model.Error{Kind: model.Invalid, Op: "load", Subject: a.Source.ID,
		Err: fmt.Errorf("%.2g %% of its rows break the contract (tolerance %.2g %%): %s", 100*share,
			100*float64(a.Source.Contract.RejectAtMost), strings.Join(codes, ", ")),
		Hint: "mend the file or the contract; if these rows may be left out, raise contract.reject_at_most; nothing was charged"}
}
