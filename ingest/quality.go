package ingest

import (
	"context"
	"math"
	"slices"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/paulmach/orb"

	"jumeau/model"
	"jumeau/model/geom"
	"jumeau/model/quality"
	"jumeau/model/store"
)

// sampled features at most say where those of a source lie.
const sampled = 50_000

// Profile sums up an open source that was loaded. Its columns are those of its files; At and SHA256 are the caller's. Times are those of
// the time zone.
func Profile(ctx context.Context, st *store.Store, a *Account, timeZone string) (quality.Profile, error) {
	p := quality.Profile{Vintage: a.Source.Vintage, Read: a.Read, Loaded: a.Loaded, Rejected: a.RejectedRows(), Columns: a.Columns, Values: map[string]quality.Value{}}
	table := Table(a.Source.ID)
	for name, c := range a.Source.Contract.Columns {
		v := quality.Value{Number: c.Type == "integer" || c.Type == "number"}
		statement, into := "FilledProfile", []any{&v.Filled}
		if v.Number {
			statement, into = "NumberProfile", []any{&v.Filled, &v.Low, &v.Middle, &v.High, &v.Mean}
		}
		if err := st.Scan(ctx, store.Fill(statements[statement], map[string]string{"table": table, "column": store.Quote(name)}), nil, into...); err != nil {
			return p, err
		}
		for _, x := range []*float64{&v.Filled, &v.Low, &v.Middle, &v.High, &v.Mean} {
			*x = rounded(*x)
		}
		p.Values[name] = v
	}
	var err error
	if p.Time, err = timeProfile(ctx, st, a.Source, timeZone); err != nil {
		return p, err
	}
	if a.Source.Contract.Geometry != nil {
		p.Place, err = placeProfile(ctx, st, table, a.Loaded)
	}
	return p, err
}

// rounded to six significant digits; what is not a number, or infinite, is 0.
func rounded(x float64) float64 {
	if x == 0 || math.IsNaN(x) || math.IsInf(x, 0) {
		return 0
	}
	scale := math.Pow(10, 5-math.Floor(math.Log10(math.Abs(x))))
	if r := math.Round(x*scale) / scale; !math.IsInf(r, 0) && !math.IsNaN(r) {
		return r
	}
	return x
}

// timed names the columns of the time, the place and the value of a source of measurements; "" where there is none.
func timed(src *model.Source) (at, place, value string) {
	for _, name := range columnsByName(src) {
		switch src.Contract.Columns[name].Role {
		case "time":
			at = name
		case "place":
			place = name
		case "value":
			value = name
		}
	}
	for _, m := range src.Measures {
		if at == "" {
			at = m.Time
		}
		if place == "" {
			place = m.Zone
		}
		if value == "" {
			value = m.Value
		}
	}
	return at, place, value
}

func columnsByName(src *model.Source) []string {
	names := make([]string, 0, len(src.Contract.Columns))
	for name := range src.Contract.Columns {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func timeProfile(ctx context.Context, st *store.Store, src *model.Source, timeZone string) (*quality.Time, error) {
	at, place, value := timed(src)
	c := src.Contract.Columns[at]
	if c == nil || c.Type != "timestamp" && c.Type != "date" {
		return nil, nil
	}
	holes := map[string]string{"table": Table(src.ID), "time": store.Quote(at), "local": store.Quote(at), "place": store.Quote(place), "value": store.Quote(value)}
	if c.Type == "timestamp" {
		holes["local"] = "timezone(" + store.Literal(timeZone) + ", " + store.Quote(at) + ")"
	}
	if _, err := st.Exec(ctx, store.Fill(statements["DayProfile"], holes)); err != nil {
		return nil, err
	}
	out := &quality.Time{}
	if err := st.Scan(ctx, statements["DaySpan"], nil, &out.First, &out.Last); err != nil || out.Last == "" {
		return nil, err
	}
	var err error
	if out.Missing, err = texts(ctx, st, statements["MissingDays"]); err != nil || place == "" {
		return out, err
	}
	if out.Silent, err = texts(ctx, st, store.Fill(statements["SilentPlaces"], holes)); err != nil {
		return out, err
	}
	if v := src.Contract.Columns[value]; v != nil && (v.Type == "integer" || v.Type == "number") {
		out.Stuck, err = texts(ctx, st, store.Fill(statements["StuckPlaces"], holes))
	}
	return out, err
}

func texts(ctx context.Context, st *store.Store, query string) (out []string, err error) {
	rows, err := st.Rows(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		out = append(out, text)
	}
	return out, rows.Err()
}

// placeProfile looks at an even sample of the features.
func placeProfile(ctx context.Context, st *store.Store, table string, loaded int64) (*quality.Place, error) {
	r, err := st.Query(ctx, store.Fill(statements["ShapeSample"], map[string]string{"table": table}), max(1, loaded/sampled))
	if err != nil {
		return nil, err
	}
	defer r.Release()
	box, n := orb.Bound{Min: orb.Point{math.Inf(1), math.Inf(1)}, Max: orb.Point{math.Inf(-1), math.Inf(-1)}}, 0.0
	var centre orb.Point
	var sizes []float64
	for r.Next() {
		shapes := r.RecordBatch().Column(0).(*array.Binary)
		for i := range shapes.Len() {
			g, err := geom.DecodeWKB(shapes.Value(i))
			if err != nil {
				return nil, err
			}
			b := g.Bound()
			box, n = box.Union(b), n+1
			centre[0], centre[1] = centre[0]+b.Center()[0], centre[1]+b.Center()[1]
			sizes = append(sizes, math.Hypot(b.Max[0]-b.Min[0], b.Max[1]-b.Min[1]))
		}
	}
	if err := r.Err(); err != nil || n == 0 {
		return nil, err
	}
	slices.Sort(sizes)
	degrees := func(v float64) float64 { return math.Round(v*1e6) / 1e6 }
	return &quality.Place{Box: [4]float64{degrees(box.Min[0]), degrees(box.Min[1]), degrees(box.Max[0]), degrees(box.Max[1])},
		Centre: [2]float64{degrees(centre[0] / n), degrees(centre[1] / n)}, Size: rounded(sizes[len(sizes)/2])}, nil
}
