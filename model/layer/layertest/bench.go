package layertest

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/paulmach/orb/maptile"

	"jumeau/internal/realdata"
	"jumeau/model/layer"
)

// Buildings is the layer of the benchmark's buildings.
var Buildings = layer.Spec{
	Name: "buildings", Geometry: layer.Polygons, MinZoom: 8, MaxZoom: 16,
	Properties: []layer.Property{
		{Name: "height", Type: layer.Number}, {Name: "usage", Type: layer.Text},
		{Name: "commune", Type: layer.Text}, {Name: "year", Type: layer.Integer},
	},
}

// BenchData is the path of a file written by the generator of the benchmark data, in the folder that JUMEAU_BENCH_DATA
// names; without it the benchmark is skipped.
func BenchData(b testing.TB, name string) string {
	b.Helper()
	dir := os.Getenv("JUMEAU_BENCH_DATA")
	path := filepath.Join(dir, name)
	if _, err := os.Stat(path); dir == "" || err != nil {
		b.Skipf("%s is absent: generate the benchmark data and set JUMEAU_BENCH_DATA to its folder", name)
	}
	return path
}

// BenchTiles is a list of the tiles of the benchmark ("mixed.txt").
func BenchTiles(b testing.TB, name string) []maptile.Tile {
	b.Helper()
	text, err := os.ReadFile(filepath.Join(realdata.Dir(b), "..", "bench", "tiles", name))
	if err != nil {
		b.Skip(err)
	}
	var tiles []maptile.Tile
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		address, _, _ := strings.Cut(line, " ")
		var at [3]uint32
		for i, s := range strings.Split(address, "/") {
			n, err := strconv.Atoi(s)
			if err != nil {
				b.Fatal(err)
			}
			at[i] = uint32(n)
		}
		tiles = append(tiles, maptile.New(at[1], at[2], maptile.Zoom(at[0])))
	}
	return tiles
}

// CSVRows streams the rows of a benchmark file: id, the properties, and last the geometry as EWKB in hexadecimal.
type CSVRows struct {
	// Copies of the file to deliver, one after the other, each 3° further east; 0 is one. Of polygons only.
	Copies int

	copied int
	in     *bufio.Reader
	file   *os.File
	b      *array.RecordBuilder
	record arrow.RecordBatch
	err    error
	schema *arrow.Schema
	refs   atomic.Int64
	wkb    []byte
}

// NewCSVRows opens path for a layer whose properties are the file's columns.
func NewCSVRows(path string, spec layer.Spec) (*CSVRows, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	schema := Schema(spec)
	r := &CSVRows{file: f, in: bufio.NewReaderSize(f, 1<<20), schema: schema, b: array.NewRecordBuilder(memory.DefaultAllocator, schema)}
	r.refs.Add(1)
	_, err = r.in.ReadSlice('\n')
	return r, err
}

func (r *CSVRows) Retain() { r.refs.Add(1) }

func (r *CSVRows) Release() {
	if r.refs.Add(-1) == 0 {
		r.b.Release()
		r.file.Close()
	}
}

func (r *CSVRows) Schema() *arrow.Schema { return r.schema }

func (r *CSVRows) Err() error { return r.err }

func (r *CSVRows) Record() arrow.RecordBatch { return r.record }

func (r *CSVRows) RecordBatch() arrow.RecordBatch { return r.record }

// Next reads up to 8192 rows.
func (r *CSVRows) Next() bool {
	if r.record != nil {
		r.record.Release()
		r.record = nil
	}
	n := 0
	for ; n < 8192; n++ {
		line, err := r.in.ReadSlice('\n')
		if errors.Is(err, io.EOF) && r.copied+1 < r.Copies {
			r.copied++
			if _, err = r.file.Seek(0, io.SeekStart); err == nil {
				r.in.Reset(r.file)
				_, err = r.in.ReadSlice('\n')
			}
			if r.err = err; err != nil {
				return false
			}
			continue
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			r.err = err
			return false
		}
		if r.err = r.add(bytes.TrimSpace(line)); r.err != nil {
			return false
		}
	}
	r.record = r.b.NewRecordBatch()
	return n > 0
}

// moveEast moves a polygon of EWKB (little endian, with a reference system) by degrees.
func moveEast(wkb []byte, degrees float64) {
	for at, rings := 13, binary.LittleEndian.Uint32(wkb[9:]); rings > 0; rings-- {
		points := binary.LittleEndian.Uint32(wkb[at:])
		for at += 4; points > 0; points, at = points-1, at+16 {
			x := math.Float64frombits(binary.LittleEndian.Uint64(wkb[at:]))
			binary.LittleEndian.PutUint64(wkb[at:], math.Float64bits(x+degrees))
		}
	}
}

func (r *CSVRows) add(line []byte) error {
	cells := bytes.Split(line, []byte{','})
	r.b.Field(0).(*array.StringBuilder).BinaryBuilder.Append(cells[0])
	key, err := strconv.ParseUint(string(cells[0]), 10, 64)
	if err != nil {
		return err
	}
	r.b.Field(1).(*array.Uint64Builder).Append(key)
	hexed := cells[len(cells)-1]
	r.wkb = append(r.wkb[:0], make([]byte, len(hexed)/2)...)
	if _, err := hex.Decode(r.wkb, hexed); err != nil {
		return err
	}
	if r.copied > 0 {
		moveEast(r.wkb, 3*float64(r.copied))
	}
	r.b.Field(2).(*array.BinaryBuilder).Append(r.wkb)
	for i := 3; i < len(r.schema.Fields()); i++ {
		switch f := r.b.Field(i).(type) {
		case *array.StringBuilder:
			f.BinaryBuilder.Append(cells[i-2])
		case *array.Int64Builder:
			v, err := strconv.ParseInt(string(cells[i-2]), 10, 64)
			if err != nil {
				return err
			}
			f.Append(v)
		case *array.Float64Builder:
			v, err := strconv.ParseFloat(string(cells[i-2]), 64)
			if err != nil {
				return err
			}
			f.Append(v)
		}
	}
	return nil
}
