package pyramid

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"

	"jumeau/model/bake"
	"jumeau/model/layer"
	"jumeau/model/pmtiles"
	"jumeau/query/compress"
	"jumeau/query/tile"
)

// What a tile costs to make, in nanoseconds, measured on the million buildings of the benchmark (doc/publishing-tiles.md): to look at a
// feature and at a vertex, and to encode and compress a byte. Constants and not a clock, so that equal releases bake equal tiles.
const (
	featureCost = 50
	vertexCost  = 2
	byteCost    = 26
)

// heavy is the cost from which a tile is baked by default: 12 ms on the machine of the figures above.
const heavy = 12_000_000

// mostBytes is how many bytes a feature and a vertex give at most, in all layers measured: where even those would not make a
// tile heavy, neither it nor the tiles inside it are tried.
const (
	featureBytes = 40
	vertexBytes  = 3
)

// share is the part of the layer file's size that baked tiles may take; a small layer may take the floor.
const (
	share     = 4
	bakeFloor = 4 << 20
)

// worthwhile is the part of gzip's bytes that brotli must leave, at most, for its tiles to be stored too.
const worthwhile = 0.90

// tried is how many tiles are compressed with both before that is decided.
const tried = 8

// BakeOptions of Bake; Gzip and Brotli are required.
type BakeOptions struct {
	Gzip, Brotli string // paths of the archives
	Workers      int    // default the number of processors
	From         int    // cost in nanoseconds from which a tile is baked; default 12 ms
}

// Baked is what Bake did.
type Baked struct {
	Tiles            int
	MinZoom, MaxZoom int   // of the tiles
	Bytes            int64 // of the archives
	Brotli           bool  // there is a second archive
}

// Bake makes the tiles of a layer that are heavy, and writes them into an archive; into a second one with brotli where that
// saves a tenth. Lower zooms come first until the layer's share of bytes is used up. A layer without heavy tiles has no archive.
func Bake(ctx context.Context, path string, opt BakeOptions) (b Baked, err error) {
	file, err := layer.Open(path)
	if err != nil {
		return b, err
	}
	defer file.Close()
	info, err := os.Stat(path)
	if err != nil {
		return b, err
	}
	opt.From = cmp.Or(opt.From, heavy)
	k, err := newBakery(opt, max(info.Size()/share, bakeFloor))
	if err != nil {
		return b, err
	}
	defer func() { err = errors.Join(err, k.close()) }()
	spec := file.Spec()
	err = Encode(ctx, file, Options{MinZoom: spec.MinZoom, MaxZoom: spec.MaxZoom, Workers: opt.Workers, Keep: opt.maybe}, k.pack, k.take)
	if err != nil && !errors.Is(err, errFull) {
		return b, err
	}
	return k.finish(file)
}

// errFull ends the encoding: the layer's share of bytes is used up.
var errFull = errors.New("enough is baked")

// maybe says whether a place, or one inside it, may be heavy.
func (o *BakeOptions) maybe(p Place) bool {
	return p.Features*(featureCost+featureBytes*byteCost)+p.Vertices*(vertexCost+vertexBytes*byteCost) >= o.From
}

func (o *BakeOptions) heavy(p Place, bytes int) bool {
	return p.Features*featureCost+p.Vertices*vertexCost+bytes*byteCost >= o.From
}

// bakery collects the tiles of one layer.
type bakery struct {
	opt          BakeOptions
	gzip, brotli *pmtiles.Writer
	left         int64
	baked        Baked
	about        bake.Metadata
	sizes        struct{ gzip, brotli int } // of the tiles tried
	decided      atomic.Int32
}

// Whether brotli pays. The first tiles in their order decide, so that the same layer is always baked in the same way.
const (
	undecided int32 = iota
	pays
	doesNot
)

