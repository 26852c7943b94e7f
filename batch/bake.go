package batch

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"time"

	"jumeau/model"
	"jumeau/model/bake"
	"jumeau/model/release"
	"jumeau/query/pyramid"
)

// bakeTiles makes the tiles that would keep a planner waiting, layer after layer, each on all processors.
func (r *run) bakeTiles(ctx context.Context) error {
	for _, l := range r.layers {
		if l.reused {
			continue
		}
		start, id := time.Now(), l.layer.ID
		b, err := pyramid.Bake(ctx, r.path(release.LayerPath(id)), pyramid.BakeOptions{Workers: r.Threads,
			Gzip: r.path(release.BakedPath(id, bake.Gzip)), Brotli: r.path(release.BakedPath(id, bake.Brotli))})
		if err != nil {
			return &model.Error{Kind: model.KindOf(err), Op: "bake tiles", Subject: id, Err: err, Hint: model.HintOf(err)}
		}
		if b.Tiles == 0 {
			r.keepLayer(ctx, l, nil)
			continue
		}
		took := math.Round(time.Since(start).Seconds()*1000) / 1000
		baked := release.Baked{Layer: id, Tiles: b.Tiles, MinZoom: b.MinZoom, MaxZoom: b.MaxZoom, Bytes: b.Bytes, Brotli: b.Brotli, Seconds: took}
		r.baked = append(r.baked, baked)
		l.took += time.Since(start)
		r.keepLayer(ctx, l, &baked)
		r.Log.Info("tiles baked", "layer", id, "tiles", b.Tiles, "bytes", b.Bytes, "elapsed", time.Since(start))
	}
	if len(r.baked) == 0 {
		os.Remove(filepath.Dir(r.path(release.BakedPath("", bake.Gzip)))) //nolint:errcheck // an empty folder, which does no harm
	}
	return nil
}
