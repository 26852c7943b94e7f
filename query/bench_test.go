package query

import (
	"net/http/httptest"
	"testing"

	"jumeau/model"
	"jumeau/model/frame"
	"jumeau/model/release/releasetest"
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