func newBakery(opt BakeOptions, left int64) (*bakery, error) {
	gzip, err := pmtiles.NewWriter(filepath.Dir(opt.Gzip), pmtiles.Gzip)
	if err != nil {
		return nil, err
	}
	brotli, err := pmtiles.NewWriter(filepath.Dir(opt.Brotli), pmtiles.Brotli)
	if err != nil {
		return nil, errors.Join(err, gzip.Close())
	}
	return &bakery{opt: opt, gzip: gzip, brotli: brotli, left: left, about: bake.Metadata{Generalised: map[uint64]string{}}}, nil
}

func (k *bakery) close() error { return errors.Join(k.gzip.Close(), k.brotli.Close()) }

// loaf is a heavy tile, compressed.
type loaf struct {
	gzip, brotli []byte
	generalised  string
}

// pack compresses a tile; nil when it is not heavy.
func (k *bakery) pack(p Place, t *Encoded) (*loaf, error) {
	if len(t.Stats.Coarse) == 0 && !k.opt.heavy(p, len(t.Body)) { // a tile that its budget made coarser was made several times
		return nil, nil
	}
	l := &loaf{gzip: compress.Gzip.Bytes(t.Body)} // once for all who will read it: better than the server would
	if len(t.Stats.Coarse) > 0 {
		l.generalised = tile.Generalised(t.Stats.Coarse)
	}
	if k.decided.Load() != doesNot {
		l.brotli = compress.Brotli.Bytes(t.Body)
	}
	return l, nil
}

func (k *bakery) take(p Place, l *loaf) error {
	if l == nil {
		return nil
	}
	if k.left -= int64(len(l.gzip)); k.left < 0 {
		return errFull
	}
	if k.baked.Tiles == 0 {
		k.baked.MinZoom = int(p.Tile.Z)
	}
	k.baked.Tiles++
	k.baked.MaxZoom = int(p.Tile.Z)
	if l.generalised != "" {
		k.about.Generalised[p.ID] = l.generalised
	}
	if err := k.gzip.Add(p.ID, l.gzip); err != nil {
		return err
	}
	if k.decided.Load() == undecided {
		k.sizes.gzip += len(l.gzip)
		k.sizes.brotli += len(l.brotli)
		if k.baked.Tiles == tried {
			k.decide()
		}
	}
	if k.decided.Load() == doesNot {
		return nil
	}
	return k.brotli.Add(p.ID, l.brotli)
}

func (k *bakery) decide() {
	if float64(k.sizes.brotli) <= worthwhile*float64(k.sizes.gzip) {
		k.decided.Store(pays)
		return
	}
	k.decided.Store(doesNot)
}

// finish writes the archives.
func (k *bakery) finish(file *layer.File) (Baked, error) {
	if k.baked.Tiles == 0 {
		return k.baked, nil
	}
	if k.decided.Load() == undecided {
		k.decide()
	}
	about, err := json.Marshal(k.about)
	if err != nil {
		return k.baked, err
	}
	bounds := file.Bounds()
	info := pmtiles.Info{Metadata: about, MinZoom: k.baked.MinZoom, MaxZoom: k.baked.MaxZoom, Bounds: bounds, CenterZoom: k.baked.MinZoom,
		Center: [2]float64{(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2}}
	k.baked.Brotli = k.decided.Load() == pays
	for _, a := range []struct {
		w     *pmtiles.Writer
		path  string
		write bool
	}{{k.gzip, k.opt.Gzip, true}, {k.brotli, k.opt.Brotli, k.baked.Brotli}} {
		if !a.write {
			continue
		}
		n, err := writeArchive(a.w, a.path, info)
		if err != nil {
			return k.baked, err
		}
		k.baked.Bytes += n
	}
	return k.baked, nil
}

func writeArchive(w *pmtiles.Writer, path string, info pmtiles.Info) (int64, error) {
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return 0, err
	}
	stats, err := w.Finish(out, info)
	return stats.Bytes, errors.Join(err, out.Close())
}
