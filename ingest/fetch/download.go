package fetch

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"jumeau/internal/secret"
	"jumeau/model"
)

// address is one file of a source, and how to ask for it.
type address struct {
	text string                            // as it stands in the lock
	http string                            // what is asked over HTTP; no secret in it
	sign func(*http.Request) *http.Request // shows the secret; nil: none
	show []string                          // headers in which it does
}

// download is one file on its way. Not safe for concurrent use.
type download struct {
	opt    Options
	cache  *cache
	source *model.Source
	from   address
	old    *Entry // what the lock has of this address, nil: nothing
	secret secret.Secret
	client *http.Client
	at     func(int64) // progress, in bytes of this file
	part   string      // the file that is being filled
	state  partState
}

// partState is kept beside a part, so that the next fetch can go on with it.
type partState struct {
	URL      string `json:"url"`
	ETag     string `json:"etag,omitempty"`
	Modified string `json:"modified,omitempty"` // as the server wrote it
	Total    int64  `json:"total"`              // -1: not known
	Resume   bool   `json:"resume"`             // the server said enough to go on later
}

// got is what an attempt brought.
type got struct {
	unchanged bool
	final     *url.URL
	modified  string
	etag      string
	digests   []digest // that the answer itself carries
	encoded   string   // SHA-256 of the bytes as they came, when they were decoded
}

func (d *download) open() error {
	folder := d.cache.folder(d.source.ID)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(d.from.text))
	d.part = filepath.Join(folder, ".part-"+hex.EncodeToString(sum[:6]))
	d.state = readState(d.part+".json", d.from.text)
	return nil
}

// run brings the file, or finds that it did not change.
func (d *download) run(ctx context.Context) (Entry, bool, error) {
	if err := d.open(); err != nil {
		return Entry{}, false, diskError(d.source.ID, err)
	}
	limited, cancel := context.WithTimeoutCause(ctx, d.opt.Limit, fmt.Errorf("it takes longer than %s", d.opt.Limit))
	defer cancel()
	best := d.partSize()
	for n := 0; ; n++ {
		entry, unchanged, err := d.attempt(limited)
		var retry *again
		switch {
		case err == nil:
			return entry, unchanged, nil
		case ctx.Err() != nil:
			return Entry{}, false, ctx.Err()
		case limited.Err() != nil:
			return Entry{}, false, d.fail(model.Unavailable, "fetch again: it goes on where it stopped", context.Cause(limited))
		case !errors.As(err, &retry):
			return Entry{}, false, err
		}
		if size := d.partSize(); size > best { // it is slow or shaky, and it comes
			best, n = size, 0
		}
		if n+1 >= d.opt.Attempts || retry.after > mostWait {
			return Entry{}, false, d.gaveUp(retry)
		}
		wait := max(backoff(n), retry.after)
		d.opt.Log.Info("fetch goes on later", "source", d.source.ID, "wait", wait, "reason", d.secret.Redact(retry.Error()))
		if err := d.opt.Sleep(limited, wait); err != nil && ctx.Err() != nil {
			return Entry{}, false, ctx.Err()
		}
	}
}

func (d *download) gaveUp(retry *again) error {
	hint := "see whether the address opens in a browser; what was fetched before stays"
	if retry.after > mostWait {
		hint = "the producer asks to wait until " + d.opt.Now().Add(retry.after).UTC().Format(time.RFC3339)
	}
	return d.fail(model.Unavailable, hint, retry.err)
}

func (d *download) fail(kind model.Kind, hint string, err error) error {
	return &model.Error{Kind: kind, Op: "fetch", Subject: d.source.ID, Hint: hint, Err: d.secret.Error(err)}
}

// attempt asks once. What may be tried again is an *again.
func (d *download) attempt(ctx context.Context) (Entry, bool, error) {
	g, err := d.ask(ctx)
	if err != nil {
		return Entry{}, false, err
	}
	if g.unchanged {
		return *d.old, true, nil
	}
	return d.finish(ctx, g)
}

// finish checks a whole file and puts it in its place.
func (d *download) finish(ctx context.Context, g got) (Entry, bool, error) {
	sum, size, err := sumFile(ctx, d.part)
	if err != nil {
		return Entry{}, false, diskError(d.source.ID, err)
	}
	if err := d.checkDigests(ctx, g, sum); err != nil {
		d.drop()
		return Entry{}, false, err
	}
	produced, err := inspect(d.part)
	var refused *refusal
	if errors.As(err, &refused) {
		d.drop()
		return Entry{}, false, d.fail(model.Invalid, "do not unpack it; ask its producer", err)
	}
	if errors.Is(err, errPage) {
		d.drop()
		return Entry{}, false, d.fail(model.Unavailable, "open from.url in a browser: it may be the page about the file, or the producer may be out of order", err)
	}
	if err != nil { // it came whole, and is not
		d.drop()
		return Entry{}, false, &again{err: err}
	}
	e := Entry{Source: d.source.ID, URL: d.from.text, Bytes: size, SHA256: sum, ETag: g.etag, Produced: produced, FetchedAt: d.opt.Now().UTC().Truncate(time.Second)}
	if t, err := http.ParseTime(g.modified); err == nil {
		e.LastModified = t.UTC()
	}
	if g.final != nil {
		if final := publicURL(g.final, d.secret); final != d.from.http {
			e.FinalURL = final
		}
	}
	same := d.old != nil && d.old.SHA256 == sum && d.cache.has(*d.old)
	if same {
		e.File, e.FetchedAt = d.old.File, d.old.FetchedAt
		d.drop()
		return e, true, nil
	}
	if e.File, err = d.cache.keep(d.source.ID, d.part, nameOf(d.from.text), sum); err != nil {
		return Entry{}, false, diskError(d.source.ID, err)
	}
	d.drop()
	return e, false, nil
}

// checkDigests holds the file to the declared checksum, to the published one, and to the one the answer carried.
func (d *download) checkDigests(ctx context.Context, g got, sum string) error {
	if want := d.source.From.SHA256; want != "" && want != sum && want != g.encoded {
		return d.fail(model.Invalid, "look at what changed; when it is right, write this checksum into from.sha256",
			fmt.Errorf("the SHA-256 of what came is %s, from.sha256 is %s", sum, want))
	}
	for _, one := range g.digests {
		if err := one.check(d.part, g.encoded); err != nil {
			return &again{err: err}
		}
	}
	if d.source.From.Checksum == "" {
		return nil
	}
	one, err := d.published(ctx)
	if err != nil {
		return err
	}
	if err := one.check(d.part, g.encoded); err != nil {
		return &again{err: err}
	}
	return nil
}

// drop forgets the part.
func (d *download) drop() {
	os.Remove(d.part)
	os.Remove(d.part + ".json")
	d.state = partState{}
}

func (d *download) partSize() int64 {
	if !d.state.Resume {
		return 0
	}
	info, err := os.Stat(d.part)
	if err != nil {
		return 0
	}
	return info.Size()
}

func base64Hex(text string) (string, error) {
	raw, err := base64.StdEncoding.DecodeString(text)
	return hex.EncodeToString(raw), err
}
