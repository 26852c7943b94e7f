package gate

import (
	"iter"
	"math"
	"sort"

	"jumeau/ingest/gate/ledger"
	"jumeau/model"
	"jumeau/model/frame"
)

// Cube is what leaves a gate: protected figures and the card that says how they were protected. Only Gate.Release makes one.
type Cube struct {
	tables []*Protected
	entry  ledger.Entry
	card   Card
}

// Tables in the order of the setup.
func (c *Cube) Tables() []*Protected { return c.tables }

// Table by name, nil when there is none.
func (c *Cube) Table(name string) *Protected {
	for _, t := range c.tables {
		if t.name == name {
			return t
		}
	}
	return nil
}

// Entry is the ledger's entry that this cube was charged under: its provenance.
func (c *Cube) Entry() ledger.Entry { return c.entry }

// Card is the privacy card.
func (c *Cube) Card() Card { return c.card }

// Protected is a table of protected figures. Cells that are not published are absent, whether nobody was in them or few.
type Protected struct {
	name    string
	shape   Shape
	slots   []model.Slot
	zones   int
	classes []string
	levels  []published
	scale   *Scale
}

// published is one level: figures sorted by slot, then place.
type published struct {
	system    string
	totals    bool
	classes   int // of each zone at this level; 1 above the leaves
	zones     int
	places    int
	pairs     bool
	half      int64
	threshold int64
	figures   []Figure
}

// Figure is one protected figure.
type Figure struct {
	Slot  int   // index in Slots
	Zone  int32 // index in the level's zone system; Flow: of the origin, or Zones for outside
	To    int32 // Flow: destination, or Zones for outside; else -1
	Class int32 // Histogram and Split: class; else -1
	Y     float64
	Lo    float64 // 95 %, given that it is published
	Hi    float64
	Near  bool    // just above the limit of publication: the interval is wide, and means it
	Rest  float64 // of a coarser level or total: the part in places that are not published one by one; NaN when it is not known or small

	place uint64
}

// Scale estimates by how much bounding lowered the table: contributions before it over contributions after it, in the whole table.
// It says nothing about one cell: those that people visit often are lowered more.
type Scale struct {
	Factor float64 `json:"factor"`
	Lo     float64 `json:"lo"`
	Hi     float64 `json:"hi"`
	Kept   float64 `json:"kept"` // its inverse: the share of contributions that was kept
}

// Name of the table.
func (p *Protected) Name() string { return p.name }

// Shape of the table.
func (p *Protected) Shape() Shape { return p.shape }

// Slots of the table, published or not.
func (p *Protected) Slots() []model.Slot { return p.slots }

// Classes of a histogram ("0 to 1000") or split; nil for other shapes.
func (p *Protected) Classes() []string { return p.classes }

// Levels is the number of levels: leaves are 0, coarser ones follow, totals are last.
func (p *Protected) Levels() int { return len(p.levels) }

// System is the zone system of a level, "" for totals.
func (p *Protected) System(level int) string { return p.levels[level].system }

// HalfWidth is c of a level: 95 % of the noise is within. Zero for classes without noise.
func (p *Protected) HalfWidth(level int) int64 { return p.levels[level].half }

// Scale is the bias of bounding, nil when it was not measured or drowned in noise.
func (p *Protected) Scale() *Scale { return p.scale }

// Total is the figure of the whole territory in a slot; false when there is none, or none that stands.
func (p *Protected) Total(slot int) (Figure, bool) {
	last := &p.levels[len(p.levels)-1]
	if figures := last.slot(slot); last.totals && len(figures) == 1 {
		return figures[0], true
	}
	return Figure{}, false
}

