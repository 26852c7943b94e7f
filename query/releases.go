package query

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"jumeau/model/release"
)

// past remembers which releases a page may compare the current one with. Safe for concurrent use.
type past struct {
	mu   sync.Mutex
	of   string // the release that was current
	at   time.Time
	list []pastRelease
}

// pastRelease is one of them.
type pastRelease struct {
	ID      string    `json:"id"`
	BuiltAt time.Time `json:"built_at"`
	Current bool      `json:"current"`
}

const (
	// pastKept is how long the list is kept: to read it, every manifest of the folder is verified.
	pastKept = 30 * time.Second
	// pastMost is how many are listed, newest first.
	pastMost = 60
)

// releases answers GET /releases: the current release and those before it that can still be opened, newest first. Those after it
// are not listed: whoever went back from one had a reason to.
func (s *Server) releases(w http.ResponseWriter, q *request) error {
	if _, err := q.parameters(); err != nil {
		return err
	}
	if q.pinned {
		return unknownAddress(q) // a list that grows is no part of a release
	}
	return s.send(w, q, answer{contentType: jsonType, key: "releases", fresh: true, build: func(context.Context) ([]byte, error) {
		list, err := s.past.before(s.holder, q.rel.id)
		if err != nil {
			return nil, err
		}
		return marshal(map[string]any{"releases": list})
	}})
}

func (p *past) before(h *holder, current string) ([]pastRelease, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.of == current && time.Since(p.at) < pastKept {
		return p.list, nil
	}
	all, err := release.List(h.dir)
	if err != nil {
		return nil, outside(current, err)
	}
	list := []pastRelease{}
	at := max(0, slices.IndexFunc(all, func(l release.Listed) bool { return l.ID == current }))
	for _, l := range all[at:] {
		if l.Err != nil || len(list) == pastMost {
			continue
		}
		if len(h.opt.Keys) > 0 {
			if _, err := release.Open(h.dir, l.ID, h.opt.Keys...); err != nil {
				continue
			}
		}
		list = append(list, pastRelease{l.ID, l.Manifest.BuiltAt, l.ID == current})
	}
	p.of, p.at, p.list = current, time.Now(), list
	return list, nil
}
