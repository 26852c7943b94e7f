package query

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// figures are the server's own, for Prometheus. Routes are forms of addresses, so that their number is bounded.
type figures struct {
	registry *prometheus.Registry
	seconds  *prometheus.HistogramVec
	bytes    *prometheus.CounterVec
}

func newFigures(s *Server) *figures {
	f := &figures{registry: prometheus.NewRegistry(),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "jumeau_request_seconds", Help: "Time to answer, by form of address and status.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}}, []string{"route", "method", "status"}),
		bytes: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "jumeau_response_bytes_total", Help: "Bytes of bodies sent, by form of address."}, []string{"route"})}
	f.registry.MustRegister(f.seconds, f.bytes, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	f.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "jumeau_info", Help: "1, with the version of the program.",
		ConstLabels: prometheus.Labels{"version": s.opt.Version}}, func() float64 { return 1 }))
	gauge := func(name, help string, of func() float64) {
		f.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, of))
	}
	counter := func(name, help string, of func() int64) {
		f.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, func() float64 { return float64(of()) }))
	}
	counter("jumeau_cache_hits_total", "Answers from the cache.", s.count.hits.Load)
	counter("jumeau_cache_misses_total", "Answers that had to be made.", s.count.misses.Load)
	counter("jumeau_ready_total", "Answers that lay ready in the release or the page.", s.count.ready.Load)
	counter("jumeau_queue_refused_total", "Answers not made because too many waited.", s.queue.refused.Load)
	counter("jumeau_overload_refused_total", "Requests turned away because too many were under way or memory ran short.", s.load.refused.Load)
	gauge("jumeau_cache_bytes", "Bytes of answers in the cache.", func() float64 { return float64(s.cache.WeightedSize() + s.varied.WeightedSize()) })
	gauge("jumeau_queue_waiting", "Answers that wait to be made.", func() float64 { return float64(s.queue.waiting.Load()) })
	gauge("jumeau_requests_in_flight", "Requests under way.", func() float64 { return float64(s.load.inFlight.Load()) })
	gauge("jumeau_sessions", "People signed in.", func() float64 { return float64(s.doors.Load().Sessions()) })
	gauge("jumeau_open_releases", "Releases held open.", func() float64 { open, _ := s.holder.state(); return float64(len(open)) })
	gauge("jumeau_release_trouble", "1 when the release that the pointer names cannot be served.", func() float64 {
		if _, trouble := s.holder.state(); trouble != nil {
			return 1
		}
		return 0
	})
	gauge("jumeau_release_built_timestamp_seconds", "When the release that is served was built; 0 without one.", func() float64 {
		if at := s.holder.builtAt(); !at.IsZero() {
			return float64(at.Unix())
		}
		return 0
	})
	return f
}

// observe counts an answer.
func (f *figures) observe(route, method string, status int, bytes int64, elapsed time.Duration) {
	f.seconds.WithLabelValues(route, method, strconv.Itoa(status)).Observe(elapsed.Seconds())
	f.bytes.WithLabelValues(route).Add(float64(bytes))
}

// metrics answers GET /metrics, for who may read it.
func (s *Server) metrics(w http.ResponseWriter, q *request) error {
	w.Header().Set("Cache-Control", "no-store")
	promhttp.HandlerFor(s.figures.registry, promhttp.HandlerOpts{}).ServeHTTP(w, q.Request)
	return nil
}

// Inner is for a listener that only the operator reaches: metrics and health, without a door.
func (s *Server) Inner() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.figures.registry, promhttp.HandlerOpts{}))
	mux.Handle("GET /healthz", s)
	mux.Handle("GET /readyz", s)
	return mux
}
