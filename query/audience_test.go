package query

import (
	"testing"

	"jumeau/model/release"
	"jumeau/model/release/releasetest"
)

func TestALayerForAgentsIsNowhereForThePublic(t *testing.T) {
	dir := t.TempDir()
	opt := tiny
	opt.Audience = "agent"
	releasetest.Publish(t, dir, opt)
	public, _ := serve(t, dir, Options{})
	agents, _ := serve(t, dir, Options{Audience: "agent"})
	for address, want := range map[string][2]int{
		"/tiles/works/10/516/373.mvt": {404, 204}, "/tiles/works.json": {404, 200}, "/tiles/communes.json": {200, 200},
	} {
		if got := ask(public, address).Code; got != want[0] {
			t.Errorf("%s for the public: %d", address, got)
		}
		if got := ask(agents, address).Code; got != want[1] {
			t.Errorf("%s for agents: %d", address, got)
		}
	}
	if n := len(decode[release.Catalog](t, ask(public, "/catalog")).Layers); n != 1 {
		t.Errorf("the public sees %d layers", n)
	}
	if got := ask(public, "/catalog").Header().Get("Access-Control-Allow-Origin"); got != "*" {
		t.Errorf("public figures are for %q", got)
	}
	if got := ask(agents, "/catalog").Header().Get("Cache-Control"); got != "private, no-cache" {
		t.Errorf("agents' figures may be kept by %q", got)
	}
	if got := ask(agents, "/catalog").Header().Get("Access-Control-Allow-Origin"); got != "" {
		t.Errorf("agents' figures are for %q", got)
	}
}

func TestMeasuresFlowsAndZonesFollowTheLayersThatNameThem(t *testing.T) {
	c := release.Catalog{
		Layers: []release.Layer{
			{ID: "a", Zones: "commune", Measures: []string{"residents"}, Audience: "public"},
			{ID: "b", Zones: "cell", Measures: []string{"residents", "income"}, Flows: []string{"trips"}, Audience: "agent"},
			{ID: "c", Audience: "unheard of"},
		},
		Measures: []release.Measure{
			{ID: "residents", Systems: []release.MeasureSystem{{Zones: "commune"}, {Zones: "cell"}, {Zones: "epci"}}},
			{ID: "income", Systems: []release.MeasureSystem{{Zones: "cell"}, {Zones: "commune"}}},
			{ID: "rain", Systems: []release.MeasureSystem{{Zones: "epci"}}},
		},
		Flows:       []release.Flow{{ID: "trips"}, {ID: "goods"}},
		ZoneSystems: []release.ZoneSystem{{ID: "epci", Finer: "commune"}, {ID: "commune", Finer: "cell"}, {ID: "cell"}},
	}
	describe := func(c release.Catalog) (out string) {
		for _, l := range c.Layers {
			out += l.ID + " "
		}
		for _, m := range c.Measures {
			out += m.ID + ":"
			for _, s := range m.Systems {
				out += s.Zones + ","
			}
		}
		for _, f := range c.Flows {
			out += " " + f.ID
		}
		for _, z := range c.ZoneSystems {
			out += " " + z.ID + ">" + z.Finer
		}
		return out
	}
	for audience, want := range map[string]string{
		"public":  "a residents:commune,epci,rain:epci, goods epci>commune commune>",
		"agent":   "a b residents:commune,cell,epci,income:cell,commune,rain:epci, trips goods epci>commune commune>cell cell>",
		"steward": "a b residents:commune,cell,epci,income:cell,commune,rain:epci, trips goods epci>commune commune>cell cell>",
	} {
		if got := describe(c.For(audience)); got != want {
			t.Errorf("%s sees %s\nwant %s", audience, got, want)
		}
	}
	if got := describe(c); got[:4] != "a b " {
		t.Errorf("the manifest's catalogue was changed: %s", got)
	}
}
