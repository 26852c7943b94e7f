package format

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
	"google.golang.org/protobuf/encoding/protowire"
)

// Limits of the format (https://wiki.openstreetmap.org/wiki/PBF_Format).
const (
	pbfMaxHeader = 64 << 10
	pbfMaxBlob   = 32 << 20
)

var errPBF = errors.New("a block contradicts itself")

// pbfFile is a PBF file whose blobs are known: where they lie, not what is in them.
type pbfFile struct {
	at    io.ReaderAt
	blobs []pbfBlob // OSMData only
}

type pbfBlob struct {
	offset int64
	size   int32
}

func openPBF(at io.ReaderAt, size int64) (*pbfFile, error) {
	f := &pbfFile{at: at}
	var length [4]byte
	for offset := int64(0); offset < size; {
		if _, err := at.ReadAt(length[:], offset); err != nil {
			return nil, errors.New("it ends inside a block")
		}
		n := binary.BigEndian.Uint32(length[:])
		if n > pbfMaxHeader {
			return nil, errPBF
		}
		head := make([]byte, n)
		if _, err := at.ReadAt(head, offset+4); err != nil {
			return nil, errors.New("it ends inside a block")
		}
		kind, data := "", int64(-1)
		err := pbfFields(head, func(num protowire.Number, v uint64, b []byte) error {
			switch num {
			case 1:
				kind = string(b)
			case 3:
				data = int64(v)
			}
			return nil
		})
		offset += 4 + int64(n)
		if err != nil || data < 0 || data > pbfMaxBlob || offset+data > size {
			if err == nil && data >= 0 && data <= pbfMaxBlob {
				err = errors.New("it ends inside a block")
			}
			return nil, errors.Join(err, errPBF)
		}
		switch kind {
		case "OSMHeader":
			if err := f.header(pbfBlob{offset, int32(data)}); err != nil {
				return nil, err
			}
		case "OSMData":
			f.blobs = append(f.blobs, pbfBlob{offset, int32(data)})
		}
		offset += data
	}
	return f, nil
}

// header refuses files with features that we do not know.
func (f *pbfFile) header(blob pbfBlob) error {
	var d pbfDecoder
	raw, err := d.unpack(f.at, blob)
	if err != nil {
		return err
	}
	return pbfFields(raw, func(num protowire.Number, _ uint64, b []byte) error {
		if num == 4 && string(b) != "OsmSchema-V0.6" && string(b) != "DenseNodes" {
			if string(b) == "HistoricalInformation" {
				return refusal{"a history file of OpenStreetMap", "take its present state: osmium time-filter"}.error()
			}
			return refusal{fmt.Sprintf("OpenStreetMap PBF with the feature %q", b), "rewrite it: osmium cat IN -o out.osm.pbf"}.error()
		}
		return nil
	})
}

// pbfFields visits the fields of a message: v for numbers, b for what has a length.
func pbfFields(m []byte, visit func(num protowire.Number, v uint64, b []byte) error) error {
	for len(m) > 0 {
		num, kind, n := protowire.ConsumeTag(m)
		if n < 0 {
			return errPBF
		}
		m = m[n:]
		var v uint64
		var b []byte
		switch kind {
		case protowire.VarintType:
			v, n = protowire.ConsumeVarint(m)
		case protowire.BytesType:
			b, n = protowire.ConsumeBytes(m)
		default:
			n = protowire.ConsumeFieldValue(num, kind, m)
			if n >= 0 && kind == protowire.Fixed32Type {
				v = uint64(binary.LittleEndian.Uint32(m))
			} else if n >= 0 && kind == protowire.Fixed64Type {
				v = binary.LittleEndian.Uint64(m)
			}
		}
		if n < 0 {
			return errPBF
		}
		m = m[n:]
		if err := visit(num, v, b); err != nil {
			return err
		}
	}
	return nil
}

// pbfDecoder unpacks blobs; its buffers are reused.
type pbfDecoder struct {
	blob  []byte
	z     io.ReadCloser
	zstd  *zstd.Decoder
	bytes bytes.Reader
}

