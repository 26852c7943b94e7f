package gate

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"jumeau/model"
)

// drawnTable makes a table of two levels and totals out of figures, as a release has them.
func drawnTable(t *rapid.T) (*Protected, []Level) {
	const zones, communes, slots = 12, 3, 3
	parent := make([]int32, zones)
	for i := range parent {
		parent[i] = int32(rapid.IntRange(-1, communes-1).Draw(t, "parent"))
	}
	p := &Protected{zones: zones, slots: []model.Slot{"weekday", "saturday", "sunday"}}
	p.levels = []published{{system: "leaf", zones: zones, places: zones, classes: 1, half: 10, threshold: 30},
		{system: "commune", zones: communes, places: communes, classes: 1, half: 10, threshold: 30}}
	add := func(level, slot, zone int, y float64) {
		l := &p.levels[level]
		l.figures = append(l.figures, Figure{Slot: slot, Zone: int32(zone), Y: y, Lo: y - 10, Hi: y + 10, place: uint64(zone)})
	}
	for slot := range slots {
		sum := make([]float64, communes)
		for z := range zones {
			if rapid.IntRange(0, 3).Draw(t, "shown") > 0 {
				y := float64(rapid.IntRange(30, 300).Draw(t, "y"))
				add(0, slot, z, y)
				if parent[z] >= 0 {
					sum[parent[z]] += y
				}
			}
		}
		for c := range communes {
			rest := float64(rapid.IntRange(0, 90).Draw(t, "rest"))
			if sum[c]+rest >= 30 && rapid.IntRange(0, 4).Draw(t, "commune shown") > 0 {
				add(1, slot, c, sum[c]+rest)
			}
		}
	}
	return p, []Level{{System: "commune", Zones: communes, Parent: parent}}
}

// Nothing is counted twice, nothing is lost but what is too small to be shown, and every leaf is in the finest piece that stands.
func TestPiecesOfTheAdaptiveGrainAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, up := drawnTable(t)
		g := p.Grain(up)
		for slot := range p.slots {
			f := g.Figures(slot)
			figure := map[Piece]float64{}
			for level := range p.levels {
				for _, x := range p.levels[level].slot(slot) {
					figure[Piece{level, x.Zone}] = x.Y
				}
			}
			// What is inside a piece that has a figure adds up to that figure.
			inside := make([]float64, len(g.Pieces))
			hidden := make([]int, len(g.Pieces))
			for i := range g.Pieces {
				for at := int32(i); at != none; at = g.parent[at] {
					if f.Flag[i] == model.OK {
						inside[at] += f.Value[i]
					} else {
						hidden[at]++
					}
				}
			}
			for i, piece := range g.Pieces {
				y, stands := figure[piece]
				if stands && hidden[i] == 0 && math.Abs(inside[i]-y) > 1e-9 {
					t.Fatalf("slot %d: the parts of %v make %v, its figure is %v", slot, piece, inside[i], y)
				}
				if stands && inside[i] > y+1e-9 {
					t.Fatalf("slot %d: the parts of %v make %v, more than its figure %v", slot, piece, inside[i], y)
				}
				if !stands && f.Flag[i] == model.OK {
					t.Fatalf("slot %d: %v has a figure that was not published", slot, piece)
				}
				if f.Flag[i] == model.OK && (f.Lo[i] > f.Value[i] || f.Hi[i] < f.Value[i] || f.Value[i] < 30) {
					t.Fatalf("slot %d: %v is %v, from %v to %v", slot, piece, f.Value[i], f.Lo[i], f.Hi[i])
				}
				// A piece that stands around others has all of them: else its rest would be of ground that is not its own.
				if around := g.parent[i]; around != none {
					if _, ok := figure[g.Pieces[around]]; ok && !stands {
						t.Fatalf("slot %d: %v stands without its part %v", slot, g.Pieces[around], piece)
					}
				}
			}
		}
		for leaf, at := range g.Of {
			level, zone := p.Finest(0, up)
			if at == none && level[leaf] >= 0 {
				t.Fatalf("leaf %d is in no piece, level %d stands at it", leaf, level[leaf])
			}
			if at != none && g.Pieces[at].Level == 0 && g.Pieces[at].Zone != int32(leaf) {
				t.Fatalf("leaf %d is in the piece of another (%d)", leaf, zone[leaf])
			}
			if at != none && !g.Covers(int(at)) {
				t.Fatalf("piece %d has leaf %d and no ground", at, leaf)
			}
		}
	})
}

// With one slot the piece of a leaf is the finest level that stands, as Finest says.
func TestWithOneSlotThePiecesAreTheFinestLevels(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, up := drawnTable(t)
		for i := range p.levels {
			p.levels[i].figures = p.levels[i].slot(0)
		}
		p.slots = p.slots[:1]
		g := p.Grain(up)
		level, zone := p.Finest(0, up)
		for leaf, at := range g.Of {
			got := Piece{none, none}
			if at != none {
				got = g.Pieces[at]
			}
			if want := (Piece{int(level[leaf]), zone[leaf]}); got != want {
				t.Fatalf("leaf %d is in %v, want %v", leaf, got, want)
			}
		}
	})
}

// Intervals of what is left cover the truth as those of drawn figures do.
func TestIntervalsOfRestsCoverTheTruth(t *testing.T) {
	const zones = 30
	table := presence(zones, "")
	table.L0, table.Levels = 1, []Level{{System: "commune", Zones: 1, Parent: make([]int32, zones)}}
	s := setup(table)
	var events []event
	for z := range zones {
		n := 40
		if z < 6 {
			n = 400 // these stand by themselves
		}
		events = append(events, crowd(n, int64(z), 0, int64(len(events)))...)
	}
	covered, shown := 0, 0
	for seed := range scaled(60, 400) {
		p := run(t, open(t, s).seed(uint64(seed)), events).Table("presence")
		grain := p.Grain(s.Tables[0].Levels)
		f := grain.Figures(0)
		for i, piece := range grain.Pieces {
			if piece.Level == 1 && f.Flag[i] == model.OK {
				own := 0 // of the ground of this piece: more leaves may have stood
				for leaf, in := range grain.Of {
					if int(in) == i {
						own += map[bool]int{true: 400, false: 40}[leaf < 6]
					}
				}
				if shown++; f.Lo[i] <= float64(own) && f.Hi[i] >= float64(own) {
					covered++
				}
			}
		}
	}
	if shown < 40 || float64(covered) < 0.93*float64(shown) {
		t.Errorf("%d rests shown, %d cover the truth", shown, covered)
	}
}
