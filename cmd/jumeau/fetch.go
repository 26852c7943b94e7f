package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"jumeau/batch"
	"jumeau/ingest"
	"jumeau/ingest/fetch"
	"jumeau/model"
	"jumeau/model/runlog"
)

// fetchFlags say where files of sources come from, for every verb that may fetch.
type fetchFlags struct {
	Mirror  string `help:"Folder that holds the sources' files: by from.path, by HOST/PATH of from.url, or by SHA-256. With it nothing is read from the network." type:"existingdir" placeholder:"DIR"`
	Offline bool   `help:"Read nothing from the network: fetched files as jumeau.lock has them, checked."`
	Work    string `help:"Folder of jumeau.lock and of what is fetched; default the territory folder, or jumeau-NAME for an embedded one." placeholder:"DIR"`
}

// folders in which from.path is looked for.
func (v fetchFlags) folders(territory string) []string {
	if v.Mirror != "" {
		return []string{v.Mirror, territory}
	}
	return []string{territory}
}

// work is the folder of what is fetched.
func (v fetchFlags) work(territory string) string {
	if v.Work != "" {
		return v.Work
	}
	if info, err := os.Stat(territory); err == nil && info.IsDir() {
		return territory
	}
	return "jumeau-" + territory
}

func (v fetchFlags) options(a *app, territory, folder string) fetch.Options {
	return fetch.Options{Work: v.work(territory), Folders: v.folders(folder), Mirror: v.Mirror, Offline: v.Offline, Version: version, Getenv: os.Getenv,
		Outside: folder, Proxy: http.ProxyFromEnvironment, Log: a.log}
}

// fetchVerb brings the files of sources to this machine.
type fetchVerb struct {
	Territory  string   `arg:"" help:"Folder of the territory, or the name of an embedded one."`
	Sources    []string `arg:"" optional:"" name:"source" help:"Sources to fetch; default all that have an address."`
	fetchFlags `embed:""`
	Force      bool `help:"Ask producers even if they were asked a short time ago (from.every)."`
	JSON       bool `name:"json" help:"Print the result as JSON."`
	Quiet      bool `short:"q" help:"No progress."`
}

func (fetchVerb) Examples() string {
	return "jumeau fetch my-town\n  jumeau fetch my-town stops addresses --force\n  jumeau fetch my-town --mirror /mnt/usb"
}

func (v *fetchVerb) Run(a *app) error {
	opened, err := openTerritory(a, v.Territory)
	if err != nil {
		return err
	}
	defer opened.close()
	t, folder := opened.territory, opened.folder
	sources, err := v.chosen(t)
	if err != nil {
		return err
	}
	progress := newProgress(os.Stderr, v.Quiet || v.JSON)
	opt := v.options(a, v.Territory, folder)
	opt.Force, opt.Progress = v.Force, progress
	result, err := fetch.Run(a.ctx, t, sources, opt)
	progress.close()
	if err != nil {
		return err
	}
	if v.JSON {
		err = printFetched(a, result)
	} else {
		err = showFetched(a, t, result)
	}
	if err != nil {
		return err
	}
	return fetchFailure(a, t, result)
}

func (v *fetchVerb) chosen(t *model.Territory) (out []*model.Source, err error) {
	var have []string
	for _, src := range t.Sources {
		have = append(have, src.ID)
		if slices.Contains(v.Sources, src.ID) || len(v.Sources) == 0 && src.From.URL != "" {
			out = append(out, src)
		}
	}
	for _, id := range v.Sources {
		if !slices.Contains(have, id) {
			return nil, &model.Error{Kind: model.NotFound, Op: "fetch", Subject: id, Err: fmt.Errorf("%s has no such source", t.ID),
				Hint: "its sources are: " + strings.Join(have, ", ")}
		}
	}
	return out, nil
}

