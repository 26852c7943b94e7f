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

var applicationSchema = arrow.NewSchema([]arrow.Field{
	{Name: "installation", Type: arrow.BinaryTypes.String},
	{Name: "instant", Type: &arrow.TimestampType{Unit: arrow.Millisecond, TimeZone: "UTC"}},
	{Name: "carreau_200m", Type: arrow.BinaryTypes.String},
}, nil)

// application is where an application that every second resident has was opened: every three hours of a Tuesday and of a Saturday, by
// square of 200 m, as its maker keeps it.
func (s *sheet) application() error {
	file, err := os.Create(s.path)
	if err != nil {
		return err
	}
	properties := parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Zstd), parquet.WithDictionaryDefault(true))
	w, err := pqarrow.NewFileWriter(applicationSchema, file, properties, pqarrow.DefaultWriterProps())
	if err != nil {
		file.Close()
		return err
	}
	squares := make([]string, len(s.w.Buildings)) // of each building
	for k := range squares {
		squares[k] = squareAt(s.w.Buildings[k].Centre, 200).id(200)
	}
	build := array.NewRecordBuilder(memory.DefaultAllocator, applicationSchema)
	defer build.Release()
	for from := 0; from < len(s.w.Persons); from += 16384 {
		for i := from; i < min(from+16384, len(s.w.Persons)); i += 2 {
			s.opened(build, i, squares)
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

// opened appends where a person opens the application on the two days.
func (s *sheet) opened(build *array.RecordBuilder, person int, squares []string) {
	id := fmt.Sprintf("%012x", uint64(person+1)*0xD6E8FEB86659FD93>>16) // does not follow the order of persons
	for _, day := range tripDays {
		midnight := must(time.ParseInLocation(time.DateOnly, day.date, paris))
		trips := s.w.Day(person, day.kind, 0)
		at, next := s.w.Households[s.w.Persons[person].Household].Home, 0
		for hour := 1; hour < 24; hour += 3 {
			for next < len(trips) && trips[next].Arrive <= hour*60+30 {
				at = trips[next].To
				next++
			}
			build.Field(0).(*array.StringBuilder).Append(id)
			build.Field(1).(*array.TimestampBuilder).Append(arrow.Timestamp(midnight.Add(time.Duration(hour*60+30) * time.Minute).UnixMilli()))
			build.Field(2).(*array.StringBuilder).Append(squares[at])
			s.rows++
		}
	}
}
