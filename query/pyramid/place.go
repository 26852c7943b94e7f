package pyramid

import (
	"context"
	"math"
	"runtime"

	"github.com/paulmach/orb/maptile"
	"golang.org/x/sync/errgroup"

	"jumeau/model/layer"
	"jumeau/model/pmtiles"
	"jumeau/query/tile"
)

// Place is a tile that features of the layer meet, and how much there is to look at when it is encoded.
type Place struct {
	Tile     maptile.Tile
	ID       uint64 // of package pmtiles
	Features int    // whose bounding boxes meet the tile or its buffer
	Vertices int    // theirs
}

// survey finds the places of a layer, zoom by zoom. Not safe for concurrent use.
type survey struct {
	file    *layer.File
	within  *layer.Box
	keep    func(Place) bool
	workers int
}

// first is the places of zoom z, by looking at every zoom from the top: a tile with nothing in it has nothing in its parts.
func (s *survey) first(ctx context.Context, z int) ([]Place, error) {
	places := s.look(nil, []uint64{0})
	for range z {
		var err error
		if places, err = s.below(ctx, places); err != nil {
			return nil, err
		}
	}
	return places, nil
}

// below is the places of the next zoom inside places, in the order of their ids.
func (s *survey) below(ctx context.Context, places []Place) ([]Place, error) {
	const share = 64 // places looked into by one task
	parts := make([][]Place, (len(places)+share-1)/share)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(s.workers)
	for i := range parts {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			for _, p := range places[i*share : min((i+1)*share, len(places))] {
				children := pmtiles.Children(p.ID)
				parts[i] = s.look(parts[i], children[:])
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var all []Place
	for _, part := range parts {
		all = append(all, part...)
	}
	return all, nil
}

// look appends those of the tiles that hold something, and are wanted.
func (s *survey) look(dst []Place, ids []uint64) []Place {
	var found []int32
	for _, id := range ids {
		t, ok := pmtiles.Tile(id)
		if !ok {
			continue
		}
		if s.within != nil && !meets(layer.TileBox(uint32(t.Z), t.X, t.Y, 0), *s.within) {
			continue
		}
		p := Place{Tile: t, ID: id}
		for _, box := range boxes(t) {
			found = s.file.Search(found[:0], box)
			p.Features += len(found)
			p.Vertices += vertices(s.file, found)
		}
		if p.Features > 0 && (s.keep == nil || s.keep(p)) {
			dst = append(dst, p)
		}
	}
	return dst
}

// boxes are what a tile with its buffer shows of the grid: at its sides, the world goes on from the other end.
func boxes(t maptile.Tile) []layer.Box {
	const world = int64(1) << 32
	box := layer.TileBox(uint32(t.Z), t.X, t.Y, tile.DefaultBuffer)
	out := []layer.Box{box}
	if t.X == 0 {
		out = append(out, layer.Box{MinX: box.MinX + world, MinY: box.MinY, MaxX: box.MaxX + world, MaxY: box.MaxY})
	}
	if t.X == 1<<t.Z-1 {
		out = append(out, layer.Box{MinX: box.MinX - world, MinY: box.MinY, MaxX: box.MaxX - world, MaxY: box.MaxY})
	}
	return out
}

// vertices of features given in ascending order.
func vertices(f *layer.File, features []int32) (n int) {
	batches := f.Batches()
	k := 0
	for _, i := range features {
		for int(i) >= batches[k].First+batches[k].Rows {
			k++
		}
		b, row := &batches[k], int(i)-batches[k].First
		n += int(b.Vertex[b.Part[row+1]] - b.Vertex[b.Part[row]])
	}
	return n
}

func meets(a, b layer.Box) bool {
	return a.MinX <= b.MaxX && a.MaxX >= b.MinX && a.MinY <= b.MaxY && a.MaxY >= b.MinY
}

// gridBox is a box of degrees (west, south, east, north) on the grid.
func gridBox(degrees [4]float64) layer.Box {
	x := func(lon float64) int64 { return int64(math.Floor(lon / 360 * (1 << 32))) }
	y := func(lat float64) int64 {
		s := math.Sin(max(-layer.MaxLatitude, min(layer.MaxLatitude, lat)) * math.Pi / 180)
		return int64(math.Floor(-math.Log((1+s)/(1-s)) / (4 * math.Pi) * (1 << 32)))
	}
	return layer.Box{MinX: x(degrees[0]), MinY: y(degrees[3]), MaxX: x(degrees[2]), MaxY: y(degrees[1])}
}

func workers(n int) int {
	if n > 0 {
		return n
	}
	return runtime.GOMAXPROCS(0)
}
