package batch

import (
	"context"

	"jumeau/batch/reuse"
	"jumeau/model"
	"jumeau/model/bake"
	"jumeau/model/layer"
	"jumeau/model/release"
)

// keptShape is the note beside the files of a layer.
type keptShape struct {
	Stats layer.Stats
	BBox  [4]float64
	Baked *release.Baked // nil: no tile takes long to make
}

// layerFiles are the files of a layer in a release, by their names among what is kept.
func layerFiles(id string) map[string]string {
	return map[string]string{"layer.arrow": release.LayerPath(id), "layer.parquet": release.ParquetPath(id),
		"gzip.pmtiles": release.BakedPath(id, bake.Gzip), "brotli.pmtiles": release.BakedPath(id, bake.Brotli)}
}

// keepLayer keeps a layer with its baked tiles, nil when there are none.
func (r *run) keepLayer(ctx context.Context, l *builtLayer, baked *release.Baked) {
	files := map[string]string{}
	for name, path := range layerFiles(l.layer.ID) {
		files[name] = r.path(path)
	}
	r.keep(ctx, keptLayer, l.layer.ID, l.inputs, l.took.Seconds(), keptShape{l.stats, l.bbox, baked}, files)
}

// takeLayer brings the files of an earlier run.
func (r *run) takeLayer(e *reuse.Entry, l *model.Layer, spec layer.Spec) (*builtLayer, error) {
	var n keptShape
	if err := e.Read(&n); err != nil {
		return nil, err
	}
	for name, path := range layerFiles(l.ID) {
		if _, err := r.give(e, name, path); err != nil {
			return nil, err
		}
	}
	if n.Baked != nil {
		r.baked = append(r.baked, *n.Baked)
	}
	r.reused.Layers = append(r.reused.Layers, l.ID)
	return &builtLayer{layer: l, spec: spec, stats: n.Stats, bbox: n.BBox, reused: true}, nil
}
