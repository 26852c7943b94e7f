package batch

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"jumeau/model"
	"jumeau/model/frame"
	"jumeau/model/release"
	"jumeau/query"
)

// question is one address, and what it must answer, worked out of the release's frames alone.
type question struct {
	address string
	want    float64
}

// questions are all that can be asked of figures in a release, with the sums of what the frames hold.
func questions(t testing.TB, releases, id, prefix string, c *release.Catalog) (out []question) {
	t.Helper()
	path := func(file string) string { return filepath.Join(releases, id, filepath.FromSlash(file)) }
	names := map[string][]string{}
	for _, z := range c.ZoneSystems {
		zones, err := frame.ReadZones(path(release.ZonesPath(z.ID)))
		if err != nil {
			t.Fatal(err)
		}
		names[z.ID] = zones.ID
	}
	for _, m := range c.Measures {
		for _, s := range m.Systems {
			v, err := frame.OpenValues(path(release.ValuesPath(m.ID, s.Zones)))
			if err != nil {
				t.Fatal(err)
			}
			byZone := make([]float64, len(names[s.Zones]))
			for _, slot := range v.Slots {
				f, _ := v.At(slot)
				all := 0.0
				for z, y := range f.Value {
					if f.Flag[z] != model.NotPublished {
						all, byZone[z] = all+y, byZone[z]+y
					}
				}
				out = append(out, question{fmt.Sprintf("%s/values/%s?zones=%s&slot=%s", prefix, m.ID, s.Zones, slot), all})
			}
			for z, y := range byZone {
				out = append(out, question{fmt.Sprintf("%s/profile/%s?zones=%s&zone=%s", prefix, m.ID, s.Zones, names[s.Zones][z]), y})
			}
			v.Close()
		}
	}
	for _, f := range c.Flows {
		v, err := frame.OpenFlows(path(release.FlowsPath(f.ID, f.Zones)))
		if err != nil {
			t.Fatal(err)
		}
		for _, slot := range v.Slots {
			out = append(out, flowQuestions(fmt.Sprintf("%s/flows/%s?slot=%s", prefix, f.ID, slot), v, slot, names[f.Zones])...)
		}
		v.Close()
	}
	return out
}

// flowQuestions are a flow as a whole, from and to each zone, and each pair.
func flowQuestions(address string, v *frame.Flows, slot model.Slot, names []string) (out []question) {
	p, _ := v.At(slot)
	all, from, to, pair := 0.0, map[uint32]float64{}, map[uint32]float64{}, map[[2]uint32]float64{}
	for i, y := range p.Value {
		if p.Flag[i] != model.NotPublished {
			all += y
			from[p.Origin[i]] += y
			to[p.Destination[i]] += y
			pair[[2]uint32{p.Origin[i], p.Destination[i]}] += y
		}
	}
	out = append(out, question{address, all})
	for i, a := range names {
		out = append(out, question{address + "&from=" + a, from[uint32(i)]}, question{address + "&to=" + a, to[uint32(i)]})
		for j, b := range names {
			if i/quarters == j/quarters {
				out = append(out, question{address + "&from=" + a + "&to=" + b, pair[[2]uint32{uint32(i), uint32(j)}]})
			}
		}
	}
	return out
}

