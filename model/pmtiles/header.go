package pmtiles

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// Compression is how tiles, or directories and metadata, are compressed.
type Compression uint8

// The compressions of the specification.
const (
	Unknown Compression = iota
	None
	Gzip
	Brotli
	Zstd
)

func (c Compression) String() string {
	if int(c) < len(compressionNames) {
		return compressionNames[c]
	}
	return fmt.Sprintf("compression %d", uint8(c))
}

var compressionNames = [...]string{"unknown", "none", "gzip", "brotli", "zstd"}

// MVT is the tile type of Mapbox Vector Tiles.
const MVT = 1

const (
	headerBytes = 127
	// startBytes hold the header and the root directory: what a client asks for first.
	startBytes = 16384
	version    = 3
)

var magic = []byte("PMTiles")

// section is a range of the archive.
type section struct{ Offset, Bytes uint64 }

// Header is what an archive says of itself in its first 127 bytes.
type Header struct {
	root, metadata, leaves, data section

	Addressed uint64 // tiles
	Entries   uint64 // runs of equal tiles
	Contents  uint64 // different tiles
	Clustered bool   // tiles lie in the order of their ids
	Internal  Compression
	Tiles     Compression
	Type      uint8
	Info
}

// Info is where an archive has tiles.
type Info struct {
	MinZoom, MaxZoom int
	Bounds           [4]float64 // west, south, east, north in degrees
	CenterZoom       int
	Center           [2]float64 // longitude, latitude in degrees
	// Metadata is JSON: vector_layers, name, attribution and what else viewers read.
	Metadata []byte
}

func (h *Header) encode() []byte {
	b := make([]byte, 0, headerBytes)
	b = append(append(b, magic...), version)
	for _, n := range []uint64{h.root.Offset, h.root.Bytes, h.metadata.Offset, h.metadata.Bytes, h.leaves.Offset, h.leaves.Bytes,
		h.data.Offset, h.data.Bytes, h.Addressed, h.Entries, h.Contents} {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	clustered := byte(0)
	if h.Clustered {
		clustered = 1
	}
	b = append(b, clustered, byte(h.Internal), byte(h.Tiles), h.Type, byte(h.MinZoom), byte(h.MaxZoom))
	for _, degrees := range h.Bounds {
		b = appendDegrees(b, degrees)
	}
	b = append(b, byte(h.CenterZoom))
	return appendDegrees(appendDegrees(b, h.Center[0]), h.Center[1])
}

// appendDegrees writes degrees in units of 10⁻⁷, 1 cm on the ground.
func appendDegrees(b []byte, degrees float64) []byte {
	return binary.LittleEndian.AppendUint32(b, uint32(int32(math.Round(max(-180, min(180, degrees))*1e7))))
}

func readHeader(b []byte) (Header, error) {
	var h Header
	if len(b) < headerBytes || !bytes.HasPrefix(b, magic) {
		return h, errors.New("not a PMTiles archive")
	}
	if b[7] != version {
		return h, fmt.Errorf("version %d of the format, this program reads version %d", b[7], version)
	}
	for i, n := range []*uint64{&h.root.Offset, &h.root.Bytes, &h.metadata.Offset, &h.metadata.Bytes, &h.leaves.Offset, &h.leaves.Bytes,
		&h.data.Offset, &h.data.Bytes, &h.Addressed, &h.Entries, &h.Contents} {
		*n = binary.LittleEndian.Uint64(b[8+8*i:])
	}
	h.Clustered, h.Internal, h.Tiles, h.Type = b[96] == 1, Compression(b[97]), Compression(b[98]), b[99]
	h.MinZoom, h.MaxZoom, h.CenterZoom = int(b[100]), int(b[101]), int(b[118])
	degrees := func(at int) float64 { return float64(int32(binary.LittleEndian.Uint32(b[at:]))) / 1e7 }
	for i := range h.Bounds {
		h.Bounds[i] = degrees(102 + 4*i)
	}
	h.Center = [2]float64{degrees(119), degrees(123)}
	if h.MinZoom > h.MaxZoom || h.MaxZoom > MaxZoom {
		return h, fmt.Errorf("zooms %d-%d are out of range", h.MinZoom, h.MaxZoom)
	}
	if h.root.Offset+h.root.Bytes > startBytes {
		return h, fmt.Errorf("the root directory does not end within the first %d bytes", startBytes)
	}
	return h, nil
}

// of is the section of the archive, or an error when it lies outside.
func (s section) of(archive []byte) ([]byte, error) {
	if s.Offset > uint64(len(archive)) || s.Bytes > uint64(len(archive))-s.Offset {
		return nil, fmt.Errorf("bytes %d to %d of an archive of %d", s.Offset, s.Offset+s.Bytes, len(archive))
	}
	return archive[s.Offset : s.Offset+s.Bytes : s.Offset+s.Bytes], nil
}
