package query

import (
	"math"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/google/go-cmp/cmp"

	"jumeau/model"
	"jumeau/model/frame"
	"jumeau/model/release"
	"jumeau/model/release/releasetest"
)

type figuresAnswer struct {
	Release, Measure, Flow, Zones, Slot, Zone string
	Slots                                     []model.Slot
	Value, Lo, Hi                             []*float64
	Flag                                      []model.Flag
	Origin, Destination                       []uint32
}

func pointers(values []float64) (out []*float64) {
	for _, v := range values {
		if math.IsNaN(v) {
			out = append(out, nil)
		} else {
			out = append(out, &v)
		}
	}
	return out
}

// sameFigures holds an answer to the figures written.
func sameFigures(t *testing.T, got figuresAnswer, want frame.Figures) {
	t.Helper()
	lo, hi := pointers(want.Lo), pointers(want.Hi)
	if !want.Interval() {
		lo, hi = nil, nil
	}
	for name, pair := range map[string][2]any{"value": {pointers(want.Value), got.Value}, "lo": {lo, got.Lo}, "hi": {hi, got.Hi}, "flag": {want.Flag, got.Flag}} {
		if diff := cmp.Diff(pair[0], pair[1]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestFiguresAreThoseOfTheFrames(t *testing.T) {
	dir := t.TempDir()
	id := releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	for i, slot := range releasetest.Slots {
		for _, prefix := range []string{"", "/r/" + id} {
			got := decode[figuresAnswer](t, ask(s, prefix+"/values/presence?zones=commune&slot="+string(slot)))
			if got.Release != id || got.Measure != "presence" || got.Zones != "commune" || got.Slot != string(slot) {
				t.Errorf("answer is about %+v", got)
			}
			sameFigures(t, got, releasetest.Presence(tiny, i))
		}
	}
	for _, system := range []string{"commune", "epci"} {
		sameFigures(t, decode[figuresAnswer](t, ask(s, "/values/residents?zones="+system)), releasetest.Residents(tiny, system))
	}
	byDefault := decode[figuresAnswer](t, ask(s, "/values/presence"))
	if byDefault.Zones != "commune" || byDefault.Slot != "weekday-07" {
		t.Errorf("by default %s in %s", byDefault.Slot, byDefault.Zones)
	}
}

func TestAProfileIsOneZoneInAllSlots(t *testing.T) {
	dir := t.TempDir()
	releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	got := decode[figuresAnswer](t, ask(s, "/profile/presence?zones=commune&zone=31002"))
	want := frame.NewFigures(4)
	for i := range want.Flag {
		f := releasetest.Presence(tiny, i)
		want.Value[i], want.Lo[i], want.Hi[i], want.Flag[i] = f.Value[1], f.Lo[1], f.Hi[1], f.Flag[1]
	}
	if !cmp.Equal(got.Slots, releasetest.Slots) || got.Zone != "31002" {
		t.Errorf("profile of %s over %v", got.Zone, got.Slots)
	}
	sameFigures(t, got, want)
}

func TestFlowsAreChosenByTheirEnds(t *testing.T) {
	dir := t.TempDir()
	releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	all := releasetest.Commuters(tiny)
	for query, want := range map[string]frame.Pairs{
		"": all, "?slot=all&zones=commune": all, "?from=31001": all.From(0), "?to=31001": all.To(0), "?from=31002&to=31002": all.From(1).To(1),
	} {
		got := decode[figuresAnswer](t, ask(s, "/flows/commuters"+query))
		if len(got.Origin) != len(want.Origin) || len(want.Origin) > 0 && (!cmp.Equal(got.Origin, want.Origin) || !cmp.Equal(got.Destination, want.Destination)) {
			t.Errorf("%s: from %v to %v", query, got.Origin, got.Destination)
		}
		if want.Len() > 0 {
			sameFigures(t, got, want.Figures)
		}
	}
}

func TestFlowsAreSummedIntoCoarserZonesAndCutToTheGreatest(t *testing.T) {
	dir := t.TempDir()
	id := releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	start := `{"release":"` + id + `","flow":"commuters","zones":"`
	for query, want := range map[string]string{
		"?top=1":            start + `commune","slot":"all","rest":{"pairs":2,"value":40},"origin":[0],"destination":[0],"value":[700],"flag":[0]}`,
		"?top=2&to=31001":   start + `commune","slot":"all","rest":{"pairs":0,"value":0},"origin":[0,1],"destination":[0,0],"value":[700,40],"flag":[0,1]}`,
		"?zones=epci":       start + `epci","slot":"all","origin":[0,0,null],"destination":[0,null,0],"value":[700,null,40],"flag":[0,2,1]}`, // 31002 has no parent: it is outside
		"?zones=epci&top=1": start + `epci","slot":"all","rest":{"pairs":2,"value":40},"origin":[0],"destination":[0],"value":[700],"flag":[0]}`,
	} {
		if got := strings.TrimSpace(ask(s, "/flows/commuters"+query).Body.String()); got != want {
			t.Errorf("%s is\n%s, want\n%s", query, got, want)
		}
	}
	for query, code := range map[string]int{"?top=0": 400, "?top=many": 400, "?zones=region": 404, "?zones=epci&from=31001": 404} {
		if w := ask(s, "/flows/commuters"+query); w.Code != code {
			t.Errorf("%s: %d %s", query, w.Code, w.Body)
		}
	}
	if w := ask(s, "/flows/commuters?zones=epci", "Accept", "application/vnd.apache.arrow.stream"); w.Header().Get("Content-Type") != jsonType {
		t.Errorf("a sum is made for the request, not a frame of the release: %s", w.Header().Get("Content-Type"))
	}
}

func TestArrowIsSentToThoseWhoAskForIt(t *testing.T) {
	dir := t.TempDir()
	releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	for address, want := range map[string]frame.Figures{
		"/values/presence?slot=weekday-08": releasetest.Presence(tiny, 1), "/flows/commuters": releasetest.Commuters(tiny).Figures,
	} {
		w := ask(s, address, "Accept", "application/json;q=0.5, application/vnd.apache.arrow.stream")
		if w.Header().Get("Content-Type") != arrowType || w.Header().Get("Vary") != "Accept-Encoding, Accept" {
			t.Fatalf("%s: %d %v", address, w.Code, w.Header())
		}
		reader, err := ipc.NewReader(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		var values []float64
		for reader.Next() {
			batch := reader.RecordBatch()
			column := batch.Column(batch.Schema().FieldIndices("value")[0]).(*array.Float64)
			values = append(values, column.Float64Values()...)
		}
		if reader.Err() != nil || !cmp.Equal(pointers(values), pointers(want.Value)) {
			t.Errorf("%s: %v, %v", address, values, reader.Err())
		}
		reader.Release()
	}
	if w := ask(s, "/values/presence", "Accept", "*/*"); w.Header().Get("Content-Type") != jsonType {
		t.Errorf("by default %s", w.Header().Get("Content-Type"))
	}
}

func TestTheCatalogueIsThatOfTheManifest(t *testing.T) {
	dir := t.TempDir()
	id := releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	r, err := release.Open(dir, id)
	if err != nil {
		t.Fatal(err)
	}
	got := decode[release.Catalog](t, ask(s, "/catalog"))
	if diff := cmp.Diff(r.Manifest.Catalog, got); diff != "" {
		t.Error(diff)
	}
	pinned := decode[release.Catalog](t, ask(s, "/r/"+id+"/catalog"))
	if !cmp.Equal(got, pinned) {
		t.Error("the pinned catalogue is another one")
	}
	for _, want := range []string{`"finer":"commune"`, `"tiles":"/r/` + id + `/tiles/communes/{z}/{x}/{y}.mvt"`, `"measures":[]`, `"built_at":"2026-11-23T02:00:00Z"`} {
		if !strings.Contains(ask(s, "/catalog").Body.String(), want) {
			t.Errorf("the catalogue does not say %s", want)
		}
	}
}

func TestZonesComeByIndex(t *testing.T) {
	dir := t.TempDir()
	releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	got := decode[struct {
		System     string
		IDs, Names []string
		Lon, Lat   []float64
		BBox       [][4]float64
		Area       []float64 `json:"area_m2"`
		Parents    map[string][]*int
	}](t, ask(s, "/zones/commune"))
	zero := 0
	if got.System != "commune" || !cmp.Equal(got.IDs, []string{"31001", "31002"}) || !cmp.Equal(got.Names, []string{"Ayguesvives", "Labège-l'Été"}) ||
		!cmp.Equal(got.Lon, []float64{1.5, 1.6}) || !cmp.Equal(got.BBox, [][4]float64{{1.45, 43.45, 1.55, 43.55}, {1.55, 43.45, 1.65, 43.55}}) ||
		!cmp.Equal(got.Area, []float64{9e7, 9e7}) || !cmp.Equal(got.Parents, map[string][]*int{"epci": {&zero, nil}}) {
		t.Errorf("zones are %+v", got)
	}
}
