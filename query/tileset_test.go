package query

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/maptile"

	"jumeau/model"
	"jumeau/model/layer"
	"jumeau/model/layer/layertest"
	"jumeau/model/release"
	"jumeau/model/release/releasetest"
	"jumeau/query/tile"
)

// properties of the features of a tile, by their text id.
func properties(t *testing.T, body []byte) map[string]map[string]any {
	t.Helper()
	layers, err := mvt.Unmarshal(body)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]any{}
	for _, l := range layers {
		for _, f := range l.Features {
			out[l.Name+" "+fmt.Sprint(f.Properties["id"])] = f.Properties
		}
	}
	return out
}

const here = "/tiles/communes/10/516/374.mvt"

func TestAFilterChoosesTheFeaturesOfATile(t *testing.T) {
	dir := t.TempDir()
	releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	for text, want := range map[string]string{
		"name = 'Ayguesvives'": "communes 31001", "name LIKE 'Lab%'": "communes 31002", "id > '31001'": "communes 31002", "name IS NULL": "",
	} {
		w := ask(s, here+"?filter="+url.QueryEscape(text))
		got := ""
		for id := range properties(t, w.Body.Bytes()) {
			got += id
		}
		if got != want || (w.Code == 204) != (want == "") {
			t.Errorf("%s: %d %q instead of %q", text, w.Code, got, want)
		}
	}
}

func TestEquivalentAddressesShareOneAnswer(t *testing.T) {
	dir := t.TempDir()
	id := releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	for _, group := range [][]string{
		{here + "?filter=name%3D'a'", here + "?filter=++name+=+'a'+", here + "?filter=name%20IN%20('a')", "/r/" + id + here + "?filter=NOT%20name%20%3C%3E%20'a'"},
		{here + "?slot=all", here + "?measure=residents", here + "?measure=residents&slot=all", here + "?slot=all&measure=residents"},
		{"/tiles/communes,works/10/516/374.mvt", "/tiles/works,communes/10/516/374.mvt", "/tiles/works,communes,works/10/516/374.mvt"},
		{"/tiles/communes/10/516/374.mlt", here + " application/vnd.maplibre-tile"},
	} {
		tag := ""
		for _, address := range group {
			address, accept, _ := strings.Cut(address, " ")
			got := ask(s, address, "Accept", accept).Header().Get("ETag")
			if tag == "" {
				tag = got
			}
			if got != tag || got == "" {
				t.Errorf("%s has the tag %s instead of %s", address, got, tag)
			}
		}
	}
	if s.count.misses.Load() != 4 {
		t.Errorf("%d answers were made", s.count.misses.Load())
	}
}

func TestFiguresOfASlotAreInTheTile(t *testing.T) {
	dir := t.TempDir()
	releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	for i, at := range releasetest.Slots {
		want := releasetest.Presence(tiny, i)
		got := properties(t, ask(s, here+"?measure=presence&slot="+string(at)).Body.Bytes())
		for zone, id := range []string{"31001", "31002"} {
			p := got["communes "+id]
			if flag := p["flag"]; flag != float64(want.Flag[zone]) {
				t.Errorf("%s %s: flag %v instead of %v", at, id, flag, want.Flag[zone])
			}
			withheld := want.Flag[zone] == model.NotPublished || want.Flag[zone] == model.NoData
			for name, number := range map[string]float64{"value": want.Value[zone], "lo": want.Lo[zone], "hi": want.Hi[zone]} {
				v, ok := p[name]
				if ok != (!withheld && number == number) || ok && v != number {
					t.Errorf("%s %s: %s is %v (%v) instead of %v", at, id, name, v, ok, number)
				}
			}
		}
	}
	if _, ok := properties(t, ask(s, here).Body.Bytes())["communes 31001"]["flag"]; ok {
		t.Error("figures that nobody asked for are in the tile")
	}
}

