package generate

import (
	"fmt"
	"os"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

var positionSchema = arrow.NewSchema([]arrow.Field{
	{Name: "appareil", Type: arrow.BinaryTypes.String},
	{Name: "instant", Type: &arrow.TimestampType{Unit: arrow.Millisecond, TimeZone: "UTC"}},
	{Name: "code_iris", Type: arrow.BinaryTypes.String},
}, nil)

// phoneID does not follow the order of persons.
func phoneID(i int) string { return fmt.Sprintf("%012x", uint64(i+1)*0xA24BAED4963EE407>>16) }

// positions of the telephone of every resident half past each hour of a Tuesday and of a Saturday, as an operator derives them
// from its network: device, instant, IRIS. They are where the operator's table counts people, before its noise.
func (s *sheet) positions() error {
	return s.parquet(positionSchema, 4096, s.stay)
}

// parquet writes what is appended of each person in turn, so many persons a batch.
func (s *sheet) parquet(schema *arrow.Schema, every int, person func(build *array.RecordBuilder, i int)) error {
	file, err := os.Create(s.path)
	if err != nil {
		return err
	}
	properties := parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Zstd), parquet.WithDictionaryDefault(true))
	w, err := pqarrow.NewFileWriter(schema, file, properties, pqarrow.DefaultWriterProps())
	if err != nil {
		file.Close()
		return err
	}
	build := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer build.Release()
	for from := 0; from < len(s.w.Persons); from += every {
		for i := from; i < min(from+every, len(s.w.Persons)); i++ {
			person(build, i)
		}
		rec := build.NewRecordBatch()
		err := w.WriteBuffered(rec)
		rec.Release()
		if err != nil {
			w.Close()
			return err
		}
	}
	return w.Close() // and the file with it
}

// stay appends where a person's telephone is on the two days.
func (s *sheet) stay(build *array.RecordBuilder, person int) {
	device := phoneID(person)
	for _, day := range tripDays {
		midnight := must(time.ParseInLocation(time.DateOnly, day.date, paris))
		trips := s.w.Day(person, day.kind, 0)
		at, next := s.w.HomeOf(&s.w.Persons[person]).Iris, 0
		for hour := range 24 {
			for next < len(trips) && trips[next].Arrive <= hour*60+30 {
				at = s.w.Buildings[trips[next].To].Iris
				next++
			}
			build.Field(0).(*array.StringBuilder).Append(device)
			build.Field(1).(*array.TimestampBuilder).Append(arrow.Timestamp(midnight.Add(time.Duration(hour*60+30) * time.Minute).UnixMilli()))
			build.Field(2).(*array.StringBuilder).Append(s.w.Iris[at].Code)
			s.rows++
		}
	}
}
