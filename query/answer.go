package query

import (
	"bytes"
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/maypok86/otter/v2"
)

// answer is what a handler has to say. Its bytes are made only when no cache, neither ours nor the client's, has them.
type answer struct {
	contentType string
	// Names the bytes within the release: path and parameters, in a fixed order. What else the bytes depend on (language,
	// host) must be in it too.
	key string
	// Request headers that chose the answer, besides Accept-Encoding.
	vary  string
	build func(context.Context) ([]byte, error)
	// The bytes compressed beforehand, by coding; may be nil.
	packed map[string][]byte
	// Status pages and the like: made for each request, never kept.
	fresh bool
	// The address names its content; as all do under /r/.
	immutable bool
	// More headers.
	header map[string]string
}

// entry is an answer's bytes, compressed with one coding.
type entry struct {
	coding string
	body   []byte
	empty  bool // there is nothing to say: 204
}

type entryKey struct{ release, key, coding string }

// worthwhile is the size in bytes from which compression is tried.
const worthwhile = 300

func newCache(bytes int64) *otter.Cache[entryKey, entry] {
	return otter.Must(&otter.Options[entryKey, entry]{
		MaximumWeight: uint64(bytes),
		Weigher:       func(k entryKey, e entry) uint32 { return uint32(len(e.body) + len(k.key) + 200) },
	})
}

// send answers: 304 when the client has the bytes, else from the cache, else by building them. Requests for the same bytes
// at the same time build them once.
func (s *Server) send(w http.ResponseWriter, q *request, a answer) error {
	code := coding(q.Header.Get("Accept-Encoding"))
	h := w.Header()
	h.Set("Vary", strings.TrimSuffix("Accept-Encoding, "+a.vary, ", "))
	for name, value := range a.header {
		h.Set(name, value)
	}
	h.Set("Cache-Control", s.cacheControl(q, a))
	if !a.fresh {
		tag := s.etag(q.releaseID(), a.key, code)
		h.Set("ETag", tag)
		if matches(q.Header.Get("If-None-Match"), tag) {
			w.WriteHeader(http.StatusNotModified)
			return nil
		}
	}
	e, err := s.entry(q, a, code)
	if err != nil {
		return err
	}
	if e.empty {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	h.Set("Content-Type", a.contentType)
	h.Set("Content-Length", strconv.Itoa(len(e.body)))
	if e.coding != "" {
		h.Set("Content-Encoding", e.coding)
	}
	w.WriteHeader(http.StatusOK)
	if q.Method != http.MethodHead {
		w.Write(e.body)
	}
	return nil
}

// cacheControl lets shared caches keep what is for the public only.
func (s *Server) cacheControl(q *request, a answer) string {
	control := "no-cache"
	switch {
	case a.fresh:
		return "no-store"
	case a.immutable || q.pinned:
		control = "max-age=31536000, immutable"
	}
	if s.opt.Audience != "public" {
		return "private, " + control
	}
	return "public, " + control
}

// etag is strong: equal tags, equal bytes. The version is in it because another program may write other bytes.
func (s *Server) etag(release, key, code string) string {
	sum := fnv.New64a()
	io.WriteString(sum, s.opt.Version+"\x00"+key)
	return fmt.Sprintf(`"%s.%x%s"`, release, sum.Sum64(), map[string]string{"": "", gzipCoding: ".gz", brotliCoding: ".br"}[code])
}

// matches says whether If-None-Match names the tag (RFC 9110, 13.1.2: weak comparison).
func matches(header, tag string) bool {
	if header == "" {
		return false
	}
	for candidate := range strings.SplitSeq(header, ",") {
		candidate = strings.TrimPrefix(strings.TrimSpace(candidate), "W/")
		if candidate == tag || candidate == "*" {
			return true
		}
	}
	return false
}

func (s *Server) entry(q *request, a answer, code string) (entry, error) {
	load := func(ctx context.Context, k entryKey) (e entry, err error) {
		defer func() {
			if cause := recover(); cause != nil {
				err = recovered(cause)
			}
		}()
		if body, ok := a.packed[code]; ok {
			return entry{coding: code, body: body}, nil
		}
		body, err := a.build(ctx)
		if err != nil {
			return entry{}, err
		}
		return compress(body, code)
	}
	key := entryKey{q.releaseID(), a.key, code}
	if a.fresh {
		return load(q.Context(), key)
	}
	if e, ok := s.cache.GetIfPresent(key); ok {
		s.count.hits.Add(1)
		return e, nil
	}
	s.count.misses.Add(1)
	return s.cache.Get(q.Context(), key, otter.LoaderFunc[entryKey, entry](load))
}

var (
	brotliWriters = sync.Pool{New: func() any { return brotli.NewWriterLevel(io.Discard, brotliLevel) }}
	gzipWriters   = sync.Pool{New: func() any { w, _ := gzip.NewWriterLevel(io.Discard, gzipLevel); return w }}
)

// Levels measured on 39 real tiles of 43 kB (BenchmarkCompress, one core): brotli 5 leaves 55.7 % at 28 MB/s, 4 57.6 % at
// 35 MB/s, 9 nothing better at a fifth of the speed; gzip 6 leaves 57.9 % at 92 MB/s. A tile is compressed once.
const (
	brotliLevel = 5
	gzipLevel   = 6
)

// compress makes an entry of body, which it keeps when compression does not make it smaller.
func compress(body []byte, code string) (entry, error) {
	if len(body) == 0 {
		return entry{empty: true}, nil
	}
	if code == "" || len(body) < worthwhile {
		return entry{body: body}, nil
	}
	out := bytes.NewBuffer(make([]byte, 0, len(body)/2))
	pool := &brotliWriters
	if code == gzipCoding {
		pool = &gzipWriters
	}
	w := pool.Get().(interface {
		io.WriteCloser
		Reset(io.Writer)
	})
	defer pool.Put(w)
	w.Reset(out)
	if _, err := w.Write(body); err != nil {
		return entry{}, err
	}
	if err := w.Close(); err != nil {
		return entry{}, err
	}
	if out.Len() >= len(body) {
		return entry{body: body}, nil
	}
	return entry{coding: code, body: bytes.Clone(out.Bytes())}, nil
}
