package format

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
)

func openOSMPBF(ctx context.Context, src *source, opt Options) (Reader, error) {
	at, size, err := src.random()
	if err != nil {
		return nil, err
	}
	file, err := openPBF(&countedAt{ReaderAt: at, n: &src.consumed}, size)
	if err != nil {
		return nil, damagedPBF(err)
	}
	return newOSM(ctx, src, func(pass osmPass) (osmInput, error) {
		from := 0
		if pass == passRelations {
			if from, err = file.relationsFrom(); err != nil {
				return nil, damagedPBF(err)
			}
		}
		return &pbfChecked{file.objects(from, len(file.blobs)), pass == passAll, false}, nil
	}, opt)
}

func damagedPBF(err error) error {
	return invalid("download it again: it looks truncated or damaged", "the OpenStreetMap PBF file cannot be read: %w", err)
}

// relationsFrom is the first of the blocks at the end that hold relations: files are in the order nodes, ways, relations.
func (f *pbfFile) relationsFrom() (int, error) {
	var d pbfDecoder
	for n := len(f.blobs); n > 0; n-- {
		b := f.decode(&d, f.blobs[n-1])
		if b.err != nil {
			return 0, b.err
		}
		relations := 0
		for _, o := range b.objects {
			if o.kind == osmRelation {
				relations++
			}
		}
		if relations < len(b.objects) || relations == 0 {
			if relations > 0 {
				n--
			}
			return n, nil
		}
	}
	return 0, nil
}

// pbfChecked explains errors, and holds the file to its order.
type pbfChecked struct {
	*pbfInput
	order bool
	past  bool // a relation was met
}

func (in *pbfChecked) next(o *osmObject) error {
	err := in.pbfInput.next(o)
	if err != nil && !errors.Is(err, io.EOF) {
		return damagedPBF(err)
	}
	if err == nil && in.order {
		if in.past && o.kind != osmRelation {
			return invalid("sort it: osmium sort IN -o out.osm.pbf", "its nodes, ways and relations are not in this order")
		}
		in.past = o.kind == osmRelation
	}
	return err
}

// openOSMXML reads the document once for each pass.
func openOSMXMLFile(ctx context.Context, src *source, opt Options) (Reader, error) {
	return newOSM(ctx, src, func(osmPass) (osmInput, error) {
		again, err := src.reopen()
		if err != nil {
			return nil, err
		}
		return openOSMXML(again)
	}, opt)
}

func appendUint32(b []byte, v uint32) []byte { return binary.LittleEndian.AppendUint32(b, v) }
func uint32At(b []byte) uint32               { return binary.LittleEndian.Uint32(b) }

// appendJSON writes a text as a JSON string.
func appendJSON(b, text []byte) []byte {
	plain := true
	for _, c := range text {
		plain = plain && c >= 0x20 && c != '"' && c != '\\' && c < 0x80
	}
	if plain {
		return append(append(append(b, '"'), text...), '"')
	}
	quoted, err := json.Marshal(string(text))
	if err != nil {
		return append(b, `""`...)
	}
	return append(b, quoted...)
}
