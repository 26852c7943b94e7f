package batch

import (
	"fmt"
	"math"
	"strconv"

	"jumeau/ingest/gate/ledger"
	"jumeau/model"
)

// Due says what the next run will do with a source about people, as the ledger stands.
type Due struct {
	Source  string        `json:"source"`
	Drawing string        `json:"drawing"`           // period, and edition from the second on
	Charged *ledger.Entry `json:"charged,omitempty"` // drawn already: its figures are carried over, nothing is read or spent
	Refused string        `json:"refused,omitempty"` // why the ledger would refuse it
	Year    int           `json:"year"`              // of the period's first day
	Cost    float64       `json:"cost"`              // epsilon of this drawing; 0 where it was charged, and for classes E, F and G
	Spent   float64       `json:"spent"`             // epsilon of the source in that year so far
	Cap     float64       `json:"cap"`               // of a source in a year
}

// Left is what the year allows after the next run.
func (d Due) Left() float64 {
	if d.Refused != "" {
		return d.Cap - d.Spent
	}
	return max(0, d.Cap-d.Spent-d.Cost)
}

// String says it in a sentence.
func (d Due) String() string {
	year := fmt.Sprintf("%s of %s spent in %d", epsilon(d.Spent), epsilon(d.Cap), d.Year)
	switch {
	case d.Charged != nil:
		return fmt.Sprintf("%s was charged on %s (ledger entry %d): its figures are carried over and nothing is spent; %s, %s left",
			d.Drawing, d.Charged.At.Format("2006-01-02"), d.Charged.Seq, year, epsilon(d.Left()))
	case d.Refused != "":
		return fmt.Sprintf("the ledger would refuse %s: %s; %s", d.Drawing, d.Refused, year)
	case d.Cost == 0:
		return fmt.Sprintf("%s would be drawn and written to the ledger; it costs no epsilon", d.Drawing)
	}
	return fmt.Sprintf("%s would be drawn and charged: epsilon %s; %s, %s left after it", d.Drawing, epsilon(d.Cost), year, epsilon(d.Left()))
}

func epsilon(v float64) string { return strconv.FormatFloat(math.Round(v*1e6)/1e6, 'g', -1, 64) }

// DueOf reads the ledger of a folder of releases, at path, and writes nothing. An absent ledger is an empty one.
func DueOf(path string, privacy model.Privacy, src *model.Source) (Due, error) {
	b := src.Behaviour
	d := Due{Source: src.ID, Cap: privacy.EpsilonYear}
	var corrects string
	d.Drawing, corrects = Drawing(src)
	from, to, err := model.ParsePeriod(b.Period)
	if err != nil {
		return d, &model.Error{Kind: model.Invalid, Op: "plan", Subject: src.ID, Err: err, Hint: "declare behaviour.period"}
	}
	d.Year, _ = strconv.Atoi(from[:4]) // a date, as ParsePeriod gives it
	l := ledger.At(path)
	spent, err := l.Year(src.ID, d.Year)
	if err != nil {
		return d, err
	}
	d.Spent = spent.Epsilon.Float()
	entries, err := ledger.Read(path)
	if err != nil {
		return d, err
	}
	if d.Charged = chargeOf(entries, src.ID, d.Drawing); d.Charged != nil {
		return d, nil
	}
	if b.Class == "C" {
		d.Cost = privacy.Epsilon
	}
	millionths := func(v float64) ledger.Millionths { return ledger.Millionths(math.Round(v * 1e6)) }
	if err := l.Would(ledger.Charge{Source: src.ID, Release: d.Drawing, Period: ledger.Period{From: from, To: to}, Corrects: corrects, Epsilon: millionths(d.Cost)},
		millionths(privacy.EpsilonYear)); err != nil {
		d.Refused = err.Error()
	}
	return d, nil
}

// chargeOf finds the line of a drawing in the ledger.
func chargeOf(entries []ledger.Entry, source, drawing string) (found *ledger.Entry) {
	for i := range entries {
		if entries[i].Source == source && entries[i].Release == drawing {
			found = &entries[i]
		}
	}
	return found
}
