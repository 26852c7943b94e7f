package pyramid

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"jumeau/model"
	"jumeau/model/layer"
	"jumeau/query/tile"
)

// Options of Encode.
type Options struct {
	// Zooms, both included; required. Those at which the layer is not drawn have no tiles.
	MinZoom, MaxZoom int
	// Within is west, south, east, north in degrees: tiles that do not meet it are left out. Default: all.
	Within *[4]float64
	// Keep says whether a place is encoded, and looked into at the next zoom. Default: all are. Called from several goroutines.
	Keep func(Place) bool
	// Workers encode at the same time; default the number of processors.
	Workers int
	// Layer chooses features and adds figures. Default: all features as they are.
	Layer tile.LayerOptions
	// Progress is told how many of about how many features have been looked at, over all zooms. Default: nobody is told.
	Progress func(done, total int64)
}

// Encoded is the bytes of a tile, and what was generalised.
type Encoded struct {
	Body  []byte
	Stats tile.Stats
}

// Encode encodes the tiles of a layer. pack makes of a tile what emit wants; it is called from several goroutines, and must not
// keep the body. emit is called for one tile after the other, in the order of their ids. Tiles without
// content are left out. The first error ends it.
func Encode[T any](ctx context.Context, file *layer.File, opt Options, pack func(Place, *Encoded) (T, error), emit func(Place, T) error) error {
	spec := file.Spec()
	from, to := max(opt.MinZoom, spec.MinZoom), min(opt.MaxZoom, spec.MaxZoom)
	if from > to {
		return &model.Error{Kind: model.Invalid, Op: "encode tiles", Subject: spec.Name,
			Err: fmt.Errorf("no tiles at zooms %d to %d", opt.MinZoom, opt.MaxZoom), Hint: fmt.Sprintf("it is drawn at zooms %d to %d", spec.MinZoom, spec.MaxZoom)}
	}
	s := &survey{file: file, workers: workers(opt.Workers)}
	if opt.Within != nil {
		box := gridBox(*opt.Within)
		s.within = &box
	}
	places, err := s.first(ctx, from) // what is not kept at a zoom that is not asked for may be at the next
	if err != nil {
		return err
	}
	s.keep = opt.Keep
	places = kept(places, s.keep)
	e := &encoding[T]{file: file, pack: pack, emit: emit, layer: []tile.LayerOptions{opt.Layer}, workers: s.workers, progress: opt.Progress}
	for z := from; z <= to && len(places) > 0; z++ {
		e.expect(places, to-z+1)
		if err := e.zoom(ctx, places); err != nil {
			return err
		}
		if places, err = s.below(ctx, places); err != nil {
			return err
		}
	}
	return nil
}

func kept(places []Place, keep func(Place) bool) []Place {
	if keep == nil {
		return places
	}
	var out []Place
	for _, p := range places {
		if keep(p) {
			out = append(out, p)
		}
	}
	return out
}

// encoding is the state of one call of Encode.
type encoding[T any] struct {
	file        *layer.File
	pack        func(Place, *Encoded) (T, error)
	emit        func(Place, T) error
	layer       []tile.LayerOptions
	workers     int
	progress    func(done, total int64)
	done, total int64
}

// expect reckons the work left: every zoom looks at about as many features as this one.
func (e *encoding[T]) expect(places []Place, zooms int) {
	n := int64(0)
	for _, p := range places {
		n += int64(p.Features)
	}
	e.total = e.done + n*int64(zooms)
}

// packed is a tile on its way to emit.
type packed[T any] struct {
	place Place
	what  T
	empty bool
}

// A task is consecutive tiles, so that small ones do not cost a hand-over each.
const (
	taskTiles    = 32
	taskFeatures = 20_000
)

// zoom encodes the tiles of one zoom. Tasks are handed out and collected in order, a few in flight for each worker.
func (e *encoding[T]) zoom(ctx context.Context, places []Place) error {
	group, ctx := errgroup.WithContext(ctx)
	type task struct {
		places []Place
		result chan []packed[T]
	}
	queue, order := make(chan task), make(chan task, 2*e.workers)
	group.Go(func() error {
		defer close(queue)
		defer close(order)
		for len(places) > 0 {
			t := task{places: places[:taskSize(places)], result: make(chan []packed[T], 1)}
			places = places[len(t.places):]
			select {
			case order <- t:
			case <-ctx.Done():
				return ctx.Err()
			}
			select {
			case queue <- t:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	for range e.workers {
		group.Go(func() error {
			var scratch []byte
			for t := range queue {
				result := make([]packed[T], len(t.places))
				for i, p := range t.places {
					var err error
					if result[i], scratch, err = e.one(p, scratch[:0]); err != nil {
						return err
					}
				}
				t.result <- result
			}
			return nil
		})
	}
	group.Go(func() error {
		for t := range order {
			select {
			case result := <-t.result:
				if err := e.collect(result); err != nil {
					return err
				}
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	return group.Wait()
}

func taskSize(places []Place) int {
	features := 0
	for i, p := range places[:min(len(places), taskTiles)] {
		if features += p.Features; features >= taskFeatures {
			return i + 1
		}
	}
	return min(len(places), taskTiles)
}

func (e *encoding[T]) one(p Place, scratch []byte) (packed[T], []byte, error) {
	var made Encoded
	var err error
	made.Body, made.Stats, err = tile.Encode(scratch, []*layer.File{e.file}, p.Tile, tile.Options{Layers: e.layer})
	if err != nil || len(made.Body) == 0 {
		return packed[T]{place: p, empty: true}, made.Body, err
	}
	what, err := e.pack(p, &made)
	return packed[T]{place: p, what: what}, made.Body, err
}

func (e *encoding[T]) collect(result []packed[T]) error {
	for _, r := range result {
		e.done += int64(r.place.Features)
		if r.empty {
			continue
		}
		if err := e.emit(r.place, r.what); err != nil {
			return err
		}
	}
	if e.progress != nil {
		e.progress(e.done, max(e.total, e.done))
	}
	return nil
}
