package verify

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"time"
)

// Entry is a line of the ledger: what one release of one source cost.
type Entry struct {
	Seq       int       `json:"seq"`
	At        time.Time `json:"at"`
	Source    string    `json:"source"`
	Release   string    `json:"release"`
	Period    Period    `json:"period"`
	Corrects  string    `json:"corrects,omitempty"`
	Class     string    `json:"class"`
	Epsilon   int64     `json:"epsilon_millionths"`
	Delta     float64   `json:"delta"`
	Rho       float64   `json:"rho"`
	K         int       `json:"k"`
	L0        int       `json:"l0"`
	Linf      int64     `json:"linf"`
	Mechanism string    `json:"mechanism"`
	Author    string    `json:"author"`
	Contract  string    `json:"contract"`
	Cap       int64     `json:"cap_millionths"`
	Previous  string    `json:"previous"`
	Hash      string    `json:"hash"`
}

// Period is the window of the data: local dates, the last excluded.
type Period struct {
	From string `json:"from"`
	To   string `json:"to"`
}

func (p Period) overlaps(q Period) bool { return p.From < q.To && q.From < p.To }

// Years that the period touches.
func (p Period) Years() (out []int) {
	for year := yearOf(p.From); year <= yearOf(p.To); year++ {
		if p.overlaps(wholeYear(year)) {
			out = append(out, year)
		}
	}
	return out
}

func wholeYear(year int) Period {
	return Period{fmt.Sprintf("%04d-01-01", year), fmt.Sprintf("%04d-01-01", year+1)}
}

var hashField = regexp.MustCompile(`"hash":"([0-9a-f]{64})"\}$`)

// ReadLedger reads a ledger and says everything that is wrong with it. The hash of a line is the SHA-256 of the line itself with
// an empty hash, which holds the hash of the line above.
func ReadLedger(data []byte) (entries []Entry, faults []error) {
	previous := ""
	for n, line := range bytes.Split(data, []byte("\n")) {
		if len(line) == 0 {
			continue
		}
		fault := func(format string, args ...any) {
			faults = append(faults, fmt.Errorf("line %d: "+format, append([]any{n + 1}, args...)...))
		}
		var e Entry
		if err := json.Unmarshal(line, &e); err != nil {
			fault("%v", err)
			continue
		}
		said := hashField.FindSubmatch(line)
		sum := sha256.Sum256(hashField.ReplaceAll(line, []byte(`"hash":""}`)))
		switch {
		case said == nil || hex.EncodeToString(sum[:]) != string(said[1]):
			fault("it does not have the hash it says: it was changed")
		case e.Previous != previous:
			fault("it does not follow the line above it: one was changed, added or taken out")
		case e.Seq != len(entries)+1:
			fault("entry %d where %d is due", e.Seq, len(entries)+1)
		}
		previous = e.Hash
		for _, err := range admissible(entries, e) {
			fault("%v", err)
		}
		entries = append(entries, e)
	}
	return entries, faults
}

// admissible says why an entry could not follow the others.
func admissible(before []Entry, e Entry) (faults []error) {
	if _, err := time.Parse(time.DateOnly, e.Period.From); err != nil || e.Period.From >= e.Period.To {
		faults = append(faults, fmt.Errorf("the period %s to %s is none", e.Period.From, e.Period.To))
	}
	if e.Author == "" || e.Contract == "" || e.Mechanism == "" || e.Epsilon < 0 {
		faults = append(faults, errors.New("author, contract or mechanism are missing, or the loss is negative"))
	}
	corrected := e.Corrects == ""
	for _, b := range before {
		if b.Source != e.Source {
			continue
		}
		corrected = corrected || b.Release == e.Corrects && b.Period == e.Period
		switch {
		case b.Release == e.Release:
			faults = append(faults, fmt.Errorf("%s was released twice under the name %s: its noise could be averaged away", e.Source, e.Release))
		case b.Period.overlaps(e.Period) && (e.Corrects == "" || b.Period != e.Period):
			faults = append(faults, fmt.Errorf("the period of %s overlaps that of %s", e.Release, b.Release))
		}
	}
	if !corrected {
		faults = append(faults, fmt.Errorf("it corrects %s, which was never charged", e.Corrects))
	}
	for _, year := range e.Period.Years() {
		whole, sum := wholeYear(year), int64(0)
		for _, b := range append(before[:len(before):len(before)], e) {
			if b.Source == e.Source && b.Period.overlaps(whole) {
				sum += b.Epsilon
			}
		}
		if sum > e.Cap {
			faults = append(faults, fmt.Errorf("%s has spent epsilon %g of the %g that %d allows", e.Source, float64(sum)/1e6, float64(e.Cap)/1e6, year))
		}
	}
	return faults
}

func yearOf(date string) (year int) {
	if t, err := time.Parse(time.DateOnly, date); err == nil {
		return t.Year()
	}
	return 0
}

// chain checks the whole ledger.
func (s *subject) chain(_ context.Context, f *finding) error {
	data, err := os.ReadFile(s.Ledger)
	if errors.Is(err, os.ErrNotExist) {
		if s.charges() > 0 {
			f.add("there is no ledger at %s", s.Ledger)
		}
		return nil
	}
	if err != nil {
		return err
	}
	entries, faults := ReadLedger(data)
	for _, fault := range faults {
		f.add("%v", fault)
	}
	s.entries = entries
	f.looked = len(entries)
	f.note = fmt.Sprintf("%d entries", len(entries))
	return nil
}

// charges is the number of sources that must be in the ledger.
func (s *subject) charges() (n int) {
	for _, c := range s.cards {
		if single(c.Class) {
			n++
		}
	}
	return n
}

// charged holds the cards and the manifest to the entries that they name.
func (s *subject) charged(_ context.Context, f *finding) error {
	for _, e := range s.manifest.Ledger {
		var line Entry
		if err := json.Unmarshal(e.Line, &line); err != nil || line.Hash != e.Hash || !slices.Contains(s.entries, line) {
			f.add("%s: the line of the ledger that the manifest repeats is not in the ledger", e.Source)
		}
	}
	for _, c := range s.cards {
		if !single(c.Class) {
			continue
		}
		f.looked++
		if c.Entry == nil {
			f.add("%s: its card names no entry of the ledger", c.Source)
			continue
		}
		var found *Entry
		for i := range s.entries {
			if s.entries[i].Hash == c.Entry.Hash {
				found = &s.entries[i]
			}
		}
		switch {
		case found == nil:
			f.add("%s: the ledger has no entry %.12s…", c.Source, c.Entry.Hash)
		case *found != *c.Entry:
			f.add("%s: the card's entry is not the one in the ledger", c.Source)
		case found.Source != c.Source || found.Class != c.Class:
			f.add("%s: entry %d was charged to %s, class %s", c.Source, found.Seq, found.Source, found.Class)
		case c.Class == "C" && (found.Epsilon <= 0 || c.Epsilon == 0 || int64(c.Epsilon*1e6+0.5) != found.Epsilon || c.Delta != found.Delta):
			f.add("%s: the card says epsilon %g and delta %g, the ledger %g and %g", c.Source, c.Epsilon, c.Delta, float64(found.Epsilon)/1e6, found.Delta)
		case c.K != found.K:
			f.add("%s: the card says k = %d, the ledger %d", c.Source, c.K, found.K)
		case c.Release != "" && c.Release != found.Release:
			f.add("%s: the card is that of %s, the entry that of %s", c.Source, c.Release, found.Release)
		}
	}
	return nil
}
