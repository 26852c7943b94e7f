package fetch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"jumeau/ingest"
	"jumeau/internal/secret"
	"jumeau/model"
)

// States of an outcome.
const (
	Local     = "local"     // found by from.path: not fetched
	Fetched   = "fetched"   // new bytes came
	Unchanged = "unchanged" // the producer has the same as before
	NotDue    = "not due"   // asked less than from.every ago
	Offline   = "offline"   // as the lock has it, checked
	Late      = "late"      // the producer failed; what was fetched before is used
	Failed    = "failed"    // there is nothing to use
)

// Outcome is what became of one source.
type Outcome struct {
	Source  string
	State   string
	Entries []Entry       // of the lock, in order; none when local or failed
	Bytes   int64         // of the files that came
	Took    time.Duration // waits included
	Err     error         // of Late and Failed
}

// Result of a fetch, in the order of the sources.
type Result struct {
	Outcomes []Outcome
	Files    ingest.Fetched // of the sources that were fetched, now or before
}

// Late are the outcomes of sources whose producer failed while an older file is there.
func (r *Result) Late() (out []Outcome) {
	for _, o := range r.Outcomes {
		if o.State == Late {
			out = append(out, o)
		}
	}
	return out
}

// fetcher is the state of one fetch.
type fetcher struct {
	Options
	cache   *cache
	mu      sync.Mutex // holds what follows
	lock    *Lock
	checked map[string]time.Time
	down    map[string]bool // hosts that did not answer, in spite of patience: their other files are asked for once
}

