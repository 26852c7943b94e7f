package pmtiles

import (
	"errors"
	"fmt"
	"os"
	"sort"

	"jumeau/internal/mapfile"
	"jumeau/model"
)

// Archive is an open archive, mapped into memory. Safe for concurrent use until Close.
type Archive struct {
	Header
	release func() error
	tiles   []byte // the section of tile data
	entries []entry
}

// Open maps an archive and reads its directories, which are held in memory: 24 bytes for each run of tiles. It is an error of
// kind Invalid when a directory is damaged or a tile lies outside the file.
func Open(path string) (*Archive, error) {
	data, release, err := mapfile.Open(path)
	if err != nil {
		return nil, refused(path, err)
	}
	a, err := parse(data)
	if err != nil {
		return nil, refused(path, errors.Join(err, release()))
	}
	a.release = release
	return a, nil
}

func refused(path string, err error) error {
	kind, hint := model.Invalid, "the file is damaged, or not a PMTiles archive of version 3: make it again"
	if errors.Is(err, os.ErrNotExist) {
		kind, hint = model.NotFound, "see that the path is right"
	}
	return &model.Error{Kind: kind, Op: "open archive", Subject: path, Hint: hint, Err: err}
}

// parse reads an archive from memory.
func parse(data []byte) (*Archive, error) {
	h, err := readHeader(data)
	if err != nil {
		return nil, err
	}
	a := &Archive{Header: h}
	if a.tiles, err = h.data.of(data); err != nil {
		return nil, fmt.Errorf("tiles: %w", err)
	}
	packed, err := h.metadata.of(data)
	if err != nil {
		return nil, fmt.Errorf("metadata: %w", err)
	}
	a.Metadata = []byte("{}")
	if len(packed) > 0 {
		if a.Metadata, err = inflate(packed, h.Internal); err != nil {
			return nil, fmt.Errorf("metadata: %w", err)
		}
	}
	leaves, err := h.leaves.of(data)
	if err != nil {
		return nil, fmt.Errorf("leaf directories: %w", err)
	}
	root, err := h.root.of(data)
	if err != nil {
		return nil, fmt.Errorf("root directory: %w", err)
	}
	if err := a.directory(root, leaves, 0, 0); err != nil {
		return nil, err
	}
	return a, a.check()
}

// depth is how many directories may lead to a tile, as readers of the specification follow them.
const depth = 4

// entryLimit bounds the directories of an archive in memory, at 24 bytes an entry.
const entryLimit = 20_000_000

// directory appends the tiles of a directory, those of its leaves included. A leaf begins with the id first.
func (a *Archive) directory(packed, leaves []byte, first uint64, level int) error {
	if level == depth {
		return errors.New("directories within directories without end")
	}
	plain, err := inflate(packed, a.Internal)
	if err != nil {
		return fmt.Errorf("directory: %w", err)
	}
	entries, err := readDirectory(plain)
	if err != nil {
		return err
	}
	if level > 0 && entries[0].id != first { // so a leaf cannot be used twice, which a forged archive would do without end
		return errDirectory
	}
	for _, e := range entries {
		if e.run > 0 {
			a.entries = append(a.entries, e)
			continue
		}
		leaf, err := section{e.offset, uint64(e.length)}.of(leaves)
		if err != nil {
			return fmt.Errorf("leaf directory: %w", err)
		}
		if err := a.directory(leaf, leaves, e.id, level+1); err != nil {
			return err
		}
		if len(a.entries) > entryLimit {
			return fmt.Errorf("more than %d runs of tiles", entryLimit)
		}
	}
	return nil
}

// check holds the entries to their order, and to the tile data.
func (a *Archive) check() error {
	end := uint64(0)
	for _, e := range a.entries {
		if e.id < end || e.id+uint64(e.run) < e.id {
			return errDirectory
		}
		end = e.id + uint64(e.run)
		if _, err := (section{e.offset, uint64(e.length)}).of(a.tiles); err != nil {
			return fmt.Errorf("tile %d: %w", e.id, err)
		}
	}
	return nil
}

// Get is the tile with that id, compressed as Header.Tiles says. It is the file's own bytes, valid until Close. False when
// there is none.
func (a *Archive) Get(id uint64) ([]byte, bool) {
	i := sort.Search(len(a.entries), func(i int) bool { return a.entries[i].id > id }) - 1
	if i < 0 || id-a.entries[i].id >= uint64(a.entries[i].run) {
		return nil, false
	}
	e := a.entries[i]
	return a.tiles[e.offset : e.offset+uint64(e.length) : e.offset+uint64(e.length)], true
}

// Each calls on every tile, in the order of their ids, until an error.
func (a *Archive) Each(call func(id uint64, body []byte) error) error {
	for _, e := range a.entries {
		for i := range uint64(e.run) {
			if err := call(e.id+i, a.tiles[e.offset:e.offset+uint64(e.length)]); err != nil {
				return err
			}
		}
	}
	return nil
}

// Close unmaps the file. No tile of it may be used afterwards.
func (a *Archive) Close() error {
	if a.release == nil {
		return nil
	}
	release := a.release
	a.release, a.tiles, a.entries = nil, nil, nil
	return release()
}
