package release

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"jumeau/model"
)

// Rollback moves the pointer to the release id, or, when id is "", to the newest release older than the current one. The
// release must be whole. It returns the id now served and the one served before.
//
// The next run over unchanged inputs publishes again what was rolled back: correct its sources or its declarations first, or
// use RollbackAndHold.
func Rollback(releases, id string) (now, before string, err error) {
	return rollback(releases, id, func(string) error { return nil })
}

// rollback calls first with the id that will be served, before the pointer moves and while nobody else can move it.
func rollback(releases, id string, first func(string) error) (now, before string, err error) {
	pointer, err := takeLock(releases, ".pointer", true)
	if err != nil {
		return "", "", diskError("roll back", releases, err)
	}
	defer pointer.release()
	before, err = Current(releases)
	if err != nil && (id == "" || model.KindOf(err) != model.Invalid) {
		return "", "", err
	}
	if id == "" {
		id, err = previous(releases, before)
	} else {
		id, err = Find(releases, id)
	}
	if err != nil {
		return "", before, err
	}
	if _, err := Open(releases, id); err != nil {
		return "", before, err
	}
	if err = first(id); err == nil {
		err = moveCurrent(releases, id)
	}
	if err != nil {
		return "", before, diskError("roll back", releases, err)
	}
	return id, before, nil
}

func previous(releases, current string) (string, error) {
	all, err := List(releases)
	if err != nil {
		return "", err
	}
	at := slices.IndexFunc(all, func(l Listed) bool { return l.ID == current })
	for _, l := range all[at+1:] { // newest first
		if l.Err == nil {
			return l.ID, nil
		}
	}
	return "", &model.Error{Kind: model.NotFound, Op: "roll back", Subject: current,
		Hint: "see what there is: jumeau releases list --releases " + releases, Err: errors.New("there is no older release")}
}

// PruneOptions say which releases to keep.
type PruneOptions struct {
	Keep   int           // how many of the newest; at least 1
	MinAge time.Duration // none younger is removed: pages still open on it go on working
	DryRun bool          // say what would be removed, remove nothing
	Now    time.Time     // default time.Now()
}

// Pruned is a release that Prune removed, or would remove.
type Pruned struct {
	ID    string
	Bytes int64
}

// Prune removes old releases, never the current one. A server that has one open goes on serving it. It returns what was
// removed, also when it ends with an error.
func Prune(releases string, opt PruneOptions) ([]Pruned, error) {
	if opt.Keep < 1 {
		return nil, &model.Error{Kind: model.Invalid, Op: "prune", Subject: releases, Hint: "keep at least 1", Err: fmt.Errorf("cannot keep %d releases", opt.Keep)}
	}
	if opt.Now.IsZero() {
		opt.Now = time.Now()
	}
	pointer, err := takeLock(releases, ".pointer", true)
	if err != nil {
		return nil, diskError("prune", releases, err)
	}
	defer pointer.release()
	current, err := Current(releases)
	if err != nil {
		return nil, err
	}
	all, err := List(releases)
	if err != nil {
		return nil, err
	}
	var removed []Pruned
	for i, l := range all {
		if i < opt.Keep || l.ID == current || opt.Now.Sub(builtAt(l.ID)) < opt.MinAge {
			continue
		}
		p := Pruned{ID: l.ID}
		if l.Manifest != nil {
			p.Bytes = l.Manifest.Bytes()
		}
		if !opt.DryRun {
			if err := remove(releases, l.ID); err != nil {
				return removed, diskError("prune", l.ID, err)
			}
		}
		removed = append(removed, p)
	}
	return removed, nil
}

// builtAt is the time that an id begins with, to the minute.
func builtAt(id string) time.Time {
	t, err := time.Parse("2006-01-02T1504Z", id[:len(id)-7])
	if err != nil {
		return time.Now()
	}
	return t
}

// remove takes the release's name away first, so that no one opens half of it; a kill leaves what Begin removes.
func remove(releases, id string) error {
	gone := filepath.Join(releases, id+draftSuffix)
	if err := os.Rename(filepath.Join(releases, id), gone); err != nil {
		return err
	}
	return os.RemoveAll(gone)
}