func TestSeveralLayersComeInOneTile(t *testing.T) {
	dir := t.TempDir()
	releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	one, other := ask(s, here).Body.Bytes(), ask(s, "/tiles/works/10/516/374.mvt").Body.Bytes()
	if both := ask(s, "/tiles/works,communes/10/516/374.mvt").Body.Bytes(); !bytes.Equal(both, append(append([]byte{}, one...), other...)) {
		t.Errorf("%d bytes instead of %d and %d", len(both), len(one), len(other))
	}
	if low := ask(s, "/tiles/works,communes/5/16/11.mvt"); low.Code != 200 { // works begin at zoom 10
		t.Error(low.Code)
	}
	type document struct {
		Name, Attribution string
		MinZoom, MaxZoom  int
		Tiles             []string
		VectorLayers      []struct{ ID string } `json:"vector_layers"`
		Generalised       []map[string]any
	}
	got := decode[document](t, ask(s, "/tiles/works,communes.json", "Accept-Language", "en"))
	want := document{
		Name: "Who lives where?, Works", Attribution: "© IGN (Licence Ouverte 2.0), Mairie (ODbL 1.0)", MinZoom: 5, MaxZoom: 14,
		Tiles: []string{"http://twin.example/tiles/communes,works/{z}/{x}/{y}.mvt"}, VectorLayers: []struct{ ID string }{{"communes"}, {"works"}},
		Generalised: []map[string]any{{"layer": "works", "budget": 500000.0, "joined_below": 14.0, "count": "count", "sums": []any{}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	with := decode[document](t, ask(s, "/tiles/communes.json?slot=all&filter="+url.QueryEscape("name = 'é & ü'")))
	if want := "http://twin.example/tiles/communes/{z}/{x}/{y}.mvt?filter=%22name%22+%3D+%27%C3%A9+%26+%C3%BC%27&measure=residents&slot=all"; with.Tiles[0] != want {
		t.Errorf("%s instead of %s", with.Tiles[0], want)
	}
}

func TestMLTIsChosenByExtensionOrAccept(t *testing.T) {
	dir := t.TempDir()
	releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	want, err := tile.MLT(nil, ask(s, here).Body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	for request, wantType := range map[string]string{
		here + "|": tileType, here + "|*/*": tileType, here + "|" + mltType: mltType, here + "|" + tileType + ";q=0.5, " + mltType: mltType,
		strings.Replace(here, ".mvt", ".mlt", 1) + "|": mltType, strings.Replace(here, ".mvt", ".mlt", 1) + "|" + tileType: mltType,
	} {
		address, accept, _ := strings.Cut(request, "|")
		w := ask(s, address, "Accept", accept)
		if got := w.Header().Get("Content-Type"); got != wantType || bytes.Equal(w.Body.Bytes(), want) != (wantType == mltType) {
			t.Errorf("%s: %s", request, got)
		}
		if vary := strings.Contains(w.Header().Get("Vary")+",", "Accept,"); vary != strings.HasSuffix(address, ".mvt") {
			t.Errorf("%s: Vary %s", request, w.Header().Get("Vary"))
		}
	}
}

func TestAWrongParameterOfATileSaysWhere(t *testing.T) {
	dir := t.TempDir()
	releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	for address, want := range map[string]problem{
		here + "?filter=nmae+%3D+'a'":                                     {Status: 400, Position: 1, Hint: "did you mean name? there are: id, name", Detail: "parameter filter: at character 1: \"nmae\" is not a property of the layer"},
		here + "?filter=name+%3D+3":                                       {Status: 400, Position: 8, Hint: "write conditions like", Detail: "a text in single quotes is expected"},
		here + "?filter=":                                                 {Status: 400, Position: 1, Hint: "leave the parameter out", Detail: "the filter is empty"},
		here + "?slot=weekday-08":                                         {Status: 404, Hint: "there are: all"},
		here + "?slot=weekday-08&measure=residets":                        {Status: 404, Hint: "did you mean residents?"},
		"/tiles/works/10/516/374.mvt?slot=all":                            {Status: 400, Hint: "leave it out", Detail: "layer works has no measures"},
		"/tiles/works,communes/10/516/374.mvt?filter=id+%3D+'a'":          {Status: 400, Hint: "one layer at a time"},
		"/tiles/works,comunes/10/516/374.mvt":                             {Status: 404, Hint: "did you mean communes?"},
		"/tiles/works,/10/516/374.mvt":                                    {Status: 404, Hint: "there are: communes, works"},
		"/tiles/" + strings.Repeat("works,", 20) + "works/10/516/374.mvt": {Status: 400, Hint: "at most 16"},
	} {
		w := ask(s, address)
		var got problem
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if w.Code != want.Status || got.Position != want.Position || !strings.Contains(got.Hint, want.Hint) || !strings.Contains(got.Detail, want.Detail) {
			t.Errorf("%s: %d %+v", address, w.Code, got)
		}
	}
}

func TestHostileVarietyCannotDriveOutTheTiles(t *testing.T) {
	dir := t.TempDir()
	releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{CacheBytes: 100_000})
	ask(s, here)
	for i := range 2000 {
		ask(s, fmt.Sprintf("%s?filter=name+%%3C%%3E+'%d'", here, i))
	}
	s.varied.CleanUp()
	if size := s.varied.WeightedSize(); size > 100_000/8 {
		t.Errorf("filtered tiles take %d bytes", size)
	}
	before := s.count.misses.Load()
	ask(s, here)
	if s.count.misses.Load() != before {
		t.Error("the tile was driven out")
	}
}

func TestACoarserTileSaysSo(t *testing.T) {
	spec := layer.Spec{Name: "points", Geometry: layer.Points, MinZoom: 10, MaxZoom: 10, Properties: []layer.Property{{Name: "text", Type: layer.Text}}}
	r := rand.New(rand.NewPCG(1, 2))
	at := maptile.New(516, 374, 10)
	var rows []layertest.Row
	for i := range 30_000 {
		b := at.Bound()
		p := orb.Point{b.Min[0] + r.Float64()*(b.Max[0]-b.Min[0]), b.Min[1] + r.Float64()*(b.Max[1]-b.Min[1])}
		rows = append(rows, layertest.Row{ID: fmt.Sprint(i), Key: uint64(i), Geometry: p, Values: []any{fmt.Sprint(r.Uint64(), r.Uint64())}})
	}
	set := &tileset{layers: []*release.Layer{{ID: "points"}}, files: []*layer.File{layertest.File(t, spec, rows)}}
	for _, contentType := range []string{tileType, mltType} {
		made, err := set.encode(at, contentType)
		if err != nil {
			t.Fatal(err)
		}
		if got := made.header["Generalised"]; got != "points;unit=1;cell=32" {
			t.Errorf("%q", got)
		}
		for _, code := range []string{gzipCoding, brotliCoding} {
			if e := pack(made, code); len(e.body) > tile.DefaultBudget || e.coding != code || e.header["Generalised"] == "" {
				t.Errorf("%d bytes with %q", len(e.body), e.coding)
			}
		}
	}
	if got := tile.Generalised([]tile.Coarse{{Layer: "a", Unit: 4}, {Layer: "b", Unit: 64, Cell: 512, Bare: true}}); got != "a;unit=4, b;unit=64;cell=512;bare" {
		t.Error(got)
	}
}
