package place

import (
	"encoding/json"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"jumeau/internal/realdata"
	"jumeau/model/geom"
)

var full = sync.OnceValue(func() *World { return New(Options{Seed: 1}) })

type edge [2]orb.Point

func edges(g orb.MultiPolygon, f func(edge)) {
	for _, p := range g {
		for _, r := range p {
			for i := 0; i+1 < len(r); i++ {
				f(edge{r[i], r[i+1]})
			}
		}
	}
}

// sharedExactly checks that every edge of a shape is walked the other way by exactly one neighbour, or lies on the outline.
func sharedExactly(t *testing.T, shapes []orb.MultiPolygon, outline orb.MultiPolygon) {
	t.Helper()
	count := map[edge]int{}
	for _, s := range shapes {
		edges(s, func(e edge) { count[e]++ })
	}
	outer := map[edge]bool{}
	edges(outline, func(e edge) { outer[e] = true })
	bad := 0
	for e, n := range count {
		back := count[edge{e[1], e[0]}]
		if n != 1 || outer[e] == (back == 1) || back > 1 {
			bad++
		}
	}
	if bad > 0 {
		t.Errorf("%d of %d border edges are not shared exactly", bad, len(count))
	}
}

func TestNeighboursShareTheirBordersExactly(t *testing.T) {
	w := full()
	var communes, iris []orb.MultiPolygon
	for _, c := range w.Communes {
		communes = append(communes, c.Shape)
	}
	for _, i := range w.Iris {
		iris = append(iris, i.Shape)
	}
	t.Run("communes", func(t *testing.T) { sharedExactly(t, communes, w.Outline) })
	t.Run("iris", func(t *testing.T) { sharedExactly(t, iris, w.Outline) })
	area := func(shapes []orb.MultiPolygon) (sum float64) {
		for _, s := range shapes {
			sum += planar.Area(s)
		}
		return sum
	}
	if a, b := area(communes), area(iris); math.Abs(a-b) > 1 || math.Abs(a-planar.Area(w.Outline)) > 1 {
		t.Errorf("areas: communes %v, IRIS %v, outline %v m²", a, b, planar.Area(w.Outline))
	}
}

func TestEveryShapeIsValid(t *testing.T) {
	for _, seed := range []uint64{1, 2, 3} {
		w := full()
		if seed != 1 {
			w = New(Options{Seed: seed, Scale: 0.3})
		}
		check := func(what string, g orb.Geometry) {
			if d := geom.Valid(g); d != nil {
				t.Errorf("seed %d, %s: %v", seed, what, d)
			}
		}
		for _, c := range w.Communes {
			check(c.Name, c.Shape)
			if len(c.Shape) != 1 {
				t.Errorf("seed %d: %s is in %d pieces", seed, c.Name, len(c.Shape))
			}
		}
		for _, i := range w.Iris {
			check(i.Code, i.Shape)
		}
		for _, l := range w.Land {
			check("land "+l.Class, l.Shape)
		}
		for _, l := range w.Water.Lakes {
			check(l.Name, orb.Polygon{l.Ring})
		}
		check("river", orb.Polygon{w.Water.RiverBank})
		check("canal", orb.Polygon{w.Water.CanalBank})
		for _, b := range w.Buildings {
			check(b.Kind, b.Shape)
		}
	}
}

func TestStreetsMeetAtJunctionsAndHoldTogether(t *testing.T) {
	w := full()
	at := map[int32]orb.Point{}
	parent := map[int32]int32{}
	var find func(int32) int32
	find = func(x int32) int32 {
		if p, ok := parent[x]; ok && p != x {
			parent[x] = find(p)
			return parent[x]
		}
		return x
	}
	for _, s := range w.Streets {
		for node, p := range map[int32]orb.Point{s.From: s.Line[0], s.To: s.Line[len(s.Line)-1]} {
			if q, ok := at[node]; ok && q != p && s.From != s.To {
				t.Fatalf("junction %d is at %v and at %v", node, p, q)
			}
			at[node] = p
		}
		parent[find(s.From)] = find(s.To)
	}
	root := find(w.Streets[0].From)
	classes := map[string]int{}
	for _, s := range w.Streets {
		classes[s.Class]++
		if find(s.From) != root {
			t.Fatalf("%s (%s) is cut off", s.Name, s.Class)
		}
	}
	for _, c := range []string{Motorway, Ramp, Main, Secondary, Local, Lane} {
		if classes[c] == 0 {
			t.Errorf("no street of class %s", c)
		}
	}
}

