// Package releasetest makes tiny releases for tests, through the writers that real ones go through.
//
// The territory "tiny" has two communes in one intercommunality, a measure by commune and hour with one figure not published
// and one not measured, and commuters between the communes.
package releasetest

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"jumeau/model"
	"jumeau/model/frame"
	"jumeau/model/release"
)

// Options vary the release. The zero value is fine.
type Options struct {
	Residents float64 // added to every figure: releases with different ones have different content
	BuiltAt   time.Time
	Audience  string // of the layer "works"; default public
	Works     int    // more features in the layer "works"
}

// Slots of the measure "presence".
var Slots = []model.Slot{"weekday-07", "weekday-08", "saturday-12", "2025-01"}

// Publish publishes a release and returns its id.
func Publish(t testing.TB, releases string, opt Options) string {
	t.Helper()
	d, err := release.Begin(releases)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	m, err := Write(d.Dir(), opt)
	if err != nil {
		t.Fatal(err)
	}
	id, published, err := d.Publish(context.Background(), m)
	if err != nil {
		t.Fatal(err)
	}
	if !published {
		t.Fatalf("release %s was already there", id)
	}
	return id
}

// Write writes the files of a release into dir and returns its manifest.
func Write(dir string, opt Options) (release.Manifest, error) {
	for _, folder := range []string{"zones", "values", "flows", "layers"} {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o755); err != nil {
			return release.Manifest{}, err
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "model.duckdb"), []byte("a database"), 0o644); err != nil {
		return release.Manifest{}, err
	}
	m := release.Manifest{BuiltAt: opt.BuiltAt, Tool: release.Tool{Name: "jumeau", Version: "test"}, Catalog: catalog(opt),
		Cost: release.Cost{WallSeconds: 1.5, CPUSeconds: 2, PeakBytes: 1 << 20, WattHours: 0.004, Estimate: "10 W a core"}}
	for _, write := range []func(string, Options, *release.Catalog) error{writeZones, writeValues, writeFlows, writeLayers} {
		if err := write(dir, opt, &m.Catalog); err != nil {
			return m, err
		}
	}
	return m, nil
}

func path(dir, file string) string { return filepath.Join(dir, filepath.FromSlash(file)) }

func writeZones(dir string, _ Options, _ *release.Catalog) error {
	communes := &frame.Zones{System: "commune", ID: []string{"31001", "31002"}, Name: []string{"Ayguesvives", "Labège-l'Été"},
		Lon: []float64{1.5, 1.6}, Lat: []float64{43.5, 43.5}, BBox: [][4]float64{{1.45, 43.45, 1.55, 43.55}, {1.55, 43.45, 1.65, 43.55}},
		Area: []float64{9e7, 9e7}, Parents: []frame.Parents{{System: "epci", Index: []uint32{0, frame.NoParent}}}}
	epci := &frame.Zones{System: "epci", ID: []string{"243100633"}, Name: []string{"Sicoval"}, Lon: []float64{1.5}, Lat: []float64{43.5},
		BBox: [][4]float64{{1.45, 43.45, 1.55, 43.55}}, Area: []float64{9e7}}
	if err := frame.WriteZones(path(dir, release.ZonesPath("commune")), communes); err != nil {
		return err
	}
	return frame.WriteZones(path(dir, release.ZonesPath("epci")), epci)
}

// Presence is the figures of the measure "presence" in slot i, by commune: an estimate with its interval beside, in the
// second slot, a figure that is withheld and, in the third, one that was not measured.
func Presence(opt Options, i int) frame.Figures {
	f := frame.NewFigures(2)
	f.Value[0], f.Lo[0], f.Hi[0], f.Flag[0] = opt.Residents+float64(100*i)+0.5, opt.Residents+float64(100*i), opt.Residents+float64(100*i)+1, model.Estimated
	switch i {
	case 1:
		f.Flag[1] = model.NotPublished
	case 2:
		f.Flag[1] = model.NoData
	default:
		f.Value[1], f.Flag[1] = opt.Residents+float64(i), model.OK
	}
	return f
}

// Residents is the figures of the measure "residents" by commune or by intercommunality.
func Residents(opt Options, system string) frame.Figures {
	n := map[string]int{"commune": 2, "epci": 1}[system]
	f := frame.NewFigures(n)
	for i := range n {
		f.Value[i], f.Flag[i] = opt.Residents+float64(2500*(i+1)), model.OK
	}
	return f
}

func writeValues(dir string, opt Options, c *release.Catalog) error {
	write := func(id, system string, zones int, slots []model.Slot, figures func(int) frame.Figures) error {
		file := path(dir, release.ValuesPath(id, system))
		w, err := frame.CreateValues(file, frame.ValuesSpec{Measure: id, System: system, Zones: zones, Slots: slots})
		if err != nil {
			return err
		}
		for i := range slots {
			if err := w.Write(figures(i)); err != nil {
				return err
			}
		}
		if err := w.Close(); err != nil {
			return err
		}
		v, err := frame.OpenValues(file)
		if err != nil {
			return err
		}
		defer v.Close()
		m, _ := c.Measure(id)
		m.Systems = append(m.Systems, release.Summarize(v, release.ScaleOptions{Classes: 3}))
		return nil
	}
	all := []model.Slot{model.All}
	for _, system := range []string{"commune", "epci"} {
		f := Residents(opt, system)
		if err := write("residents", system, f.Len(), all, func(int) frame.Figures { return f }); err != nil {
			return err
		}
	}
	return write("presence", "commune", 2, Slots, func(i int) frame.Figures { return Presence(opt, i) })
}

// Commuters is the pairs of the flow "commuters".
func Commuters(opt Options) frame.Pairs {
	f := frame.NewFigures(3)
	f.Value[0], f.Flag[0] = opt.Residents+700, model.OK
	f.Flag[1] = model.NotPublished
	f.Value[2], f.Flag[2] = opt.Residents+40, model.Estimated
	return frame.Pairs{Origin: []uint32{0, 0, 1}, Destination: []uint32{0, 1, 0}, Figures: f}
}

func writeFlows(dir string, opt Options, c *release.Catalog) error {
	file := path(dir, release.FlowsPath("commuters", "commune"))
	w, err := frame.CreateFlows(file, frame.FlowsSpec{Flow: "commuters", System: "commune", Zones: 2, Slots: []model.Slot{model.All}})
	if err != nil {
		return err
	}
	if err := w.Write(Commuters(opt)); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	f, err := frame.OpenFlows(file)
	if err != nil {
		return err
	}
	defer f.Close()
	c.Flows[0].Total, c.Flows[0].Max = release.SummarizeFlow(f)
	return nil
}
