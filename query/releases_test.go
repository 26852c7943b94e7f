package query

import (
	"crypto/ed25519"
	"net/http"
	"testing"

	"jumeau/model/release"
	"jumeau/model/release/releasetest"
)

type releasesAnswer struct {
	Releases []struct {
		ID      string `json:"id"`
		Current bool   `json:"current"`
	} `json:"releases"`
}

func TestTheReleasesListedAreTheCurrentOneAndThoseBeforeIt(t *testing.T) {
	dir := t.TempDir()
	a := releasetest.Publish(t, dir, tiny)
	b := releasetest.Publish(t, dir, releasetest.Options{Residents: 1, BuiltAt: minute(1)})
	s, _ := serve(t, dir, Options{})
	w := ask(s, "/releases")
	got := decode[releasesAnswer](t, w).Releases
	if len(got) != 2 || got[0].ID != b || !got[0].Current || got[1].ID != a || got[1].Current {
		t.Errorf("%+v", got)
	}
	if control := w.Header().Get("Cache-Control"); control != "no-store" {
		t.Errorf("kept: %s", control)
	}
	for _, l := range got {
		if w := ask(s, "/r/"+l.ID+"/catalog"); w.Code != http.StatusOK {
			t.Errorf("%s cannot be opened: %d", l.ID, w.Code)
		}
	}
	if w := ask(s, "/r/"+a+"/releases"); w.Code != http.StatusNotFound {
		t.Errorf("pinned: %d", w.Code)
	}
	if w := ask(s, "/releases?since=x"); w.Code != http.StatusBadRequest {
		t.Errorf("a parameter that there is not: %d", w.Code)
	}
	// A release that was gone back from is not shown again.
	if _, _, err := release.Rollback(dir, ""); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool { return s.holder.serving() == a })
	if got := decode[releasesAnswer](t, ask(s, "/releases")).Releases; len(got) != 1 || got[0].ID != a {
		t.Errorf("after going back: %+v", got)
	}
}

func TestAReleaseThatTheServerWouldNotOpenIsNotListed(t *testing.T) {
	dir := t.TempDir()
	releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	s.holder.opt.Keys = []ed25519.PublicKey{make(ed25519.PublicKey, ed25519.PublicKeySize)}
	if got := decode[releasesAnswer](t, ask(s, "/releases")).Releases; len(got) != 0 {
		t.Errorf("%+v", got)
	}
}
