package declare

import (
	"slices"
	"strings"

	"jumeau/model"
)

// checkCycles reports sources that wait for each other. The rows of a source wait for the rows of those it is compared
// with (refers, found_in) and for the zones it must lie within; the zones of a system wait for the rows of its source and
// for the zones of its members.
func (c *checker) checkCycles() {
	g := graph{checker: c, state: map[string]int{}}
	for _, s := range c.t.Sources {
		g.visit("rows " + s.ID)
		if s.Zones != nil {
			g.visit("zones " + s.Zones.System)
		}
	}
}

type graph struct {
	*checker
	state map[string]int // 0 new, 1 being visited, 2 done
	trail []string
}

func (g *graph) visit(node string) {
	switch g.state[node] {
	case 2:
		return
	case 1:
		g.report(g.trail[slices.Index(g.trail, node):])
		return
	}
	g.state[node] = 1
	g.trail = append(g.trail, node)
	for _, next := range g.waitsFor(node) {
		g.visit(next)
	}
	g.trail = g.trail[:len(g.trail)-1]
	g.state[node] = 2
}

func (g *graph) waitsFor(node string) []string {
	if system, ok := strings.CutPrefix(node, "zones "); ok {
		s := g.systems[system]
		if s == nil {
			return nil
		}
		out := []string{"rows " + s.ID}
		if s.Zones.Members != nil {
			out = append(out, "zones "+s.Zones.Members.System)
		}
		return out
	}
	s := g.sourceOf[strings.TrimPrefix(node, "rows ")]
	if s == nil {
		return nil
	}
	var out []string
	for _, name := range columnNames(s) {
		if other, _, _ := strings.Cut(s.Contract.Columns[name].Refers, "."); other != "" && other != s.ID {
			out = append(out, "rows "+other)
		}
	}
	if clip := s.Read.Clip; clip != "" && clip != model.ClipTerritory {
		out = append(out, "zones "+clip)
	}
	for _, k := range s.Keep {
		if other, _, _ := strings.Cut(k.FoundIn, "."); other != "" && other != s.ID {
			out = append(out, "rows "+other)
		}
		if k.Within != "" {
			out = append(out, "zones "+k.Within)
		}
	}
	return out
}

// report names the ring once, in the file of its first source.
func (g *graph) report(ring []string) {
	var names []string
	var first *model.Source
	for _, node := range ring {
		kind, name, _ := strings.Cut(node, " ")
		if kind == "zones" {
			name = "zones " + name
		} else if first == nil {
			first = g.sourceOf[name]
		}
		names = append(names, name)
	}
	if first == nil {
		first = g.systems[strings.TrimPrefix(ring[0], "zones ")]
	}
	names = append(names, names[0])
	g.sourceDoc[first].addKey("source", "waits for itself: %s (through refers, found_in, within or members)", strings.Join(names, " → "))
}
