package query

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"jumeau/model/release"
	"jumeau/model/release/releasetest"
)

// TestReleasesChangeUnderLoadWithoutAFailedRequest publishes and rolls back while clients ask for everything, over real
// connections: every answer is whole and belongs to one release.
func TestReleasesChangeUnderLoadWithoutAFailedRequest(t *testing.T) {
	dir := t.TempDir()
	first := releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{Poll: 2 * time.Millisecond, KeepOpen: 1})
	listener := listen(t)
	stopped := make(chan error, 1)
	ctx := t.Context()
	go func() { stopped <- s.Serve(ctx, listener) }()
	base := "http://" + listener.Addr().String()
	transport := &http.Transport{MaxIdleConnsPerHost: 8}
	client := &http.Client{Transport: transport}

	var asked atomic.Int64
	var seen sync.Map // releases that answered
	quit := make(chan struct{})
	var clients sync.WaitGroup
	for range 6 {
		clients.Go(func() {
			for {
				select {
				case <-quit:
					return
				default:
				}
				for _, address := range []string{"/catalog", "/values/residents?zones=epci", "/tiles/communes/5/16/11.mvt", "/zones/commune",
					"/flows/commuters", "/r/" + first + "/values/presence", "/r/" + first + "/download/communes.parquet", "/style.json"} {
					if err := whole(client, base+address, &seen); err != nil {
						t.Errorf("%s: %v", address, err)
						return
					}
					asked.Add(1)
				}
			}
		})
	}
	for i := range 12 {
		releasetest.Publish(t, dir, releasetest.Options{Residents: float64(i + 1), BuiltAt: minute(i + 1)})
		time.Sleep(time.Duration(5+rand.IntN(20)) * time.Millisecond)
		if i%3 == 2 {
			if _, _, err := release.Rollback(dir, ""); err != nil {
				t.Error(err)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	close(quit)
	clients.Wait()
	transport.CloseIdleConnections()
	count := 0
	seen.Range(func(any, any) bool { count++; return true })
	t.Logf("%d requests answered by %d releases", asked.Load(), count)
	if count < 6 || asked.Load() < 500 {
		t.Errorf("only %d requests and %d releases: the test has not tested much", asked.Load(), count)
	}
	open, trouble := s.holder.state()
	if len(open) > 2 || trouble != nil {
		t.Errorf("open at the end: %v, %v", open, trouble)
	}
}

// whole gets an address and holds the answer to its length and to the release its tag names.
func whole(client *http.Client, address string, seen *sync.Map) error {
	answer, err := client.Get(address)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK || len(body) == 0 {
		return fmt.Errorf("status %d: %s", answer.StatusCode, body)
	}
	id, _, _ := strings.Cut(strings.TrimPrefix(answer.Header.Get("ETag"), `"`), ".")
	seen.Store(id, true)
	if strings.Contains(string(body), `"release"`) && !strings.Contains(string(body), `"release":"`+id+`"`) {
		return fmt.Errorf("tagged %s, says %.80s", id, body)
	}
	return nil
}

func TestABrokenReleaseIsRefusedAndTheOldOneStays(t *testing.T) {
	for name, harm := range map[string]func(dir, id string) error{
		"signature": func(dir, id string) error { return os.Remove(filepath.Join(dir, id, "manifest.sig")) },
		"missing":   func(dir, id string) error { return os.RemoveAll(filepath.Join(dir, id)) },
		"changed byte": func(dir, id string) error {
			path := filepath.Join(dir, id, "layers", "communes.arrow")
			text, err := os.ReadFile(path)
			text[len(text)/2] ^= 1
			return errors.Join(err, os.Chmod(path, 0o644), os.WriteFile(path, text, 0o644))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			good := releasetest.Publish(t, dir, tiny)
			s, j := serve(t, dir, Options{Poll: time.Hour})
			bad := releasetest.Publish(t, dir, releasetest.Options{Residents: 1, BuiltAt: minute(1)})
			if err := harm(dir, bad); err != nil {
				t.Fatal(err)
			}
			for range 3 {
				s.holder.follow(t.Context())
			}
			j.claim("release refused, the one served stays")
			if n := strings.Count(strings.Join(j.lines, ""), "level=WARN"); n != 1 {
				t.Errorf("warned %d times", n)
			}
			if got := ask(s, "/readyz").Body.String(); got != good+"\n" {
				t.Errorf("serves %s", got)
			}
			status := decode[report](t, ask(s, "/status"))
			if status.Server.Trouble == nil || status.Server.Trouble.Release != bad {
				t.Errorf("the status page does not tell: %+v", status.Server)
			}
			w := ask(s, "/r/"+bad+"/catalog")
			if w.Code != 503 && w.Code != 404 || strings.Contains(w.Body.String(), dir) {
				t.Errorf("the broken release itself: %d %s", w.Code, w.Body)
			}
			better := releasetest.Publish(t, dir, releasetest.Options{Residents: 2, BuiltAt: minute(2)})
			s.holder.follow(t.Context())
			if got := ask(s, "/readyz").Body.String(); got != better+"\n" {
				t.Errorf("after the next good release it serves %s", got)
			}
			if status := decode[report](t, ask(s, "/status")); status.Server.Trouble != nil {
				t.Errorf("the trouble is over and still told: %+v", status.Server.Trouble)
			}
		})
	}
}

func TestRollbackIsServedAndTheReleaseBeforeStaysReachable(t *testing.T) {
	dir := t.TempDir()
	a := releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	b := releasetest.Publish(t, dir, releasetest.Options{Residents: 1, BuiltAt: minute(1)})
	eventually(t, func() bool { return s.holder.serving() == b })
	if _, _, err := release.Rollback(dir, ""); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool { return s.holder.serving() == a })
	for id, want := range map[string]float64{a: 2500, b: 2501} {
		got := decode[figuresAnswer](t, ask(s, "/r/"+id+"/values/residents?zones=epci"))
		if got.Release != id || *got.Value[0] != want {
			t.Errorf("%s: %s says %v", id, got.Release, *got.Value[0])
		}
	}
	if tag := ask(s, "/catalog").Header().Get("ETag"); !strings.HasPrefix(tag, `"`+a) {
		t.Errorf("the catalogue is tagged %s", tag)
	}
}