// T8 over HTTP: whatever two questions are asked, of zones, slots, categories, flows or releases, their difference is one of published
// figures, to the last bit, so that it can tell nothing else.
func TestADifferenceOfTwoAnswersIsOneOfPublishedFigures(t *testing.T) {
	const communes = 3
	riders := crowds(communes, 400)
	for c := range communes {
		for range 4 + c {
			riders = append(riders, rider{c, 2, 0, "car"}, rider{c, 0, 2, "car"}, rider{c, 1, 0, "bike"})
		}
	}
	dir, releases := rowOfCommunes(t, communes, riders, nil), t.TempDir()
	first := drawnInto(t, dir, releases)
	rewrite(t, dir, map[string]string{"layers/communes.yaml": "layer: communes\ntitle: {fr: Communes, en: Communes}\ngeometry: {zones: commune, zoom: 5-11}\nmeasures: [seen]\n"})
	next := drawnInto(t, dir, releases) // the figures are carried over
	rewrite(t, dir, map[string]string{"sources/riders.yaml": strings.Replace(ridersSource, "  period: 2026-Q1\n", "  period: 2026-Q1\n  edition: 2\n", 1)})
	corrected := drawnInto(t, dir, releases)
	server := serving(t, releases, query.Options{})
	byRelease := make([]map[string]float64, 3)
	var all []question
	for i, r := range []*Result{first, next, corrected} {
		prefix := "/r/" + r.Release
		c := catalogOf(t, server, prefix)
		byRelease[i] = map[string]float64{}
		for _, q := range questions(t, releases, r.Release, prefix, &c) {
			byRelease[i][strings.TrimPrefix(q.address, prefix)] = q.want
			all = append(all, q)
		}
	}
	got, shown := make([]float64, len(all)), 0
	for i, q := range all {
		var some bool
		if got[i], some = answered(t, server, q.address).sum(); some {
			shown++
		}
		if got[i] != q.want {
			t.Errorf("%s: %v, from the published figures %v", q.address, got[i], q.want)
		}
	}
	pairs := 0
	for i := range all {
		for j := range i {
			if pairs++; got[i]-got[j] != all[i].want-all[j].want {
				t.Fatalf("%s less %s", all[i].address, all[j].address)
			}
		}
	}
	if shown < len(all)/4 || len(all) < 300 {
		t.Errorf("%d of %d questions have a figure: this shows little", shown, len(all))
	}
	t.Logf("%d questions, %d with a figure, %d pairs", len(all), shown, pairs)
	same, other := 0, 0
	for address, v := range byRelease[0] {
		if byRelease[1][address] != v {
			t.Errorf("%s: a release in which nobody was counted again differs", address)
		}
		if byRelease[2][address] == v {
			same++
		} else {
			other++
		}
	}
	if other == 0 {
		t.Errorf("a correction has the noise of what it corrects: %d figures are the same", same)
	}
}

// known others are with each of the three targets of a commune: in the small quarter, on a rare flow, of a rare mode.
const known = 4

// tossed is the row of communes with coins tossed for the three targets of each.
func tossed(communes int, random *rand.Rand) (riders []rider, coins [][3]bool) {
	riders = crowds(communes, 400)
	for c := range communes {
		rare := [3]rider{{c, 2, 0, "car"}, {c, 0, 2, "car"}, {c, 1, 0, "bike"}}
		var in [3]bool
		for i, r := range rare {
			for range known {
				riders = append(riders, r)
			}
			if in[i] = random.IntN(2) == 0; in[i] {
				riders = append(riders, r)
			}
		}
		coins = append(coins, in)
	}
	return riders, coins
}

// left is a whole less its published parts, over HTTP; false where a figure is not published, or a small one is.
func left(t testing.TB, h http.Handler, whole string, parts ...string) (rest float64, ok bool) {
	t.Helper()
	rest, ok = answered(t, h, whole).sum()
	for _, p := range parts {
		y, some := answered(t, h, p).sum()
		rest, ok = rest-y, ok && some
	}
	return rest, ok
}

// differences are, for a commune, what is left for each target of the release at an address.
func differences(t testing.TB, h http.Handler, prefix string, c int) (rests [3]float64, ok [3]bool) {
	t.Helper()
	profile := func(measure, system, zone string) string {
		return prefix + "/profile/" + measure + "?zones=" + system + "&zone=" + zone
	}
	a, b := quarterID(c, 0), quarterID(c, 1)
	rests[0], ok[0] = left(t, h, profile("seen", "commune", a[:2]), profile("seen", "quarter", a), profile("seen", "quarter", b))
	rests[1], ok[1] = left(t, h, profile("moved_from", "quarter", a), prefix+"/flows/moved?from="+a+"&to="+b)
	rests[2], ok[2] = left(t, h, profile("modes", "quarter", b), profile("modes_car", "quarter", b), profile("modes_bus", "quarter", b))
	return rests, ok
}

// score counts right guesses: in, if more is left than the known others and half a person.
type score struct{ right, trials, told float64 }

func (s *score) guess(rest float64, ok, in bool) {
	s.trials++
	switch {
	case !ok:
		s.right += 0.5
	case rest > known+0.5 == in:
		s.right++
		s.told++
	default:
		s.told++
	}
}

func (s *score) held(bound float64) bool {
	return s.right/s.trials <= bound+3*math.Sqrt(bound*(1-bound)/s.trials)
}

