package query

import (
	"context"
	"io"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"

	"jumeau/query/door"
)

// Server answers over HTTP from the current release of a folder. Safe for concurrent use.
type Server struct {
	opt     Options
	holder  *holder
	cache   *otter.Cache[entryKey, entry]
	queue   *queue
	varied  *otter.Cache[entryKey, entry] // answers of which an address can ask for any number
	matched *otter.Cache[string, int]     // how many features selections choose
	page    *page
	doors   atomic.Pointer[door.Doors]
	load    load
	figures *figures
	exports *exportStore
	count   counters
	past    past // releases before the current one
	started time.Time
	stop    context.CancelFunc
	done    sync.WaitGroup
}

// counters since the server started.
type counters struct {
	requests, notModified, clientErrors, serverErrors, bytes, hits, misses, ready atomic.Int64
}

// New makes a server over the releases folder, which may still be empty, and begins to follow its pointer. Close it.
func New(releases string, opt Options) *Server {
	opt = opt.withDefaults()
	ctx, stop := context.WithCancel(context.Background())
	s := &Server{opt: opt, holder: newHolder(releases, opt), cache: newCache(opt.CacheBytes), varied: newCache(max(opt.CacheBytes/8, 1)),
		queue: newQueue(opt), matched: otter.Must(&otter.Options[string, int]{MaximumSize: 4096}), exports: newExportStore(opt), page: readPage(opt.Page), load: load{most: int64(opt.InFlight)}, started: time.Now(), stop: stop}
	s.doors.Store(opt.Doors)
	s.figures = newFigures(s)
	s.holder.follow(ctx)
	s.done.Go(func() { s.holder.watch(ctx) })
	s.done.Go(func() { s.load.watch(ctx) })
	return s
}

// SetDoors changes who may come in; requests under way go on as they began.
func (s *Server) SetDoors(d *door.Doors) { s.doors.Store(d) }

// Doors that are open now.
func (s *Server) Doors() *door.Doors { return s.doors.Load() }

// Close stops following the pointer and closes the releases as soon as no request uses them.
func (s *Server) Close() error {
	s.stop()
	s.done.Wait()
	s.holder.close()
	s.cache.StopAllGoroutines()
	s.varied.StopAllGoroutines()
	s.matched.StopAllGoroutines()
	return s.exports.close()
}

// request is one request with what the router found out about it.
type request struct {
	*http.Request
	path   string   // as asked for, for messages
	parts  []string // of the path after /r/{release}
	pinned bool     // the address names its release
	want   string   // the release named, or ""
	rel    *view    // set when the route needs a release
	who    door.Visitor
	doors  *door.Doors
	client door.ClientKey
	making atomic.Int64 // nanoseconds spent on making the answer
}

// view names what the visitor is shown: part of the key of every cache.
func (q *request) view() string {
	if q.rel == nil {
		return door.Public // the page and its files
	}
	return q.rel.key
}

func (q *request) releaseID() string {
	if q.rel == nil {
		return ""
	}
	return q.rel.id
}

// ServeHTTP answers one request; nothing that happens in it ends the process.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // a mapped file cut short is a failed request
	counted := &countingWriter{ResponseWriter: w}
	q := &request{Request: r, path: clip(r.URL.Path, 200), doors: s.doors.Load()}
	q.who = q.doors.Anonymous()
	ctx, cancel := context.WithTimeout(r.Context(), s.opt.Deadline)
	defer cancel()
	q.Request = r.WithContext(ctx)
	if err := s.guarded(counted, q); err != nil {
		if counted.status != 0 {
			s.opt.Log.Error("request failed halfway", "path", q.path, "error", err)
			panic(http.ErrAbortHandler) // too late to say anything but that it failed
		}
		s.problem(counted, q, err)
	}
	q.doors.Charge(q.client, time.Duration(q.making.Load()), counted.bytes)
	s.record(counted, q, time.Since(started))
}

func (s *Server) guarded(w http.ResponseWriter, q *request) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = recovered(cause)
		}
	}()
	leave, err := s.admit(w, q)
	if err != nil {
		return err
	}
	defer leave()
	return s.route(w, q)
}

// admit finds out who asks, and turns away who may not come in, who takes too much, and everybody when the server has its hands full.
func (s *Server) admit(w http.ResponseWriter, q *request) (leave func(), err error) {
	health := q.URL.Path == "/healthz" || q.URL.Path == "/readyz"
	if !health {
		if q.who, err = q.doors.Who(w, q.Request); err == nil {
			q.client, err = q.doors.Enter(q.Request, q.who)
		} else {
			q.who = q.doors.Anonymous()
		}
	}
	s.headers(w.Header(), q)
	if err != nil || health {
		return func() {}, err
	}
	return s.load.enter()
}

// headers that every answer has. Figures for the public may be read by any page: they are public, carry no credentials,
// and a neighbour's map or a notebook should be able to use them. What is for others says nothing of the kind.
func (s *Server) headers(h http.Header, q *request) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	if q.who.Open() {
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Access-Control-Expose-Headers", "ETag, Content-Length, Content-Crs, Generalised")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	} else {
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
	}
}