func TestAReleaseThatNoPageShowsIsClosedAndOpenedAgainWhenAskedFor(t *testing.T) {
	dir := t.TempDir()
	a := releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{KeepIdle: time.Millisecond})
	b := releasetest.Publish(t, dir, releasetest.Options{Residents: 1, BuiltAt: minute(1)})
	eventually(t, func() bool { open, _ := s.holder.state(); return len(open) == 1 && open[0] == b })
	if w := ask(s, "/r/"+a+"/catalog"); w.Code != 200 {
		t.Errorf("asked for again: %d %s", w.Code, w.Body)
	}
	if _, err := release.Prune(dir, release.PruneOptions{Keep: 1}); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool { return ask(s, "/r/"+a+"/catalog").Code == 404 })
}

func TestAReleaseInUseIsNotClosed(t *testing.T) {
	dir := t.TempDir()
	a := releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{Poll: time.Hour, KeepOpen: 1})
	held, err := s.holder.acquire(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 { // push it out
		releasetest.Publish(t, dir, releasetest.Options{Residents: float64(i + 1), BuiltAt: minute(i + 1)})
		s.holder.follow(t.Context())
	}
	if !held.retired || held.id != a {
		t.Fatalf("%s is not retired", held.id)
	}
	f, _ := held.whole.values["residents.epci"].At("all") // would fault if it were unmapped
	if f.Value[0] != 2500 {
		t.Errorf("reads %v", f.Value[0])
	}
	s.holder.release(held)
	if held.whole.values["residents.epci"].Bytes() != 0 {
		t.Error("still mapped after its last use")
	}
}
