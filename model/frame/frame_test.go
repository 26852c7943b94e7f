package frame

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"jumeau/model"
)

var nan = cmpopts.EquateNaNs()

// drawFigures draws n figures that keep their flags' promises.
func drawFigures(t *rapid.T, n int) Figures {
	f := NewFigures(n)
	for i := range n {
		f.Flag[i] = model.Flag(rapid.IntRange(0, 4).Draw(t, "flag"))
		if f.Flag[i] == model.NotPublished || f.Flag[i] == model.NoData {
			continue
		}
		f.Value[i] = rapid.Float64Range(-1e12, 1e12).Draw(t, "value")
		if rapid.Bool().Draw(t, "interval") {
			f.Lo[i] = f.Value[i] - rapid.Float64Range(0, 1e6).Draw(t, "below")
			f.Hi[i] = f.Value[i] + rapid.Float64Range(0, 1e6).Draw(t, "above")
		}
	}
	return f
}

var allSlots = []model.Slot{"all", "weekday-00", "weekday-08", "saturday-23", "sunday-00", "2025-01", "2025-12", "2025-06-21"}

func TestValuesReadBackAsWritten(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		path := filepath.Join(dir, fmt.Sprintf("%d.arrow", rapid.Uint64().Draw(t, "file")))
		defer os.Remove(path)
		zones := rapid.IntRange(0, 40).Draw(t, "zones")
		slots := allSlots[:rapid.IntRange(1, len(allSlots)).Draw(t, "slots")]
		w, err := CreateValues(path, ValuesSpec{Measure: "residents", System: "commune", Zones: zones, Slots: slots})
		if err != nil {
			t.Fatal(err)
		}
		written := make([]Figures, len(slots))
		for i := range slots {
			written[i] = drawFigures(t, zones)
			if err := w.Write(written[i]); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}

		v, err := OpenValues(path)
		if err != nil {
			t.Fatal(err)
		}
		defer v.Close()
		if err := v.Check(); err != nil {
			t.Fatal(err)
		}
		if v.Measure != "residents" || v.System != "commune" || v.Zones != zones || !cmp.Equal(v.Slots, slots) {
			t.Fatalf("read %s %s %d %v", v.Measure, v.System, v.Zones, v.Slots)
		}
		for i, slot := range slots {
			got, ok := v.At(slot)
			if !ok {
				t.Fatalf("slot %s is lost", slot)
			}
			if diff := cmp.Diff(written[i], got, nan, cmpopts.EquateEmpty()); diff != "" {
				t.Fatal(diff)
			}
		}
		for zone := range zones {
			p := v.Profile(zone)
			for i := range slots {
				if !cmp.Equal(written[i].Slice(zone, zone+1), p.Slice(i, i+1), nan) {
					t.Fatalf("profile of zone %d differs at slot %s", zone, slots[i])
				}
			}
		}
	})
}

func TestFlowsReadBackAsWritten(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		path := filepath.Join(dir, fmt.Sprintf("%d.arrow", rapid.Uint64().Draw(t, "file")))
		defer os.Remove(path)
		zones := rapid.IntRange(1, 12).Draw(t, "zones")
		var p Pairs
		for o := range zones {
			for d := range zones {
				if rapid.IntRange(0, 3).Draw(t, "pair") == 0 {
					p.Origin, p.Destination = append(p.Origin, uint32(o)), append(p.Destination, uint32(d))
				}
			}
		}
		p.Figures = drawFigures(t, len(p.Origin))
		w, err := CreateFlows(path, FlowsSpec{Flow: "commuters", System: "commune", Zones: zones, Slots: []model.Slot{model.All}})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(p); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}

		f, err := OpenFlows(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		got, _ := f.At(model.All)
		if diff := cmp.Diff(p, got, nan, cmpopts.EquateEmpty()); diff != "" {
			t.Fatal(diff)
		}
		if err := f.Check(); err != nil {
			t.Fatal(err)
		}
		from, to := 0, 0
		for zone := range zones {
			from += got.From(zone).Len()
			to += got.To(zone).Len()
			for _, o := range got.From(zone).Origin {
				if int(o) != zone {
					t.Fatalf("a pair from %d among those from %d", o, zone)
				}
			}
			for _, d := range got.To(zone).Destination {
				if int(d) != zone {
					t.Fatalf("a pair to %d among those to %d", d, zone)
				}
			}
		}
		if from != len(p.Origin) || to != len(p.Origin) {
			t.Fatalf("%d pairs by origin and %d by destination, of %d", from, to, len(p.Origin))
		}
	})
}

