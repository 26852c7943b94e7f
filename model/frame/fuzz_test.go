package frame

import (
	"os"
	"path/filepath"
	"testing"

	"jumeau/model"
)

// FuzzOpen feeds damaged frames to every reader: they answer with an error or with figures that can all be read.
func FuzzOpen(f *testing.F) {
	dir := f.TempDir()
	values, zones, flows := filepath.Join(dir, "v"), filepath.Join(dir, "z"), filepath.Join(dir, "f")
	writeValues(f, values)
	if err := WriteZones(zones, someZones()); err != nil {
		f.Fatal(err)
	}
	w, err := CreateFlows(flows, FlowsSpec{Flow: "c", System: "iris", Zones: 2, Slots: []model.Slot{"all"}})
	if err != nil {
		f.Fatal(err)
	}
	if err := w.Write(Pairs{Origin: []uint32{0, 1}, Destination: []uint32{1, 0}, Figures: NewFigures(2)}); err != nil {
		f.Fatal(err)
	}
	if err := w.Close(); err != nil {
		f.Fatal(err)
	}
	for _, path := range []string{values, zones, flows} {
		whole, _ := os.ReadFile(path)
		f.Add(whole)
		f.Add(whole[:len(whole)-20])
		for at := 40; at < len(whole); at += 97 { // a damaged byte here and there
			bad := append([]byte{}, whole...)
			bad[at] ^= 0xff
			f.Add(bad)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "frame")
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		readAll(path)
	})
}

// readAll touches every number of whatever the file claims to be; a fault would panic or crash.
func readAll(path string) {
	if v, err := OpenValues(path); err == nil {
		_ = v.Check()
		for zone := range v.Zones {
			v.Profile(zone)
		}
		v.Close()
	}
	if v, err := OpenFlows(path); err == nil {
		_ = v.Check()
		for _, slot := range v.Slots {
			p, _ := v.At(slot)
			p.From(0)
			p.To(0)
		}
		v.Close()
	}
	if z, err := ReadZones(path); err == nil {
		z.Index()
		_ = z.CheckParents("commune", 1)
	}
}
