package query

import (
	"bytes"

	"github.com/klauspost/compress/gzip"
	"github.com/paulmach/orb/maptile"

	"jumeau/model/bake"
	"jumeau/model/layer"
	"jumeau/model/release"
	"jumeau/query/tile"
)

// openBaked opens the baked tiles of a layer, when they are such as this program encodes.
func (o *opened) openBaked(r *release.Release, id string) error {
	t, err := bake.Open(r.BakedPath(id, bake.Gzip), r.BakedPath(id, bake.Brotli))
	if err != nil {
		return err
	}
	for _, at := range t.Sample(3) {
		same, err := sameTile(o.whole.layers[id], at, t.Get(at).Gzip)
		if err != nil || !same {
			o.outdated = append(o.outdated, id)
			return t.Close()
		}
	}
	o.baked[id] = t
	return nil
}

// sameTile compares a baked tile with what the encoder makes. A release that another version of the program published may
// have been baked in another way; its layer file is the truth.
func sameTile(file *layer.File, at maptile.Tile, baked []byte) (bool, error) {
	r, err := gzip.NewReader(bytes.NewReader(baked))
	if err != nil {
		return false, err
	}
	var plain bytes.Buffer
	if _, err := plain.ReadFrom(r); err != nil {
		return false, err
	}
	fresh, _, err := tile.Encode(nil, []*layer.File{file}, at, tile.Options{})
	return bytes.Equal(fresh, plain.Bytes()), err
}

// prepared is a tile as it lies baked in the release; empty when it does not.
func (o *opened) prepared(id string, at maptile.Tile) bake.Body {
	if t, ok := o.baked[id]; ok {
		return t.Get(at)
	}
	return bake.Body{}
}
