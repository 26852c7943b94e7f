package query

import (
	"math"
	"net/http"
	"strings"
	"testing"

	"jumeau/model/release/releasetest"
)

func TestRequestsAreTurnedAwayWhileMemoryIsShortAndLetInAgain(t *testing.T) {
	dir := t.TempDir()
	releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	code := func(address string) int { return ask(s, address).Code }
	for _, step := range []struct {
		limit, held int64
		want        int
	}{
		{math.MaxInt64, math.MaxInt64 - 1, 200}, {1000, 940, 200}, {1000, 960, 503}, {1000, 900, 503}, {1000, 840, 200}, {1000, 900, 200}, {1000, 999, 503}, {math.MaxInt64, 999, 200},
	} {
		s.load.look(step.limit, step.held)
		if got := code("/catalog"); got != step.want {
			t.Errorf("%d of %d: %d", step.held, step.limit, got)
		}
		if got := code("/healthz"); got != 200 {
			t.Errorf("%d of %d: health %d", step.held, step.limit, got)
		}
	}
	s.load.look(10, 10)
	if w := ask(s, "/catalog", "Accept", "text/html", "Accept-Language", "fr"); w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "Pas disponible pour l’instant") {
		t.Errorf("%v %s", w.Header(), w.Body)
	}
	s.load.look(math.MaxInt64, 0)
}

func TestMoreRequestsAtATimeThanTheServerTakesAreTurnedAway(t *testing.T) {
	dir := t.TempDir()
	releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{InFlight: 2})
	var leaves []func()
	for range 2 {
		leave, err := s.load.enter()
		if err != nil {
			t.Fatal(err)
		}
		leaves = append(leaves, leave)
	}
	if w := ask(s, "/catalog"); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	leaves[0]()
	if w := ask(s, "/catalog"); w.Code != 200 {
		t.Errorf("%d", w.Code)
	}
	leaves[1]()
	if n := s.load.inFlight.Load(); n != 0 {
		t.Errorf("%d are under way", n)
	}
}

func TestAServerWithHardlyAnyCacheServes(t *testing.T) {
	dir := t.TempDir()
	releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{CacheBytes: 1})
	if w := ask(s, "/tiles/communes/5/16/11.mvt?slot=weekday-08&measure=presence"); w.Code != 200 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
