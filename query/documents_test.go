package query

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/maptile"

	"jumeau/model/layer"
	"jumeau/model/release"
	"jumeau/model/release/releasetest"
	"jumeau/query/tile"
)

func TestATileIsEncodedFromItsLayer(t *testing.T) {
	dir := t.TempDir()
	id := releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	r, err := release.Open(dir, id)
	if err != nil {
		t.Fatal(err)
	}
	file, err := layer.Open(r.Path(release.LayerPath("communes")))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	want, _, err := tile.Encode(nil, []*layer.File{file}, maptile.New(516, 374, 10), tile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := ask(s, "/tiles/communes/10/516/374.mvt").Body.Bytes()
	if len(want) == 0 || !bytes.Equal(got, want) {
		t.Errorf("%d bytes, want %d", len(got), len(want))
	}
	layers, err := mvt.Unmarshal(got)
	if err != nil || len(layers) != 1 || layers[0].Name != "communes" || len(layers[0].Features) != 2 {
		t.Fatalf("%v: %+v", err, layers)
	}
	// The key joins figures: zone index + 1.
	keys := map[string]any{}
	for _, f := range layers[0].Features {
		keys[f.Properties.MustString("id")] = f.ID
	}
	if diff := cmp.Diff(map[string]any{"31001": 1.0, "31002": 2.0}, keys); diff != "" {
		t.Error(diff)
	}
}

func TestTileJSONHasWholeAddresses(t *testing.T) {
	dir := t.TempDir()
	id := releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	proxied, _ := serve(t, dir, Options{PublicURL: "https://twin.example.org/map/"})
	type document struct {
		TileJSON, Name, Attribution string
		Tiles                       []string
		MinZoom, MaxZoom            int
		VectorLayers                []struct {
			ID     string
			Fields map[string]string
		} `json:"vector_layers"`
	}
	got := decode[document](t, ask(s, "/tiles/communes.json", "Accept-Language", "en"))
	if got.TileJSON != "3.0.0" || got.Name != "Who lives where?" || got.Attribution != "© IGN (Licence Ouverte 2.0)" || got.MinZoom != 5 || got.MaxZoom != 14 ||
		!slices.Equal(got.Tiles, []string{"http://twin.example/tiles/communes/{z}/{x}/{y}.mvt"}) ||
		!cmp.Equal(got.VectorLayers[0].Fields, map[string]string{"id": "text", "name": "Name"}) {
		t.Errorf("%+v", got)
	}
	for want, w := range map[string]*document{
		"http://twin.example/r/" + id + "/tiles/communes/{z}/{x}/{y}.mvt": ptr(decode[document](t, ask(s, "/r/"+id+"/tiles/communes.json"))),
		"https://twin.example/tiles/communes/{z}/{x}/{y}.mvt":             ptr(decode[document](t, ask(s, "/tiles/communes.json", "X-Forwarded-Proto", "https"))),
		"https://twin.example.org/map/tiles/communes/{z}/{x}/{y}.mvt":     ptr(decode[document](t, ask(proxied, "/tiles/communes.json"))),
	} {
		if w.Tiles[0] != want {
			t.Errorf("tiles at %s, want %s", w.Tiles[0], want)
		}
	}
	if french := decode[document](t, ask(s, "/tiles/communes.json", "Accept-Language", "fr-FR,fr;q=0.9")); french.Name != "Qui habite où ?" {
		t.Errorf("in French: %s", french.Name)
	}
}

func ptr[T any](v T) *T { return &v }

func TestTheStyleDrawsEveryLayerInOrderAndNamesNoOtherHost(t *testing.T) {
	dir := t.TempDir()
	releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	w := ask(s, "/style.json", "Accept-Language", "en")
	text := w.Body.String()
	for at := range strings.SplitSeq(text, "://") {
		if rest := text[strings.Index(text, at)+len(at):]; len(rest) > 3 && !strings.HasPrefix(rest, "://twin.example/") {
			t.Errorf("another host: %.60s", rest)
		}
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, w.Body.Bytes(), "", " "); err != nil {
		t.Fatal(err)
	}
	golden(t, "style.json", strings.ReplaceAll(indented.String(), s.holder.serving(), "ID"))
}
