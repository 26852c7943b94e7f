package query

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"jumeau/model/release/releasetest"
	"jumeau/query/door"
)

// slow is an answer that takes until the channel is closed.
func slow(key string, until chan struct{}, made *atomic.Int64) answer {
	return answer{contentType: "text/plain", key: key, build: func(context.Context) ([]byte, error) {
		made.Add(1)
		<-until
		return []byte("done"), nil
	}}
}

func TestMoreThanCanBeMadeWaitsAndMoreThanCanWaitIsTurnedAway(t *testing.T) {
	q := newQueue(Options{QueueLength: 3, QueueTime: 50 * time.Millisecond})
	var leaves []func()
	for range 2 * runtime.GOMAXPROCS(0) {
		leave, err := q.enter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		leaves = append(leaves, leave)
	}
	results := make(chan error)
	for range 3 {
		go func() {
			leave, err := q.enter(context.Background())
			if err == nil {
				leave()
			}
			results <- err
		}()
	}
	eventually(t, func() bool { return q.waiting.Load() == 3 })
	if _, err := q.enter(t.Context()); !errors.Is(err, errBusy) {
		t.Errorf("one too many: %v", err)
	}
	leaves[0]() // one place is free: the three take turns in it
	for range 3 {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	leave, err := q.enter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := q.enter(t.Context()); !errors.Is(err, errBusy) {
		t.Errorf("waited too long: %v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := q.enter(gone); !errors.Is(err, context.Canceled) {
		t.Errorf("the client went: %v", err)
	}
	leave()
	if q.waiting.Load() != 0 || q.refused.Load() != 2 {
		t.Errorf("%d wait, %d were refused", q.waiting.Load(), q.refused.Load())
	}
}

func TestAnOverloadedServerSays503AndRecovers(t *testing.T) {
	dir := t.TempDir()
	releasetest.Publish(t, dir, releasetest.Options{Works: 200, BuiltAt: minute(0)})
	s, _ := serve(t, dir, Options{QueueLength: 4, QueueTime: 30 * time.Millisecond})
	for range 2 * runtime.GOMAXPROCS(0) { // somebody keeps every place
		if _, err := s.queue.enter(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	w := ask(s, "/tiles/works/12/2064/1497.mvt")
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || w.Header().Get("ETag") != "" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	if w := ask(s, "/healthz"); w.Code != http.StatusOK {
		t.Errorf("healthz during overload: %d", w.Code)
	}
	if w := ask(s, "/status", "Accept", "application/json"); w.Code != http.StatusOK || decode[report](t, w).Server.Refused != 1 {
		t.Errorf("status during overload: %d %s", w.Code, w.Body)
	}
	s.queue.places.Release(int64(2 * runtime.GOMAXPROCS(0)))
	if w := ask(s, "/tiles/works/12/2064/1497.mvt"); w.Code != http.StatusOK {
		t.Errorf("after the overload: %d %s", w.Code, w.Body)
	}
}

func TestTheSameAnswerIsMadeOnceForAllWhoAskAndSurvivesTheFirstLeaving(t *testing.T) {
	dir := t.TempDir()
	releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	rel, err := s.holder.acquire(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer s.holder.release(rel)
	var made atomic.Int64
	until := make(chan struct{})
	request := func(ctx context.Context) (entry, error) {
		r, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://twin.example/x", nil)
		return s.entry(&request{Request: r, rel: rel.view(door.Anonymous(door.Public)), who: door.Anonymous(door.Public)}, slow("x", until, &made), "")
	}
	first, leave := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	wait.Go(func() { request(first) })
	eventually(t, func() bool { return made.Load() == 1 })
	for i := range 20 {
		wait.Go(func() {
			if e, err := request(t.Context()); err != nil || string(e.body) != "done" {
				t.Errorf("request %d: %q, %v", i, e.body, err)
			}
		})
	}
	leave()
	close(until)
	wait.Wait()
	if made.Load() > 2 { // once more at most, for those who waited on the one that left
		t.Errorf("made %d times", made.Load())
	}
}

func TestMemoryStaysWithinBoundsWhenEveryTileIsAskedForAtOnce(t *testing.T) {
	dir := t.TempDir()
	releasetest.Publish(t, dir, releasetest.Options{Works: 2000, BuiltAt: minute(0)})
	s, _ := serve(t, dir, Options{CacheBytes: 1 << 20, QueueLength: 32, QueueTime: 100 * time.Millisecond})
	var wait sync.WaitGroup
	var codes [600]atomic.Int64
	for i := range 400 {
		wait.Go(func() {
			for k := range 10 {
				n := i*10 + k
				w := ask(s, fmt.Sprintf("/tiles/works/14/%d/%d.mvt", 8254+n%40, 5980+n/40%40), "Accept-Encoding", "gzip")
				codes[w.Code].Add(1)
			}
		})
	}
	wait.Wait()
	for code := range codes {
		if n := codes[code].Load(); n > 0 && code != http.StatusOK && code != http.StatusNoContent && code != http.StatusServiceUnavailable {
			t.Errorf("%d answers are %d", n, code)
		}
	}
	if codes[http.StatusOK].Load() == 0 {
		t.Error("nobody was answered")
	}
	if s.queue.waiting.Load() != 0 {
		t.Errorf("%d still wait", s.queue.waiting.Load())
	}
	if size := s.state().CacheBytes; size > 1<<20 {
		t.Errorf("the cache holds %d bytes", size)
	}
}