// unpack returns the content of a blob in memory of its own.
func (d *pbfDecoder) unpack(at io.ReaderAt, blob pbfBlob) ([]byte, error) {
	if cap(d.blob) < int(blob.size) {
		d.blob = make([]byte, blob.size)
	}
	d.blob = d.blob[:blob.size]
	if _, err := at.ReadAt(d.blob, blob.offset); err != nil {
		return nil, err
	}
	var raw, packed []byte
	size, method := 0, protowire.Number(0)
	err := pbfFields(d.blob, func(num protowire.Number, v uint64, b []byte) error {
		switch num {
		case 1:
			raw = bytes.Clone(b)
		case 2:
			size = int(min(v, pbfMaxBlob+1))
		case 3, 4, 5, 6, 7:
			packed, method = b, num
		}
		return nil
	})
	if err != nil || raw != nil || packed == nil {
		return raw, err
	}
	if size > pbfMaxBlob {
		return nil, errPBF
	}
	raw = make([]byte, size)
	switch method {
	case 3:
		return raw, d.inflate(packed, raw)
	case 7:
		if d.zstd == nil {
			if d.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(pbfMaxBlob)); err != nil {
				return nil, err
			}
		}
		raw, err = d.zstd.DecodeAll(packed, raw[:0])
		if len(raw) != size {
			err = errors.Join(err, errPBF)
		}
		return raw, err
	}
	return nil, errors.New("its blocks are compressed in an unusual way: rewrite it with osmium cat")
}

func (d *pbfDecoder) inflate(packed, raw []byte) error {
	d.bytes.Reset(packed)
	var err error
	if d.z == nil {
		d.z, err = zlib.NewReader(&d.bytes)
	} else {
		err = d.z.(zlib.Resetter).Reset(&d.bytes, nil)
	}
	if err == nil {
		_, err = io.ReadFull(d.z, raw)
	}
	if err != nil {
		return errPBF
	}
	return nil
}

// pbfInput reads the blobs [from, to) in order; two of them are decoded at a time.
type pbfInput struct {
	blocks chan pbfResult
	block  *pbfBlock
	at     int
	stop   chan struct{}
	once   sync.Once
	done   sync.WaitGroup
}

type pbfResult struct {
	block chan *pbfBlock
}

const pbfWorkers = 2

func (f *pbfFile) objects(from, to int) *pbfInput {
	in := &pbfInput{blocks: make(chan pbfResult, pbfWorkers), stop: make(chan struct{})}
	type job struct {
		blob pbfBlob
		to   chan *pbfBlock
	}
	jobs := make(chan job)
	in.done.Add(pbfWorkers + 1)
	go func() {
		defer in.done.Done()
		defer close(jobs)
		defer close(in.blocks)
		for _, b := range f.blobs[from:to] {
			j := job{b, make(chan *pbfBlock, 1)}
			select {
			case in.blocks <- pbfResult{j.to}:
			case <-in.stop:
				return
			}
			select {
			case jobs <- j:
			case <-in.stop:
				j.to <- &pbfBlock{err: io.EOF}
				return
			}
		}
	}()
	for range pbfWorkers {
		go func() {
			defer in.done.Done()
			var d pbfDecoder
			for j := range jobs {
				j.to <- f.decode(&d, j.blob)
			}
		}()
	}
	return in
}

func (in *pbfInput) next(o *osmObject) error {
	for in.block == nil || in.at == len(in.block.objects) {
		if in.block != nil && in.block.err != nil {
			return in.block.err
		}
		r, ok := <-in.blocks
		if !ok {
			return io.EOF
		}
		in.block, in.at = <-r.block, 0
	}
	*o = in.block.objects[in.at]
	in.at++
	return nil
}

func (in *pbfInput) close() error {
	in.once.Do(func() { close(in.stop) })
	for range in.blocks { //nolint:revive // the producer may be waiting
	}
	in.done.Wait()
	return nil
}
