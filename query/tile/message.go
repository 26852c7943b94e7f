package tile

// Field numbers of the messages Tile, Layer, Feature and Value (vector_tile.proto of the specification), with their wire
// types in the lower three bits: 0 varint, 1 eight bytes, 2 length and bytes.
const (
	tileLayer = 3<<3 | 2

	layerName     = 1<<3 | 2
	layerFeature  = 2<<3 | 2
	layerKey      = 3<<3 | 2
	layerValue    = 4<<3 | 2
	layerExtent   = 5 << 3
	layerVersion  = 15 << 3
	featureID     = 1 << 3
	featureTags   = 2<<3 | 2
	featureType   = 3 << 3
	featureShape  = 4<<3 | 2
	valueText     = 1<<3 | 2
	valueNumber   = 3<<3 | 1
	valuePositive = 5 << 3
	valueNegative = 6 << 3
	valueBoolean  = 7 << 3
)

// emit appends the feature made of e.geom and e.tags to the layer.
func (e *encoder) emit(kind int, id uint64, hasID bool) {
	size := 2 + 1 + varintSize(uint64(len(e.geom.bytes))) + len(e.geom.bytes)
	if hasID {
		size += 1 + varintSize(id)
	}
	if n := len(e.tags.pairs); n > 0 {
		size += 1 + varintSize(uint64(n)) + n
	}
	b := appendVarint(append(e.out, layerFeature), uint64(size))
	if hasID {
		b = appendVarint(append(b, featureID), id)
	}
	if n := len(e.tags.pairs); n > 0 {
		b = appendVarint(append(b, featureTags), uint64(n))
		b = append(b, e.tags.pairs...)
	}
	b = append(b, featureType, byte(kind))
	b = appendVarint(append(b, featureShape), uint64(len(e.geom.bytes)))
	b = append(b, e.geom.bytes...)
	e.out = b
	e.count++
}

// appendLayer appends the layer's message to the tile.
func (e *encoder) appendLayer(dst []byte) []byte {
	name := e.spec.Name
	size := 2 + 1 + varintSize(uint64(len(name))) + len(name) + len(e.out) + len(e.tags.keys) + len(e.tags.values.bytes) + 1 + varintSize(Extent)
	dst = appendVarint(append(dst, tileLayer), uint64(size))
	dst = append(dst, layerVersion, 2)
	dst = append(appendVarint(append(dst, layerName), uint64(len(name))), name...)
	dst = append(dst, e.out...)
	dst = append(dst, e.tags.keys...)
	dst = append(dst, e.tags.values.bytes...)
	return appendVarint(append(dst, layerExtent), Extent)
}
