package fetch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"crypto/tls"

	"github.com/klauspost/compress/gzip"

	"jumeau/ingest/limit"
	"jumeau/internal/durable"
	"jumeau/model"
)

func readState(path, address string) partState {
	var s partState
	text, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(text, &s) != nil || s.URL != address {
		return partState{}
	}
	return s
}

func (d *download) writeState() error {
	text, err := json.Marshal(d.state)
	if err != nil {
		return err
	}
	return durable.Replace(d.part+".json", text, 0o600)
}

// request asks for the rest of a part, for a file that is newer than ours, or for the file.
func (d *download) request(ctx context.Context) (*http.Request, int64, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, d.from.http, nil)
	if err != nil {
		return nil, 0, d.fail(model.Invalid, "correct from.url", unwrapURL(err))
	}
	if err := refuseName(r.URL.Hostname()); err != nil {
		return nil, 0, d.fail(model.Invalid, "correct from.url", err)
	}
	r.Header.Set("User-Agent", d.opt.Version)
	r.Header.Set("Accept-Encoding", "identity")
	from := d.partSize()
	switch {
	case from > 0:
		r.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
		r.Header.Set("If-Range", d.state.validator())
	case d.old != nil:
		if d.old.ETag != "" {
			r.Header.Set("If-None-Match", d.old.ETag)
		}
		if !d.old.LastModified.IsZero() {
			r.Header.Set("If-Modified-Since", d.old.LastModified.UTC().Format(http.TimeFormat))
		}
	}
	if d.from.sign != nil {
		r = d.from.sign(r)
	}
	return r, from, nil
}

// validator is what says that a file is still the same, byte for byte; "" when nothing does.
func (s partState) validator() string {
	if s.ETag != "" && !strings.HasPrefix(s.ETag, "W/") {
		return s.ETag
	}
	return s.Modified
}

func (d *download) ask(ctx context.Context) (got, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r, from, err := d.request(ctx)
	if err != nil {
		return got{}, err
	}
	answer, err := d.client.Do(r)
	if err != nil {
		return got{}, d.broken(unwrapURL(err))
	}
	defer answer.Body.Close()
	g := got{final: answer.Request.URL, etag: answer.Header.Get("ETag"), modified: answer.Header.Get("Last-Modified")}
	switch code := answer.StatusCode; {
	case code == http.StatusNotModified && d.old != nil && from == 0:
		g.unchanged = true
		return g, nil
	case code == http.StatusOK:
		from = 0
		err = d.begin(answer)
	case code == http.StatusPartialContent && from > 0:
		err = d.resume(answer, from)
	default:
		return got{}, d.refused(answer)
	}
	if err != nil {
		return got{}, err
	}
	stalled := time.AfterFunc(d.opt.Stall, func() { cancel(fmt.Errorf("nothing came for %s", d.opt.Stall)) })
	defer stalled.Stop()
	body := watched{answer.Body, func() { stalled.Reset(d.opt.Stall) }}
	if g.encoded, err = d.fill(answer, body, from); err != nil {
		if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
			return got{}, &again{err: cause}
		}
		return got{}, err
	}
	g.digests = carried(answer.Header, from)
	return g, nil
}

type watched struct {
	r    io.Reader
	seen func()
}

func (w watched) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if n > 0 {
		w.seen()
	}
	return n, err
}

// begin starts the part anew from an answer with the whole file.
func (d *download) begin(answer *http.Response) error {
	d.drop()
	d.state = partState{URL: d.from.text, ETag: answer.Header.Get("ETag"), Modified: answer.Header.Get("Last-Modified"), Total: answer.ContentLength}
	d.state.Resume = d.state.validator() != "" && answer.Header.Get("Content-Encoding") == ""
	return d.tooLarge(answer.ContentLength)
}

func (d *download) tooLarge(bytes int64) error {
	if most := d.most(); bytes > most {
		d.drop()
		return d.fail(model.Invalid, "when it should be so large, raise from.max_mib", fmt.Errorf("the file has more than %d MiB", most>>20))
	}
	return nil
}

func (d *download) most() int64 { return int64(d.source.From.MaxMiB) << 20 }

var contentRange = regexp.MustCompile(`^bytes (\d+)-(\d+)/(\d+|\*)$`)

// resume accepts the rest of a part, when it is the rest of the same file.
func (d *download) resume(answer *http.Response, from int64) error {
	m := contentRange.FindStringSubmatch(answer.Header.Get("Content-Range"))
	if m == nil || m[1] != strconv.FormatInt(from, 10) {
		d.drop()
		return &again{err: errors.New("the producer answered with another part of the file than asked for")}
	}
	if m[3] != "*" {
		total, err := strconv.ParseInt(m[3], 10, 64)
		if err != nil || d.state.Total >= 0 && total != d.state.Total {
			d.drop()
			return &again{err: errors.New("the file changed while it was fetched")}
		}
		d.state.Total = total
	}
	if etag := answer.Header.Get("ETag"); etag != "" && etag != d.state.ETag {
		d.drop()
		return &again{err: errors.New("the file changed while it was fetched")}
	}
	return nil
}

