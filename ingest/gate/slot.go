package gate

import (
	"fmt"
	"slices"
	"time"

	"jumeau/ingest/gate/ledger"
	"jumeau/model"
)

// Slot kinds that only the gate knows, coarser than an hour. They are written "weekday-06-09": day type, first hour, end.
const (
	SlotThreeHours = "three_hours"
	SlotHalfDay    = "half_day"
)

// none is the slot or the place of a row that has none.
const none = -1

// calendar turns instants into slots. The slots of a kind follow from the period alone, so that a slot without anybody is
// there like any other.
type calendar struct {
	slots []model.Slot
	from  int64   // seconds since 1970 at the start of the period
	index []int16 // slot of each quarter of an hour of the period
	names map[string]int32
	zone  *time.Location
}

const quarterHour = 15 * 60

func newCalendar(kind string, p ledger.Period, zone *time.Location) (*calendar, error) {
	from, err := time.ParseInLocation(time.DateOnly, p.From, zone)
	if err != nil {
		return nil, err
	}
	to, err := time.ParseInLocation(time.DateOnly, p.To, zone)
	if err != nil {
		return nil, err
	}
	c := &calendar{from: from.Unix(), names: map[string]int32{}, zone: zone}
	if c.slots, err = slotsOf(kind, from, to); err != nil {
		return nil, err
	}
	for i, s := range c.slots {
		c.names[string(s)] = int32(i)
	}
	c.index = make([]int16, 0, to.Sub(from)/(quarterHour*time.Second)+1)
	if len(c.slots) == 1 {
		c.index = c.index[:to.Sub(from)/(quarterHour*time.Second)]
		return c, nil
	}
	for at := from; at.Before(to); at = at.Add(quarterHour * time.Second) {
		c.index = append(c.index, int16(c.names[string(slotOf(kind, at))]))
	}
	return c, nil
}

func slotOf(kind string, t time.Time) model.Slot {
	width := 0
	switch kind {
	case SlotThreeHours:
		width = 3
	case SlotHalfDay:
		width = 12
	default:
		return model.SlotOf(kind, t)
	}
	return spanOf(model.DayType(t), t.Hour()/width*width, width)
}

func spanOf(day string, hour, width int) model.Slot {
	return model.Slot(fmt.Sprintf("%s-%02d-%02d", day, hour, hour+width))
}

func slotsOf(kind string, from, to time.Time) (slots []model.Slot, err error) {
	width := map[string]int{model.SlotHour: 1, SlotThreeHours: 3, SlotHalfDay: 12}[kind]
	switch kind {
	case model.SlotAll, "":
		return []model.Slot{model.All}, nil
	case model.SlotDayType:
		for _, d := range model.DayTypes {
			slots = append(slots, model.Slot(d))
		}
	case model.SlotHour, SlotThreeHours, SlotHalfDay:
		for _, d := range model.DayTypes {
			for h := 0; h < 24; h += width {
				if width == 1 {
					slots = append(slots, model.Slot(fmt.Sprintf("%s-%02d", d, h)))
				} else {
					slots = append(slots, spanOf(d, h, width))
				}
			}
		}
	case model.SlotDate, model.SlotMonth:
		for at := from; at.Before(to); at = at.AddDate(0, 0, 1) {
			if s := model.SlotOf(kind, at); !slices.Contains(slots[max(0, len(slots)-1):], s) {
				slots = append(slots, s)
			}
		}
	default:
		return nil, fmt.Errorf("slot kind %q is unknown, or finer than a person may be shown", kind)
	}
	return slots, nil
}

// at is the slot of an instant in seconds since 1970, none outside the period.
func (c *calendar) at(seconds int64) int32 {
	q := seconds - c.from
	if q < 0 || q >= quarterHour*int64(len(c.index)) {
		return none
	}
	return int32(c.index[q/quarterHour])
}

// day is the slot of a date, for kinds that do not need the hour.
func (c *calendar) day(date time.Time) int32 {
	y, m, d := date.Date()
	return c.at(time.Date(y, m, d, 12, 0, 0, 0, c.zone).Unix())
}
