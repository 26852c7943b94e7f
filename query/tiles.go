package query

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/paulmach/orb/maptile"

	"jumeau/model/release"
	"jumeau/query/tile"
)

// The two encodings of a tile: the vector tiles that every client reads, and MapLibre's own, which is smaller.
const (
	tileType = "application/vnd.mapbox-vector-tile"
	mltType  = "application/vnd.maplibre-tile"
)

// layer finds a layer of the release by its id.
func (q *request) layer(id string) (*release.Layer, error) {
	c := &q.rel.catalog
	l, ok := c.Layer(id)
	if !ok {
		return nil, notFound("layer", id, ids(c.Layers, func(l release.Layer) string { return l.ID }))
	}
	return l, nil
}

// tile answers GET /tiles/{layers}/{z}/{x}/{y}.mvt, or .mlt: a tile of one or several layers, or 204 where they have nothing.
func (s *Server) tile(w http.ResponseWriter, q *request) error {
	set, err := q.tileset(q.parts[1])
	if err != nil {
		return err
	}
	t, extension, err := set.tileOf(q.parts[2:])
	if err != nil {
		return err
	}
	a := answer{contentType: mltType, varied: set.query != ""}
	if extension == ".mvt" {
		a.vary = "Accept"
		a.contentType = mediaType(q.Header.Get("Accept"), tileType, mltType)
	}
	kind := map[string]string{tileType: "mvt", mltType: "mlt"}[a.contentType]
	a.key = fmt.Sprintf("tiles/%s/%d/%d/%d.%s%s", set.ids(), t.Z, t.X, t.Y, kind, set.query)
	a.compose = func(context.Context) (content, error) { return set.encode(t, a.contentType) }
	if a.contentType == tileType && len(set.layers) == 1 && set.query == "" {
		a.prepared = q.rel.prepared(set.layers[0].ID, t)
	}
	return s.send(w, q, a)
}

// generalisedHeader says what of a tile was drawn more coarsely than its zoom wants (tile.Generalised).
const generalisedHeader = "Generalised"

// encode makes the tile.
func (set *tileset) encode(t maptile.Tile, contentType string) (content, error) {
	var packed []byte
	body, stats, err := tile.Encode(nil, set.files, t, tile.Options{Layers: set.options, Gzip: &packed})
	if err != nil {
		return content{}, err
	}
	made := content{body: body, gzip: packed, quick: true}
	if len(stats.Coarse) > 0 {
		made.header = map[string]string{generalisedHeader: tile.Generalised(stats.Coarse)}
	}
	if contentType == mltType {
		made.gzip = nil
		made.body, err = tile.MLT(nil, body)
	}
	return made, err
}

// tileOf reads z, x and y.mvt.
func (set *tileset) tileOf(parts []string) (maptile.Tile, string, error) {
	subject := "tile " + clip(strings.Join(parts, "/"), 80)
	last, extension := parts[2], ""
	for _, e := range []string{".mvt", ".mlt"} {
		if number, ok := strings.CutSuffix(parts[2], e); ok {
			last, extension = number, e
		}
	}
	if extension == "" {
		return maptile.Tile{}, "", missing(subject, "tiles are at /tiles/{layer}/{z}/{x}/{y}.mvt or .mlt", "nothing is here")
	}
	var at [3]uint32
	for i, text := range []string{parts[0], parts[1], last} {
		n, err := strconv.ParseUint(text, 10, 32)
		if err != nil || strconv.FormatUint(n, 10) != text {
			return maptile.Tile{}, "", invalid(subject, "z, x and y are whole numbers, as in /tiles/"+set.ids()+"/10/516/373.mvt", "%q is not one", clip(text, 20))
		}
		at[i] = uint32(n)
	}
	low, high := set.zooms()
	switch z := int(at[0]); {
	case z < low || z > high:
		return maptile.Tile{}, "", missing(subject, fmt.Sprintf("ask for zooms %d to %d; above, a client enlarges the tiles of zoom %d", low, high, high),
			"the layer has no tiles at this zoom")
	case at[1] >= 1<<z || at[2] >= 1<<z:
		return maptile.Tile{}, "", missing(subject, fmt.Sprintf("at zoom %d, x and y are 0 to %d", z, 1<<z-1), "outside the world")
	}
	return maptile.New(at[1], at[2], maptile.Zoom(at[0])), extension, nil
}
