package format

import (
	"encoding/binary"
	"strings"
)

// loosePart recognises what belongs to another file, or is one piece of a data set, and is no table by itself.
func loosePart(head []byte) (refusal, bool) {
	switch {
	case isCRSText(string(head)):
		return refusal{"the description of a coordinate system (.prj)", "give the file that it belongs to (.shp), or its code as read.crs"}, true
	case isVectorTile(head):
		return refusal{"a vector tile (MVT), one square of a map whose shapes are cut and rounded",
			"look for the data that the tiles were made of: GeoPackage, GeoJSON, Parquet"}, true
	case isWKB(head):
		return refusal{"a single geometry (WKB) without a table", "put it in a column of a CSV or Parquet file, or in a GeoPackage"}, true
	}
	return refusal{}, false
}

// isCRSText: well-known text of a CRS and nothing before it.
func isCRSText(text string) bool {
	text = strings.TrimLeft(strings.TrimPrefix(text, bom), " \t\r\n")
	for _, word := range []string{"PROJCS[", "GEOGCS[", "PROJCRS[", "GEOGCRS[", "COMPD_CS[", "COMPOUNDCRS[", "BOUNDCRS[", "GEODCRS["} {
		if len(text) > len(word) && strings.EqualFold(text[:len(word)], word) {
			return true
		}
	}
	return false
}

// isVectorTile follows the fields of the first layer (field 3 of a tile): it begins with its name or its version.
func isVectorTile(head []byte) bool {
	if len(head) < 5 || head[0] != 0x1a {
		return false
	}
	size, n := binary.Uvarint(head[1:])
	if n <= 0 || size < 4 {
		return false
	}
	layer := head[1+n:]
	if len(layer) > 2 && layer[0] == 15<<3 && (layer[1] == 1 || layer[1] == 2) { // version
		return true
	}
	if len(layer) < 3 || layer[0] != 1<<3|2 { // name
		return false
	}
	length, n := binary.Uvarint(layer[1:])
	if n <= 0 || length == 0 || length > size || length > 200 {
		return false
	}
	rest := layer[1+n:]
	if uint64(len(rest)) <= length || controls(rest[:length]) > 0 {
		return false
	}
	tag := rest[length]
	return tag == 2<<3|2 || tag == 3<<3|2 || tag == 4<<3|2 || tag == 5<<3 || tag == 15<<3
}

// isWKB: byte order, then a type of geometry, in two or more dimensions, with or without an SRID (EWKB).
func isWKB(head []byte) bool {
	if len(head) < 9 || head[0] > 1 {
		return false
	}
	order := binary.ByteOrder(binary.BigEndian)
	if head[0] == 1 {
		order = binary.LittleEndian
	}
	kind := order.Uint32(head[1:])
	const extended = 0xe0000000 // flags of EWKB: Z, M, SRID
	base := kind &^ extended
	return base/1000 <= 3 && base%1000 >= 1 && base%1000 <= 17
}

// controls counts the bytes that no text has.
func controls(text []byte) int {
	n := 0
	for _, b := range text {
		if b < 0x20 && b != '\t' && b != '\n' && b != '\r' && b != '\f' && b != 0x1e || b == 0x7f {
			n++
		}
	}
	return n
}
