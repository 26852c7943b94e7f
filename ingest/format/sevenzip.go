package format

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/bodgit/sevenzip"
)

// open7z reads the one readable member of a 7z archive, or the one that is named. Members are packed together: reaching one
// means decompressing those before it in its block.
func open7z(ctx context.Context, src *source, opt Options) (r Reader, err error) {
	defer recovered(&err)
	at, size, err := src.random()
	if err != nil {
		return nil, err
	}
	archive, err := sevenzip.NewReader(at, size)
	if err != nil {
		return nil, invalid("download it again: it looks truncated or damaged; an encrypted archive has to be unpacked by hand",
			"the 7z archive cannot be read: %w", err)
	}
	var names []string
	files := map[string]*sevenzip.File{}
	for _, f := range archive.File {
		if name := strings.ReplaceAll(f.Name, `\`, "/"); f.FileInfo().Mode().IsRegular() {
			names = append(names, name)
			files[name] = f
		}
	}
	open := func(name string) (*source, error) {
		f := files[name]
		if f == nil {
			return nil, fmt.Errorf("%s: %w", name, os.ErrNotExist)
		}
		return member7z(src, f)
	}
	return openPacked(ctx, src, names, open, opt)
}

func member7z(src *source, f *sevenzip.File) (s *source, err error) {
	defer recovered(&err)
	r, err := f.Open()
	if err != nil {
		return nil, invalid("unpack it by hand, or pack it as zip", "%s in the archive cannot be unpacked: %w", f.Name, err)
	}
	s = &source{name: f.Name, size: src.size, closers: []func() error{r.Close}}
	scaled := &scaledCounter{r: r, source: s, per: float64(src.size) / float64(max(1, f.UncompressedSize))}
	s.stream = bufio.NewReaderSize(s.guard(&panicGuard{scaled}, src.size), headSize)
	s.reopen = func() (*source, error) { return member7z(src, f) }
	return s, nil
}

// panicGuard turns a panic of a decompressor into an error.
type panicGuard struct{ io.Reader }

func (g *panicGuard) Read(p []byte) (n int, err error) {
	defer recovered(&err)
	return g.Reader.Read(p)
}
