package gate

import (
	"context"
	"errors"
	"io"
	"math"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/array"

	"jumeau/ingest/contract"
	"jumeau/ingest/format"
	"jumeau/internal/realdata"
	"jumeau/model"
)

// pour reads a real file under a contract into visit, batch by batch.
func pour(t *testing.T, src *model.Source, file string, opt format.Options, visit func(rec arrowRecord)) {
	t.Helper()
	binder, err := contract.New(src, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	opt.Geometry = src.Contract.Geometry
	reader, err := format.Open(context.Background(), realdata.Path(t, file), opt)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	wanted, err := binder.File(0, file, reader.Info())
	if err != nil {
		t.Fatal(err)
	}
	if err := reader.Select(wanted); err != nil {
		t.Fatal(err)
	}
	for {
		b, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if rec, _ := binder.Bind(b); rec != nil {
			visit(rec)
			rec.Release()
		}
	}
}

func behaviour(class, unit string) *model.Behaviour {
	return &model.Behaviour{Class: class, Unit: unit, Purpose: model.Text{FR: "essai", EN: "test"}, LegalBasis: "public task", Retention: "P30D"}
}

// The national transport survey of 2008, class G: distances by 126,438 trips of 17,738 persons.
func TestTheNationalSurveyIsPublishedWithoutItsWeights(t *testing.T) {
	src := &model.Source{ID: "entd", Behaviour: behaviour("G", "respondent"), Contract: model.Contract{Columns: map[string]*model.Column{
		"person": {From: "individual_id", Type: "text", Role: "unit"}, "distance": {Type: "number"}, "mode": {From: "mode_id", Type: "text"},
		"weight": {From: "pondki", Type: "number"}}}}
	edges := []float64{0, 1, 2, 5, 10, 20, 50, 80}
	s := setup(Table{Name: "distance", Shape: Histogram, System: "france", Zones: 1, Value: "distance", Edges: edges, Weight: "weight"})
	s.Source, s.Key = src, make([]byte, 32)
	g := open(t, s)
	people, trips := make([]map[string]bool, len(edges)-1), make([]float64, len(edges)-1)
	for i := range people {
		people[i] = map[string]bool{}
	}
	pour(t, src, "entd-2008/short_dist_trips.parquet", format.Options{}, func(rec arrowRecord) {
		if err := g.Feed(rec); err != nil {
			t.Fatal(err)
		}
		at := func(name string) int { return rec.Schema().FieldIndices(name)[0] }
		person, distance, weight := rec.Column(at("person")).(*array.String), rec.Column(at("distance")).(*array.Float64), rec.Column(at("weight")).(*array.Float64)
		for i := range int(rec.NumRows()) {
			for c := range people {
				if v := distance.Value(i); distance.IsValid(i) && weight.IsValid(i) && v >= edges[c] && v < edges[c+1] {
					people[c][string([]byte(person.Value(i)))] = true
					trips[c] += weight.Value(i)
				}
			}
		}
	})
	cube, err := g.Release(context.Background(), emptyLedger(t))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for f := range cube.Tables()[0].All(0) {
		n++
		if len(people[f.Class]) < 30 {
			t.Errorf("class %d of %d respondents is published", f.Class, len(people[f.Class]))
		}
		if off := math.Abs(f.Y/trips[f.Class] - 1); off > 0.02 {
			t.Errorf("class %d: %.0f is published for %.0f", f.Class, f.Y, trips[f.Class])
		}
	}
	if n < 5 {
		t.Errorf("%d classes are published", n)
	}
}

// Eight buses are too few: nothing of their traces is published.
func TestTheTracesOfEightBusesStayInTheGate(t *testing.T) {
	src := &model.Source{ID: "buses", Behaviour: behaviour("C", "vehicle"), Contract: model.Contract{
		Geometry: &model.Geometry{Type: "point", X: "longitude", Y: "latitude"},
		Columns:  map[string]*model.Column{"bus": {From: "vehicle_id", Type: "text", Role: "unit"}, "at": {From: "timestamp", Type: "timestamp", Role: "time"}}}}
	s := setup(Table{Name: "links", Shape: Links, System: "cells", Zones: 10_000, L0: 24,
		Place: Place{Column: "geometry", Locate: func(lon, lat float64) int32 {
			return int32(math.Mod(math.Floor(lat*500), 100)*100 + 50 + math.Mod(math.Floor(lon*300), 50))
		}}})
	s.Source = src
	g := open(t, s)
	rows := 0
	pour(t, src, "gps-liverpool-bus/route14_outbound.csv", format.Options{CRS: wgs84(t)}, func(rec arrowRecord) {
		rows += int(rec.NumRows())
		if err := g.Feed(rec); err != nil {
			t.Fatal(err)
		}
	})
	cube, err := g.Release(context.Background(), emptyLedger(t))
	if err != nil {
		t.Fatal(err)
	}
	for f := range cube.Tables()[0].All(0) {
		t.Errorf("%+v is published", f)
	}
	if rows != 1533 {
		t.Errorf("%d positions were read of 1,533", rows)
	}
}

// The flows of Grand Est: 1,704 of 3,350 are below the threshold of 11 that a class D producer must keep.
func TestTheFlowsOfGrandEstBreakAThresholdOfEleven(t *testing.T) {
	src := &model.Source{ID: "flows", Contract: model.Contract{Columns: map[string]*model.Column{"people": {From: "fij", Type: "number"}}}}
	var counts []float64
	pour(t, src, "flows-grand-est/nav.csv", format.Options{}, func(rec arrowRecord) {
		counts = append(counts, rec.Column(0).(*array.Float64).Float64Values()...)
	})
	broken := 0
	for _, v := range counts {
		if v > 0 && v < 11 {
			broken++
		}
	}
	if err := CheckThreshold("flows", counts, 11); model.KindOf(err) != model.Withheld || broken != 1704 {
		t.Errorf("%d of %d: %v", broken, len(counts), err)
	}
}
