package export

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"

	"jumeau/model/pmtiles"
	"jumeau/query/compress"
	"jumeau/query/pyramid"
)

// metadata is what viewers read of a tile archive: the keys of TileJSON 3 that the header has no room for.
func (j *job) metadata() map[string]any {
	fields := map[string]string{"id": "String"}
	if j.count != "" {
		fields[j.count] = "Number"
	}
	for _, p := range j.layer.Properties {
		fields[p.Name] = map[string]string{"integer": "Number", "number": "Number", "boolean": "Boolean"}[p.Type]
		if fields[p.Name] == "" {
			fields[p.Name] = "String"
		}
	}
	from, to := j.zooms()
	c := &j.r.Manifest.Catalog
	return map[string]any{
		"name": j.layer.Title.In(j.language()), "description": j.layer.Summary.In(j.language()), "attribution": c.Attribution(j.layer),
		"type": "overlay", "version": "1.0.0", "generator": "jumeau " + j.r.Manifest.Tool.Version, "release": j.r.Manifest.ID,
		"vector_layers": []any{map[string]any{"id": j.layer.ID, "description": j.layer.Summary.In(j.language()), "minzoom": from, "maxzoom": to, "fields": fields}},
	}
}

func (j *job) language() string {
	if j.Language == "en" {
		return "en"
	}
	return "fr"
}

// bounds are those of what is exported, and a point and zoom to look at first.
func (j *job) bounds() (bounds [4]float64, center [2]float64, zoom int) {
	bounds = j.layer.BBox
	if w := j.Within; w != nil {
		bounds = [4]float64{max(bounds[0], w[0]), max(bounds[1], w[1]), min(bounds[2], w[2]), min(bounds[3], w[3])}
	}
	center = [2]float64{(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2}
	from, to := j.zooms()
	wide := max(bounds[2]-bounds[0], bounds[3]-bounds[1], 1e-6)
	zoom = max(from, min(to, int(math.Floor(math.Log2(360/wide)))+1)) // about two tiles wide
	return bounds, center, zoom
}

// encode hands the tiles on, compressed with gzip, which is the one coding that all readers of archives know.
func (j *job) encode(emit func(pyramid.Place, []byte) error) error {
	file, err := j.open()
	if err != nil {
		return err
	}
	defer file.Close()
	from, to := j.zooms()
	for z := from; z < to && j.count == ""; z++ {
		if file.Cell(z) > 0 {
			j.count = file.Spec().CountName()
		}
	}
	return pyramid.Encode(j.ctx, file, pyramid.Options{MinZoom: from, MaxZoom: to, Within: j.Within, Progress: j.told},
		func(_ pyramid.Place, t *pyramid.Encoded) ([]byte, error) { return compress.Gzip.Bytes(t.Body), nil }, emit)
}

func (j *job) noTiles() error {
	return j.invalid("widen the box, or look at the layer on the map", "no tile holds anything")
}

func (j *job) pmtiles(path string) (Stats, error) {
	w, err := pmtiles.NewWriter(filepath.Dir(path), pmtiles.Gzip)
	if err != nil {
		return Stats{}, err
	}
	defer w.Close()
	if err := j.encode(func(p pyramid.Place, body []byte) error { return w.Add(p.ID, body) }); err != nil {
		return Stats{}, err
	}
	metadata, err := json.Marshal(j.metadata())
	if err != nil {
		return Stats{}, err
	}
	from, to := j.zooms()
	info := pmtiles.Info{MinZoom: from, MaxZoom: to, Metadata: metadata}
	info.Bounds, info.Center, info.CenterZoom = j.bounds()
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0o644)
	if err != nil {
		return Stats{}, err
	}
	stats, err := w.Finish(out, info)
	if errors.Is(err, pmtiles.ErrNoTiles) {
		err = j.noTiles()
	}
	return Stats{Tiles: stats.Tiles, Contents: stats.Contents, Bytes: stats.Bytes}, errors.Join(err, out.Close())
}
