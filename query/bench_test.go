package query

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/http/httptest"
	"testing"

	"jumeau/model"
	"jumeau/model/frame"
	"jumeau/model/release/releasetest"
	"jumeau/query/compress"
)

func BenchmarkFiguresAsJSON(b *testing.B) {
	f := frame.NewFigures(10_000)
	for i := range f.Value {
		f.Value[i], f.Flag[i] = float64(i)*1.25, model.OK
	}
	for b.Loop() {
		newObject(f.Len() * 8).figures(f).bytes()
	}
}

// BenchmarkFrames is what a client is sent: bytes as JSON and as Arrow, as they are and with gzip, and the time to make the JSON.
func BenchmarkFrames(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	fill := func(n int) frame.Figures {
		f := frame.NewFigures(n)
		for i := range n {
			f.Value[i], f.Flag[i] = math.Round(random.ExpFloat64()*1000)/10, model.OK
		}
		return f
	}
	measure := func(b *testing.B, build func() []byte) {
		var body []byte
		for b.Loop() {
			body = build()
		}
		b.ReportMetric(float64(len(body)), "B")
		b.ReportMetric(float64(len(compress.Gzip.Bytes(body))), "gzip-B")
	}
	for _, n := range []int{36, 4_500, 100_000} {
		f := fill(n)
		b.Run(fmt.Sprint("values/", n), func(b *testing.B) {
			measure(b, func() []byte { return newObject(f.Len() * 8).figures(f).bytes() })
		})
	}
	for _, n := range []int{1_000, 10_000, 100_000} {
		p := frame.Pairs{Figures: fill(n)}
		for i := range n {
			p.Origin, p.Destination = append(p.Origin, uint32(i/100)), append(p.Destination, uint32(i%100))
		}
		for _, top := range []int{n, 1_000} {
			b.Run(fmt.Sprintf("flows/%d/top%d", n, top), func(b *testing.B) {
				measure(b, func() []byte {
					chosen, _ := p.Top(top)
					return newObject(chosen.Len()*24).indices("origin", chosen.Origin).indices("destination", chosen.Destination).figures(chosen.Figures).bytes()
				})
			})
		}
	}
}

func BenchmarkCachedTile(b *testing.B) {
	dir := b.TempDir()
	id := releasetest.Publish(b, dir, tiny)
	s, _ := serve(b, dir, Options{})
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r := httptest.NewRequest("GET", "/r/"+id+"/tiles/communes/5/16/11.mvt", nil)
			r.Header.Set("Accept-Encoding", "br")
			s.ServeHTTP(httptest.NewRecorder(), r)
		}
	})
}

func BenchmarkUncachedTile(b *testing.B) {
	dir := b.TempDir()
	id := releasetest.Publish(b, dir, releasetest.Options{Works: 2000, BuiltAt: minute(0)})
	s, _ := serve(b, dir, Options{CacheBytes: 1})
	for b.Loop() {
		r := httptest.NewRequest("GET", "/r/"+id+"/tiles/works/12/2064/1497.mvt", nil)
		r.Header.Set("Accept-Encoding", "br")
		s.ServeHTTP(httptest.NewRecorder(), r)
	}
}
