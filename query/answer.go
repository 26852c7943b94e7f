package query

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/maypok86/otter/v2"

	"jumeau/model/bake"
	"jumeau/query/compress"
	"jumeau/query/door"
	"jumeau/query/tile"
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
	// Instead of build, for what knows more of itself than its bytes.
	compose func(context.Context) (content, error)
	// The bytes by coding, when they lie ready, in the release or in the page; they need no cache. Valid while the release is open.
	prepared bake.Body
	// One of very many answers that an address can ask for: kept apart, so that they cannot drive out the others.
	varied bool
	// Of a whole answer; default 200.
	status int
	// Status pages and the like: made for each request, never kept.
	fresh bool
	// The address names its content; as all do under /r/.
	immutable bool
	// More headers.
	header map[string]string
}

// content is what an answer turned out to be.
type content struct {
	body   []byte
	gzip   []byte            // the body with gzip, when it was made already
	quick  bool              // compress for speed rather than size when the body is large: tiles
	header map[string]string // more headers, of the bytes made
}

// entry is an answer's bytes, compressed with one coding.
type entry struct {
	coding string
	body   []byte
	empty  bool // there is nothing to say: 204
	header map[string]string
}

type entryKey struct{ release, view, key, coding string }

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
	code := coding(q.Header.Get("Accept-Encoding"), a.prepared)
	h := w.Header()
	vary(h, q, "Accept-Encoding", a.vary)
	for name, value := range a.header {
		h.Set(name, value)
	}
	h.Set("Cache-Control", s.cacheControl(q, a))
	if q.Method == http.MethodPost { // the address does not name the answer
		h.Set("Cache-Control", "no-store")
	} else if !a.fresh {
		tag := s.etag(q, a.key, code)
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
	for name, value := range e.header {
		h.Set(name, value)
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
	w.WriteHeader(cmp.Or(a.status, http.StatusOK))
	if q.Method != http.MethodHead {
		w.Write(e.body)
	}
	return nil
}

// vary names the request headers that chose an answer: those of the answer, and those by which visitors are told apart.
func vary(h http.Header, q *request, on ...string) {
	on = slices.DeleteFunc(append(on, q.doors.Varied()), func(name string) bool { return name == "" })
	if len(on) > 0 {
		h.Set("Vary", strings.Join(on, ", "))
	}
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
	if !q.who.Open() {
		return "private, " + control
	}
	return "public, " + control
}

// etag is strong: equal tags, equal bytes. The version is in it because another program may write other bytes, and the view
// because another visitor may be given others.
func (s *Server) etag(q *request, key, code string) string {
	sum := fnv.New64a()
	io.WriteString(sum, s.opt.Version+"\x00"+key)
	if view := q.view(); view != door.Public {
		io.WriteString(sum, "\x00"+view)
	}
	return fmt.Sprintf(`"%s.%x%s"`, q.releaseID(), sum.Sum64(), map[string]string{"": "", gzipCoding: ".gz", brotliCoding: ".br"}[code])
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
		started := time.Now()
		defer func() { q.making.Add(int64(time.Since(started))) }()
		defer func() {
			if cause := recover(); cause != nil {
				err = recovered(cause)
			}
		}()
		if !a.fresh {
			leave, err := s.queue.enter(ctx)
			if err != nil {
				return entry{}, err
			}
			defer leave()
		}
		if a.compose == nil {
			body, err := a.build(ctx)
			if err != nil {
				return entry{}, err
			}
			return pack(content{body: body}, code), nil
		}
		made, err := a.compose(ctx)
		if err != nil {
			return entry{}, err
		}
		return pack(made, code), nil
	}
	if body := a.prepared.In(code); body != nil {
		s.count.ready.Add(1)
		e := entry{coding: code, body: body}
		if a.prepared.Generalised != "" {
			e.header = map[string]string{generalisedHeader: a.prepared.Generalised}
		}
		return e, nil
	}
	key := entryKey{q.releaseID(), q.view(), a.key, code}
	if a.fresh {
		return load(q.Context(), key)
	}
	cache := s.cache
	if a.varied {
		cache = s.varied
	}
	if e, ok := cache.GetIfPresent(key); ok {
		s.count.hits.Add(1)
		return e, nil
	}
	s.count.misses.Add(1)
	return cache.Get(q.Context(), key, otter.LoaderFunc[entryKey, entry](load))
}

// quickFrom is the size in bytes from which a tile, which a planner waits for, is compressed quickly (doc/layer-file.md has the
// figures): what is small is compressed well, in about two milliseconds at most.
const quickFrom = 64 << 10

// pack makes an entry of a content, whose bytes it keeps when compression does not make them smaller.
func pack(c content, code string) entry {
	e := entry{body: c.body, header: c.header, empty: len(c.body) == 0}
	if code == "" || len(c.body) < worthwhile {
		return e
	}
	packed := c.gzip
	switch {
	case code == gzipCoding && packed != nil:
	case code == gzipCoding && c.quick:
		packed = tile.Gzip(nil, c.body)
	case code == gzipCoding:
		packed = compress.Gzip.Bytes(c.body)
	case c.quick && len(c.body) >= quickFrom:
		packed = compress.Quick.Bytes(c.body)
	default:
		packed = compress.Brotli.Bytes(c.body)
	}
	if len(packed) < len(c.body) {
		e.coding, e.body = code, packed
	}
	return e
}
