package ingest

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"jumeau/internal/realdata"
	"jumeau/model"
)

// realSource reads one real file.
func realSource(t *testing.T, file string, columns map[string]*model.Column) (*bench, *model.Source) {
	t.Helper()
	path := realdata.Path(t, file)
	b := newBench(t, nil)
	b.opt.Folders = []string{filepath.Dir(path)}
	return b, table("real", filepath.Base(path), columns)
}

// Seattle's counter writes local clock times and never heard of daylight saving: 02:00 is there on each of the four spring
// Sundays of 2013 to 2016 on which it did not exist, and once only on each autumn Sunday on which it came twice.
func TestHoursThatDidNotExistInSeattle(t *testing.T) {
	b, src := realSource(t, "bike-counter-seattle/FremontBridge.csv.gz", map[string]*model.Column{
		"at":   {From: "Date", Type: "timestamp", Format: "%m/%d/%Y %I:%M:%S %p", Required: true, Unique: true},
		"west": {From: "Fremont Bridge West Sidewalk", Type: "integer"},
	})
	var err error
	if b.opt.Zone, err = time.LoadLocation("America/Los_Angeles"); err != nil {
		t.Fatal(err)
	}
	a, err := b.load(t, src)
	if err != nil {
		t.Fatal(err)
	}
	if a.Read != 37968 {
		t.Errorf("read %d", a.Read)
	}
	if diff := cmp.Diff([]Count{{"time_does_not_exist", 4}}, a.Rejected); diff != "" {
		t.Error(diff)
	}
}

// 1,704 of the 3,350 flows of Grand Est are below the secrecy threshold of 11.
func TestFlowsOfGrandEstBelowTheThresholdAreRejected(t *testing.T) {
	b, src := realSource(t, "flows-grand-est/nav.csv", map[string]*model.Column{
		"home": {From: "i", Type: "text", Required: true}, "work": {From: "j", Type: "text", Required: true}, "n": {From: "fij", Type: "number"},
	})
	src.Behaviour = &model.Behaviour{Class: "D", Threshold: 11}
	src.Flows = map[string]*model.Flow{"commuters": {Origin: "home", Destination: "work", Value: "n"}}
	a, err := b.load(t, src)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Count{{"below_threshold", 1704}}, a.Rejected); diff != "" || a.Loaded != 3350-1704 {
		t.Errorf("loaded %d\n%s", a.Loaded, diff)
	}
}
