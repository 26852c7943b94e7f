package generate

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"os"
	"strings"

	"github.com/klauspost/compress/flate"
	"github.com/paulmach/orb"
	"golang.org/x/text/encoding/charmap"
)

// Shape types of ESRI's Shapefile Technical Description (July 1998).
const (
	nullShape    = 0
	polyLine     = 3
	polygonShape = 5
)

// dbfField is a column of a dBase III table: type C (text) or N (number).
type dbfField struct {
	name     string
	kind     byte
	size     byte
	decimals byte
}

// shapefile collects records in Lambert-93 metres; it holds polylines or polygons.
type shapefile struct {
	kind    int32
	fields  []dbfField
	shp     bytes.Buffer // records without the header
	shx     bytes.Buffer
	dbf     bytes.Buffer
	count   int
	bound   orb.Bound
	anyPart bool
}

// The .prj as ESRI's tools write it: no authority, no EPSG code.
const lambertPrj = `PROJCS["RGF93_Lambert_93",GEOGCS["GCS_RGF_1993",DATUM["D_RGF_1993",SPHEROID["GRS_1980",6378137.0,298.257222101]],` +
	`PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Lambert_Conformal_Conic"],PARAMETER["False_Easting",700000.0],` +
	`PARAMETER["False_Northing",6600000.0],PARAMETER["Central_Meridian",3.0],PARAMETER["Standard_Parallel_1",49.0],` +
	`PARAMETER["Standard_Parallel_2",44.0],PARAMETER["Latitude_Of_Origin",46.5],UNIT["Meter",1.0]]`

// add a record; parts are lines or rings, none for a null shape. Texts become Windows-1252.
func (s *shapefile) add(parts [][]orb.Point, values ...string) {
	var body bytes.Buffer
	put := func(v any) { binary.Write(&body, binary.LittleEndian, v) } // a buffer does not fail
	if len(parts) == 0 {
		put(int32(nullShape))
	} else {
		bound, n := orb.MultiPoint(parts[0]).Bound(), 0
		for _, p := range parts {
			bound = bound.Union(orb.MultiPoint(p).Bound())
			n += len(p)
		}
		if !s.anyPart {
			s.bound, s.anyPart = bound, true
		}
		s.bound = s.bound.Union(bound)
		put(s.kind)
		put([4]float64{bound.Min[0], bound.Min[1], bound.Max[0], bound.Max[1]})
		put([2]int32{int32(len(parts)), int32(n)})
		at := int32(0)
		for _, p := range parts {
			put(at)
			at += int32(len(p))
		}
		for _, p := range parts {
			for _, q := range p {
				put([2]float64{q[0], q[1]})
			}
		}
	}
	s.count++
	binary.Write(&s.shx, binary.BigEndian, [2]int32{int32(50 + s.shp.Len()/2), int32(body.Len() / 2)})
	binary.Write(&s.shp, binary.BigEndian, [2]int32{int32(s.count), int32(body.Len() / 2)})
	s.shp.Write(body.Bytes())
	s.dbf.WriteByte(' ')
	for i, f := range s.fields {
		v := must(charmap.Windows1252.NewEncoder().String(strings.NewReplacer("–", "-").Replace(values[i])))
		v = v[:min(len(v), int(f.size))]
		pad := strings.Repeat(" ", int(f.size)-len(v))
		if f.kind == 'N' {
			v, pad = pad, v
		}
		s.dbf.WriteString(v + pad)
	}
}

// addPolygon turns rings as shapefiles want them: outer clockwise.
func (s *shapefile) addPolygon(g orb.MultiPolygon, values ...string) {
	var parts [][]orb.Point
	for _, p := range g {
		for k, r := range p {
			ring := append(orb.Ring(nil), r...)
			if (ring.Orientation() == orb.CCW) == (k == 0) {
				ring.Reverse()
			}
			parts = append(parts, centimetres(ring))
		}
	}
	s.add(parts, values...)
}

func centimetres(line []orb.Point) []orb.Point {
	out := make([]orb.Point, len(line))
	for i, p := range line {
		out[i] = orb.Point{math.Round(p[0]*100) / 100, math.Round(p[1]*100) / 100}
	}
	return out
}

// header of .shp and .shx: length in 16-bit words, header included.
func (s *shapefile) header(content int) []byte {
	var h bytes.Buffer
	binary.Write(&h, binary.BigEndian, [7]int32{9994, 0, 0, 0, 0, 0, int32(50 + content/2)})
	binary.Write(&h, binary.LittleEndian, [2]int32{1000, s.kind})
	binary.Write(&h, binary.LittleEndian, [8]float64{s.bound.Min[0], s.bound.Min[1], s.bound.Max[0], s.bound.Max[1]})
	return h.Bytes()
}

// dbfHeader with a fixed date and language driver 0x57 (Windows ANSI).
func (s *shapefile) dbfHeader() []byte {
	size := 1
	for _, f := range s.fields {
		size += int(f.size)
	}
	var h bytes.Buffer
	h.Write([]byte{3, 125, 6, 30})
	binary.Write(&h, binary.LittleEndian, uint32(s.count))
	binary.Write(&h, binary.LittleEndian, [2]uint16{uint16(32 + 32*len(s.fields) + 1), uint16(size)})
	h.Write(make([]byte, 17))
	h.Write([]byte{0x57, 0, 0})
	for _, f := range s.fields {
		var d [32]byte
		copy(d[:10], f.name)
		d[11], d[16], d[17] = f.kind, f.size, f.decimals
		h.Write(d[:])
	}
	h.WriteByte('\r')
	return h.Bytes()
}

// write the files as one zip.
func (s *shapefile) write(path, name string) error {
	return writeZip(path, []member{
		{name + ".shp", append(s.header(s.shp.Len()), s.shp.Bytes()...)},
		{name + ".shx", append(s.header(s.shx.Len()), s.shx.Bytes()...)},
		{name + ".dbf", append(append(s.dbfHeader(), s.dbf.Bytes()...), 0x1a)},
		{name + ".prj", []byte(lambertPrj)},
	})
}

// member of an archive.
type member struct {
	name string
	data []byte
}

// writeZip without times, so that the same members give the same bytes.
func writeZip(path string, members []member) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	z := zip.NewWriter(f)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.DefaultCompression) })
	for _, m := range members {
		w, err := z.Create(m.name)
		if err != nil {
			return err
		}
		if _, err := w.Write(m.data); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	return f.Close()
}
