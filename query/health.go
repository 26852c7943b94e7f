package query

import (
	"context"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// healthz answers that the process lives.
func (s *Server) healthz(w http.ResponseWriter, q *request) error {
	return s.send(w, q, answer{contentType: "text/plain; charset=utf-8", fresh: true, build: func(context.Context) ([]byte, error) { return []byte("ok\n"), nil }})
}

// readyz answers that a release is served; 503 before.
func (s *Server) readyz(w http.ResponseWriter, q *request) error {
	leave, err := s.see(q)
	if err != nil {
		return err
	}
	defer leave()
	return s.send(w, q, answer{contentType: "text/plain; charset=utf-8", fresh: true,
		build: func(context.Context) ([]byte, error) { return []byte(q.rel.id + "\n"), nil }})
}

// state is the figures of a running server, for the status page.
type state struct {
	Version       string   `json:"version"`
	StartedAt     string   `json:"started_at"`
	UptimeSeconds int64    `json:"uptime_seconds"`
	Audience      string   `json:"audience"`
	Requests      int64    `json:"requests"`
	NotModified   int64    `json:"not_modified"`
	ClientErrors  int64    `json:"client_errors"`
	ServerErrors  int64    `json:"server_errors"`
	BytesSent     int64    `json:"bytes_sent"`
	CacheHits     int64    `json:"cache_hits"`
	CacheMisses   int64    `json:"cache_misses"`
	CacheBytes    int64    `json:"cache_bytes"`
	Ready         int64    `json:"ready"`        // answers that lay ready, in the release or in the page
	Waiting       int64    `json:"waiting"`      // answers that wait to be made
	Refused       int64    `json:"refused"`      // answers not made, because too many waited
	MemoryBytes   int64    `json:"memory_bytes"` // resident, mapped files included
	OpenReleases  []string `json:"open_releases"`
	Trouble       *trouble `json:"trouble,omitempty"`
}

func (s *Server) state() state {
	out := state{Version: s.opt.Version, StartedAt: s.started.UTC().Format(time.RFC3339), UptimeSeconds: int64(time.Since(s.started).Seconds()),
		Requests: s.count.requests.Load(), NotModified: s.count.notModified.Load(),
		ClientErrors: s.count.clientErrors.Load(), ServerErrors: s.count.serverErrors.Load(), BytesSent: s.count.bytes.Load(),
		CacheHits: s.count.hits.Load(), CacheMisses: s.count.misses.Load(), CacheBytes: int64(s.cache.WeightedSize()),
		Ready: s.count.ready.Load(), Waiting: s.queue.waiting.Load(), Refused: s.queue.refused.Load(), MemoryBytes: resident()}
	out.OpenReleases, out.Trouble = s.holder.state()
	return out
}

// resident is the memory of the process in bytes: what the system says, else what Go knows of.
func resident() int64 {
	text, err := os.ReadFile("/proc/self/statm")
	if fields := strings.Fields(string(text)); err == nil && len(fields) > 1 {
		if pages, err := strconv.ParseInt(fields[1], 10, 64); err == nil {
			return pages * int64(os.Getpagesize())
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys)
}