func (s *Server) record(w *countingWriter, q *request, elapsed time.Duration) {
	route := q.route()
	// Neither address nor user agent: who asks is nobody's business. What is no address of ours may be anything, and is not repeated.
	path := q.path
	if route == "other" {
		path = "-"
	}
	s.opt.Log.Debug("request", "method", q.Method, "path", path, "status", w.status, "bytes", w.bytes, "elapsed", elapsed)
	if s.opt.AccessLog != nil {
		s.opt.AccessLog.Info("request", "method", method(q.Method), "route", route, "path", path, "status", w.status, "bytes", w.bytes, "ms", elapsed.Milliseconds(), "audience", q.who.Audience)
	}
	s.figures.observe(route, method(q.Method), w.status, w.bytes, elapsed)
	s.count.requests.Add(1)
	s.count.bytes.Add(w.bytes)
	switch {
	case w.status == http.StatusNotModified:
		s.count.notModified.Add(1)
	case w.status >= 500:
		s.count.serverErrors.Add(1)
	case w.status >= 400:
		s.count.clientErrors.Add(1)
	}
}

// countingWriter remembers the status and counts the bytes of the body.
type countingWriter struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (w *countingWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *countingWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// ReadFrom lets downloads go from the file to the network without passing through the program.
func (w *countingWriter) ReadFrom(r io.Reader) (int64, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := io.Copy(w.ResponseWriter, r)
	w.bytes += n
	return n, err
}

func (w *countingWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// route finds who answers. Addresses are few and flat, so they are read here in one place.
func (s *Server) route(w http.ResponseWriter, q *request) error {
	if len(q.URL.Path) > 1000 || len(q.URL.RawQuery) > longestQuery {
		return invalid("address", "shorten it", "longer than any address here")
	}
	q.parts = strings.Split(strings.TrimPrefix(q.URL.Path, "/"), "/")
	if q.parts[0] == "r" && len(q.parts) > 2 {
		q.pinned, q.want, q.parts = true, q.parts[1], q.parts[2:]
	}
	if handler := s.personal(q); handler != nil {
		return handler(w, q)
	}
	switch q.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost:
	case http.MethodOptions:
		w.Header().Set("Allow", "GET, HEAD, OPTIONS")
		w.Header().Set("Access-Control-Allow-Headers", "Content-Type, If-None-Match, Range")
		w.WriteHeader(http.StatusNoContent)
		return nil
	default:
		return errMethod
	}
	if q.Method == http.MethodPost && !question(q.parts) {
		return errMethod
	}
	if !q.pinned {
		switch strings.Join(q.parts, "/") {
		case "healthz":
			return s.healthz(w, q)
		case "readyz":
			return s.readyz(w, q)
		case "status":
			return s.status(w, q)
		}
	}
	if source, ok := privacyOf(strings.Join(q.parts, "/")); ok {
		return s.privacy(w, q, source)
	}
	handler := s.resource(q.parts)
	if q.parts[0] == "" && !q.pinned && q.wantsPage() {
		handler = nil
	}
	if handler == nil {
		if !q.pinned {
			return s.static(w, q)
		}
		return unknownAddress(q)
	}
	leave, err := s.see(q)
	if err != nil {
		return err
	}
	defer leave()
	return handler(w, q)
}

// longestQuery is how many bytes of parameters an address may have: room for a filter with a polygon of a few hundred vertices.
const longestQuery = 12_000

type handler func(http.ResponseWriter, *request) error

// resource is the handler of an address within a release, or nil.
func (s *Server) resource(parts []string) handler {
	if h := s.standard(parts); h != nil {
		return h
	}
	switch {
	case len(parts) == 1 && parts[0] == "catalog":
		return s.catalog
	case len(parts) == 1 && parts[0] == "style.json":
		return s.style
	case len(parts) == 1 && parts[0] == "releases":
		return s.releases
	case len(parts) == 2:
		switch parts[0] {
		case "zones":
			return s.zones
		case "values":
			return s.values
		case "profile":
			return s.profile
		case "flows":
			return s.flows
		case "download":
			return s.download
		case "tiles":
			return s.tileJSON
		case "figures":
			return s.figure
		case "counts":
			return s.counts
		case "tours":
			return s.tour
		case "export":
			return s.export
		}
	case len(parts) == 3 && parts[0] == "search":
		return s.searchIndex
	case len(parts) == 5 && parts[0] == "tiles":
		return s.tile
	}
	return nil
}

// addresses are the first parts of all addresses, for suggestions.
var addresses = []string{"catalog", "figures", "counts", "zones", "values", "profile", "flows", "tiles", "style.json", "releases", "download", "tours", "search",
	"collections", "conformance", "export", "api", "styles", "tileMatrixSets", "catalog.jsonld", "status", "healthz", "readyz", "r"}

func unknownAddress(q *request) error {
	hint := "the addresses are /catalog, /zones/{system}, /values/{measure}, /profile/{measure}, /flows/{flow}, /tiles/{layer}.json, " +
		"/tiles/{layer}/{z}/{x}/{y}.mvt, /figures/{measure}, /counts/{layer}, /collections, /export/{layer}.{format}, /api, /download/{layer}.parquet, " +
		"/tours/{tour}, /search/{layer}/{file}, /style.json, /releases, /status, and each under /r/{release}/"
	if best := nearest(q.parts[0], addresses); best != "" && best != q.parts[0] {
		hint = "did you mean /" + best + "? " + hint
	}
	return missing("address "+q.path, hint, "nothing is here")
}
