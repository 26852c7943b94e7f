package generate

import (
	"compress/gzip"
	"encoding/csv"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"jumeau/data/demo/place"
)

// eachRow calls f with each record of a csv file, by column name.
func eachRow(t *testing.T, path string, delimiter rune, f func(row map[string]string)) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var in io.Reader = file
	if strings.HasSuffix(path, ".gz") {
		if in, err = gzip.NewReader(file); err != nil {
			t.Fatal(err)
		}
	}
	r := csv.NewReader(in)
	r.Comma, r.FieldsPerRecord, r.ReuseRecord = delimiter, -1, true
	header, err := r.Read()
	if err != nil {
		t.Fatal(err)
	}
	header = append([]string(nil), header...)
	row := map[string]string{}
	for {
		cells, err := r.Read()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range cells {
			row[header[i]] = c
		}
		f(row)
	}
}

func num(t *testing.T, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestResidentsOfCellsCommunesAndIrisAreTheSamePeople(t *testing.T) {
	m := demo(t)
	w := m.report.World
	if len(w.Persons) != 80000 || len(w.Buildings) != 40000 || len(w.Communes) != 36 {
		t.Fatalf("%d residents, %d buildings, %d communes", len(w.Persons), len(w.Buildings), len(w.Communes))
	}
	if n := len(w.Iris); n < 60 || n > 80 {
		t.Errorf("%d IRIS", n)
	}
	communes, iris := 0, 0
	byCommune := make([]int, len(w.Communes))
	for i := range w.Persons {
		byCommune[w.CommuneOf(&w.Persons[i])]++
	}
	for k, c := range w.Communes {
		communes += c.Population
		if c.Population != byCommune[k] {
			t.Errorf("%s: population %d, %d residents", c.Name, c.Population, byCommune[k])
		}
	}
	for _, i := range w.Iris {
		iris += i.Population
	}
	seen := map[string]bool{}
	sum := map[string]float64{}
	eachRow(t, filepath.Join(m.dir, "raw/carreaux-200m.csv"), ',', func(row map[string]string) {
		if seen[row["idcar_200m"]] || row["ind"] == "-4" {
			return // the defects
		}
		seen[row["idcar_200m"]] = true
		for _, c := range sums {
			sum[c] += num(t, row[c])
		}
		if men := num(t, row["men"]); (men < leastHouseholds) != (row["i_est_200"] == "1") {
			t.Errorf("%s: %v households, i_est_200 %s", row["idcar_200m"], men, row["i_est_200"])
		}
	})
	if communes != 80000 || iris != 80000 || math.Abs(sum["ind"]-80000) > 0.01 {
		t.Errorf("communes %d, IRIS %d, cells %v", communes, iris, sum["ind"])
	}
	ages := 0.0
	for _, c := range sums {
		if strings.HasPrefix(c, "ind_") && c != "ind_snv" && c != "ind_inc" {
			ages += sum[c]
		}
	}
	if math.Abs(ages-80000) > 0.01 {
		t.Errorf("age bands add up to %v", ages)
	}
	poor := 0
	for _, h := range w.Households {
		if h.Poor {
			poor++
		}
	}
	if math.Abs(sum["men_pauv"]-float64(poor)) > 0.01 || sum["men_mais"]+sum["men_coll"]-sum["men"] > 0.01 {
		t.Errorf("%d poor households, cells say %v; %v houses + %v flats, %v households", poor, sum["men_pauv"], sum["men_mais"], sum["men_coll"], sum["men"])
	}
	if share := float64(poor) / float64(len(w.Households)); share < 0.08 || share > 0.2 {
		t.Errorf("%.1f%% of households are poor: not believable", 100*share)
	}
}

func TestFlowsAddUpToEmployedResidents(t *testing.T) {
	m := demo(t)
	w := m.report.World
	employed := map[string]float64{}
	for i := range w.Persons {
		if p := &w.Persons[i]; p.Status == place.Worker {
			employed[w.Communes[w.CommuneOf(p)].Code]++
		}
	}
	flows, unknown, self := map[string]float64{}, 0, 0.0
	eachRow(t, filepath.Join(m.dir, "raw/flux-domicile-travail.csv"), ';', func(row map[string]string) {
		if row["CODGEO"] >= "99900" || row["DCLT"] >= "99900" {
			unknown++
			return
		}
		v := num(t, row["NBFLUX_C22_ACTOCC15P"])
		flows[row["CODGEO"]] += v
		if row["CODGEO"] == row["DCLT"] {
			self += v
		}
	})
	total := 0.0
	for code, n := range employed {
		total += n
		if math.Abs(flows[code]-n) > 1e-6 {
			t.Errorf("%s: flows %v, employed residents %v", code, flows[code], n)
		}
	}
	if unknown != 2 || len(flows) != len(employed) {
		t.Errorf("%d unknown communes, %d origins for %d communes", unknown, len(flows), len(employed))
	}
	if share := self / total; share < 0.15 || share > 0.6 {
		t.Errorf("%.0f%% work where they live: not believable", 100*share)
	}
}

func TestTheOperatorPublishesNothingBelowItsThreshold(t *testing.T) {
	m := demo(t)
	withheld, low, rows := 0, 0, 0
	night := map[string]float64{}
	eachRow(t, filepath.Join(m.dir, "raw/presence-operateur.csv"), ';', func(row map[string]string) {
		rows++
		if row["presents"] == "s" {
			withheld++
			return
		}
		v := num(t, row["presents"])
		if v < producerThreshold {
			low++
		} else if row["creneau"] == "weekday-03" {
			night["people"] += v
		}
	})
	if withheld == 0 || low != 1 || rows != len(m.report.World.Iris)*3*24+1 {
		t.Errorf("%d withheld, %d below the threshold, %d rows", withheld, low, rows)
	}
	if math.Abs(night["people"]/80000-1.02) > 0.05 {
		t.Errorf("%v people at night", night["people"])
	}
}

func TestLocalCountsSkipTheHourOfSpringAndRepeatTheHourOfAutumn(t *testing.T) {
	m := demo(t)
	type hour struct{ channel, start string }
	local, spring, autumn := map[string]int{}, 0, map[hour]int{}
	eachRow(t, filepath.Join(m.dir, "raw/comptage-routier-2025.csv.gz"), ',', func(row map[string]string) {
		local[row["channel_id"]]++
		switch row["start_datetime"] {
		case "2025-03-30 02:00:00":
			spring++
		case "2025-10-26 02:00:00":
			autumn[hour{row["channel_id"], row["start_datetime"]}]++
		}
	})
	for channel, n := range local {
		extra := 0
		switch channel {
		case "C18-1", "C18-2", "C19-1":
			extra = 1
		}
		if n != 8760+extra {
			t.Errorf("%s has %d hours", channel, n)
		}
	}
	if spring != 2 {
		t.Errorf("the hour that does not exist stands %d times, want the 2 defects", spring)
	}
	for h, n := range autumn {
		if n != 2 {
			t.Errorf("%v stands %d times", h, n)
		}
	}
	if len(autumn) != 18 || len(local) != 18 {
		t.Errorf("%d channels, %d with the repeated hour", len(local), len(autumn))
	}
}

func TestCountsInUTCHaveEveryHourOnceAndReadLikeAYear(t *testing.T) {
	m := demo(t)
	hours := map[string]map[string]bool{}
	empty, zero := 0, 0
	sum := map[string]float64{}
	eachRow(t, filepath.Join(m.dir, "raw/comptage-velos-2025.csv.gz"), ',', func(row map[string]string) {
		at, err := time.Parse(time.RFC3339, row["start_datetime"])
		if err != nil {
			t.Fatal(err)
		}
		ch := row["channel_id"]
		if hours[ch] == nil {
			hours[ch] = map[string]bool{}
		}
		if hours[ch][row["start_datetime"]] {
			t.Errorf("%s: %s twice", ch, row["start_datetime"])
		}
		hours[ch][row["start_datetime"]] = true
		if row["count"] == "" {
			empty++
			return
		}
		v := num(t, row["count"])
		if v == 0 {
			zero++
		}
		here := at.In(paris)
		if row["counter_id"] == "C03" && here.Weekday() == time.Tuesday {
			sum["tuesday"] += v
			switch {
			case here.Hour() == 8:
				sum["peak"] += v
			case here.Hour() == 3:
				sum["night"] += v
			}
		}
		if row["counter_id"] == "C03" && here.Weekday() == time.Sunday {
			sum["sunday"] += v
		}
		if row["counter_id"] == "C01" {
			sum[here.Month().String()] += v
		}
	})
	for ch, h := range hours {
		if len(h) != 8760 {
			t.Errorf("%s has %d hours", ch, len(h))
		}
	}
	if empty != 2*21*24 {
		t.Errorf("%d empty counts, want three weeks of two channels", empty)
	}
	if zero < 1000 {
		t.Errorf("only %d hours without anyone", zero)
	}
	if sum["peak"] < 8*sum["night"] || sum["sunday"] > 0.6*sum["tuesday"] || sum["June"] < 1.3*sum["January"] {
		t.Errorf("peaks, weekends or seasons are flat: %v", sum)
	}
}

func TestTheTruthOfEachPersonHoldsInEveryFileAboutPersons(t *testing.T) {
	m := demo(t)
	type truth struct{ home, card string }
	residents, cards := map[string]truth{}, map[string]bool{}
	eachRow(t, filepath.Join(m.dir, "raw-people/residents.csv.gz"), ',', func(row map[string]string) {
		residents[row["personne"]] = truth{row["carreau_200m"], row["carte"]}
		if row["carte"] != "" {
			if cards[row["carte"]] {
				t.Errorf("card %s has two holders", row["carte"])
			}
			cards[row["carte"]] = true
		}
	})
	if len(residents) != 80000 {
		t.Fatalf("%d residents", len(residents))
	}
	var person, day, last, arrived string
	trips := 0
	eachRow(t, filepath.Join(m.dir, "raw-people/deplacements.csv.gz"), ',', func(row map[string]string) {
		trips++
		first := row["personne"] != person || row["depart"][:10] != day && row["numero"] == "1"
		switch {
		case first && row["carreau_origine"] != residents[row["personne"]].home:
			t.Errorf("%s leaves from %s, lives in %s", row["personne"], row["carreau_origine"], residents[row["personne"]].home)
		case !first && row["carreau_origine"] != last:
			t.Errorf("%s arrived in %s and left from %s", row["personne"], last, row["carreau_origine"])
		case !first && row["depart"] < arrived:
			t.Errorf("%s leaves at %s before arriving at %s", row["personne"], row["depart"], arrived)
		case row["arrivee"] <= row["depart"]:
			t.Errorf("%s arrives at %s, left at %s", row["personne"], row["arrivee"], row["depart"])
		}
		person, day, last, arrived = row["personne"], row["depart"][:10], row["carreau_destination"], row["arrivee"]
	})
	if perDay := float64(trips) / 80000 / 2; perDay < 1.5 || perDay > 4 {
		t.Errorf("%.2f trips per person and day", perDay)
	}
	eachRow(t, filepath.Join(m.dir, "raw-people/validations-2025-11.csv.gz"), ';', func(row map[string]string) {
		if !cards[row["carte"]] {
			t.Errorf("card %s has no holder", row["carte"])
		}
	})
	found := map[string]bool{}
	eachRow(t, filepath.Join(m.dir, "raw-people/traces-gps.csv.gz"), ',', func(row map[string]string) {
		if _, ok := residents[row["personne"]]; !ok {
			t.Errorf("device %s of nobody", row["appareil"])
		}
		found[row["appareil"]] = true
	})
	if len(found) < 200 {
		t.Errorf("%d devices", len(found))
	}
}
