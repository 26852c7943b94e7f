package format

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"

	"jumeau/ingest/limit"
)

const maxDepthArchive = 4 // archives and compressions one in another

// Limits on what a compressed file may become.
var (
	maxRatio    = limit.Default.Ratio
	alwaysAllow = limit.Default.Free // bytes that no ratio forbids
)

// source is the stream of bytes of one file, or of one member of an archive, decompressed.
type source struct {
	name     string // for messages
	size     int64  // bytes on disk
	consumed atomic.Int64
	stream   *bufio.Reader
	closers  []func() error
	reopen   func() (*source, error) // the same bytes from the start
	plain    *os.File                // when the stream is the file itself
}

func (s *source) read() int64 { return min(s.consumed.Load(), s.size) }

func (s *source) close() error {
	var first error
	for i := len(s.closers) - 1; i >= 0; i-- {
		if err := s.closers[i](); err != nil && first == nil {
			first = err
		}
	}
	s.closers = nil
	return first
}

// count adds what is read from r to the progress.
func (s *source) count(r io.Reader) io.Reader { return &counter{r, &s.consumed} }

type counter struct {
	r io.Reader
	n *atomic.Int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// headSize is how much is looked at to recognise a format.
const headSize = 4 << 10

func fileSource(path string) (*source, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	s := &source{name: filepath.Base(path), size: info.Size(), closers: []func() error{f.Close}, plain: f}
	s.stream = bufio.NewReaderSize(s.count(f), headSize)
	s.reopen = func() (*source, error) { return fileSource(path) }
	return s, nil
}

// head is the first bytes of the stream, which stay in it.
func (s *source) head() ([]byte, error) {
	head, err := s.stream.Peek(headSize)
	if err != nil && err != io.EOF {
		return nil, s.explain(err)
	}
	return head, nil
}

// decompressor opens one kind of compressed stream.
type decompressor func(io.Reader) (io.Reader, func() error, error)

func nothing() error { return nil }

var decompressors = map[kind]decompressor{
	kindGzip: func(r io.Reader) (io.Reader, func() error, error) {
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, nil, err
		}
		return z, z.Close, nil
	},
	kindBzip2: func(r io.Reader) (io.Reader, func() error, error) { return bzip2.NewReader(r), nothing, nil },
	kindZstd: func(r io.Reader) (io.Reader, func() error, error) {
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxRecord))
		if err != nil {
			return nil, nil, err
		}
		return z, func() error { z.Close(); return nil }, nil
	},
	kindXZ: func(r io.Reader) (io.Reader, func() error, error) {
		z, err := xz.NewReader(r)
		return z, nothing, err
	},
}

// unpack replaces the stream by what it holds compressed.
func (s *source) unpack(open decompressor) error {
	z, end, err := open(s.stream)
	if err != nil {
		return s.explain(err)
	}
	s.stream = bufio.NewReaderSize(s.guard(z, s.size), headSize)
	s.closers = append(s.closers, end)
	s.plain = nil
	if reopen := s.reopen; reopen != nil {
		s.reopen = func() (*source, error) {
			again, err := reopen()
			if err != nil {
				return nil, err
			}
			return again, again.unpack(open)
		}
	}
	return nil
}

// guard stops a stream that expands beyond all measure, and explains its errors.
func (s *source) guard(r io.Reader, compressed int64) io.Reader {
	return &bombGuard{r: r, left: max(alwaysAllow, maxRatio*compressed), source: s}
}

type bombGuard struct {
	r      io.Reader
	left   int64
	source *source
}

func (g *bombGuard) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	if g.left -= int64(n); g.left < 0 {
		return 0, located(g.source.name, invalid("decompress it by hand and look at it, if you trust where it comes from",
			"it expands to more than %d times its size: this looks like a decompression bomb", maxRatio))
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = g.source.explain(err)
	}
	return n, err
}

func (s *source) explain(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = fmt.Errorf("the compressed data ends too early")
	}
	return located(s.name, invalid("download it again: it looks truncated or damaged", "%w", err))
}

// tail is the last n bytes of the stream. For a compressed one this means reading it once more.
func (s *source) tail(n int64) ([]byte, error) {
	if s.plain != nil {
		at := max(0, s.size-n)
		out := make([]byte, s.size-at)
		_, err := s.plain.ReadAt(out, at)
		return out, err
	}
	again, err := s.reopen()
	if err != nil {
		return nil, err
	}
	defer again.close()
	last := &lastBytes{keep: int(n)}
	_, err = io.Copy(last, again.stream)
	return last.bytes(), err
}

// lastBytes remembers the end of what is written to it.
type lastBytes struct {
	keep int
	buf  []byte
}

func (l *lastBytes) Write(p []byte) (int, error) {
	if l.buf = append(l.buf, p...); len(l.buf) > 8*l.keep {
		l.buf = append(l.buf[:0], l.bytes()...)
	}
	return len(p), nil
}

func (l *lastBytes) bytes() []byte { return l.buf[max(0, len(l.buf)-l.keep):] }

// spool copies the stream to a temporary file, for formats that are read from the end. Closing the source removes it.
func (s *source) spool() (*os.File, error) {
	f, err := os.CreateTemp("", "jumeau-*")
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, func() error {
		f.Close()
		return os.Remove(f.Name())
	})
	if _, err := io.Copy(f, s.stream); err != nil {
		return nil, err
	}
	return f, nil
}

// random gives the bytes for reading anywhere.
func (s *source) random() (io.ReaderAt, int64, error) {
	f := s.plain
	if f == nil {
		var err error
		if f, err = s.spool(); err != nil {
			return nil, 0, err
		}
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	return f, info.Size(), nil
}

func hasPrefix(b []byte, prefix string) bool { return bytes.HasPrefix(b, []byte(prefix)) }
