// Package edition says what changed between two editions of a source: which of its rows are new, which are gone, and which are not
// what they were. Rows are told apart by the key of the contract; what was loaded is compared, not the files, so that another order,
// format or column that nobody declared is no change.
//
// An edition is a file: the eight bytes of magic, the length (32 bits) and the text of the names of the columns compared, then for each key,
// in increasing order, a digest of the key and one of the row, of 64 bits each. Numbers are little-endian. No value of a row is in it.
package edition

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/apache/arrow-go/v18/arrow/array"

	"jumeau/model"
)

const (
	magic      = "JMEDIT1\n"
	maxColumns = 1 << 20 // bytes of the names of columns
	record     = 16      // bytes
)

// Change is what one edition has beside an earlier one: numbers of keys.
type Change struct {
	Added   int64 `json:"added"`
	Changed int64 `json:"changed"`
	Removed int64 `json:"removed"`
	Same    int64 `json:"same"`
	// The contract declares other columns than before: rows could not be compared, only keys; Same counts those in both.
	Redeclared bool `json:"redeclared,omitempty"`
}

// Any says whether something changed.
func (c Change) Any() bool { return c.Added+c.Changed+c.Removed > 0 }

// Key is the column by which the rows of a source are told apart: that of role id, else the only unique and required one; "" when
// there is none, or when figures about people are in it.
func Key(src *model.Source) string {
	if src.Behaviour != nil && src.Behaviour.Class != "A" {
		return ""
	}
	id, unique := "", []string{}
	for _, name := range slices.Sorted(maps.Keys(src.Contract.Columns)) {
		c := src.Contract.Columns[name]
		switch {
		case c.Role == "unit":
			return ""
		case c.Role == "id" && id == "":
			id = name
		case c.Unique && c.Required:
			unique = append(unique, name)
		}
	}
	if id != "" {
		return id
	}
	if len(unique) == 1 {
		return unique[0]
	}
	return ""
}

// Write makes an edition of rows of two columns of unsigned integers of 64 bits, the digests of the keys, in increasing order, and those
// of the rows. columns names what the digests of the rows are made of.
func Write(rows array.RecordReader, columns, path string) (err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	out := bufio.NewWriterSize(file, 1<<16)
	head := binary.LittleEndian.AppendUint32([]byte(magic), uint32(len(columns))) //nolint:gosec // names of a declaration
	if _, err := out.Write(append(head, columns...)); err != nil {
		return err
	}
	var pair [record]byte
	for rows.Next() {
		rec := rows.RecordBatch()
		keys, digests := rec.Column(0).(*array.Uint64).Uint64Values(), rec.Column(1).(*array.Uint64).Uint64Values()
		for i, key := range keys {
			binary.LittleEndian.PutUint64(pair[:], key)
			binary.LittleEndian.PutUint64(pair[8:], digests[i])
			if _, err := out.Write(pair[:]); err != nil {
				return err
			}
		}
	}
	return errors.Join(rows.Err(), out.Flush())
}

// Rows counts the keys of the edition at path; an error when it is not as it should be.
func Rows(path string) (n int64, err error) {
	c, err := open(path)
	if err != nil {
		return 0, err
	}
	defer c.close()
	for c.next() {
		n++
	}
	return n, c.err
}

// Columns names what the rows of the edition at path were compared by.
func Columns(path string) (string, error) {
	c, err := open(path)
	if err != nil {
		return "", err
	}
	defer c.close()
	return c.columns, nil
}

// Compare says what the edition at path after has beside the one at before.
func Compare(before, after string) (c Change, err error) {
	a, err := open(before)
	if err != nil {
		return c, err
	}
	defer a.close()
	b, err := open(after)
	if err != nil {
		return c, err
	}
	defer b.close()
	c.Redeclared = a.columns != b.columns
	for okA, okB := a.next(), b.next(); okA || okB; {
		switch {
		case !okB || okA && a.key < b.key:
			c.Removed++
			okA = a.next()
		case !okA || b.key < a.key:
			c.Added++
			okB = b.next()
		default:
			if a.row == b.row || c.Redeclared {
				c.Same++
			} else {
				c.Changed++
			}
			okA, okB = a.next(), b.next()
		}
	}
	return c, errors.Join(a.err, b.err)
}

// cursor goes through an edition from the least key to the greatest.
type cursor struct {
	file     *os.File
	in       *bufio.Reader
	columns  string
	key, row uint64
	started  bool
	err      error
}

func open(path string) (*cursor, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	c := &cursor{file: file, in: bufio.NewReaderSize(file, 1<<16)}
	if err := c.head(); err != nil {
		file.Close()
		return nil, damaged(path, err)
	}
	return c, nil
}

func (c *cursor) head() error {
	var head [len(magic) + 4]byte
	if _, err := io.ReadFull(c.in, head[:]); err != nil {
		return err
	}
	size := binary.LittleEndian.Uint32(head[len(magic):])
	if string(head[:len(magic)]) != magic || size > maxColumns {
		return errors.New("it begins otherwise")
	}
	columns := make([]byte, size)
	_, err := io.ReadFull(c.in, columns)
	c.columns = string(columns)
	return err
}

func damaged(path string, err error) error {
	return &model.Error{Kind: model.Invalid, Op: "compare", Subject: path, Err: fmt.Errorf("it is no edition of a source: %w", err),
		Hint: "check the release: jumeau verify; the next run writes a new one"}
}

func (c *cursor) close() { c.file.Close() }

// next goes to the next key; false at the end, or when the file is not as it should be.
func (c *cursor) next() bool {
	var pair [record]byte
	if c.err != nil {
		return false
	}
	if _, err := io.ReadFull(c.in, pair[:]); err != nil {
		if !errors.Is(err, io.EOF) {
			c.err = damaged(c.file.Name(), err)
		}
		return false
	}
	key := binary.LittleEndian.Uint64(pair[:])
	if c.started && key <= c.key {
		c.err = damaged(c.file.Name(), errors.New("its keys are not in order"))
		return false
	}
	c.started, c.key, c.row = true, key, binary.LittleEndian.Uint64(pair[8:])
	return true
}