// T8 over HTTP: whoever knows everybody else subtracts answers to learn of one person, and is right no more often than epsilon allows; with
// a release and its correction, than twice epsilon allows. The same subtraction reads persons out of a release of redacted counts.
func TestSubtractingAnswersTellsNoMoreThanEpsilonAllows(t *testing.T) {
	const communes = 20
	random := rand.New(rand.NewPCG(8, 8))
	var one, both [3]score
	for range scaled(4, 60) {
		riders, coins := tossed(communes, random)
		dir, releases := rowOfCommunes(t, communes, riders, nil), t.TempDir()
		first := drawnInto(t, dir, releases)
		rewrite(t, dir, map[string]string{"sources/riders.yaml": strings.Replace(ridersSource, "  period: 2026-Q1\n", "  period: 2026-Q1\n  edition: 2\n", 1)})
		drawnInto(t, dir, releases)
		server := serving(t, releases, query.Options{})
		for c, in := range coins {
			a, okA := differences(t, server, "/r/"+first.Release, c)
			b, okB := differences(t, server, "", c)
			for i := range in {
				one[i].guess(a[i], okA[i], in[i])
				both[i].guess((a[i]+b[i])/2, okA[i] && okB[i], in[i])
			}
		}
		server.Close()
	}
	guess := func(epsilon float64) float64 { return 1/(1+math.Exp(-epsilon)) + 2e-6 }
	for i, name := range []string{"zones", "flows", "categories"} {
		t.Logf("%s: %.3f of %.0f guesses are right (%.0f %% of the differences are published), of %.3f; with the correction %.3f of %.3f", name,
			one[i].right/one[i].trials, one[i].trials, 100*one[i].told/one[i].trials, guess(1), both[i].right/both[i].trials, guess(2))
		if !one[i].held(guess(1)) || !both[i].held(guess(2)) {
			t.Errorf("%s: subtraction tells more than epsilon allows", name)
		}
		if one[i].told < one[i].trials/2 {
			t.Errorf("%s: few differences are published: this shows little", name)
		}
	}
	var redacted score
	for range 4 {
		subtractRedacted(t, random, communes, &redacted)
	}
	t.Logf("redaction: %.3f of %.0f guesses are right", redacted.right/redacted.trials, redacted.trials)
	if redacted.held(guess(2)) {
		t.Error("the redaction is not broken: the attack is too weak to show anything")
	}
}

// subtractRedacted serves counts of which those up to 15 are dropped, with exact totals, and plays the same attack.
func subtractRedacted(t *testing.T, random *rand.Rand, communes int, s *score) {
	riders, coins := tossed(communes, random)
	parts, wholes := "code,n\n", "code,n\n"
	for c := range communes {
		var n [quarters]int
		for _, r := range riders {
			if r.commune == c {
				n[r.from]++
			}
		}
		wholes += fmt.Sprintf("%02d,%d\n", c, n[0]+n[1]+n[2])
		for q, v := range n {
			if v > 15 {
				parts += fmt.Sprintf("%s,%d\n", quarterID(c, q), v)
			}
		}
	}
	counts := func(id, system string) string {
		return "source: " + id + "\ntitle: {fr: R, en: R}\nfrom: {path: " + id + ".csv}\nproducer: nobody\nlicence: none\nvintage: \"2026\"\ncontract:\n  columns:\n" +
			"    code: {type: text, required: true}\n    n: {type: number}\nbehaviour: {class: A}\nmeasures:\n  " + id + ": {title: {fr: R, en: R}, unit: {fr: p, en: p}, value: n, zones: " +
			system + ", zone: code}\n"
	}
	dir := rowOfCommunes(t, communes, riders, map[string]string{"sources/riders.yaml": counts("parts", "quarter"), "sources/wholes.yaml": counts("wholes", "commune"),
		"parts.csv": parts, "wholes.csv": wholes, "layers/communes.yaml": "layer: communes\ntitle: {fr: C, en: C}\ngeometry: {zones: commune, zoom: 5-12}\nmeasures: [wholes]\n",
		"layers/quarters.yaml": "layer: quarters\ntitle: {fr: Q, en: Q}\ngeometry: {zones: quarter, zoom: 5-12}\nmeasures: [parts]\n"})
	rename(t, dir, "sources/riders.yaml", "sources/parts.yaml")
	releases := t.TempDir()
	drawnInto(t, dir, releases)
	server := serving(t, releases, query.Options{})
	for c, in := range coins {
		a, b := quarterID(c, 0), quarterID(c, 1)
		rest, ok := left(t, server, "/profile/wholes?zone="+a[:2], "/profile/parts?zone="+a, "/profile/parts?zone="+b)
		s.guess(rest, ok, in[0])
	}
}
