package frame

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"

	"jumeau/internal/mapfile"
	"jumeau/model"
)

// Metadata keys of a file's schema.
const (
	keyKind   = "jumeau.kind" // zones, values or flows, with the version of the layout: "values/1"
	keyName   = "jumeau.name" // the measure or the flow
	keySystem = "jumeau.zones"
	keyZones  = "jumeau.zone_count"
)

// mapped is an Arrow file mapped into memory. An Arrow file is a stream of messages between two magic marks (Arrow columnar
// format, "IPC File Format"): the schema, the slots (a dictionary), and a batch per slot. It is decoded here and not by
// Arrow's own reader, which in version 18.8 panics on a dictionary in a mapped file and takes lengths in the file on trust.
type mapped struct {
	data    []byte
	release func() error
	head    []byte // the messages before the first batch, as they stand in the file
	meta    map[string]string
	fields  []fieldType
	texts   []string // the dictionary
	batches []batch
}

// fieldType is a column's name and type: double, uint8, uint32, utf8, or slots (an int16 index into the dictionary).
type fieldType struct{ name, kind string }

// batch is a record batch: columns point into the mapping.
type batch struct {
	rows    int
	columns []rawColumn
	message []byte // as it stands in the file
}

type rawColumn struct {
	fieldType
	nulls    int64
	validity []byte
	data     []byte
	text     []byte // bytes of a utf8 column, whose data are the offsets
}

// openMapped maps the file at path and decodes its messages. Every fault of the file is an error.
func openMapped(path, kind string) (*mapped, error) {
	data, release, err := mapfile.Open(path)
	if err != nil {
		return nil, broken(path, err)
	}
	m := &mapped{data: data, release: release}
	err = guard(m.decode)
	if err == nil && m.meta[keyKind] != kind {
		err = fmt.Errorf("kind is %q, want %q", m.meta[keyKind], kind)
	}
	if err != nil {
		m.Close()
		return nil, broken(path, err)
	}
	return m, nil
}

// Close unmaps the file. No slice read from it may be used afterwards.
func (m *mapped) Close() error {
	if m.release == nil {
		return nil
	}
	release := m.release
	*m = mapped{}
	return release()
}

var magic = []byte("ARROW1")

// continuation starts a message; the length of its metadata, the metadata and its body follow. Length 0 ends the stream.
const continuation = 0xFFFFFFFF

var endOfStream = []byte{0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0}

// Kinds of message (Message.fbs, MessageHeader).
const (
	schemaMessage     = 1
	dictionaryMessage = 2
	batchMessage      = 3
)

func (m *mapped) decode() error {
	if len(m.data) < 24 || !bytes.HasPrefix(m.data, magic) || !bytes.HasSuffix(m.data, magic) {
		return errors.New("not a complete Arrow file")
	}
	for rest := m.data[8:]; ; {
		if binary.LittleEndian.Uint32(rest) != continuation {
			return errors.New("no message where one is due")
		}
		size := int(binary.LittleEndian.Uint32(rest[4:]))
		if size == 0 {
			return nil
		}
		message := rootTable(rest[8 : 8+size])
		end := 8 + size + int(message.int64(3))
		whole, body := rest[:end:end], rest[8+size:end]
		header, ok := message.table(2)
		if !ok {
			return errors.New("a message without header")
		}
		if err := m.message(message.uint8(1), header, whole, body); err != nil {
			return err
		}
		rest = rest[end:]
	}
}

func (m *mapped) message(kind uint8, header table, whole, body []byte) error {
	switch {
	case kind == schemaMessage && m.fields == nil:
		m.head = append(m.head, whole...)
		return m.schema(header)
	case kind == dictionaryMessage && m.texts == nil && len(m.batches) == 0 && header.uint8(2) == 0:
		m.head = append(m.head, whole...)
		return m.dictionary(header, body)
	case kind == batchMessage && m.fields != nil:
		b, err := decodeBatch(header, m.fields, body)
		b.message = whole
		m.batches = append(m.batches, b)
		return err
	}
	return fmt.Errorf("a message of kind %d where none is due", kind)
}