// Rests say, for each zone system that adds up to the total of a slot, what of the total is in none of its published figures. A rest
// below the limit of the totals is not told.
func (p *Protected) Rests(slot int) map[string]float64 {
	total, ok := p.Total(slot)
	if !ok {
		return nil
	}
	out := map[string]float64{}
	for i := range p.levels[:len(p.levels)-1] {
		l := &p.levels[i]
		if rest := total.Y - sum(l.slot(slot)); l.classes == 1 && (i == 0 || l.system != p.levels[0].system) && rest >= float64(p.levels[len(p.levels)-1].threshold) {
			out[l.system] = math.Round(rest*1e6) / 1e6
		}
	}
	return out
}

// All visits the figures of a level by slot, then zone.
func (p *Protected) All(level int) iter.Seq[Figure] {
	return func(yield func(Figure) bool) {
		for _, f := range p.levels[level].figures {
			if !yield(f) {
				return
			}
		}
	}
}

// slot is the figures of one slot of a level.
func (l *published) slot(slot int) []Figure {
	from := sort.Search(len(l.figures), func(i int) bool { return l.figures[i].Slot >= slot })
	to := sort.Search(len(l.figures), func(i int) bool { return l.figures[i].Slot > slot })
	return l.figures[from:to]
}

// Figures are the figures of a slot of a level as a frame: every zone of the system in order; what is absent is flagged as not
// published. For histograms and splits they are those of one class. Not for flows.
func (p *Protected) Figures(level, slot, class int) frame.Figures {
	l := &p.levels[level]
	out := frame.NewFigures(l.zones)
	for i := range out.Flag {
		out.Flag[i] = model.NotPublished
	}
	for _, f := range l.slot(slot) {
		if l.classes == 1 || int(f.Class) == class {
			out.Value[f.Zone], out.Lo[f.Zone], out.Hi[f.Zone], out.Flag[f.Zone] = f.Y, f.Lo, f.Hi, model.OK
		}
	}
	return out
}

// Pairs are the flows of a slot, sorted by origin, then destination, with frame.Outside for what is outside the system.
func (p *Protected) Pairs(slot int) frame.Pairs {
	var out frame.Pairs
	zone := func(z int32) uint32 {
		if int(z) == p.zones {
			return frame.Outside
		}
		return uint32(z)
	}
	for _, f := range p.levels[0].slot(slot) {
		out.Origin, out.Destination = append(out.Origin, zone(f.Zone)), append(out.Destination, zone(f.To))
		out.Value, out.Lo, out.Hi = append(out.Value, f.Y), append(out.Lo, f.Lo), append(out.Hi, f.Hi)
		out.Flag = append(out.Flag, model.OK)
	}
	return out
}

// Finest finds, for every leaf zone of a slot, the finest level at which a figure stands: the level and the zone there, or
// -1 where nothing is published. up gives the setup's levels.
func (p *Protected) Finest(slot int, up []Level) (level, zone []int32) {
	level, zone = make([]int32, p.zones), make([]int32, p.zones)
	at := make([]int32, p.zones)
	for z := range at {
		level[z], zone[z], at[z] = none, none, int32(z)
	}
	for i := range p.levels {
		stands := map[int32]bool{}
		for _, f := range p.levels[i].slot(slot) {
			stands[f.Zone] = true
		}
		for z := range at {
			if level[z] == none && at[z] >= 0 && stands[at[z]] {
				level[z], zone[z] = int32(i), at[z]
			}
			switch {
			case i < len(up) && at[z] >= 0:
				at[z] = up[i].Parent[at[z]]
			case i+1 < len(p.levels) && p.levels[i+1].totals:
				at[z] = 0
			}
		}
	}
	return level, zone
}

// figure builds a Figure from a cell.
func (l *published) figure(cell uint64) Figure {
	place := cell % uint64(l.places)
	f := Figure{Slot: int(cell / uint64(l.places)), Zone: int32(place), To: none, Class: none, Rest: math.NaN(), place: place}
	switch {
	case l.pairs:
		n := uint64(l.zones + 1)
		f.Zone, f.To = int32(place/n), int32(place%n)
	case l.classes > 1:
		f.Zone, f.Class = int32(place/uint64(l.classes)), int32(place%uint64(l.classes))
	}
	return f
}
