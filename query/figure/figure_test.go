package figure

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"jumeau/model"
	"jumeau/model/crs"
	"jumeau/model/frame"
	"jumeau/model/layer"
	"jumeau/model/layer/layertest"
	"jumeau/query/area"
)

// cells are 10 × 10 squares of a hundredth of a degree; cell 10·j + i is i to the east and j to the north.
func cells(t testing.TB) *layer.File {
	var rows []layertest.Row
	for n := range 100 {
		x, y := 1+float64(n%10)/100, 43+float64(n/10)/100
		rows = append(rows, layertest.Row{ID: fmt.Sprint(n), Key: uint64(n + 1), Values: []any{},
			Geometry: orb.Polygon{{{x, y}, {x + 0.01, y}, {x + 0.01, y + 0.01}, {x, y + 0.01}, {x, y}}}})
	}
	return layertest.File(t, layer.Spec{Name: "cells", Geometry: layer.Polygons, MaxZoom: 14, SharedBorders: true}, rows)
}

func lay(t testing.TB, file *layer.File, box [4]float64) *Cover {
	t.Helper()
	shape, err := area.Rectangle(box, crs.CRS84)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Lay(context.Background(), shape, file, 100)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCellsInsideAreCountedWholeAndCrossedOnesByTheirShare(t *testing.T) {
	file := cells(t)
	f := frame.NewFigures(100)
	for i := range 100 {
		f.Value[i], f.Flag[i] = 10, model.OK
	}
	c := lay(t, file, [4]float64{1.01, 43.01, 1.035, 43.03})
	if len(c.Inside) != 4 || len(c.Crossed) != 2 {
		t.Fatalf("%d inside, %d crossed", len(c.Inside), len(c.Crossed))
	}
	got := c.Compose(f)
	if math.Abs(got.Value-50) > 1e-4 || got.Whole != 40 || got.Lo != 40 || got.Hi != 60 || got.Flag != model.Estimated {
		t.Errorf("%+v", got)
	}
	// The border of zones, drawn by hand: a decimetre beside.
	c = lay(t, file, [4]float64{1.010001, 43.009999, 1.030001, 43.029999})
	if len(c.Inside) != 4 || len(c.Crossed) != 0 {
		t.Fatalf("%d inside, %d crossed", len(c.Inside), len(c.Crossed))
	}
	if got := c.Compose(f); got.Value != 40 || !math.IsNaN(got.Lo) || got.Flag != model.OK {
		t.Errorf("%+v", got)
	}
	// A garden in one cell is a small share of it, and all of what was asked for.
	c = lay(t, file, [4]float64{1.0151, 43.0151, 1.0152, 43.0152})
	if len(c.Inside) != 0 || len(c.Crossed) != 1 {
		t.Fatalf("%d inside, %d crossed", len(c.Inside), len(c.Crossed))
	}
	if got := c.Compose(f); math.Abs(got.Value-0.001) > 1e-5 || got.Lo != 0 || got.Hi != 10 {
		t.Errorf("%+v", got)
	}
	if got := lay(t, file, [4]float64{2, 43, 2.1, 43.1}).Compose(f); !math.IsNaN(got.Value) || got.Flag != model.NoData {
		t.Errorf("nowhere: %+v", got)
	}
}

func TestWhatIsNotPublishedIsNeverANumberAndMakesATotalPartial(t *testing.T) {
	file := cells(t)
	f := frame.NewFigures(100)
	for i := range 100 {
		f.Value[i], f.Flag[i] = 10, model.OK
	}
	f.Value[0], f.Flag[0] = frame.None, model.NotPublished
	f.Value[1], f.Flag[1] = frame.None, model.NoData
	got := lay(t, file, [4]float64{1, 43, 1.03, 43.01}).Compose(f)
	if got.Value != 10 || got.Flag != model.Partial || !math.IsNaN(got.Lo) || !math.IsNaN(got.Hi) || got.NotPublished != 1 || got.NoData != 1 {
		t.Errorf("%+v", got)
	}
	got = lay(t, file, [4]float64{1.001, 43.001, 1.009, 43.009}).Compose(f)
	if !math.IsNaN(got.Value) || got.Flag != model.NotPublished {
		t.Errorf("%+v", got)
	}
}

// Whatever the true places of what is counted, the figure that a census of the polygon would give is in the interval.
func TestTheTruthIsInTheIntervalWhereverThingsAreInCrossedCells(t *testing.T) {
	file := cells(t)
	rapid.Check(t, func(t *rapid.T) {
		w, s := rapid.Float64Range(1, 1.08).Draw(t, "west"), rapid.Float64Range(43, 43.08).Draw(t, "south")
		shape, err := area.Rectangle([4]float64{w, s, w + rapid.Float64Range(0.003, 0.05).Draw(t, "width"), s + rapid.Float64Range(0.003, 0.05).Draw(t, "height")}, crs.CRS84)
		if err != nil {
			t.Fatal(err)
		}
		c, err := Lay(context.Background(), shape, file, 100)
		if err != nil {
			t.Fatal(err)
		}
		f := frame.NewFigures(100)
		truth := 0.0
		inside := map[int32]bool{}
		for _, z := range c.Inside {
			inside[z] = true
		}
		crossed := map[int32]bool{}
		for _, p := range c.Crossed {
			crossed[p.Zone] = true
		}
		for i := range int32(100) {
			n := float64(rapid.IntRange(0, 50).Draw(t, "n"))
			f.Value[i], f.Flag[i] = n, model.OK
			switch {
			case inside[i]:
				truth += n
			case crossed[i]:
				truth += math.Floor(n * rapid.Float64Range(0, 1).Draw(t, "where"))
			}
		}
		got := c.Compose(f)
		if len(c.Crossed) > 0 && (truth < got.Lo || truth > got.Hi) || len(c.Crossed) == 0 && truth != got.Value && len(c.Inside) > 0 {
			t.Fatalf("%v is not in %+v", truth, got)
		}
	})
}

// Two polygons that share out a third share out its figure.
func TestSharesOfPartsAddUpToThatOfTheWhole(t *testing.T) {
	file := cells(t)
	rapid.Check(t, func(t *rapid.T) {
		b := [4]float64{rapid.Float64Range(1, 1.04).Draw(t, "w"), rapid.Float64Range(43, 43.04).Draw(t, "s"), rapid.Float64Range(1.05, 1.1).Draw(t, "e"), rapid.Float64Range(43.05, 43.1).Draw(t, "n")}
		cut := b[0] + (b[2]-b[0])*rapid.Float64Range(0.1, 0.9).Draw(t, "cut")
		sum := func(boxes ...[4]float64) (total float64) {
			for _, box := range boxes {
				shape, err := area.Rectangle(box, crs.CRS84)
				if err != nil {
					t.Fatal(err)
				}
				for i := range file.Len() {
					batch, row := file.At(i)
					total += shape.Share(batch, row) * float64(i%7)
				}
			}
			return total
		}
		whole, parts := sum(b), sum([4]float64{b[0], b[1], cut, b[3]}, [4]float64{cut, b[1], b[2], b[3]})
		if math.Abs(whole-parts) > 1e-6*whole {
			t.Fatalf("%v and %v", whole, parts)
		}
	})
}
