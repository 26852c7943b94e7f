package gate

import (
	"math"

	"jumeau/model"
	"jumeau/model/frame"
)

// Piece is a part of the territory that has one figure a slot: a zone of a level without the finer pieces inside it.
type Piece struct {
	Level int // of the table; never that of the totals
	Zone  int32
}

// Grain is a table at the finest level that stands at each place. Its pieces do not overlap, so that nothing is counted twice, and in a
// slot in which a zone has a figure the pieces inside it add up to that figure. It is made from published figures only: it
// costs nothing.
type Grain struct {
	Pieces []Piece
	Of     []int32 // piece of each leaf zone; -1: nothing stands there

	p      *Protected
	parent []int32 // piece around each piece, -1: none
	covers []bool  // the piece has leaves of its own
}

// Grain finds the pieces of a table of presence. A zone is a piece where it has a figure in every slot in which the piece around it has
// one; a zone that nothing is around, where it has one in any slot. up gives the setup's levels.
func (p *Protected) Grain(up []Level) *Grain {
	g := &Grain{p: p, Of: make([]int32, p.zones)}
	path := p.paths(up)
	stands := make([]map[int32][]bool, len(p.levels)) // by zone: the slots in which it has a figure
	for i := range p.levels {
		stands[i] = map[int32][]bool{}
		for _, f := range p.levels[i].figures {
			if stands[i][f.Zone] == nil {
				stands[i][f.Zone] = make([]bool, len(p.slots))
			}
			stands[i][f.Zone][f.Slot] = true
		}
	}
	known := map[Piece]int32{}
	for leaf := range g.Of {
		around := int32(none)
		for i := len(p.levels) - 1; i >= 0; i-- { // the coarsest first
			z := path(leaf, i)
			if p.levels[i].totals || z < 0 || stands[i][z] == nil {
				continue
			}
			at, ok := known[Piece{i, z}]
			if !ok {
				at = none
				if around == none || within(stands[g.Pieces[around].Level][g.Pieces[around].Zone], stands[i][z]) {
					at = int32(len(g.Pieces))
					g.Pieces, g.parent, g.covers = append(g.Pieces, Piece{i, z}), append(g.parent, around), append(g.covers, false)
				}
				known[Piece{i, z}] = at
			}
			if at != none {
				around = at
			}
		}
		if g.Of[leaf] = around; around != none {
			g.covers[around] = true
		}
	}
	return g
}

// paths gives the zone of a leaf at a level, -1 for none.
func (p *Protected) paths(up []Level) func(leaf, level int) int32 {
	at := make([][]int32, len(p.levels))
	at[0] = make([]int32, p.zones)
	for z := range at[0] {
		at[0][z] = int32(z)
	}
	for i := 1; i < len(p.levels); i++ {
		at[i] = make([]int32, p.zones)
		for leaf := range at[i] {
			switch below := at[i-1][leaf]; {
			case p.levels[i].totals:
				at[i][leaf] = 0
			case below >= 0 && i-1 < len(up):
				at[i][leaf] = up[i-1].Parent[below]
			default:
				at[i][leaf] = none
			}
		}
	}
	return func(leaf, level int) int32 { return at[level][leaf] }
}

func within(a, b []bool) bool {
	for i := range a {
		if a[i] && !b[i] {
			return false
		}
	}
	return true
}

// Covers says whether a piece has ground of its own: one that finer pieces cover wholly is not to be drawn.
func (g *Grain) Covers(piece int) bool { return g.covers[piece] }

// Whole says whether a piece is a whole zone: no finer piece is inside it.
func (g *Grain) Whole(piece int) bool {
	for _, around := range g.parent {
		if int(around) == piece {
			return false
		}
	}
	return true
}

// Figures of a slot, piece by piece: the zone's figure less those of the pieces inside it. The noise of levels is independent, so the
// half-widths add up in squares. What is left below the limit of its level is not shown.
func (g *Grain) Figures(slot int) frame.Figures {
	n := len(g.Pieces)
	out := frame.NewFigures(n)
	own := make([]*Figure, n)
	at := map[Piece]int{}
	for i, piece := range g.Pieces {
		at[piece] = i
	}
	for level := range g.p.levels {
		figures := g.p.levels[level].slot(slot)
		for k := range figures {
			if i, ok := at[Piece{level, figures[k].Zone}]; ok {
				own[i] = &figures[k]
			}
		}
	}
	left, below, above := make([]float64, n), make([]float64, n), make([]float64, n)
	for i, f := range own {
		if f == nil {
			continue
		}
		left[i] += f.Y
		below[i] += (f.Y - f.Lo) * (f.Y - f.Lo)
		above[i] += (f.Hi - f.Y) * (f.Hi - f.Y)
		if around := g.parent[i]; around != none && own[around] != nil {
			left[around] -= f.Y
			below[around] += (f.Hi - f.Y) * (f.Hi - f.Y)
			above[around] += (f.Y - f.Lo) * (f.Y - f.Lo)
		}
	}
	for i, f := range own {
		limit := float64(g.p.levels[g.Pieces[i].Level].threshold)
		if out.Flag[i] = model.NotPublished; f == nil || !g.Whole(i) && left[i] < limit {
			continue
		}
		out.Value[i], out.Flag[i] = left[i], model.OK
		out.Lo[i], out.Hi[i] = max(0, left[i]-math.Sqrt(below[i])), left[i]+math.Sqrt(above[i])
	}
	return out
}
