package fact

import (
	"context"
	"database/sql"
	"time"

	"jumeau/model"
	"jumeau/model/store"
)

// calendar fills the table of day types for every date that the times of a table touch.
func calendar(ctx context.Context, st *store.Store, table, column, local string) error {
	if _, err := st.Exec(ctx, statements["Calendar"]); err != nil {
		return err
	}
	var from, to sql.NullTime
	query := store.Fill(statements["CalendarSpan"], map[string]string{"table": table, "time": column, "local": local})
	if err := st.Scan(ctx, query, nil, &from, &to); err != nil || !from.Valid {
		return err
	}
	for day := from.Time; !day.After(to.Time); day = day.AddDate(0, 0, 1) {
		if _, err := st.Exec(ctx, "INSERT INTO calendar VALUES (CAST(? AS DATE), ?)", day.Format(time.DateOnly), model.DayType(day)); err != nil {
			return err
		}
	}
	return nil
}
