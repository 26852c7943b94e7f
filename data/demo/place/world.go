package place

import (
	"github.com/paulmach/orb"
)

// Options of a World.
type Options struct {
	Seed uint64
	// Share of the full size (80,000 residents, 40,000 buildings); 0 means 1. The terrain, the communes and the roads do
	// not depend on it.
	Scale float64
	// Called when a stage begins, with its name; may be nil.
	Stage func(name string)
}

// World is the whole invented territory. It does not change once made: safe for concurrent readers.
type World struct {
	Seed uint64

	Water     Water
	Communes  []*Commune // by rank: the town first
	Iris      []*Iris
	Outline   orb.MultiPolygon // of the territory
	Land      []Land
	Streets   []Street
	Buildings []Building
	Facts

	all        []*Commune // the territory's, then its neighbours
	residents  int
	buildings  int
	terrain    *terrain
	label      []int32 // per cell, index in all
	irisLabel  []int32
	road       []uint8  // per cell, class of the road on the grid
	urban      []uint16 // per cell, settlement number + 1
	ripeness   []float32
	grown      []float32 // per settlement, how far out it was built
	business   []uint8   // per cell, business area number + 1
	motorway   orb.LineString
	villages   []settlement
	parks      []park
	farms      []int
	motorCells map[int]bool
	network    *network
	banks      *lineIndex
	grid       *gridRoads
	search     *search
}

// New invents a world.
func New(opt Options) *World {
	if opt.Scale == 0 {
		opt.Scale = 1
	}
	w := &World{Seed: opt.Seed, residents: int(80000 * opt.Scale), buildings: int(40000 * opt.Scale), search: newSearch()}
	for _, stage := range []struct {
		name string
		make func()
	}{
		{"relief and rivers", w.makeTerrain},
		{"communes", w.makeCommunes},
		{"roads", w.makeRoads},
		{"villages", w.makeSettlements},
		{"IRIS", w.makeIris},
		{"streets", w.makeStreets},
		{"buildings", w.makeBuildings},
		{"land use", w.makeLand},
		{"people", w.makePeople},
	} {
		if opt.Stage != nil {
			opt.Stage(stage.name)
		}
		stage.make()
	}
	return w
}
