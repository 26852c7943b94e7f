package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"jumeau/model"
)

// mirrored are the places below a mirror folder where the file of an address may be: HOST/PATH (with ?QUERY, or /index for an
// address that ends with a slash), BUCKET/KEY, and the SHA-256 of the file, alone or below sha256/.
func mirrored(address string, sums ...string) (out []string) {
	if rest, ok := strings.CutPrefix(address, "s3://"); ok {
		out = append(out, rest)
	} else if u, err := url.Parse(address); err == nil {
		place := u.Hostname() + "/" + strings.Trim(u.Path, "/")
		if u.RawQuery != "" {
			out = append(out, place+"?"+u.RawQuery)
		}
		out = append(out, place, place+"/index", place+"/index.html")
	}
	for _, sum := range sums {
		if sum != "" {
			out = append(out, "sha256/"+sum, sum)
		}
	}
	return slices.DeleteFunc(out, func(place string) bool { return !filepath.IsLocal(filepath.FromSlash(place)) })
}

// copyFrom takes the file of the mirror in the place of the network's.
func (d *download) copyFrom(ctx context.Context, mirror string) (Entry, bool, error) {
	if err := d.open(); err != nil {
		return Entry{}, false, diskError(d.source.ID, err)
	}
	d.drop()
	known := ""
	if d.old != nil {
		known = d.old.SHA256
	}
	places := mirrored(d.from.text, d.source.From.SHA256, known)
	for _, place := range places {
		in, err := os.Open(filepath.Join(mirror, filepath.FromSlash(place)))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return Entry{}, false, d.fail(model.Unavailable, "look at the permissions of the mirror", err)
		}
		defer in.Close()
		if info, err := in.Stat(); err != nil || !info.Mode().IsRegular() {
			continue
		}
		return d.take(ctx, in)
	}
	return Entry{}, false, d.fail(model.NotFound, "put it into the mirror at "+strings.Join(places[:min(1, len(places))], "")+", or fetch from the network",
		fmt.Errorf("the mirror %s has no file of %s", mirror, d.from.text))
}

func (d *download) take(ctx context.Context, in io.Reader) (Entry, bool, error) {
	out, err := os.OpenFile(d.part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return Entry{}, false, diskError(d.source.ID, err)
	}
	defer out.Close()
	if err := d.copy(out, in, 0, nil); err != nil {
		return Entry{}, false, err
	}
	if err := errors.Join(out.Sync(), out.Close()); err != nil {
		return Entry{}, false, diskError(d.source.ID, err)
	}
	withoutPublished := *d.source // the mirror has no checksum file of the producer's
	withoutPublished.From.Checksum = ""
	d.source = &withoutPublished
	entry, same, err := d.finish(ctx, got{})
	var retry *again
	if errors.As(err, &retry) {
		return Entry{}, false, d.fail(model.Invalid, "copy it into the mirror again", retry.err)
	}
	return entry, same, err
}

// globMirror finds the keys of a pattern in the mirror.
func globMirror(mirror, bucket, pattern string) ([]string, error) {
	root := filepath.Join(mirror, bucket)
	names, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
	if err != nil {
		return nil, err
	}
	var keys []string
	for _, name := range names {
		key, err := filepath.Rel(root, name)
		if err != nil {
			return nil, err
		}
		keys = append(keys, filepath.ToSlash(key))
	}
	slices.Sort(keys)
	return keys, nil
}