// fill writes the body into the part, from a byte on. When the producer compressed the file for the way, it is unpacked and the
// digest of what came is returned.
func (d *download) fill(answer *http.Response, body io.Reader, from int64) (encoded string, err error) {
	flags := os.O_WRONLY | os.O_CREATE
	if from == 0 {
		flags |= os.O_TRUNC
	}
	out, err := os.OpenFile(d.part, flags, 0o600)
	if err != nil {
		return "", diskError(d.source.ID, err)
	}
	defer out.Close()
	if _, err := out.Seek(from, io.SeekStart); err != nil {
		return "", diskError(d.source.ID, err)
	}
	if err := d.writeState(); err != nil {
		return "", diskError(d.source.ID, err)
	}
	raw := &tally{r: body}
	switch coding := strings.ToLower(answer.Header.Get("Content-Encoding")); coding {
	case "", "identity":
		err = d.copy(out, raw, from, nil)
	case "gzip", "x-gzip":
		raw.sum = sha256.New()
		var unpacked *gzip.Reader
		if unpacked, err = gzip.NewReader(raw); err != nil {
			return "", &again{err: fmt.Errorf("the producer says that it compressed the file, and did not: %w", err)}
		}
		err = d.copy(out, unpacked, 0, raw)
	default:
		return "", d.fail(model.Unavailable, "ask its producer", fmt.Errorf("it comes in the content coding %q, which was not asked for", coding))
	}
	if err != nil {
		return "", err
	}
	if err := errors.Join(out.Sync(), out.Close()); err != nil {
		return "", diskError(d.source.ID, err)
	}
	if raw.sum != nil {
		encoded = hex.EncodeToString(raw.sum.Sum(nil))
	}
	return encoded, nil
}

type tally struct {
	r   io.Reader
	n   int64
	sum hash.Hash // nil: not asked for
}

func (t *tally) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	t.n += int64(n)
	if t.sum != nil {
		t.sum.Write(p[:n])
	}
	return n, err
}

// copy writes what comes, and stops at the size limit. packed is set when more comes out than in.
func (d *download) copy(out *os.File, in io.Reader, from int64, packed *tally) error {
	buffer := make([]byte, 256<<10)
	size, most := from, d.most()
	for {
		n, err := in.Read(buffer)
		if size += int64(n); size > most {
			return d.tooLarge(size)
		}
		if packed != nil {
			if err := limit.Default.Check(packed.n, size); err != nil {
				d.drop()
				return d.fail(model.Invalid, "do not unpack it; ask its producer", err)
			}
		}
		if _, err := out.Write(buffer[:n]); err != nil {
			return diskError(d.source.ID, err)
		}
		d.at(size)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			if errors.Is(err, io.ErrUnexpectedEOF) && d.state.Total >= 0 {
				err = fmt.Errorf("the connection ended after %d of %d bytes", size, d.state.Total)
			}
			return &again{err: err}
		}
	}
}

// broken says what an error without an answer means.
func (d *download) broken(err error) error {
	var (
		certificate *tls.CertificateVerificationError
		name        *net.DNSError
	)
	switch {
	case errors.Is(err, errMetadata), errors.Is(err, errInside):
		return d.fail(model.Invalid, "correct from.url; an address inside your network must be declared itself", err)
	case errors.As(err, &certificate):
		return d.fail(model.Unavailable, "its producer must mend it, or the clock of this machine is wrong", err)
	case errors.As(err, &name) && name.IsNotFound:
		return d.fail(model.Unavailable, "correct from.url, or see whether this machine finds names", err)
	case strings.HasPrefix(err.Error(), "the producer sends us"):
		return d.fail(model.Invalid, "correct from.url: open it in a browser and copy where it leads", err)
	case errors.Is(err, syscall.ECONNREFUSED):
		return &again{err: errors.New("the producer's server does not take connections")}
	}
	return &again{err: err}
}

// refused says what an answer without the file means.
func (d *download) refused(answer *http.Response) error {
	code, status := answer.StatusCode, fmt.Errorf("the producer answered %d %s", answer.StatusCode, http.StatusText(answer.StatusCode))
	switch code {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout, http.StatusNotModified:
		return &again{err: status, after: retryAfter(answer.Header, d.opt.Now())}
	case http.StatusRequestedRangeNotSatisfiable, http.StatusPartialContent:
		d.drop()
		return &again{err: status}
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusProxyAuthRequired:
		return d.fail(model.Invalid, "declare from.auth, or look at the secret: it may be wrong or over", status)
	case http.StatusNotFound, http.StatusGone:
		return d.fail(model.NotFound, "look where the producer publishes it now, and correct from.url", status)
	}
	kind := model.Invalid
	if code >= 500 {
		kind = model.Unavailable
	}
	return d.fail(kind, "see whether the address opens in a browser", status)
}
