package pmtiles

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/paulmach/orb/maptile"
	"pgregory.net/rapid"

	"jumeau/internal/realdata"
	"jumeau/model"
)

func TestIDsAreThoseOfTheSpecification(t *testing.T) {
	// Examples of the specification, and of tiles far down.
	for id, at := range map[uint64]maptile.Tile{0: {}, 1: {Z: 1}, 2: {Z: 1, Y: 1}, 3: {Z: 1, X: 1, Y: 1}, 4: {Z: 1, X: 1}, 5: {Z: 2}, 19078479: {Z: 12, X: 3423, Y: 1763}} {
		if got := ID(at); got != id {
			t.Errorf("%v has id %d, want %d", at, got, id)
		}
		if got, ok := Tile(id); !ok || got != at {
			t.Errorf("id %d is %v, want %v", id, got, at)
		}
	}
	if _, ok := Tile(1 << 63); ok {
		t.Error("an id beyond the highest zoom is a tile")
	}
}

func TestIDsGoThereAndBackAndChildrenAreOneRun(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		z := rapid.IntRange(0, MaxZoom).Draw(t, "z")
		at := maptile.New(rapid.Uint32Max(1<<z-1).Draw(t, "x"), rapid.Uint32Max(1<<z-1).Draw(t, "y"), maptile.Zoom(z))
		id := ID(at)
		if back, ok := Tile(id); !ok || back != at {
			t.Fatalf("%v became %v", at, back)
		}
		if z == MaxZoom {
			return
		}
		want := map[maptile.Tile]bool{}
		for _, c := range at.Children() {
			want[c] = true
		}
		for _, c := range Children(id) {
			got, _ := Tile(c)
			if !want[got] {
				t.Fatalf("%v is no child of %v", got, at)
			}
			delete(want, got)
		}
	})
}

// write makes an archive in a file and opens it.
func write(t testing.TB, tiles map[uint64][]byte, order []uint64, info Info) (*Archive, Stats, []byte) {
	t.Helper()
	dir := t.TempDir()
	w, err := NewWriter(dir, None)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for _, id := range order {
		if err := w.Add(id, tiles[id]); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	stats, err := w.Finish(&out, info)
	if err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("the spool has a name: %v", left)
	}
	path := filepath.Join(dir, "x.pmtiles")
	if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	a, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a, stats, out.Bytes()
}

func TestEqualTilesLieOnceAndRunsAreOneEntry(t *testing.T) {
	sea, land := []byte("sea"), []byte("land")
	tiles := map[uint64][]byte{5: sea, 6: sea, 7: sea, 9: land, 10: sea, 11: {}}
	a, stats, _ := write(t, tiles, []uint64{5, 6, 7, 9, 10, 11}, Info{MinZoom: 2, MaxZoom: 2})
	if stats.Tiles != 5 || stats.Entries != 3 || stats.Contents != 2 {
		t.Errorf("%+v", stats)
	}
	if a.Addressed != 5 || a.Entries != 3 || a.Contents != 2 || !a.Clustered || uint64(len(a.tiles)) != 7 {
		t.Errorf("%+v", a.Header)
	}
	for id, body := range tiles {
		got, ok := a.Get(id)
		if ok != (len(body) > 0) || !bytes.Equal(got, body) {
			t.Errorf("tile %d is %q", id, got)
		}
	}
	for _, id := range []uint64{0, 4, 8, 12, 1 << 60} {
		if _, ok := a.Get(id); ok {
			t.Errorf("tile %d is there", id)
		}
	}
}

