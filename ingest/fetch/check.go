package fetch

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"path"
	"regexp"
	"strings"
	"time"

	"jumeau/ingest/limit"
	"jumeau/model"
)

// digest is a checksum of a file, hexadecimal.
type digest struct{ algorithm, sum string }

var algorithms = map[int]string{32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}

func (d digest) hash() hash.Hash {
	switch d.algorithm {
	case "md5":
		return md5.New()
	case "sha1":
		return sha1.New()
	case "sha512":
		return sha512.New()
	}
	return sha256.New()
}

// check holds a file to the digest. encoded is the SHA-256 of the bytes before they were unpacked, "" when they were not.
func (d digest) check(name, encoded string) error {
	if d.algorithm == "sha256" && encoded == d.sum {
		return nil
	}
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	h := d.hash()
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	if sum := hex.EncodeToString(h.Sum(nil)); sum != d.sum {
		return fmt.Errorf("what came is damaged: its %s is %s, its producer says %s", d.algorithm, sum, d.sum)
	}
	return nil
}

var structured = regexp.MustCompile(`(?i)\b(sha-256|sha-512)\s*=\s*:?([A-Za-z0-9+/=]+):?`)

// carried are the digests that the headers of an answer hold. Those of a part are of the part, and not looked at.
func carried(h http.Header, from int64) (out []digest) {
	if from > 0 || h.Get("Content-Encoding") != "" {
		return nil
	}
	for _, header := range []string{"Repr-Digest", "Content-Digest", "Digest"} {
		for _, m := range structured.FindAllStringSubmatch(h.Get(header), -1) {
			if sum, err := base64Hex(m[2]); err == nil && algorithms[len(sum)] != "" {
				out = append(out, digest{algorithms[len(sum)], sum})
			}
		}
	}
	for header, algorithm := range map[string]string{"Content-Md5": "md5", "X-Amz-Checksum-Sha256": "sha256"} {
		if sum, err := base64Hex(h.Get(header)); err == nil && algorithms[len(sum)] == algorithm {
			out = append(out, digest{algorithm, sum})
		}
	}
	return out
}

// mostChecksum is the size of a file of checksums, in bytes.
const mostChecksum = 1 << 20

// published asks for from.checksum.
func (d *download) published(ctx context.Context) (digest, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, d.source.From.Checksum, nil)
	if err != nil {
		return digest{}, d.fail(model.Invalid, "correct from.checksum", unwrapURL(err))
	}
	r.Header.Set("User-Agent", d.opt.Version)
	if d.from.sign != nil && r.URL.Host == mustHost(d.from.http) {
		r = d.from.sign(r)
	}
	answer, err := d.client.Do(r)
	if err != nil {
		return digest{}, d.broken(unwrapURL(err))
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return digest{}, d.refused(answer)
	}
	text, err := io.ReadAll(io.LimitReader(answer.Body, mostChecksum))
	if err != nil {
		return digest{}, &again{err: err}
	}
	found, err := parseChecksum(text, path.Base(d.from.text))
	if err != nil {
		return digest{}, d.fail(model.Invalid, "open from.checksum in a browser", err)
	}
	return found, nil
}

// parseChecksum finds the digest of a file in what sha256sum and its kin write: "digest  name" lines, BSD's
// "SHA256 (name) = digest", or the digest alone.
func parseChecksum(text []byte, name string) (digest, error) {
	var all []digest
	for line := range bytes.Lines(text) {
		fields := strings.FieldsFunc(string(line), func(r rune) bool { return strings.ContainsRune(" \t\r\n=()*:", r) })
		var one *digest
		named := false
		for _, f := range fields {
			if _, err := hex.DecodeString(f); err == nil && algorithms[len(f)] != "" {
				one = &digest{algorithms[len(f)], strings.ToLower(f)}
			}
			named = named || path.Base(f) == name
		}
		if one != nil && named {
			return *one, nil
		}
		if one != nil {
			all = append(all, *one)
		}
	}
	if len(all) == 1 {
		return all[0], nil
	}
	return digest{}, fmt.Errorf("there is no checksum of %s in it", name)
}

var errPage = errors.New("the producer answered with a web page instead of the file")

// refusal is what makes a file dangerous rather than broken.
type refusal struct{ err error }

func (r *refusal) Error() string { return r.err.Error() }

// inspect looks whether a file that came is what it begins as: an archive that is whole and harmless, and no page that
// apologises. Produced is the newest date inside an archive.
func inspect(name string) (produced time.Time, err error) {
	f, err := os.Open(name)
	if err != nil {
		return time.Time{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return time.Time{}, err
	}
	head := make([]byte, 512)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return time.Time{}, err
	}
	head = head[:n]
	text := strings.ToLower(strings.TrimLeft(strings.TrimPrefix(string(head), "\ufeff"), " \t\r\n"))
	switch {
	case n == 0:
		return time.Time{}, errors.New("the file is empty")
	case strings.HasPrefix(text, "<!doctype html"), strings.HasPrefix(text, "<html"):
		return time.Time{}, errPage
	case bytes.HasPrefix(head, []byte("PAR1")):
		tail := make([]byte, 4)
		if _, err := f.ReadAt(tail, info.Size()-4); err != nil || string(tail) != "PAR1" || info.Size() < 12 {
			return time.Time{}, errors.New("the Parquet file is cut off")
		}
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return inspectZip(f, info.Size())
	}
	return time.Time{}, nil
}

func inspectZip(f *os.File, size int64) (newest time.Time, err error) {
	archive, err := zip.NewReader(f, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return newest, fmt.Errorf("the zip archive is cut off or damaged: %w", err)
	}
	if len(archive.File) > limit.Default.Members {
		return newest, &refusal{fmt.Errorf("the archive has %d members, %d are allowed", len(archive.File), limit.Default.Members)}
	}
	var unpacked int64
	for _, m := range archive.File {
		if err := limit.Name(m.Name); err != nil {
			return newest, &refusal{err}
		}
		if m.UncompressedSize64 > uint64(limit.Default.Bytes) {
			return newest, &refusal{fmt.Errorf("the member %q unpacks to %d bytes", m.Name, m.UncompressedSize64)}
		}
		if unpacked += int64(m.UncompressedSize64); m.Modified.After(newest) {
			newest = m.Modified
		}
	}
	if err := limit.Default.Check(size, unpacked); err != nil {
		return newest, &refusal{err}
	}
	return newest.UTC().Truncate(time.Second), nil
}