// schema reads the columns and the metadata (Schema.fbs).
func (m *mapped) schema(header table) error {
	if header.int16(0) != 0 {
		return errors.New("not little-endian")
	}
	pos, n := header.vector(1, 4)
	m.fields = make([]fieldType, 0, n)
	for i := range n {
		field := table{header.b, header.at(pos + 4*i)}
		kind := fieldKind(field)
		if kind == "" {
			return fmt.Errorf("column %s has a type that frames do not have", field.text(0))
		}
		m.fields = append(m.fields, fieldType{field.text(0), kind})
	}
	m.meta = map[string]string{}
	pos, n = header.vector(2, 4)
	for i := range n {
		pair := table{header.b, header.at(pos + 4*i)}
		m.meta[pair.text(0)] = pair.text(1)
	}
	return nil
}

func fieldKind(field table) string {
	const intType, floatType, textType, double = 2, 3, 5, 2
	detail, ok := field.table(3)
	if !ok {
		return ""
	}
	if encoding, ok := field.table(4); ok {
		if index, ok := encoding.table(1); ok && index.int32(0) == 16 && index.uint8(1) == 1 && field.uint8(2) == textType {
			return "slots"
		}
		return ""
	}
	switch field.uint8(2) {
	case intType:
		if detail.uint8(1) == 0 && (detail.int32(0) == 8 || detail.int32(0) == 32) {
			return fmt.Sprintf("uint%d", detail.int32(0))
		}
	case floatType:
		if detail.int16(0) == double {
			return "double"
		}
	case textType:
		return "utf8"
	}
	return ""
}

func (m *mapped) dictionary(header table, body []byte) error {
	records, ok := header.table(1)
	if !ok {
		return errors.New("a dictionary without data")
	}
	b, err := decodeBatch(records, []fieldType{{"slots", "utf8"}}, body)
	if err != nil {
		return err
	}
	m.texts, err = b.texts(0)
	return err
}

// decodeBatch finds the buffers of each column (Message.fbs, RecordBatch).
func decodeBatch(header table, fields []fieldType, body []byte) (batch, error) {
	if _, compressed := header.table(3); compressed {
		return batch{}, errors.New("compressed: frames are read where they lie")
	}
	b := batch{rows: int(header.int64(0))}
	nodes, n := header.vector(1, 16)
	buffers, left := header.vector(2, 16)
	if n != len(fields) || b.rows < 0 {
		return batch{}, fmt.Errorf("%d columns of %d rows, want %d", n, b.rows, len(fields))
	}
	next := func() []byte {
		offset, size := int64(binary.LittleEndian.Uint64(header.b[buffers:])), int64(binary.LittleEndian.Uint64(header.b[buffers+8:]))
		buffers, left = buffers+16, left-1
		if left < 0 {
			panic("fewer buffers than columns need")
		}
		return body[offset : offset+size : offset+size]
	}
	for i, f := range fields {
		node := nodes + 16*i
		if int64(binary.LittleEndian.Uint64(header.b[node:])) != int64(b.rows) {
			return batch{}, fmt.Errorf("column %s has not the length of its batch", f.name)
		}
		col := rawColumn{fieldType: f, nulls: int64(binary.LittleEndian.Uint64(header.b[node+8:]))}
		col.validity, col.data = next(), next()
		if f.kind == "utf8" {
			col.text = next()
		}
		b.columns = append(b.columns, col)
	}
	return b, nil
}

// guard turns a panic on a forged file into an error.
func guard(read func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("unreadable: %v", cause)
		}
	}()
	return read()
}

func broken(path string, err error) error {
	kind, hint := model.Invalid, "the file is damaged or was not written by jumeau; run again to build a new release"
	if errors.Is(err, os.ErrNotExist) {
		kind, hint = model.NotFound, "the release is incomplete; run again to build a new one"
	}
	return &model.Error{Kind: kind, Op: "read frame", Subject: path, Hint: hint, Err: err}
}
