package query

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/paulmach/orb/maptile"

	"jumeau/model/bake"
	"jumeau/model/pmtiles"
	"jumeau/model/release"
	"jumeau/model/release/releasetest"
	"jumeau/query/pyramid"
)

// publishBaked publishes a release in which the tiles of "works" are baked; alter may change the draft.
func publishBaked(t testing.TB, dir string, alter func(draft string)) string {
	t.Helper()
	d, err := release.Begin(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	m, err := releasetest.Write(d.Dir(), releasetest.Options{Works: 2000, BuiltAt: minute(0)})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(d.Dir(), "tiles"), 0o755); err != nil {
		t.Fatal(err)
	}
	b, err := pyramid.Bake(t.Context(), filepath.Join(d.Dir(), release.LayerPath("works")), pyramid.BakeOptions{From: 100_000,
		Gzip: filepath.Join(d.Dir(), release.BakedPath("works", bake.Gzip)), Brotli: filepath.Join(d.Dir(), release.BakedPath("works", bake.Brotli))})
	if err != nil || b.Tiles == 0 {
		t.Fatalf("%+v, %v", b, err)
	}
	if alter != nil {
		alter(d.Dir())
	}
	id, _, err := d.Publish(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

const bakedTile = "/tiles/works/12/2064/1497.mvt"

func TestABakedTileIsTheReleasesOwnBytes(t *testing.T) {
	dir := t.TempDir()
	id := publishBaked(t, dir, nil)
	s, _ := serve(t, dir, Options{})
	archive, err := pmtiles.Open(filepath.Join(dir, id, release.BakedPath("works", bake.Gzip)))
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	plain := ask(s, bakedTile)
	packed := ask(s, bakedTile, "Accept-Encoding", "gzip")
	want, ok := archive.Get(pmtiles.ID(maptile.New(2064, 1497, 12)))
	if !ok || !bytes.Equal(packed.Body.Bytes(), want) || packed.Header().Get("Content-Encoding") != "gzip" {
		t.Errorf("%d %v, %d bytes", packed.Code, packed.Header(), packed.Body.Len())
	}
	r, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	var unpacked bytes.Buffer
	if _, err := unpacked.ReadFrom(r); err != nil || !bytes.Equal(unpacked.Bytes(), plain.Body.Bytes()) || plain.Body.Len() == 0 {
		t.Errorf("packed it is %d bytes, as it is %d, %v", unpacked.Len(), plain.Body.Len(), err)
	}
	both := ask(s, bakedTile, "Accept-Encoding", "br, gzip")
	if code := both.Header().Get("Content-Encoding"); code != "gzip" && code != "br" || both.Header().Get("ETag") == plain.Header().Get("ETag") {
		t.Errorf("a browser gets %q", code)
	}
	again := ask(s, bakedTile, "Accept-Encoding", "gzip", "If-None-Match", packed.Header().Get("ETag"))
	if again.Code != http.StatusNotModified {
		t.Errorf("asked again with its tag: %d", again.Code)
	}
	if got := s.state(); got.Ready != 2 || got.CacheMisses != 1 {
		t.Errorf("%+v", got)
	}
	if w := ask(s, "/tiles/communes/5/16/11.mvt", "Accept-Encoding", "gzip"); w.Code != http.StatusOK {
		t.Errorf("a layer without baked tiles: %d", w.Code)
	}
}

func TestTilesBakedByAnotherEncoderAreLeftAlone(t *testing.T) {
	dir := t.TempDir()
	publishBaked(t, dir, func(draft string) {
		path := filepath.Join(draft, release.BakedPath("works", bake.Gzip))
		var out bytes.Buffer
		w, err := pmtiles.NewWriter(draft, pmtiles.Gzip)
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		var foreign bytes.Buffer
		z := gzip.NewWriter(&foreign)
		z.Write([]byte("a tile as it was made last year"))
		z.Close()
		if err := w.Add(pmtiles.ID(maptile.New(2064, 1497, 12)), foreign.Bytes()); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Finish(&out, pmtiles.Info{MinZoom: 12, MaxZoom: 12}); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		os.Remove(filepath.Join(draft, release.BakedPath("works", bake.Brotli)))
	})
	s, j := serve(t, dir, Options{})
	w := ask(s, bakedTile, "Accept-Encoding", "gzip")
	if w.Code != http.StatusOK || s.state().Ready != 0 || s.state().CacheMisses != 1 {
		t.Errorf("%d, %+v", w.Code, s.state())
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if text := strings.Join(j.lines, ""); !strings.Contains(text, "baked tiles are of another version") {
		t.Errorf("the log is silent: %s", text)
	}
}

func TestADamagedArchiveOfBakedTilesIsNotPublished(t *testing.T) {
	d, err := release.Begin(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	m, err := releasetest.Write(d.Dir(), tiny)
	if err != nil {
		t.Fatal(err)
	}
	os.Mkdir(filepath.Join(d.Dir(), "tiles"), 0o755)
	os.WriteFile(filepath.Join(d.Dir(), release.BakedPath("works", bake.Gzip)), []byte("PMTiles\x03"), 0o644)
	if _, _, err := d.Publish(context.Background(), m); err == nil || !strings.Contains(err.Error(), "works.gzip.pmtiles") {
		t.Errorf("published: %v", err)
	}
}
