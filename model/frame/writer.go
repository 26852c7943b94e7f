package frame

import (
	"bufio"
	"fmt"
	"os"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"jumeau/model"
)

// file writes record batches to a new Arrow file. Not safe for concurrent use.
type file struct {
	path   string
	out    *os.File
	buffer *bufio.Writer
	arrow  *ipc.FileWriter
	schema *arrow.Schema
}

func create(path string, schema *arrow.Schema) (*file, error) {
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, notWritten(path, err)
	}
	buffer := bufio.NewWriterSize(out, 1<<18)
	writer, err := ipc.NewFileWriter(buffer, ipc.WithSchema(schema))
	if err != nil {
		out.Close()
		return nil, notWritten(path, err)
	}
	return &file{path: path, out: out, buffer: buffer, arrow: writer, schema: schema}, nil
}

// write appends a batch made of columns and releases them.
func (f *file) write(rows int, columns ...arrow.Array) error {
	batch := array.NewRecordBatch(f.schema, columns, int64(rows))
	defer batch.Release()
	for _, c := range columns {
		c.Release()
	}
	if err := f.arrow.Write(batch); err != nil {
		return notWritten(f.path, err)
	}
	return nil
}

func (f *file) close() error {
	err := f.arrow.Close()
	if err == nil {
		err = f.buffer.Flush()
	}
	if closed := f.out.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return notWritten(f.path, err)
	}
	return nil
}

func notWritten(path string, err error) error {
	return &model.Error{Kind: model.Unavailable, Op: "write frame", Subject: path,
		Hint: "look at the free space and the permissions of the releases folder", Err: err}
}

// refused is the error of figures that a frame cannot hold: a fault of the code that computed them.
func refused(path, what string, err error) error {
	return &model.Error{Kind: model.Invalid, Op: "write frame", Subject: path + " " + what, Err: err}
}

func metadata(kind, name, system string, zones int) *arrow.Metadata {
	meta := arrow.NewMetadata([]string{keyKind, keyName, keySystem, keyZones}, []string{kind, name, system, fmt.Sprint(zones)})
	return &meta
}

func numberColumn(values []float64) arrow.Array {
	b := array.NewFloat64Builder(memory.DefaultAllocator)
	defer b.Release()
	b.AppendValues(values, nil)
	return b.NewArray()
}

func indexColumn(values []uint32, valid []bool) arrow.Array {
	b := array.NewUint32Builder(memory.DefaultAllocator)
	defer b.Release()
	b.AppendValues(values, valid)
	return b.NewArray()
}

func textColumn(values []string) arrow.Array {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	defer b.Release()
	b.AppendValues(values, nil)
	return b.NewArray()
}

func flagColumn(values []model.Flag) arrow.Array {
	b := array.NewUint8Builder(memory.DefaultAllocator)
	defer b.Release()
	b.Reserve(len(values))
	for _, f := range values {
		b.UnsafeAppend(uint8(f))
	}
	return b.NewArray()
}