func someZones() *Zones {
	return &Zones{
		System: "iris", ID: []string{"310440101", "é'\"2"}, Name: []string{"Bourg", ""},
		Lon: []float64{1.5, 1.6}, Lat: []float64{43.5, 43.4},
		BBox: [][4]float64{{1.4, 43.4, 1.6, 43.6}, {1.6, 43.4, 1.6, 43.4}}, Area: []float64{1.5e6, 0},
		Parents: []Parents{{System: "commune", Index: []uint32{3, NoParent}}, {System: "epci", Index: []uint32{0, 0}}},
	}
}

func TestZonesReadBackAsWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "iris.arrow")
	if err := WriteZones(path, someZones()); err != nil {
		t.Fatal(err)
	}
	got, err := ReadZones(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(someZones(), got); diff != "" {
		t.Error(diff)
	}
	if err := got.CheckParents("commune", 4); err != nil {
		t.Error(err)
	}
	if err := got.CheckParents("commune", 3); model.KindOf(err) != model.Invalid {
		t.Errorf("a parent beyond its system: %v", err)
	}
}

func TestTheSameFiguresGiveTheSameBytes(t *testing.T) {
	var files [2][]byte
	for i := range files {
		path := filepath.Join(t.TempDir(), "a.arrow")
		writeValues(t, path)
		files[i], _ = os.ReadFile(path)
	}
	if string(files[0]) != string(files[1]) {
		t.Error("two writes of the same figures differ")
	}
}

