package pmtiles

import (
	"bufio"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
)

// Writer collects the tiles of an archive in a temporary file. Not safe for concurrent use.
type Writer struct {
	spool   *os.File
	out     *bufio.Writer
	tiles   Compression
	entries []entry
	known   map[[16]byte]place // what lies in the spool already, by the start of its SHA-256
	bytes   uint64
	stats   Stats
}

type place struct {
	offset uint64
	length uint32
}

// Stats says what an archive holds.
type Stats struct {
	Tiles    uint64 // addressed
	Entries  uint64 // runs of equal tiles
	Contents uint64 // different ones
	Bytes    int64  // of the archive
}

// NewWriter keeps tiles, which are compressed with c already, in a file of dir until Finish. Close it.
func NewWriter(dir string, c Compression) (*Writer, error) {
	spool, err := os.CreateTemp(dir, ".tiles-*.tmp")
	if err != nil {
		return nil, err
	}
	// Without a name it goes when the process ends, however it ends.
	if err := os.Remove(spool.Name()); err != nil {
		return nil, errors.Join(err, spool.Close())
	}
	return &Writer{spool: spool, out: bufio.NewWriterSize(spool, 1<<20), tiles: c, known: map[[16]byte]place{}}, nil
}

// Add appends a tile. Ids ascend; a tile without bytes is left out, as the specification wants it.
func (w *Writer) Add(id uint64, body []byte) error {
	if len(body) == 0 {
		return nil
	}
	var last *entry
	if n := len(w.entries); n > 0 {
		if last = &w.entries[n-1]; id < last.id+uint64(last.run) {
			return fmt.Errorf("pmtiles: tile %d comes after tile %d", id, last.id+uint64(last.run)-1)
		}
	}
	if uint64(len(body)) > math.MaxUint32 {
		return fmt.Errorf("pmtiles: tile %d has %d bytes", id, len(body))
	}
	sum := sha256.Sum256(body)
	key := [16]byte(sum[:16])
	at, seen := w.known[key]
	if !seen {
		at = place{w.bytes, uint32(len(body))}
		w.known[key] = at
		if _, err := w.out.Write(body); err != nil {
			return err
		}
		w.bytes += uint64(len(body))
		w.stats.Contents++
	}
	w.stats.Tiles++
	if last != nil && last.offset == at.offset && last.id+uint64(last.run) == id && last.run < math.MaxUint32 {
		last.run++
		return nil
	}
	w.entries = append(w.entries, entry{id: id, offset: at.offset, length: at.length, run: 1})
	return nil
}

// Finish writes the archive: header, root directory, metadata, leaf directories, tiles. An archive without tiles is an error:
// the format has no directory without entries.
func (w *Writer) Finish(out io.Writer, info Info) (Stats, error) {
	if len(w.entries) == 0 {
		return Stats{}, ErrNoTiles
	}
	root, leaves, err := directories(w.entries)
	if err != nil {
		return Stats{}, err
	}
	if info.Metadata == nil {
		info.Metadata = []byte("{}")
	}
	metadata, err := compress(info.Metadata)
	if err != nil {
		return Stats{}, err
	}
	h := Header{Addressed: w.stats.Tiles, Entries: uint64(len(w.entries)), Contents: w.stats.Contents, Clustered: true,
		Internal: Gzip, Tiles: w.tiles, Type: MVT, Info: info}
	h.root = section{headerBytes, uint64(len(root))}
	h.metadata = section{h.root.Offset + h.root.Bytes, uint64(len(metadata))}
	h.leaves = section{h.metadata.Offset + h.metadata.Bytes, uint64(len(leaves))}
	h.data = section{h.leaves.Offset + h.leaves.Bytes, w.bytes}
	for _, part := range [][]byte{h.encode(), root, metadata, leaves} {
		if _, err := out.Write(part); err != nil {
			return Stats{}, err
		}
	}
	if err := w.copyTiles(out); err != nil {
		return Stats{}, err
	}
	w.stats.Entries, w.stats.Bytes = h.Entries, int64(h.data.Offset+h.data.Bytes)
	return w.stats, nil
}

// ErrNoTiles is an archive that would have no tile.
var ErrNoTiles = errors.New("pmtiles: there is no tile to write")

func (w *Writer) copyTiles(out io.Writer) error {
	if err := w.out.Flush(); err != nil {
		return err
	}
	if _, err := w.spool.Seek(0, io.SeekStart); err != nil {
		return err
	}
	n, err := io.Copy(out, w.spool) // between files, Linux copies without passing through the program
	if err == nil && uint64(n) != w.bytes {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// Close gives back the temporary file.
func (w *Writer) Close() error { return w.spool.Close() }
