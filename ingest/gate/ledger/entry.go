package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// Millionths is a privacy loss epsilon in millionths: an integer, so that sums are exact.
type Millionths int64

func (m Millionths) Float() float64 { return float64(m) / 1e6 }

// Period is the window of data a release is about: local dates, the first included, the last excluded.
type Period struct {
	From string `json:"from"` // "2026-01-01"
	To   string `json:"to"`   // "2026-04-01"
}

// Check says what is wrong with the period.
func (p Period) Check() error {
	from, err1 := time.Parse(time.DateOnly, p.From)
	to, err2 := time.Parse(time.DateOnly, p.To)
	switch {
	case err1 != nil:
		return fmt.Errorf("%q is not a date (2026-01-01)", p.From)
	case err2 != nil:
		return fmt.Errorf("%q is not a date (2026-04-01)", p.To)
	case !from.Before(to):
		return fmt.Errorf("the period from %s to %s is empty", p.From, p.To)
	case to.Sub(from) > 366*24*time.Hour:
		return fmt.Errorf("the period from %s to %s is longer than a year", p.From, p.To)
	}
	return nil
}

func (p Period) overlaps(q Period) bool { return p.From < q.To && q.From < p.To }

// in says whether a day of the period lies in the year.
func (p Period) in(year int) bool { return p.overlaps(yearOf(year)) }

func yearOf(year int) Period {
	return Period{fmt.Sprintf("%04d-01-01", year), fmt.Sprintf("%04d-01-01", year+1)}
}

// years that the period touches.
func (p Period) years() (out []int) {
	from, _ := time.Parse(time.DateOnly, p.From)
	to, _ := time.Parse(time.DateOnly, p.To)
	for y := from.Year(); y <= to.AddDate(0, 0, -1).Year(); y++ {
		out = append(out, y)
	}
	return out
}

// Charge is what one release of one source costs. All fields but Corrects are required; classes without noise (E, F, G) are
// charged zero, so that they too are released once.
type Charge struct {
	Source    string     `json:"source"`
	Release   string     `json:"release"`
	Period    Period     `json:"period"`
	Corrects  string     `json:"corrects,omitempty"` // the release of the same period that this one replaces
	Class     string     `json:"class"`
	Epsilon   Millionths `json:"epsilon_millionths"`
	Delta     float64    `json:"delta"`
	Rho       float64    `json:"rho"` // zCDP loss
	K         int        `json:"k"`
	L0        int        `json:"l0"`
	Linf      int64      `json:"linf"`
	Mechanism string     `json:"mechanism"`
	Author    string     `json:"author"`
	Contract  string     `json:"contract"` // SHA-256 of the source's contract
}

// Entry is a charge in its place in the chain.
type Entry struct {
	Seq int       `json:"seq"` // from 1
	At  time.Time `json:"at"`  // never before the entry above it
	Charge
	Cap      Millionths `json:"cap_millionths"` // of a year of this source, when it was charged
	Previous string     `json:"previous"`
	Hash     string     `json:"hash"`
}

// digest is the SHA-256 of the entry without its hash; the previous hash is part of it.
func (e Entry) digest() string {
	e.Hash = ""
	b, err := json.Marshal(e)
	if err != nil {
		panic(err) // numbers and texts only; check refuses the numbers that JSON cannot hold
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