func writeValues(t testing.TB, path string) {
	t.Helper()
	slots := []model.Slot{"weekday-08", "weekday-09"}
	w, err := CreateValues(path, ValuesSpec{Measure: "presence", System: "iris", Zones: 3, Slots: slots})
	if err != nil {
		t.Fatal(err)
	}
	for i := range slots {
		f := NewFigures(3)
		f.Value[0], f.Flag[0] = float64(i)+0.5, model.OK
		f.Value[1], f.Lo[1], f.Hi[1], f.Flag[1] = 10, 8, 12, model.Estimated
		f.Flag[2] = model.NotPublished
		if err := w.Write(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestTheWriterRefusesFiguresThatBreakTheirFlag(t *testing.T) {
	one := func(v, lo, hi float64, flag model.Flag) Figures {
		return Figures{Value: []float64{v}, Lo: []float64{lo}, Hi: []float64{hi}, Flag: []model.Flag{flag}}
	}
	for name, c := range map[string]struct {
		figures Figures
		want    string
	}{
		"withheld with a number":   {one(4242, None, None, model.NotPublished), "carries a number"},
		"withheld with a bound":    {one(None, 4242, None, model.NotPublished), "carries a number"},
		"no data with a number":    {one(0, None, None, model.NoData), "carries a number"},
		"published without number": {one(None, None, None, model.OK), "no number"},
		"infinite":                 {one(math.Inf(1), None, None, model.OK), "infinite"},
		"outside its interval":     {one(5, 6, 7, model.OK), "outside its interval"},
		"unknown flag":             {one(5, None, None, 9), "unknown flag"},
		"too few":                  {Figures{}, "where 1 are due"},
	} {
		t.Run(name, func(t *testing.T) {
			w, err := CreateValues(filepath.Join(t.TempDir(), "v.arrow"), ValuesSpec{Measure: "m", System: "s", Zones: 1, Slots: []model.Slot{"all"}})
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			err = w.Write(c.figures)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if strings.Contains(err.Error(), "4242") {
				t.Errorf("the message tells the withheld number: %v", err)
			}
		})
	}
}

func TestTheWriterRefusesPairsOutOfOrder(t *testing.T) {
	for name, p := range map[string]Pairs{
		"twice":        {Origin: []uint32{0, 0}, Destination: []uint32{1, 1}},
		"unsorted":     {Origin: []uint32{1, 0}, Destination: []uint32{1, 1}},
		"out of range": {Origin: []uint32{0, 2}, Destination: []uint32{0, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			p.Figures = NewFigures(2)
			w, err := CreateFlows(filepath.Join(t.TempDir(), "f.arrow"), FlowsSpec{Flow: "f", System: "s", Zones: 2, Slots: []model.Slot{"all"}})
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			if err := w.Write(p); model.KindOf(err) != model.Invalid {
				t.Errorf("got %v, want an invalid error", err)
			}
		})
	}
}

func TestAFileWithASlotMissingIsAnError(t *testing.T) {
	w, err := CreateValues(filepath.Join(t.TempDir(), "v.arrow"), ValuesSpec{Measure: "m", System: "s", Zones: 0, Slots: []model.Slot{"all", "2025-01"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(NewFigures(0)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err == nil || !strings.Contains(err.Error(), "2025-01 is missing") {
		t.Errorf("got %v", err)
	}
}

func TestOpeningWhatIsNotAFrameSaysSo(t *testing.T) {
	dir := t.TempDir()
	empty, text, values := filepath.Join(dir, "empty"), filepath.Join(dir, "text"), filepath.Join(dir, "values.arrow")
	os.WriteFile(empty, nil, 0o644)
	os.WriteFile(text, []byte(strings.Repeat("zone;value\n", 100)), 0o644)
	writeValues(t, values)
	for path, want := range map[string]model.Kind{
		empty: model.Invalid, text: model.Invalid, dir: model.Invalid, filepath.Join(dir, "none"): model.NotFound,
	} {
		_, err := OpenValues(path)
		if model.KindOf(err) != want || model.HintOf(err) == "" {
			t.Errorf("%s: got %v", filepath.Base(path), err)
		}
	}
	if _, err := OpenFlows(values); err == nil || !strings.Contains(err.Error(), `kind is "values/1"`) {
		t.Errorf("values opened as flows: %v", err)
	}
	if _, err := os.ReadFile(values); err != nil {
		t.Error(err)
	}
	if err := WriteZones(values, someZones()); !errors.Is(err, os.ErrExist) {
		t.Errorf("an existing file is overwritten: %v", err)
	}
}

func TestASlotIsSentAsAnArrowStream(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v.arrow")
	writeValues(t, path)
	v, err := OpenValues(path)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	parts, _ := v.Stream("weekday-09")
	reader, err := ipc.NewReader(bytes.NewReader(bytes.Join(parts, nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Release()
	var got []string
	for reader.Next() {
		batch := reader.RecordBatch()
		for row := range int(batch.NumRows()) {
			got = append(got, batch.Column(0).ValueStr(row)+" "+batch.Column(1).ValueStr(row)+" "+batch.Column(2).ValueStr(row))
		}
	}
	if reader.Err() != nil {
		t.Fatal(reader.Err())
	}
	if diff := cmp.Diff([]string{"weekday-09 0 1.5", "weekday-09 1 10", "weekday-09 2 NaN"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestAnyArrowReaderReadsAFrame(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v.arrow")
	writeValues(t, path)
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	reader, err := ipc.NewFileReader(file)
	if err != nil {
		t.Fatal(err)
	}
	batch, err := reader.RecordBatch(1)
	if err != nil {
		t.Fatal(err)
	}
	if v := batch.Column(0).ValueStr(2); v != "weekday-09" {
		t.Errorf("slot reads %q", v)
	}
}
