package query

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"jumeau/model"
	"jumeau/model/release"
)

// holder keeps releases open: the current one, and those that pages still show. Safe for concurrent use.
type holder struct {
	dir string
	opt Options
	log *slog.Logger

	opening singleflight.Group
	mu      sync.Mutex
	current *opened
	others  map[string]*opened
	trusted map[string]bool    // releases whose bytes this process has verified
	refused map[string]refusal // releases that could not be opened
	trouble trouble            // why the pointer's release is not the one served
	closed  bool
}

// refusal remembers that a release could not be opened, so that it is not tried at every request.
type refusal struct {
	err error
	at  time.Time
}

// retryRefused is how long a release that could not be opened is left alone.
const retryRefused = 30 * time.Second

func newHolder(dir string, opt Options) *holder {
	return &holder{dir: dir, opt: opt, log: opt.Log, others: map[string]*opened{}, trusted: map[string]bool{}, refused: map[string]refusal{}}
}

// acquire returns the release id, or the current one when id is ""; give it back with release.
func (h *holder) acquire(ctx context.Context, id string) (*opened, error) {
	if o, err := h.take(id); o != nil || err != nil {
		return o, err
	}
	_, err, _ := h.opening.Do(id, func() (any, error) {
		o, err := h.open(ctx, id)
		if err != nil {
			return nil, err
		}
		h.add(o)
		return nil, nil
	})
	if err != nil {
		return nil, err
	}
	o, err := h.take(id)
	if o == nil && err == nil {
		err = unavailable(id, errors.New("too many releases are asked for at once"))
	}
	return o, err
}

// add keeps a release open that is not the current one.
func (h *holder) add(o *opened) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || h.others[o.id] != nil || h.current != nil && h.current.id == o.id {
		h.shut(o) // too late, or opened twice
		return
	}
	h.others[o.id] = o
	h.trim()
}

// take is acquire for what is open already; nil when it is not.
func (h *holder) take(id string) (*opened, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	o := h.others[id]
	if h.current != nil && (id == "" || id == h.current.id) {
		o = h.current
	}
	switch {
	case h.closed:
		return nil, unavailable(id, errors.New("the server is stopping"))
	case o != nil:
		o.uses++
		o.used = time.Now()
		return o, nil
	case id == "":
		return nil, &model.Error{Kind: model.Unavailable, Op: "serve", Hint: "publish a release: jumeau run TERRITORY --releases DIR; it is picked up by itself",
			Err: errors.New("no release is published yet")}
	}
	if r, ok := h.refused[id]; ok && time.Since(r.at) < retryRefused {
		return nil, r.err
	}
	return nil, nil
}

// release gives back what acquire returned.
func (h *holder) release(o *opened) {
	h.mu.Lock()
	o.uses--
	last := o.retired && o.uses == 0
	h.mu.Unlock()
	if last {
		h.shut(o)
	}
}

func (h *holder) shut(o *opened) {
	if err := o.close(); err != nil {
		h.log.Warn("release not closed cleanly", "release", o.id, "error", err)
	}
}

// open opens a release and remembers a failure. Its bytes are hashed once in the life of the process.
func (h *holder) open(ctx context.Context, id string) (*opened, error) {
	h.mu.Lock()
	trusted := h.trusted[id]
	h.mu.Unlock()
	o, err := openRelease(context.WithoutCancel(ctx), h.dir, id, opening{h.opt.Keys, !trusted})
	h.mu.Lock()
	defer h.mu.Unlock()
	if err != nil {
		switch {
		case model.KindOf(err) == model.NotFound && !release.IsID(id):
		case len(h.refused) > 1000: // ids are invented faster than they are forgotten
			clear(h.refused)
		default:
			h.refused[id] = refusal{outside(id, err), time.Now()}
		}
		return nil, outside(id, err)
	}
	delete(h.refused, id)
	h.trusted[id] = true
	for _, layer := range o.outdated {
		h.log.Info("baked tiles are of another version of the program; tiles are encoded anew", "release", id, "layer", layer)
	}
	return o, nil
}

// outside is the error of a release that cannot be opened, as a client may see it: without the server's paths.
func outside(id string, err error) error {
	if model.KindOf(err) == model.NotFound {
		return &model.Error{Kind: model.NotFound, Op: "open release", Subject: id,
			Hint: "it was removed, or never was; reload the page to see the current one at /catalog", Err: errors.New("there is no such release here")}
	}
	return &refusedError{unavailable(id, errors.New("the release cannot be served")), err}
}

// refusedError says the cause to the log, and to a client what may be shown.
type refusedError struct {
	shown *model.Error
	cause error
}

func (e *refusedError) Error() string { return e.cause.Error() }
func (e *refusedError) Unwrap() error { return e.shown }

func unavailable(id string, err error) *model.Error {
	return &model.Error{Kind: model.Unavailable, Op: "open release", Subject: id, Hint: "reload the page, or try again in a moment", Err: err}
}

// swap makes o the current release; the old one stays open for the pages that show it.
func (h *holder) swap(o *opened) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		h.shut(o)
		return
	}
	if twin := h.others[o.id]; twin != nil && twin != o {
		h.retire(twin)
	}
	delete(h.others, o.id)
	old := h.current
	h.current = o
	if old != nil {
		old.used = time.Now()
		h.others[old.id] = old
	}
	h.trim()
}

// trim retires the releases that are one too many. The mutex is held.
func (h *holder) trim() {
	for len(h.others) > h.opt.KeepOpen {
		var oldest *opened
		for _, o := range h.others {
			if oldest == nil || o.used.Before(oldest.used) {
				oldest = o
			}
		}
		h.retire(oldest)
	}
}

// sweep retires the releases that no page has asked for lately, so that the disk space of a pruned one is given back.
func (h *holder) sweep() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, o := range h.others {
		if time.Since(o.used) > h.opt.KeepIdle {
			h.retire(o)
		}
	}
}

// retire closes a release of others now, or when its last request ends. The mutex is held.
func (h *holder) retire(o *opened) {
	delete(h.others, o.id)
	o.retired = true
	if o.uses == 0 {
		h.shut(o)
	}
}

// close retires everything.
func (h *holder) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for _, o := range h.others {
		h.retire(o)
	}
	if h.current != nil {
		h.retire(h.current)
		h.current = nil
	}
}