// fetchFailure ends the verb with the code of the worst outcome.
func fetchFailure(a *app, t *model.Territory, r *fetch.Result) error {
	code := 0
	for _, out := range r.Outcomes {
		switch out.State {
		case fetch.Failed:
			if c := batch.ExitCode(out.Err); code == 0 || code == runlog.ExitLate || c == runlog.ExitFailed {
				code = c
			}
			fmt.Fprintf(a.errOut, "Error: %s\nTry: %s\n", out.Err, model.HintOf(out.Err))
		case fetch.Late:
			fmt.Fprintf(a.errOut, "Late: %s\nTry: %s\n", out.Err, model.HintOf(out.Err))
			if code == 0 {
				code = runlog.ExitLate
			}
		}
	}
	if code == 0 {
		return nil
	}
	return codedError{errors.New(t.ID + ": not every source was fetched"), code, true}
}

func showFetched(a *app, t *model.Territory, r *fetch.Result) error {
	if len(r.Outcomes) == 0 {
		fmt.Fprintf(a.out, "No source of %s has an address (from.url).\n", t.ID)
		return nil
	}
	zone, err := time.LoadLocation(t.TimeZone)
	if err != nil {
		return err
	}
	w := table(a.out)
	fmt.Fprintln(w, "source\tresult\tfiles\tsize\tfetched\tproducer's date\ttook\t")
	for _, out := range r.Outcomes {
		var bytes int64
		var fetched, produced time.Time
		for _, e := range out.Entries {
			bytes += e.Bytes
			fetched, produced = latest(fetched, e.FetchedAt), latest(produced, latest(e.Produced, e.LastModified))
		}
		files, amount := "", ""
		if len(out.Entries) > 0 {
			files, amount = fmt.Sprint(len(out.Entries)), size(bytes)
		}
		took := ""
		if out.Took >= 50*time.Millisecond {
			took = fmt.Sprintf("%.1f s", out.Took.Seconds())
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", out.Source, out.State, files, amount, day(fetched, zone), day(produced, zone), took)
	}
	return w.Flush()
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func day(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format("2006-01-02 15:04")
}

// fetchedJSON is one element of the JSON of fetch.
type fetchedJSON struct {
	Source  string        `json:"source"`
	State   string        `json:"state"`
	Files   []fetch.Entry `json:"files"`
	Seconds float64       `json:"seconds"`
	Error   string        `json:"error,omitempty"`
	Hint    string        `json:"hint,omitempty"`
}

func printFetched(a *app, r *fetch.Result) error {
	rows := []fetchedJSON{}
	for _, out := range r.Outcomes {
		row := fetchedJSON{Source: out.Source, State: out.State, Files: out.Entries, Seconds: out.Took.Seconds()}
		if row.Files == nil {
			row.Files = []fetch.Entry{}
		}
		if out.Err != nil {
			row.Error, row.Hint = out.Err.Error(), model.HintOf(out.Err)
		}
		rows = append(rows, row)
	}
	out := json.NewEncoder(a.out)
	out.SetEscapeHTML(false)
	out.SetIndent("", " ")
	return out.Encode(rows)
}

// plannedFetch says what a run would do about the address of a source, without asking its producer; "" when there is none to ask.
func (v fetchFlags) plannedFetch(territory string, src *model.Source, folders []string) string {
	if src.From.URL == "" || v.Mirror != "" || ingest.AboutPeople(src) {
		return ""
	}
	if _, err := ingest.Locate(src, folders); err == nil {
		return ""
	}
	work := v.work(territory)
	lock, err := fetch.ReadLock(work)
	if err != nil {
		return err.Error()
	}
	for _, e := range lock.Of(src.ID) {
		if _, err := os.Stat(filepath.Join(work, filepath.FromSlash(e.File))); err == nil {
			return fmt.Sprintf("fetched %s; the producer is asked again after %s", e.FetchedAt.Format("2006-01-02 15:04 UTC"), src.From.Every)
		}
	}
	if v.Offline {
		return ""
	}
	return "would be fetched: " + src.From.URL
}
