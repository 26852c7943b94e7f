package release_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"jumeau/model"
	"jumeau/model/frame"
	"jumeau/model/release"
	"jumeau/model/release/releasetest"
)

func TestDiffSaysWhatChangedAndByHowMuch(t *testing.T) {
	dir := t.TempDir()
	a := releasetest.Publish(t, dir, releasetest.Options{BuiltAt: minute(0)})
	d, err := release.Begin(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	m, err := releasetest.Write(d.Dir(), releasetest.Options{Residents: 10, Works: 3, BuiltAt: minute(1)})
	if err != nil {
		t.Fatal(err)
	}
	m.Catalog.Layers[0].Title.FR = "Population"
	m.Catalog.Sources[0].Vintage, m.Catalog.Sources[0].Rejected = "2027", []release.Rejected{{Code: "id_missing", Count: 2}}
	m.Catalog.Sources = m.Catalog.Sources[:2]
	b, _, err := d.Publish(context.Background(), m)
	if err != nil {
		t.Fatal(err)
	}

	got, err := release.Compare(dir, a, b)
	if err != nil {
		t.Fatal(err)
	}
	wantThings := []release.Thing{
		{Kind: "layer", ID: "communes", Change: "changed", Details: []string{"title"}},
		{Kind: "layer", ID: "works", Change: "changed", Details: []string{"features 1 → 4"}},
		{Kind: "flow", ID: "commuters", Change: "changed", Details: []string{"total 740 → 760"}},
		{Kind: "source", ID: "communes", Change: "changed", Details: []string{"vintage 2026 → 2027", "rejected id_missing 0 → 2", "rejected geometry_unclosed_ring 1 → 0"}},
		{Kind: "source", ID: "works", Change: "removed"},
	}
	works := got.Things[1].Details
	if len(works) != 2 || !strings.HasPrefix(works[1], "geometry and attributes ") {
		t.Fatalf("the layer's file changed: %v", works)
	}
	got.Things[1].Details = works[:1] // the other one is a hash
	if diff := cmp.Diff(wantThings, got.Things); diff != "" {
		t.Error(diff)
	}
	wantFigures := []release.FigureDiff{
		{Kind: "measure", ID: "residents", Zones: "commune", Compared: 2, Numbers: 2, Largest: []release.Difference{
			{Zone: "31001", Name: "Ayguesvives", Slot: "all", Before: 2500, After: 2510}, {Zone: "31002", Name: "Labège-l'Été", Slot: "all", Before: 5000, After: 5010}}},
		{Kind: "measure", ID: "residents", Zones: "epci", Compared: 1, Numbers: 1, Largest: []release.Difference{
			{Zone: "243100633", Name: "Sicoval", Slot: "all", Before: 2500, After: 2510}}},
		{Kind: "measure", ID: "presence", Zones: "commune", Compared: 8, Numbers: 6},
		{Kind: "flow", ID: "commuters", Zones: "commune", Compared: 3, Numbers: 2, Largest: []release.Difference{
			{Zone: "31001 → 31001", Name: "Ayguesvives → Ayguesvives", Slot: "all", Before: 700, After: 710},
			{Zone: "31002 → 31001", Name: "Labège-l'Été → Ayguesvives", Slot: "all", Before: 40, After: 50}}},
	}
	if n := len(got.Figures[2].Largest); n != 5 {
		t.Errorf("%d largest differences, want 5", n)
	}
	got.Figures[2].Largest = nil
	if diff := cmp.Diff(wantFigures, got.Figures); diff != "" {
		t.Error(diff)
	}
}

func TestDiffOfARolledBackReleaseWithItselfIsEmpty(t *testing.T) {
	dir := t.TempDir()
	id := releasetest.Publish(t, dir, releasetest.Options{})
	got, err := release.Compare(dir, id, id)
	if err != nil || !got.Same || len(got.Things)+len(got.Figures) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestDiffNeverShowsANumberThatOneReleaseWithholds(t *testing.T) {
	dir := t.TempDir()
	publish := func(at int, flag model.Flag, v float64) string {
		d, err := release.Begin(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		m, err := releasetest.Write(d.Dir(), releasetest.Options{BuiltAt: minute(at)})
		if err != nil {
			t.Fatal(err)
		}
		f := frame.NewFigures(1)
		f.Value[0], f.Flag[0] = v, flag
		replaceValues(t, d.Dir(), "residents", "epci", f)
		id, _, err := d.Publish(context.Background(), m)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	a, b := publish(0, model.OK, 4242), publish(1, model.NotPublished, frame.None)
	got, err := release.Compare(dir, a, b)
	if err != nil {
		t.Fatal(err)
	}
	want := []release.FigureDiff{{Kind: "measure", ID: "residents", Zones: "epci", Compared: 1, Flags: 1, Largest: []release.Difference{}}}
	if diff := cmp.Diff(want, got.Figures); diff != "" {
		t.Error(diff)
	}
}
