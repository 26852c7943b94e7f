// Package bake reads the tiles of a layer that were made when the release was: those that take long to make. They lie in the
// release as PMTiles archives, one a content coding, so that a server sends the file's own bytes.
//
//	tiles, err := bake.Open(release.Path(release.BakePath("buildings", bake.Gzip)), …)
//	if body := tiles.Get(at); body.Gzip != nil { … }
//
// What is baked, and why, is in doc/publishing-tiles.md.
package bake

import (
	"encoding/json"
	"errors"

	"github.com/paulmach/orb/maptile"

	"jumeau/model"
	"jumeau/model/pmtiles"
)

// Content codings, as HTTP names them.
const (
	Gzip   = "gzip"
	Brotli = "br"
)

// Tiles are the baked tiles of a layer. The zero value has none. Safe for concurrent use until Close.
type Tiles struct {
	gzip, brotli *pmtiles.Archive
	generalised  map[uint64]string
}

// Metadata is what an archive of baked tiles says of them.
type Metadata struct {
	// What was drawn more coarsely than the zoom wants, by the id of the tile, as the encoder words it.
	Generalised map[uint64]string `json:"generalised,omitempty"`
}

// Body is a baked tile by content coding; nil where there is none. It is the file's own bytes, valid until Close.
type Body struct {
	Gzip, Brotli []byte
	// What was drawn more coarsely than the zoom wants, as the encoder words it; "" when nothing was.
	Generalised string
}

// In is the tile in a content coding, or nil.
func (b Body) In(coding string) []byte {
	switch coding {
	case Gzip:
		return b.Gzip
	case Brotli:
		return b.Brotli
	}
	return nil
}

// Open maps the archives of a layer. A path that is "" is a coding that was not baked.
func Open(gzip, brotli string) (*Tiles, error) {
	t := &Tiles{}
	for _, f := range []struct {
		path string
		to   **pmtiles.Archive
	}{{gzip, &t.gzip}, {brotli, &t.brotli}} {
		if f.path == "" {
			continue
		}
		var err error
		if *f.to, err = pmtiles.Open(f.path); err != nil {
			return nil, errors.Join(err, t.Close())
		}
	}
	if t.gzip != nil {
		var m Metadata
		if err := json.Unmarshal(t.gzip.Metadata, &m); err != nil {
			return nil, errors.Join(&model.Error{Kind: model.Invalid, Op: "open baked tiles", Subject: gzip, Err: err,
				Hint: "the release is damaged: run again"}, t.Close())
		}
		t.generalised = m.Generalised
	}
	return t, nil
}

// Get is a tile, when it is baked.
func (t *Tiles) Get(at maptile.Tile) (b Body) {
	if t.gzip == nil && t.brotli == nil {
		return Body{}
	}
	id := pmtiles.ID(at)
	if t.gzip != nil {
		b.Gzip, _ = t.gzip.Get(id)
	}
	if t.brotli != nil {
		b.Brotli, _ = t.brotli.Get(id)
	}
	b.Generalised = t.generalised[id]
	return b
}

// Sample is some of the tiles, the first and the last among them, with gzip.
func (t *Tiles) Sample(n int) []maptile.Tile {
	var all, out []maptile.Tile
	if t.gzip != nil {
		_ = t.gzip.Each(func(id uint64, _ []byte) error {
			at, _ := pmtiles.Tile(id)
			all = append(all, at)
			return nil
		})
	}
	for i := range min(n, len(all)) {
		out = append(out, all[i*(len(all)-1)/max(n-1, 1)])
	}
	return out
}

// Close unmaps the archives.
func (t *Tiles) Close() error {
	var errs []error
	for _, a := range []*pmtiles.Archive{t.gzip, t.brotli} {
		if a != nil {
			errs = append(errs, a.Close())
		}
	}
	*t = Tiles{}
	return errors.Join(errs...)
}