// Run fetches what is due of the sources. That a source could not be fetched is in its outcome; an error is about the work folder,
// or the end of the context.
func Run(ctx context.Context, t *model.Territory, sources []*model.Source, opt Options) (*Result, error) {
	f := &fetcher{Options: opt.filled()}
	f.Version = agent(opt.Version, t)
	result := &Result{Outcomes: make([]Outcome, len(sources)), Files: ingest.Fetched{}}
	var remote []int
	for i, src := range sources {
		if out, ok := f.local(src); ok {
			result.Outcomes[i] = out
		} else {
			remote = append(remote, i)
		}
	}
	if len(remote) == 0 {
		return result, nil
	}
	var err error
	if f.cache, err = openCache(ctx, f.Work); err != nil {
		return nil, err
	}
	defer f.cache.close()
	if f.lock, err = ReadLock(f.Work); err != nil {
		return nil, err
	}
	f.checked, f.down = f.cache.checked(), map[string]bool{}
	f.hosts = map[string]chan struct{}{}
	for _, i := range remote {
		f.hosts[hostOf(sources[i])] = make(chan struct{}, 1)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(together)
	for _, i := range remote {
		group.Go(func() error {
			host := f.hosts[hostOf(sources[i])]
			select {
			case host <- struct{}{}:
				defer func() { <-host }()
			case <-ctx.Done():
				return ctx.Err()
			}
			start := f.Now()
			out, err := f.source(ctx, sources[i])
			out.Took = f.Now().Sub(start)
			result.Outcomes[i] = out
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for _, out := range result.Outcomes {
		for _, e := range out.Entries {
			result.Files[out.Source] = append(result.Files[out.Source], ingest.File{Path: f.cache.path(e.File), Name: path.Base(e.File)})
		}
	}
	return result, nil
}

// Kept are the files of sources that were fetched before and are there, for verbs that fetch nothing; not of those that
// from.path finds in the folders.
func Kept(work string, folders []string, sources []*model.Source) (ingest.Fetched, error) {
	lock, err := ReadLock(work)
	if err != nil {
		return nil, err
	}
	f := &fetcher{Options: Options{Folders: folders}, cache: &cache{work: work}, lock: lock}
	out := ingest.Fetched{}
	for _, src := range sources {
		if _, local := f.local(src); local {
			continue
		}
		for _, e := range f.known(src) {
			out[src.ID] = append(out[src.ID], ingest.File{Path: f.cache.path(e.File), Name: path.Base(e.File)})
		}
	}
	return out, nil
}

// agent is how we introduce ourselves: the program, the territory, and whom to write to.
func agent(version string, t *model.Territory) string {
	about := t.ID
	if t.Contact != "" {
		about += "; " + t.Contact
	}
	return fmt.Sprintf("jumeau/%s (%s)", strings.Map(func(r rune) rune {
		if r > ' ' && r < 127 {
			return r
		}
		return '-'
	}, version), about)
}

// hostOf is the server that a source is on.
func hostOf(src *model.Source) string {
	text := src.From.URL
	if strings.HasPrefix(text, "s3://") && src.From.Endpoint != "" {
		text = src.From.Endpoint
	}
	u, err := url.Parse(text)
	if err != nil {
		return text
	}
	return strings.ToLower(u.Host)
}

func mustHost(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	return u.Host
}

// local settles the sources that are not fetched.
func (f *fetcher) local(src *model.Source) (Outcome, bool) {
	out := Outcome{Source: src.ID, State: Local}
	var err error
	if src.From.Path != "" {
		if _, err = ingest.Locate(src, f.Folders); err == nil {
			return out, true
		}
	}
	switch {
	case src.From.URL == "":
		out.State, out.Err = Failed, err
		return out, true
	case ingest.AboutPeople(src):
		out.State, out.Err = Failed, failed(model.Withheld, src.ID, "bring the file to the machine yourself and declare from.path; remove it when its retention is over",
			"its rows are about single units, and such files are not fetched")
		return out, true
	}
	return out, false
}

// source fetches the files of one source, all or none.
func (f *fetcher) source(ctx context.Context, src *model.Source) (Outcome, error) {
	out := Outcome{Source: src.ID}
	old := f.known(src)
	if f.Offline {
		return f.offline(ctx, src, old)
	}
	if f.fresh(src, old) {
		out.State, out.Entries = NotDue, old
		return out, nil
	}
	entries, changed, err := f.files(ctx, src, old)
	var full *model.Error
	switch {
	case ctx.Err() != nil:
		return out, ctx.Err()
	case err == nil:
		out.Entries, out.State = entries, Unchanged
		for _, e := range changed {
			out.State = Fetched
			out.Bytes += e.Bytes
		}
		return out, f.settle(src, entries)
	case len(old) > 0 && !errors.As(err, &full):
		return out, err
	case len(old) > 0:
		out.State, out.Entries, out.Err = Late, old, err
		f.Log.Warn("source is late: what was fetched before is used", "source", src.ID, "fetched_at", old[0].FetchedAt, "reason", err)
	default:
		out.State, out.Err = Failed, err
	}
	return out, nil
}

// known are the files that the lock has of a source as it is declared now; none when one of them is missing.
func (f *fetcher) known(src *model.Source) []Entry {
	f.mu.Lock()
	entries := f.lock.Of(src.ID)
	f.mu.Unlock()
	for _, e := range entries {
		if !declares(src, e.URL) || !f.cache.has(e) {
			return nil
		}
	}
	if all, err := model.Addresses(src.From.URL); err != nil || !strings.HasPrefix(src.From.URL, "s3://") && len(all) != len(entries) {
		return nil
	}
	if want := src.From.SHA256; want != "" && len(entries) == 1 && entries[0].SHA256 != want {
		return nil
	}
	return entries
}

// declares says whether an address is one of those that a source stands for.
func declares(src *model.Source, address string) bool {
	all, err := model.Addresses(src.From.URL)
	if err != nil {
		return false
	}
	for _, one := range all {
		if one == address {
			return true
		}
		if strings.HasPrefix(one, "s3://") {
			if ok, err := path.Match(one, address); err == nil && ok {
				return true
			}
		}
	}
	return false
}

// fresh says whether the producer was asked so short a time ago that it is left in peace.
func (f *fetcher) fresh(src *model.Source, old []Entry) bool {
	f.mu.Lock()
	asked, ok := f.checked[src.ID]
	f.mu.Unlock()
	ago := f.Now().Sub(asked)
	return ok && !f.Force && len(old) > 0 && ago >= 0 && ago < model.Interval(src.From.Every, 12*time.Hour)
}

// settle writes down what a source has now.
func (f *fetcher) settle(src *model.Source, entries []Entry) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lock.replace(src.ID, entries)
	f.checked[src.ID] = f.Now().UTC().Truncate(time.Second)
	err := errors.Join(f.lock.write(f.Work), f.cache.setChecked(f.checked), f.cache.prune(src.ID, f.lock, time.Now()))
	if err != nil {
		return diskError(f.Work, err)
	}
	return nil
}

// offline takes what the lock has, byte for byte.
func (f *fetcher) offline(ctx context.Context, src *model.Source, old []Entry) (Outcome, error) {
	out := Outcome{Source: src.ID, State: Offline, Entries: old}
	if len(old) == 0 {
		out.State, out.Err = Failed, failed(model.NotFound, src.ID, "fetch it once: jumeau fetch TERRITORY "+src.ID,
			"%s has no file of the declared address that is there", LockName)
		return out, nil
	}
	for _, e := range old {
		if err := f.cache.verify(ctx, e); err != nil {
			if ctx.Err() != nil {
				return out, ctx.Err()
			}
			out.State, out.Entries, out.Err = Failed, nil, failed(model.Invalid, src.ID, "fetch it again, without --offline", "%w", err)
			return out, nil
		}
	}
	return out, nil
}

// files brings every file of a source.
func (f *fetcher) files(ctx context.Context, src *model.Source, old []Entry) (entries, changed []Entry, err error) {
	hidden, err := f.secret(src)
	if err != nil {
		return nil, nil, err
	}
	g := &guard{host: hostOnly(hostOf(src))}
	transport := g.transport(f.Options)
	defer transport.CloseIdleConnections()
	addresses, err := f.addresses(ctx, src, hidden, transport)
	if err != nil {
		return nil, nil, err
	}
	for _, from := range addresses {
		d := &download{opt: f.patience(src), cache: f.cache, source: src, from: from, secret: hidden, at: func(int64) {},
			client: &http.Client{Transport: transport, CheckRedirect: g.redirect(from.show)}}
		for i := range old {
			if old[i].URL == from.text {
				d.old = &old[i]
			}
		}
		end := func(string) {}
		if f.Progress != nil {
			d.at, end = f.Progress.Begin(src.ID, d.expected())
		}
		e, same, err := f.one(ctx, d)
		if err != nil {
			end("not fetched")
			if model.KindOf(err) == model.Unavailable {
				f.mu.Lock()
				f.down[hostOf(src)] = true
				f.mu.Unlock()
			}
			return nil, nil, err
		}
		entries = append(entries, e)
		if same {
			end("unchanged")
		} else {
			changed = append(changed, e)
			end("fetched")
		}
	}
	return entries, changed, nil
}

// patience with the host of a source.
func (f *fetcher) patience(src *model.Source) Options {
	opt := f.Options
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down[hostOf(src)] {
		opt.Attempts = 1
	}
	return opt
}

func (f *fetcher) one(ctx context.Context, d *download) (Entry, bool, error) {
	if f.Mirror != "" {
		return d.copyFrom(ctx, f.Mirror)
	}
	return d.run(ctx)
}

// expected is the size that a bar begins with: that of the file fetched before.
func (d *download) expected() int64 {
	if d.old != nil {
		return d.old.Bytes
	}
	return 0
}

func hostOnly(host string) string {
	u := url.URL{Host: host}
	return u.Hostname()
}

// secret reads the secret of a source.
func (f *fetcher) secret(src *model.Source) (secret.Secret, error) {
	a := src.From.Auth
	if a == nil || f.Mirror != "" {
		return secret.Secret{}, nil
	}
	if a.File != "" && f.Outside != "" {
		if inside, err := within(a.File, f.Outside); err != nil || inside {
			return secret.Secret{}, failed(model.Invalid, src.ID, "keep it elsewhere, such as /etc/jumeau", "the secret file is in the territory folder, which is published")
		}
	}
	s, err := secret.Read(a.Env, a.File, f.Getenv)
	if err != nil {
		return s, failed(model.Invalid, src.ID, "set the variable, or write the file, that from.auth names", "there is no secret: %w", err)
	}
	return s, nil
}

func within(file, folder string) (bool, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return false, err
	}
	if real, err := filepath.EvalSymlinks(file); err == nil {
		file = real
	} else if !errors.Is(err, os.ErrNotExist) {
		return false, err
	}
	if real, err := filepath.EvalSymlinks(folder); err == nil {
		folder = real
	}
	rel, err := filepath.Rel(folder, file)
	return err == nil && filepath.IsLocal(rel), nil
}

// addresses of the files of a source, in order.
func (f *fetcher) addresses(ctx context.Context, src *model.Source, hidden secret.Secret, through http.RoundTripper) ([]address, error) {
	all, err := model.Addresses(src.From.URL)
	if err != nil {
		return nil, failed(model.Invalid, src.ID, "correct from.url", "%w", err)
	}
	var out []address
	for _, one := range all {
		rest, s3 := strings.CutPrefix(one, "s3://")
		if !s3 {
			out = append(out, show(one, src.From.Auth, hidden))
			continue
		}
		st, err := storeOf(src.From, hidden)
		if err != nil {
			return nil, failed(model.Invalid, src.ID, "correct from.endpoint or the secret", "%w", err)
		}
		bucket, key, _ := strings.Cut(rest, "/")
		keys := []string{key}
		switch {
		case strings.ContainsAny(key, `*?[`) && f.Mirror != "":
			keys, err = globMirror(f.Mirror, bucket, key)
		case strings.ContainsAny(key, `*?[`):
			keys, err = st.list(ctx, bucket, key, through)
		}
		if err != nil {
			return nil, s3Error(src.ID, hidden, err)
		}
		for _, k := range keys {
			out = append(out, st.address(bucket, k))
		}
	}
	if len(out) == 0 {
		return nil, failed(model.NotFound, src.ID, "look at the pattern and the bucket", "no file matches %s", src.From.URL)
	}
	return out, nil
}

// show gives an address the way in which its secret is shown.
func show(text string, a *model.Auth, s secret.Secret) address {
	out := address{text: text, http: text}
	if a == nil || s.IsZero() {
		return out
	}
	header := "Authorization"
	switch a.As {
	case "header":
		header = a.Name
	case "query":
		out.sign = func(r *http.Request) *http.Request {
			q := r.URL.Query()
			q.Set(a.Name, s.Reveal())
			r.URL.RawQuery = q.Encode()
			return r
		}
		return out
	}
	out.show = []string{header}
	out.sign = func(r *http.Request) *http.Request {
		switch a.As {
		case "basic":
			user, password, _ := strings.Cut(s.Reveal(), ":")
			r.SetBasicAuth(user, password)
		case "header":
			r.Header.Set(a.Name, s.Reveal())
		default:
			r.Header.Set("Authorization", "Bearer "+s.Reveal())
		}
		return r
	}
	return out
}
