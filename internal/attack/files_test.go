package attack

import (
	"os"
	"path/filepath"
	"testing"

	"jumeau/model"
	"jumeau/model/frame"
	"jumeau/model/release"
)

// published writes a measure by IRIS and commune as a release has it: three IRIS in one commune, the last withheld.
func published(t *testing.T, total float64, flag model.Flag) (*release.Release, *Truth) {
	t.Helper()
	dir := t.TempDir()
	iris := &frame.Zones{System: "iris", ID: []string{"1", "2", "3"}, Name: []string{"a", "b", "c"}, Lon: make([]float64, 3), Lat: make([]float64, 3),
		BBox: make([][4]float64, 3), Area: make([]float64, 3), Parents: []frame.Parents{{System: "commune", Index: []uint32{0, 0, 0}}}}
	r := &release.Release{Dir: dir, Manifest: &release.Manifest{ID: "r", Catalog: release.Catalog{Territory: release.Territory{Synthetic: true},
		ZoneSystems: []release.ZoneSystem{{ID: "iris"}, {ID: "commune"}},
		Measures:    []release.Measure{{ID: "presence", Class: "D", Systems: []release.MeasureSystem{{Zones: "iris"}, {Zones: "commune"}}}}}}}
	for _, folder := range []string{"zones", "values"} {
		if err := os.Mkdir(filepath.Join(dir, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := frame.WriteZones(r.Path(release.ZonesPath("iris")), iris); err != nil {
		t.Fatal(err)
	}
	leaf, coarse := frame.NewFigures(3), frame.NewFigures(1)
	leaf.Value[0], leaf.Value[1], leaf.Flag[0], leaf.Flag[1], leaf.Flag[2] = 300, 200, model.OK, model.OK, model.NotPublished
	coarse.Value[0], coarse.Flag[0] = total, flag
	for system, f := range map[string]frame.Figures{"iris": leaf, "commune": coarse} {
		w, err := frame.CreateValues(r.Path(release.ValuesPath("presence", system)), frame.ValuesSpec{Measure: "presence", System: system, Zones: f.Len(), Slots: []model.Slot{"weekday-08"}})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(f); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return r, &Truth{Iris: []string{"1", "2", "3"}, Presence: map[model.Slot][]float64{"weekday-08": {301, 199, 12}}}
}

func TestFilesWhoseTotalsAreSumsOfLeavesGiveNothingAway(t *testing.T) {
	r, truth := published(t, 500, model.Partial)
	if err := truth.Check(r); err != nil {
		t.Fatal(err)
	}
	got, err := truth.Files(r, nil)
	if err != nil || len(got) != 1 || got[0].Gate != 0 || got[0].Trials != 1 || !got[0].Held || !got[0].Broken {
		t.Errorf("%+v (%v)", got, err)
	}
}

func TestAnExactTotalInTheFilesIsFound(t *testing.T) {
	r, truth := published(t, 512, model.OK)
	if got, err := truth.Files(r, nil); err != nil || got[0].Gate != 1 || got[0].Held {
		t.Errorf("%+v (%v)", got[0], err)
	}
}

func TestTheTruthOfAnotherSeedIsRefused(t *testing.T) {
	r, truth := published(t, 500, model.Partial)
	truth.Presence["weekday-08"] = []float64{30, 900, 12}
	if err := truth.Check(r); model.HintOf(err) != "give the seed with which it was generated: --seed" {
		t.Errorf("%v", err)
	}
	r.Manifest.Catalog.Territory.Synthetic = false
	if Invented(r) == nil {
		t.Error("a real territory is attacked")
	}
}
