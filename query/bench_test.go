package query

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"jumeau/internal/realdata"
	"jumeau/model"
	"jumeau/model/frame"
	"jumeau/model/release/releasetest"
)

func BenchmarkCompress(b *testing.B) {
	paths, err := filepath.Glob(filepath.Join(filepath.Dir(realdata.Path(b, "mvt-real-world/chicago/13-2098-3042.mvt")), "*.mvt"))
	if err != nil {
		b.Fatal(err)
	}
	var tiles [][]byte
	for _, path := range paths {
		body, err := os.ReadFile(path)
		if err != nil {
			b.Fatal(err)
		}
		tiles = append(tiles, body)
	}
	for _, code := range []string{brotliCoding, gzipCoding} {
		b.Run(code, func(b *testing.B) {
			in, out := 0, 0
			for i := 0; b.Loop(); i++ {
				body := tiles[i%len(tiles)]
				e := compress(content{body: body, quick: true}, code)
				in, out = in+len(body), out+len(e.body)
			}
			b.ReportMetric(float64(in)/float64(b.N), "B/tile")
			b.ReportMetric(100*float64(out)/float64(in), "%size")
		})
	}
}

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
