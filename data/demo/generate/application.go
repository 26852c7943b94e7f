package generate

import (
	"fmt"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

var applicationSchema = arrow.NewSchema([]arrow.Field{
	{Name: "installation", Type: arrow.BinaryTypes.String},
	{Name: "instant", Type: &arrow.TimestampType{Unit: arrow.Millisecond, TimeZone: "UTC"}},
	{Name: "carreau_200m", Type: arrow.BinaryTypes.String},
}, nil)

// application is where an application that every second resident has was opened: every three hours of a Tuesday and of a Saturday, by
// square of 200 m, as its maker keeps it.
func (s *sheet) application() error {
	squares := make([]string, len(s.w.Buildings)) // of each building
	for k := range squares {
		squares[k] = squareAt(s.w.Buildings[k].Centre, 200).id(200)
	}
	return s.parquet(applicationSchema, 16384, func(build *array.RecordBuilder, i int) {
		if i%2 == 0 {
			s.opened(build, i, squares)
		}
	})
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
