package query

import (
	"context"
	"slices"
	"time"

	"jumeau/model"
	"jumeau/model/release"
)

// watch follows the pointer until the context ends. It is read once a second: that costs nothing one could measure, and
// works on every file system, also on those over a network where notifications do not.
func (h *holder) watch(ctx context.Context) {
	ticker := time.NewTicker(h.opt.Poll)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			h.follow(ctx)
			h.sweep()
		}
	}
}

// follow serves the release that the pointer names, when it is another one than before. What goes wrong is said once.
func (h *holder) follow(ctx context.Context) {
	id, err := release.Current(h.dir)
	if err != nil {
		h.say("pointer", err, model.KindOf(err) != model.NotFound || h.serving() != "")
		return
	}
	if id == h.serving() {
		h.unsay()
		return
	}
	if h.isRefused(id) {
		return
	}
	started := time.Now()
	o := h.takeOther(id)
	if o == nil {
		if o, err = h.open(ctx, id); err != nil {
			h.say(id, err, true)
			return
		}
	}
	h.swap(o)
	h.unsay()
	h.log.Info("release served", "release", id, "bytes", o.bytes, "layers", len(o.whole.catalog.Layers), "elapsed", time.Since(started))
}

func (h *holder) serving() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.current == nil {
		return ""
	}
	return h.current.id
}

func (h *holder) isRefused(id string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	r, ok := h.refused[id]
	return ok && time.Since(r.at) < retryRefused
}

// builtAt is when the release that is served was built; zero without one.
func (h *holder) builtAt() (at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.current != nil {
		at = h.current.whole.catalog.BuiltAt
	}
	return at
}

// takeOther is the release id when it is open already, as after a rollback.
func (h *holder) takeOther(id string) *opened {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.others[id]
}

// trouble is why the release that the pointer names is not served.
type trouble struct {
	Release string    `json:"release"`
	Kind    string    `json:"kind"`
	Since   time.Time `json:"since"`
	text    string
}

// say logs what is wrong with the pointer or its release, once.
func (h *holder) say(id string, err error, warn bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.trouble.text == id+err.Error() {
		return
	}
	h.trouble = trouble{Release: id, Kind: model.KindOf(err).String(), Since: time.Now().UTC().Truncate(time.Second), text: id + err.Error()}
	if warn {
		h.log.Warn("release refused, the one served stays", "release", id, "error", err, "hint", model.HintOf(err))
	}
}

func (h *holder) unsay() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.trouble = trouble{}
}

// state is the ids of the open releases, the current one first, and what is wrong.
func (h *holder) state() ([]string, *trouble) {
	h.mu.Lock()
	defer h.mu.Unlock()
	open := []string{}
	if h.current != nil {
		open = append(open, h.current.id)
	}
	for id := range h.others {
		open = append(open, id)
	}
	if len(open) > 1 {
		slices.Sort(open[1:])
	}
	if h.trouble.text == "" {
		return open, nil
	}
	t := h.trouble
	return open, &t
}
