package generate

import (
	"bufio"
	"io"
	"math"
	"os"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/paulmach/orb"
	"golang.org/x/text/encoding/charmap"

	"jumeau/model/crs"
)

var (
	lambert93 = must(crs.Parse("EPSG:2154"))
	laea      = must(crs.Parse("EPSG:3035"))
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// lonLat of a point in metres, in degrees rounded to 1e-7 (about a centimetre).
func lonLat(p orb.Point) orb.Point {
	lon, lat := lambert93.ToLonLat(p[0], p[1])
	return orb.Point{math.Round(lon*1e7) / 1e7, math.Round(lat*1e7) / 1e7}
}

// out is a text file being written, compressed when its name ends in .gz.
type out struct {
	*bufio.Writer
	zip  *gzip.Writer
	file *os.File
}

func create(path string) (*out, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	o := &out{file: f}
	var sink io.Writer = f
	if strings.HasSuffix(path, ".gz") {
		o.zip = gzip.NewWriter(f)
		sink = o.zip
	}
	o.Writer = bufio.NewWriterSize(sink, 1<<16)
	return o, nil
}

func (o *out) close() error {
	err := o.Flush()
	if o.zip != nil {
		if e := o.zip.Close(); err == nil {
			err = e
		}
	}
	if e := o.file.Close(); err == nil {
		err = e
	}
	return err
}

// text writes a whole file through f.
func (s *sheet) text(f func(o *out)) error {
	o, err := create(s.path)
	if err != nil {
		return err
	}
	f(o)
	return o.close()
}

// row writes the cells of a csv record; texts that need it are quoted.
func (o *out) row(delimiter byte, cells ...string) {
	for i, c := range cells {
		if i > 0 {
			o.WriteByte(delimiter)
		}
		if strings.IndexByte(c, delimiter) >= 0 || strings.ContainsAny(c, "\"\n") {
			c = `"` + strings.ReplaceAll(c, `"`, `""`) + `"`
		}
		o.WriteString(c)
	}
	o.WriteString("\n")
}

// number in plain decimals.
func number(v float64, decimals int) string { return strconv.FormatFloat(v, 'f', decimals, 64) }

// short is the number with at most so many decimals, without useless zeros.
func short(v float64, decimals int) string {
	p := math.Pow10(decimals)
	return strconv.FormatFloat(math.Round(v*p)/p, 'f', -1, 64)
}

// comma writes the decimal sign as French producers do.
func comma(s string) string { return strings.Replace(s, ".", ",", 1) }

// latin1 turns a text into ISO-8859-1, which all our texts fit once dashes and ligatures are plain.
func latin1(s string) string {
	s = strings.NewReplacer("–", "-", "’", "'", "œ", "oe").Replace(s)
	return must(charmap.ISO8859_1.NewEncoder().String(s))
}