func TestAMillionTilesHaveARootThatAClientReadsAtOnce(t *testing.T) {
	w, err := NewWriter(t.TempDir(), None)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	random := rand.New(rand.NewPCG(1, 2)) // gaps and lengths of all kinds, so that directories hardly compress
	want := map[uint64]string{}
	id := uint64(0)
	for i := range uint64(1_000_000) {
		id += 1 + random.Uint64N(30)
		body := fmt.Appendf(make([]byte, random.IntN(40)), "%d", i)
		if err := w.Add(id, body); err != nil {
			t.Fatal(err)
		}
		if i%4096 < 2 || i == 999_999 {
			want[id] = string(body)
		}
	}
	var out bytes.Buffer
	if _, err := w.Finish(&out, Info{MaxZoom: 13}); err != nil {
		t.Fatal(err)
	}
	a, err := parse(out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if a.leaves.Bytes == 0 || a.root.Offset+a.root.Bytes > startBytes {
		t.Errorf("root %+v leaves %+v", a.root, a.leaves)
	}
	for id, body := range want {
		if got, ok := a.Get(id); !ok || string(got) != body {
			t.Errorf("tile %d is %q, want %q", id, got, body)
		}
	}
}

func TestAnyTilesComeBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		tiles := map[uint64][]byte{}
		var order []uint64
		id := uint64(0)
		for range rapid.IntRange(1, 200).Draw(rt, "n") {
			id += rapid.Uint64Range(1, 5).Draw(rt, "step")
			tiles[id] = rapid.SliceOfN(rapid.Byte(), 1, 3).Draw(rt, "body")
			order = append(order, id)
		}
		a, _, _ := write(t, tiles, order, Info{MaxZoom: 9, Bounds: [4]float64{-180, -85, 180, 85}, Center: [2]float64{1.5, 43.5}, CenterZoom: 3, Metadata: []byte(`{"name":"x"}`)})
		n := 0
		err := a.Each(func(id uint64, body []byte) error {
			n++
			if !bytes.Equal(tiles[id], body) {
				rt.Fatalf("tile %d is %v", id, body)
			}
			return nil
		})
		if err != nil || n != len(tiles) {
			rt.Fatalf("%d tiles of %d, %v", n, len(tiles), err)
		}
		if a.Bounds != [4]float64{-180, -85, 180, 85} || a.Center != [2]float64{1.5, 43.5} || string(a.Metadata) != `{"name":"x"}` {
			rt.Fatalf("%+v", a.Header)
		}
	})
}

func TestWhatCannotBeWrittenIsRefused(t *testing.T) {
	w, err := NewWriter(t.TempDir(), None)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if _, err := w.Finish(&bytes.Buffer{}, Info{}); !errors.Is(err, ErrNoTiles) {
		t.Errorf("an archive without tiles: %v", err)
	}
	if err := w.Add(7, []byte("a")); err != nil {
		t.Fatal(err)
	}
	if err := w.Add(7, []byte("b")); err == nil {
		t.Error("a tile comes twice")
	}
}

func TestAnArchiveOfAnotherWriterIsRead(t *testing.T) {
	a, err := Open(realdata.Path(t, "pmtiles-fixtures/test_fixture_1.pmtiles"))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if a.Addressed != 1 || a.MaxZoom != 0 || a.Type != MVT || !json.Valid(a.Metadata) {
		t.Errorf("%+v", a.Header)
	}
	body, ok := a.Get(0)
	if !ok || len(body) == 0 {
		t.Errorf("tile 0/0/0 has %d bytes", len(body))
	}
	if a.Tiles == Gzip {
		if _, err := inflate(body, Gzip); err != nil {
			t.Error(err)
		}
	}
}

func TestADamagedArchiveIsInvalid(t *testing.T) {
	_, _, whole := write(t, map[uint64][]byte{1: []byte("abc"), 2: []byte("d")}, []uint64{1, 2}, Info{MaxZoom: 1})
	for n := range whole {
		if _, err := parse(whole[:n]); err == nil {
			t.Fatalf("%d bytes of %d are an archive", n, len(whole))
		}
	}
	path := filepath.Join(t.TempDir(), "x.pmtiles")
	if err := os.WriteFile(path, []byte("PMTiles\x02"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); model.KindOf(err) != model.Invalid {
		t.Errorf("%v", err)
	}
	if _, err := Open(path + "x"); model.KindOf(err) != model.NotFound {
		t.Errorf("%v", err)
	}
}

func FuzzOpen(f *testing.F) {
	_, _, small := write(f, map[uint64][]byte{1: []byte("abc"), 2: []byte("abc"), 9: []byte("d")}, []uint64{1, 2, 9}, Info{MaxZoom: 3})
	f.Add(small)
	plain := appendDirectory(nil, []entry{{id: 3, offset: 0, length: 5, run: 2}, {id: 9, offset: 5, length: 1, run: 1}})
	h := Header{Internal: None, Tiles: None, root: section{headerBytes, uint64(len(plain))}, data: section{headerBytes, 20}}
	f.Add(append(h.encode(), plain...))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := parse(b)
		if err != nil {
			return
		}
		n := 0
		_ = a.Each(func(id uint64, body []byte) error {
			if got, ok := a.Get(id); !ok || !bytes.Equal(got, body) {
				t.Fatalf("tile %d is not found again", id)
			}
			if n++; n > 1000 {
				return errors.New("enough")
			}
			return nil
		})
	})
}
