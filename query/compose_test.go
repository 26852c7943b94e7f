package query

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"jumeau/model"
	"jumeau/model/release/releasetest"
)

type composed struct {
	Measure, Zones, Slot string
	Value, Lo, Hi        *float64
	Flag                 model.Flag
	Area                 float64 `json:"area_m2"`
	Inside               int     `json:"zones_inside"`
	Crossed              int     `json:"zones_crossed"`
	NotPublished         int     `json:"zones_not_published"`
	Whole                float64 `json:"value_of_zones_inside"`
	Method               model.Text
}

// post sends a body.
func post(s http.Handler, address, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "http://twin.example"+address, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/geo+json")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func TestTheFigureOfAPolygonIsMadeOfPublishedZones(t *testing.T) {
	dir := t.TempDir()
	releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	both := decode[composed](t, ask(s, "/figures/residents?bbox=1.4,43.4,1.7,43.6"))
	if both.Zones != "commune" || both.Value == nil || *both.Value != 7500 || both.Lo != nil || both.Flag != model.OK || both.Inside != 2 || both.Crossed != 0 {
		t.Errorf("%+v", both)
	}
	// The first commune, and half of the second.
	const half = `{"type":"Polygon","coordinates":[[[1.45,43.45],[1.60,43.45],[1.60,43.55],[1.45,43.55],[1.45,43.45]]]}`
	for name, w := range map[string]*httptest.ResponseRecorder{"POST": post(s, "/figures/residents", half),
		"feature": post(s, "/figures/residents", `{"type":"Feature","properties":{},"geometry":`+half+`}`),
		"WKT":     ask(s, "/figures/residents?within=POLYGON((1.45+43.45,1.6+43.45,1.6+43.55,1.45+43.55,1.45+43.45))"),
		"2154":    ask(s, "/figures/residents?zones=commune&bbox=1.45,43.45,1.6,43.55&crs=OGC:CRS84")} {
		got := decode[composed](t, w)
		if got.Value == nil || *got.Value < 4999 || *got.Value > 5001 || *got.Lo != 2500 || *got.Hi != 7500 || got.Flag != model.Estimated || got.Crossed != 1 || got.Whole != 2500 {
			t.Errorf("%s: %+v", name, got)
		}
	}
	withheld := decode[composed](t, ask(s, "/figures/presence?slot=weekday-08&bbox=1.4,43.4,1.7,43.6"))
	if withheld.Flag != model.Partial || withheld.NotPublished != 1 || withheld.Lo != nil || *withheld.Value != 100.5 {
		t.Errorf("%+v", withheld)
	}
	all := decode[figuresAnswer](t, ask(s, "/figures/presence?slots=all&bbox=1.56,43.46,1.6,43.5"))
	if len(all.Slots) != len(releasetest.Slots) || all.Value[1] != nil || all.Flag[1] != model.NotPublished || all.Flag[2] != model.NoData || all.Flag[3] != model.Estimated {
		t.Errorf("%+v", all)
	}
	if got := post(s, "/figures/residents", half).Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("a POST may be kept: %s", got)
	}
}

func TestFeaturesAreCountedByConditionAndPlace(t *testing.T) {
	dir := t.TempDir()
	opt := tiny
	opt.Works = 200
	releasetest.Publish(t, dir, opt)
	s, _ := serve(t, dir, Options{})
	count := func(w *httptest.ResponseRecorder) int {
		t.Helper()
		return decode[struct{ Count int }](t, w).Count
	}
	for address, want := range map[string]int{
		"/counts/works": 201, "/counts/works?filter=kind%3D'water'": 200, "/counts/works?filter=kind%3D'gas'": 1,
		"/counts/works?bbox=1.4500,43.5,1.45095,43.6": 10, "/counts/works?filter=kind%3D'water'&bbox=1.45,43,1.45095,44": 10, "/counts/communes": 2,
		"/counts/works?within=POINT(1.45+43.51)": 1, "/counts/works?bbox=2,43,3,44": 0, "/counts/communes?within=LINESTRING(1.5+43.5,1.6+43.5)": 2,
	} {
		if got := count(ask(s, address)); got != want {
			t.Errorf("%s: %d, want %d", address, got, want)
		}
	}
	if got := count(post(s, "/counts/works?filter=kind%3D'water'", `{"type":"Polygon","coordinates":[[[1.45,43],[1.45095,43],[1.45095,44],[1.45,44],[1.45,43]]]}`)); got != 10 {
		t.Errorf("by POST %d", got)
	}
}

func TestQuestionsThatCannotBeAnsweredSayWhatToTry(t *testing.T) {
	dir := t.TempDir()
	opt := tiny
	opt.Audience = "agent"
	releasetest.Publish(t, dir, opt)
	s, _ := serve(t, dir, Options{})
	for _, c := range []struct {
		w      *httptest.ResponseRecorder
		status int
		hint   string
	}{
		{ask(s, "/figures/residents"), 400, "POST a GeoJSON polygon"},
		{ask(s, "/figures/resident?bbox=1,43,2,44"), 404, "did you mean residents"},
		{ask(s, "/figures/residents?bbox=1,43,2"), 400, "west,south,east,north"},
		{ask(s, "/figures/residents?bbox=1,45,2,44"), 400, "lower corner first"},
		{ask(s, "/figures/residents?bbox=1,43,2,44&crs=EPSG:9"), 400, "EPSG:2154"},
		{ask(s, "/figures/residents?within=POINT(1+43)"), 400, "POLYGON"},
		{ask(s, "/figures/residents?within=POLYGON((1+43,2+44,2+43,1+44,1+43))"), 400, "without crossing itself"},
		{ask(s, "/figures/residents?within=ROUND"), 400, "POLYGON"},
		{ask(s, "/figures/residents?bbox=1,43,2,44&within=POINT(1+43)"), 400, "one of bbox"},
		{ask(s, "/figures/residents?bbox=574000,6270000,575000,6280000"), 400, "system of the coordinates"},
		{ask(s, "/figures/residents?bbox=1,43,2,44&zones=epci"), 404, "/values/residents"},
		{ask(s, "/figures/presence?bbox=1,43,2,44&slots=some"), 400, "slots=all"},
		{post(s, "/figures/residents", "{}"), 400, "or a feature"},
		{post(s, "/figures/residents", strings.Repeat("[", 600_000)), 400, "simplify"},
		{post(s, "/figures/residents", `{"type":"Polygon","coordinates":[[`+strings.Repeat("[1,43],", 6000)+`[1,43]]]}`), 400, "simplify"},
		{post(s, "/values/residents", ""), 405, ""},
		{ask(s, "/counts/works"), 404, "communes"},
		{ask(s, "/counts/communes?filter=nom%3D'x'"), 400, "did you mean name"},
	} {
		var p problem
		if err := json.Unmarshal(c.w.Body.Bytes(), &p); err != nil || c.w.Code != c.status || !strings.Contains(p.Hint, c.hint) {
			t.Errorf("%d %s, want %d and %q", c.w.Code, c.w.Body, c.status, c.hint)
		}
	}
}