func TestBuildingsStandOnFreeGroundInTheirIris(t *testing.T) {
	w := full()
	index := map[[2]int32][]int{}
	for k, b := range w.Buildings {
		if !planar.MultiPolygonContains(w.Iris[b.Iris].Shape, b.Centre) {
			t.Fatalf("building %d is not in %s", k, w.Iris[b.Iris].Code)
		}
		if w.InLake(b.Centre) {
			t.Errorf("building %d (%s) stands in a lake", k, b.Kind)
		}
		index[bucket(b.Centre)] = append(index[bucket(b.Centre)], k)
	}
	inside := 0
	for k, b := range w.Buildings {
		c := bucket(b.Centre)
		for dy := int32(-1); dy <= 1; dy++ {
			for dx := int32(-1); dx <= 1; dx++ {
				for _, o := range index[[2]int32{c[0] + dx, c[1] + dy}] {
					if o != k && planar.PolygonContains(w.Buildings[o].Shape, b.Centre) {
						inside++
					}
				}
			}
		}
	}
	if inside > 0 {
		t.Errorf("%d buildings have their centre in another", inside)
	}
}

func TestEveryoneHasAHomeAndEveryWorkerAWorkplace(t *testing.T) {
	w := full()
	status := map[Status]int{}
	for i := range w.Persons {
		p := &w.Persons[i]
		status[p.Status]++
		if w.HomeOf(p).Dwellings == 0 {
			t.Fatalf("person %d lives in a %s", i, w.HomeOf(p).Kind)
		}
		if p.Status == Worker && (p.Place < 0 || w.Jobs[p.Place] == 0) {
			t.Fatalf("worker %d has no workplace", i)
		}
	}
	if s := float64(status[Worker]) / float64(len(w.Persons)); s < 0.35 || s > 0.5 {
		t.Errorf("%.0f%% are employed: not believable", 100*s)
	}
	if status[Pupil] < 8000 || status[Student] < 1000 {
		t.Errorf("%d pupils, %d students", status[Pupil], status[Student])
	}
}

func TestADayEndsAtHomeAndIsAlwaysTheSame(t *testing.T) {
	w := full()
	for person := 0; person < len(w.Persons); person += 97 {
		for _, kind := range []string{"weekday", "saturday", "sunday"} {
			a, b := w.Day(person, kind, 5), w.Day(person, kind, 5)
			if len(a) != len(b) {
				t.Fatalf("person %d: %d trips, then %d", person, len(a), len(b))
			}
			for i := range a {
				if a[i] != b[i] {
					t.Fatalf("person %d: %v, then %v", person, a[i], b[i])
				}
			}
			if n := len(a); n > 0 && a[n-1].To != w.Households[w.Persons[person].Household].Home {
				t.Errorf("person %d does not come home on a %s", person, kind)
			}
		}
	}
}

func TestLinesFollowStreetsFromStopToStop(t *testing.T) {
	w := full()
	x := w.Transit()
	if len(x.Lines) < 10 || len(x.Stops) < 100 {
		t.Fatalf("%d lines, %d stops", len(x.Lines), len(x.Stops))
	}
	on := map[orb.Point]bool{}
	for _, s := range w.Streets {
		for _, p := range s.Line {
			on[p] = true
		}
	}
	ids := map[string]bool{}
	for _, s := range x.Stops {
		if ids[s.ID] {
			t.Errorf("stop %s twice", s.ID)
		}
		ids[s.ID] = true
	}
	for _, l := range x.Lines {
		for _, p := range l.Path {
			if !on[p] {
				t.Fatalf("line %s leaves the streets at %v", l.Short, p)
			}
		}
	}
}

func TestNoFrenchCommuneBearsANameOrCodeOfOurs(t *testing.T) {
	var list []struct{ Code, Nom string }
	if err := json.Unmarshal(realdata.Unzipped(t, "decoupage-administratif-2026/communes.json.gz"), &list); err != nil {
		t.Fatal(err)
	}
	real := map[string]string{}
	for _, c := range list {
		real[strings.ToLower(c.Nom)] = c.Code
		if strings.HasPrefix(c.Code, "99") {
			t.Errorf("%s exists", c.Code)
		}
	}
	for _, name := range append(append([]string(nil), communeNames...), neighbourNames...) {
		if code, ok := real[strings.ToLower(name)]; ok {
			t.Errorf("%s exists: %s", name, code)
		}
	}
}
