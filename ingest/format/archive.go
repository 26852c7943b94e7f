package format

import (
	"archive/zip"
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/flate"

	"jumeau/ingest/limit"
)

// openZip reads the one readable member of an archive, or the one that is named. Nothing is extracted, except a Parquet
// file into a temporary one.
func openZip(ctx context.Context, src *source, opt Options) (Reader, error) {
	at, size, err := src.random()
	if err != nil {
		return nil, err
	}
	archive, err := zip.NewReader(at, size)
	if err != nil {
		return nil, invalid("download it again: it looks truncated or damaged", "the zip archive cannot be read: %w", err)
	}
	archive.RegisterDecompressor(zip.Deflate, flate.NewReader)
	names := make([]string, len(archive.File))
	for i, f := range archive.File {
		names[i] = strings.ReplaceAll(f.Name, `\`, "/")
	}
	open := func(name string) (*source, error) {
		for i, n := range names {
			if n == name {
				return memberSource(archive.File[i])
			}
		}
		return nil, fmt.Errorf("%s: %w", name, os.ErrNotExist)
	}
	return openPacked(ctx, src, names, open, opt)
}

// openPacked reads what an archive holds: a format that is an archive itself, or one of its files.
func openPacked(ctx context.Context, src *source, names []string, open func(string) (*source, error), opt Options) (Reader, error) {
	if len(names) > maxMembers {
		return nil, invalid("unpack it by hand, and keep the files that matter", "the archive holds %d files", len(names))
	}
	switch kind, refused := office(names); {
	case opt.Member != "":
	case refused.name != "":
		return nil, refused.error()
	case kind != "":
		if err := fits(kind, opt); err != nil {
			return nil, err
		}
		r, err := map[string]func(context.Context, *source, func(string) (*source, error), Options) (Reader, error){
			"xlsx": openXLSX, "ods": openODS,
		}[kind](ctx, src, open, opt)
		return r, err
	}
	if _, found := isGTFS(names); opt.Member == "" && (opt.Format == "gtfs" || found && opt.Table != "") {
		return newGTFS(ctx, src, names, open, opt)
	}
	member, inner := memberPath(names, opt.Member)
	name, err := pickMember(names, member)
	if err != nil {
		return nil, err
	}
	opt.Member = inner
	return openMember(ctx, names, name, open, src.close, opt)
}

// maxMembers bounds the list of an archive.
var maxMembers = limit.Default.Members

// office recognises the formats that are zip archives themselves.
func office(names []string) (format string, refused refusal) {
	for _, n := range names {
		switch {
		case n == "xl/workbook.xml":
			return "xlsx", refusal{}
		case n == "content.xml":
			return "ods", refusal{}
		case strings.HasPrefix(n, "xl/workbook.bin"):
			return "", refusal{"a binary Excel workbook (XLSB)", toCSV}
		case strings.HasPrefix(n, "word/"), strings.HasPrefix(n, "ppt/"):
			return "", refusal{"a Word or PowerPoint document", notTabular}
		case strings.Contains(n, ".gdb/"):
			return "", refusal{"a File Geodatabase", toGeoJSON}
		}
	}
	return "", refusal{}
}

// openMember opens a file of an archive or a folder through open, and its siblings when it is a Shapefile. Closing the
// reader calls closeAll.
func openMember(ctx context.Context, names []string, name string, open func(string) (*source, error),
	closeAll func() error, opt Options) (r Reader, err error) {
	src, err := open(name)
	if err != nil {
		return nil, err
	}
	src.closers = append([]func() error{closeAll}, src.closers...)
	parts := shapeParts{shp: src}
	defer func() {
		if err != nil {
			parts.close()
		}
	}()
	head, err := src.head()
	if err != nil {
		return nil, err
	}
	if kind, _ := recognise(head); kind != kindShapefile {
		return openSource(ctx, src, "", opt)
	}
	if err := fits("shapefile", opt); err != nil {
		return nil, err
	}
	if dbf, ok := sibling(names, name, ".dbf"); ok {
		if parts.dbf, err = open(dbf); err != nil {
			return nil, err
		}
	}
	for ext, to := range map[string]*string{".prj": &parts.prj, ".cpg": &parts.cpg} {
		if n, ok := sibling(names, name, ext); ok {
			if *to, err = smallText(open, n); err != nil {
				return nil, err
			}
		}
	}
	return newShapefile(ctx, parts, opt)
}

// smallText reads a companion file; a longer one than 64 kB is cut.
func smallText(open func(string) (*source, error), name string) (string, error) {
	s, err := open(name)
	if err != nil {
		return "", err
	}
	defer s.close()
	raw, err := io.ReadAll(io.LimitReader(s.stream, 64<<10))
	return strings.TrimPrefix(string(raw), bom), err
}

// memberSource streams one member of an archive, checking its CRC-32 at the end. Progress is counted in compressed bytes.
func memberSource(f *zip.File) (*source, error) {
	if f.Flags&1 != 0 {
		return nil, invalid("decrypt it by hand", "%s in the archive is encrypted", f.Name)
	}
	r, err := f.Open()
	if errors.Is(err, zip.ErrAlgorithm) {
		return nil, invalid("repack it with another program", "%s in the archive is compressed in an unusual way (method %d)", f.Name, f.Method)
	}
	if err != nil {
		return nil, invalid("download it again: it looks truncated or damaged", "%s in the archive cannot be read: %w", f.Name, err)
	}
	s := &source{name: f.Name, size: int64(f.CompressedSize64), closers: []func() error{r.Close}}
	scaled := &scaledCounter{r: r, source: s, per: float64(f.CompressedSize64) / float64(max(1, f.UncompressedSize64))}
	s.stream = bufio.NewReaderSize(s.guard(scaled, s.size), headSize)
	s.reopen = func() (*source, error) { return memberSource(f) }
	return s, nil
}

// scaledCounter counts compressed bytes where only the decompressed ones are seen.
type scaledCounter struct {
	r      io.Reader
	source *source
	per    float64
	done   int64
}

func (c *scaledCounter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.done += int64(n)
	c.source.consumed.Store(int64(float64(c.done) * c.per))
	return n, err
}

// openFolder reads the one readable file of a folder, or the one that is named.
func openFolder(ctx context.Context, dir string, opt Options) (Reader, error) {
	if strings.HasSuffix(strings.ToLower(dir), ".gdb") {
		return nil, refusal{"a File Geodatabase", toGeoJSON}.error()
	}
	names, err := filesOf(dir)
	if err != nil {
		return nil, err
	}
	open := func(name string) (*source, error) { return fileSource(filepath.Join(dir, filepath.FromSlash(name))) }
	return openPacked(ctx, folderSource(dir), names, open, opt)
}

// folderSource stands for a folder: it has a name and nothing to read.
func folderSource(dir string) *source {
	return &source{name: filepath.Base(dir), stream: bufio.NewReader(strings.NewReader(""))}
}

// filesOf lists the files of a folder and of those directly in it.
func filesOf(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() {
			names = append(names, e.Name())
			continue
		}
		inner, err := os.ReadDir(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		for _, f := range inner {
			if !f.IsDir() {
				names = append(names, e.Name()+"/"+f.Name())
			}
		}
	}
	return names, nil
}

// openShapefile opens the .shp file at path, and the files beside it.
func openShapefile(ctx context.Context, src *source, path string, opt Options) (Reader, error) {
	dir, base := filepath.Split(path)
	if dir == "" {
		dir = "."
	}
	src.close()
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	open := func(name string) (*source, error) { return fileSource(filepath.Join(dir, name)) }
	if !strings.EqualFold(filepath.Ext(base), ".shp") { // an index (.shx) begins with the same bytes
		shp, ok := sibling(names, base, ".shp")
		if !ok {
			return nil, invalid("give the .shp file, with its .dbf and .prj beside it", "it is a part of a Shapefile, not its .shp file")
		}
		base = shp
	}
	return openMember(ctx, names, base, open, func() error { return nil }, opt)
}
