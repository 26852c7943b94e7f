package compress

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"pgregory.net/rapid"

	"jumeau/internal/realdata"
)

var codings = map[string]Coding{"br": Brotli, "quick br": Quick, "gzip": Gzip}

func unpack(t testing.TB, name string, b []byte) []byte {
	t.Helper()
	var r io.Reader = brotli.NewReader(bytes.NewReader(b))
	if name == "gzip" {
		var err error
		if r, err = gzip.NewReader(bytes.NewReader(b)); err != nil {
			t.Fatal(err)
		}
	}
	out, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAnyBytesComeBackAndEqualBytesGiveEqualBytes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		body := bytes.Repeat(rapid.SliceOf(rapid.Byte()).Draw(rt, "body"), rapid.IntRange(1, 50).Draw(rt, "times"))
		for name, c := range codings {
			packed := c.Bytes(body)
			if !bytes.Equal(unpack(t, name, packed), body) {
				rt.Fatalf("%s: %d bytes changed", name, len(body))
			}
			if !bytes.Equal(packed, c.Bytes(body)) {
				rt.Fatalf("%s: twice the same, two results", name)
			}
		}
	})
}

func TestManyAtOnceDoNotMix(t *testing.T) {
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			body := bytes.Repeat([]byte{byte(i), 1, 2}, 10_000)
			for range 20 {
				for name, c := range codings {
					if !bytes.Equal(unpack(t, name, c.Bytes(body)), body) {
						t.Errorf("%s: bytes of another", name)
					}
				}
			}
		})
	}
	wait.Wait()
}

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
	for name, c := range codings {
		b.Run(name, func(b *testing.B) {
			in, out := 0, 0
			for i := 0; b.Loop(); i++ {
				body := tiles[i%len(tiles)]
				in, out = in+len(body), out+len(c.Bytes(body))
				b.SetBytes(int64(len(body)))
			}
			b.ReportMetric(float64(in)/float64(b.N), "B/tile")
			b.ReportMetric(100*float64(out)/float64(in), "%size")
		})
	}
}
