package fact

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"jumeau/model"
	"jumeau/model/store"
)

// calendar fills the table of day types for every date from the first to the last that the time column of a measure touches.
func calendar(ctx context.Context, st *store.Store, in Input, column string) error {
	if _, err := st.Exec(ctx, statements["Calendar"]); err != nil {
		return err
	}
	var from, to sql.NullTime
	query := store.Fill(statements["CalendarSpan"], map[string]string{"table": in.Table, "time": column, "local": in.local(column)})
	if err := st.Scan(ctx, query, nil, &from, &to); err != nil || !from.Valid {
		return err
	}
	zone, err := time.LoadLocation(in.TimeZone)
	if err != nil {
		return err
	}
	const most = 1000 // dates a statement
	var rows []string
	for day := from.Time; !day.After(to.Time); day = day.AddDate(0, 0, 1) {
		rows = append(rows, fmt.Sprintf("('%s', '%s', %d)", day.Format(time.DateOnly), model.DayType(day), hours(day, zone)))
		if len(rows) < most && day.Before(to.Time) {
			continue
		}
		if _, err := st.Exec(ctx, "INSERT INTO calendar VALUES "+strings.Join(rows, ", ")); err != nil {
			return err
		}
		rows = rows[:0]
	}
	return nil
}

// hours is how many hours the clocks of zone show on a date: 24, or 23 and 25 when they are changed.
func hours(date time.Time, zone *time.Location) int {
	midnight := func(days int) time.Time {
		return time.Date(date.Year(), date.Month(), date.Day()+days, 0, 0, 0, 0, zone)
	}
	return int(midnight(1).Sub(midnight(0)).Round(time.Hour).Hours())
}
