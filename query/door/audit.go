package door

import (
	"bufio"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Event is one line of the audit log: who, by pseudonym, did what, when, and whether they could. Nothing that was read is in it,
// no address, no name.
type Event struct {
	At   time.Time `json:"at"`
	Who  string    `json:"who,omitempty"` // a pseudonym, or a token's id; "" for the unknown
	By   string    `json:"by,omitempty"`  // the door
	What string    `json:"what"`
	On   string    `json:"on,omitempty"` // a release, an address form
	OK   bool      `json:"ok"`
	Why  string    `json:"why,omitempty"` // in our words
}

// What is written down.
const (
	SignedIn   = "sign_in"
	SignedOut  = "sign_out"
	Refused    = "refused" // a token, a proxy's address, a form from elsewhere
	Looked     = "look"    // at what is not public; once an hour
	RolledBack = "roll_back"
	Resumed    = "resume"
)

// auditFolder in the state folder: a file a month, audit-2026-11.jsonl.
const auditFolder = "audit"

// once in this time the same thing by the same visitor is written down, where it says so.
const once = time.Hour

// audit writes the log. Safe for concurrent use.
type audit struct {
	dir  string // "": nothing is written
	keep int    // months
	now  func() time.Time
	log  *slog.Logger

	mu     sync.Mutex
	last   map[Event]time.Time
	month  string
	failed bool
}

func newAudit(state string, keep int, now func() time.Time, log *slog.Logger) *audit {
	a := &audit{keep: keep, now: now, log: log, last: map[Event]time.Time{}}
	if state != "" {
		a.dir = filepath.Join(state, auditFolder)
	}
	return a
}

// write an event. Rare ones are on disk when it returns.
func (a *audit) write(e Event) {
	a.mu.Lock()
	defer a.mu.Unlock()
	e.At = a.now().UTC().Truncate(time.Second)
	if a.dir == "" {
		return
	}
	err := a.append(e)
	if err != nil && !a.failed {
		a.log.Warn("the audit log cannot be written", "error", err, "hint", "look at the permissions and the free space of the state folder")
	}
	a.failed = err != nil
}

// writeOnce writes an event that comes often only once an hour.
func (a *audit) writeOnce(e Event) {
	a.mu.Lock()
	now := a.now()
	at, before := a.last[e]
	if !before || now.Sub(at) > once {
		if len(a.last) > 10_000 {
			clear(a.last)
		}
		a.last[e] = now
	}
	a.mu.Unlock()
	if !before || now.Sub(at) > once {
		a.write(e)
	}
}

func (a *audit) append(e Event) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(a.dir, 0o700); err != nil {
		return err
	}
	month := e.At.Format("2006-01")
	if month != a.month {
		a.month = month
		if err := a.forget(e.At); err != nil {
			return err
		}
	}
	file, err := os.OpenFile(filepath.Join(a.dir, "audit-"+month+".jsonl"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(append(line, '\n'))
	return errors.Join(err, file.Sync(), file.Close())
}

// forget removes the months that are older than they may be kept.
func (a *audit) forget(now time.Time) error {
	names, err := filepath.Glob(filepath.Join(a.dir, "audit-????-??.jsonl"))
	oldest := "audit-" + now.AddDate(0, 1-a.keep, 1-now.Day()).Format("2006-01") + ".jsonl"
	for _, name := range names {
		if filepath.Base(name) < oldest {
			err = errors.Join(err, os.Remove(name))
		}
	}
	return err
}

// ReadAudit reads the newest events of a state folder, newest first.
func ReadAudit(state string, most int) (out []Event, err error) {
	names, err := filepath.Glob(filepath.Join(state, auditFolder, "audit-????-??.jsonl"))
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	for _, name := range slices.Backward(names) {
		month, err := readEvents(name)
		if err != nil {
			return out, stateError("read", name, err)
		}
		slices.Reverse(month)
		if out = append(out, month...); len(out) >= most {
			return out[:most], nil
		}
	}
	return out, nil
}

func readEvents(name string) (out []Event, err error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var e Event
		if json.Unmarshal(lines.Bytes(), &e) == nil { // half a line after a power cut is passed over
			out = append(out, e)
		}
	}
	return out, lines.Err()
}

// pseudonyms turn who somebody is into a word that stays the same, and that nobody without the key can turn back or try out.
type pseudonyms struct{ key []byte }

// pseudonymKey is its file in the state folder.
const pseudonymKey = "pseudonym.key"

// newPseudonyms reads the key of a state folder, and draws it at first use; without a folder it lasts as long as the process.
func newPseudonyms(state string) (pseudonyms, error) {
	key := make([]byte, 32)
	rand.Read(key)
	if state == "" {
		return pseudonyms{key}, nil
	}
	path := filepath.Join(state, pseudonymKey)
	text, err := os.ReadFile(path)
	if err == nil {
		if key, err = hex.DecodeString(strings.TrimSpace(string(text))); err != nil || len(key) != 32 {
			return pseudonyms{}, stateError("read", path, errors.New("not a key of ours"))
		}
		return pseudonyms{key}, nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return pseudonyms{}, stateError("read", path, err)
	}
	if err := os.MkdirAll(state, 0o700); err != nil {
		return pseudonyms{}, stateError("make", state, err)
	}
	return pseudonyms{key}, replace(path, []byte(hex.EncodeToString(key)+"\n"))
}

func (p pseudonyms) of(who string) string {
	if who == "" {
		return ""
	}
	sum := hmac.New(sha256.New, p.key)
	sum.Write([]byte(who))
	return hex.EncodeToString(sum.Sum(nil)[:6])
}
