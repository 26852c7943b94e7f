package release

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"time"

	"jumeau/internal/durable"
	"jumeau/model"
)

// holdName is the file that keeps the pointer where it is.
const holdName = "hold.json"

// Hold says that runs build releases and leave the pointer alone, since when and why.
type Hold struct {
	Release string    `json:"release"` // that is served meanwhile
	Since   time.Time `json:"since"`
	By      string    `json:"by,omitempty"`
	Why     string    `json:"why,omitempty"`
}

// ReadHold is the hold of a releases folder, nil when there is none. A hold that cannot be read holds.
func ReadHold(releases string) (*Hold, error) {
	text, err := os.ReadFile(filepath.Join(releases, holdName))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	h := &Hold{}
	if err == nil {
		err = json.Unmarshal(text, h)
	}
	if err != nil {
		return h, &model.Error{Kind: model.Invalid, Op: "read hold", Subject: filepath.Join(releases, holdName), Err: err,
			Hint: "lift it: jumeau releases resume --releases " + releases}
	}
	return h, nil
}

// RollbackAndHold is Rollback, after which runs build but do not publish until Resume.
func RollbackAndHold(releases, id string, h Hold) (now, before string, err error) {
	return rollback(releases, id, func(id string) error {
		h.Release = id
		text, err := json.MarshalIndent(h, "", " ")
		if err != nil {
			return err
		}
		return replaceFile(filepath.Join(releases, holdName), append(text, '\n'), 0o644)
	})
}

// Resume lifts the hold: the next run publishes again. It returns what was lifted, nil when nothing was.
func Resume(releases string) (*Hold, error) {
	pointer, err := takeLock(releases, ".pointer", true)
	if err != nil {
		return nil, diskError("resume", releases, err)
	}
	defer pointer.release()
	h, _ := ReadHold(releases) // what cannot be read is lifted too
	if err := os.Remove(filepath.Join(releases, holdName)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return h, diskError("resume", releases, err)
	}
	return h, durable.Sync(releases)
}

// ServeNewest moves the pointer to the newest release, when it is another one, and returns the id now served.
func ServeNewest(releases string) (string, error) {
	now, err := Current(releases)
	if err != nil {
		return "", err
	}
	all, err := List(releases)
	if err != nil || len(all) == 0 || all[0].ID == now {
		return now, err
	}
	now, _, err = Rollback(releases, all[0].ID)
	return now, err
}

// newestWith is the newest release of a folder with this content, "" when the newest has another.
func newestWith(releases, content string) string {
	all, err := List(releases)
	if err != nil || len(all) == 0 || all[0].Err != nil || all[0].Manifest.Content != content {
		return ""
	}
	return all[0].ID
}
