package format

import (
	"bytes"
	"encoding/binary"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
)

// dbfTable is the attribute table of a Shapefile: a dBase file of fixed-width records.
type dbfTable struct {
	w       *window
	records int
	size    int // bytes of a record, its deletion mark included
	fields  []dbfField
	page    byte // language driver id
}

type dbfField struct {
	name   []byte // as written
	kind   byte   // C N F D L; others are read as text
	offset int
	size   int
	places int // decimal places
}

const dbfHeader = 32

func newDBF(w *window) (*dbfTable, error) {
	head := w.peek(dbfHeader)
	if len(head) < dbfHeader {
		return nil, invalid("download it again", "the .dbf file is too short for a dBase table")
	}
	t := &dbfTable{
		w:       w,
		records: int(binary.LittleEndian.Uint32(head[4:])),
		size:    int(binary.LittleEndian.Uint16(head[10:])),
		page:    head[29],
	}
	length := int(binary.LittleEndian.Uint16(head[8:]))
	head = w.peek(length)
	if length <= dbfHeader || len(head) < length || t.size < 1 {
		return nil, invalid("download it again", "the header of the .dbf file is damaged")
	}
	offset := 1
	for at := dbfHeader; at+dbfHeader <= length && head[at] != '\r'; at += dbfHeader {
		d := head[at : at+dbfHeader]
		name, _, _ := bytes.Cut(d[:11], []byte{0})
		f := dbfField{name: bytes.Clone(bytes.TrimSpace(name)), kind: d[11], offset: offset, size: int(d[16]), places: int(d[17])}
		offset += f.size
		if offset > t.size {
			return nil, invalid("download it again", "the fields of the .dbf file do not fit into its records")
		}
		t.fields = append(t.fields, f)
	}
	w.pos += length
	return t, nil
}

// next is the next record, deletion mark included; nil when the file ends before. Valid until the next call.
func (t *dbfTable) next() []byte {
	record := t.w.peek(t.size)
	if len(record) < t.size {
		return nil
	}
	t.w.pos += t.size
	return record
}

// encoding is the declared one, or that of the .cpg file, or that of the language driver; else it shows itself.
func (t *dbfTable) encoding(declared, cpg string) (*decoder, error) {
	if declared != "" {
		return newDecoder(declared)
	}
	if cpg = strings.TrimSpace(cpg); cpg != "" {
		if d, err := newDecoder(cpg); err == nil {
			return d, nil
		}
	}
	if page, ok := languageDrivers[t.page]; ok {
		return newDecoder(page)
	}
	return newDecoder("")
}

// languageDrivers are the dBase language driver ids met in Europe.
var languageDrivers = map[byte]string{
	0x01: "437", 0x02: "850", 0x03: "1252", 0x04: "10000", 0x08: "865", 0x0a: "850", 0x0d: "437", 0x0e: "850", 0x0f: "437",
	0x10: "850", 0x11: "437", 0x12: "850", 0x14: "850", 0x15: "437", 0x16: "850", 0x17: "865", 0x18: "437", 0x19: "437",
	0x1a: "850", 0x1b: "437", 0x1d: "850", 0x1f: "852", 0x22: "852", 0x23: "852", 0x24: "860", 0x25: "850", 0x26: "866",
	0x36: "1252", 0x37: "850", 0x40: "852", 0x57: "1252", 0x58: "1252", 0x59: "1252", 0x64: "852", 0x65: "866", 0x66: "865",
	0x86: "1253", 0x87: "852", 0xc8: "1250", 0xc9: "1251", 0xca: "1254", 0xcb: "1253", 0xcc: "1257",
}

func (f dbfField) arrowType() arrow.DataType {
	switch f.kind {
	case 'N', 'F':
		if f.kind == 'N' && f.places == 0 && f.size <= 18 {
			return arrow.PrimitiveTypes.Int64
		}
		return arrow.PrimitiveTypes.Float64
	case 'D':
		return arrow.FixedWidthTypes.Date32
	case 'L':
		return arrow.FixedWidthTypes.Boolean
	}
	return arrow.BinaryTypes.String
}

// trimRight drops the padding of a fixed-width text: most of a wide field is blanks.
func trimRight(s []byte) []byte {
	const blanks = 0x2020202020202020
	for len(s) >= 8 && binary.LittleEndian.Uint64(s[len(s)-8:]) == blanks {
		s = s[:len(s)-8]
	}
	for len(s) > 0 && (s[len(s)-1] == ' ' || s[len(s)-1] == 0) {
		s = s[:len(s)-1]
	}
	return s
}
