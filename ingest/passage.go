package ingest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"jumeau/model"
	"jumeau/model/cog"
	"jumeau/model/store"
)

// passCodes brings the commune codes of a source to the territory's vintage: each row becomes its parts, with a share of its
// values.
func passCodes(ctx context.Context, st *store.Store, a *Account, opt Options) error {
	src, table := a.Source, Table(a.Source.ID)
	passage, err := passageOf(ctx, st, src, opt)
	if err != nil {
		return err
	}
	for _, statement := range []string{statements["CreatePassage"], store.Fill(statements["Passed"], map[string]string{"table": table}),
		store.Fill(statements["Estimates"], map[string]string{"table": table})} {
		if _, err := st.Exec(ctx, statement); err != nil {
			return err
		}
	}
	for _, code := range slices.Sorted(maps.Keys(passage)) {
		for _, p := range passage[code] {
			if _, err := st.Exec(ctx, statements["InsertPassage"], code, p.Code, p.Share, p.Even); err != nil {
				return err
			}
		}
	}
	values := ""
	for _, name := range slices.Sorted(maps.Keys(sharedColumns(src))) {
		q := store.Quote(name)
		values += fmt.Sprintf(", t.%s * coalesce(p.share, 1) AS %s", q, q)
	}
	for _, column := range src.COG.Columns {
		holes := map[string]string{"table": table, "column": store.Quote(column), "values": values}
		var even string
		if err := st.Scan(ctx, store.Fill(statements["EvenParts"], holes), nil, &even); err != nil {
			return err
		}
		if even != "" {
			opt.Log.Warn("communes were split and the population of their parts is not known: the parts are equal", "source", src.ID, "communes", even)
		}
		if _, err := st.Exec(ctx, store.Fill(statements["Pass"], holes)); err != nil {
			return err
		}
	}
	return nil
}

// sharedColumns are those whose values are shared when a commune was split: what measures and flows add up. A mean is not shared.
func sharedColumns(src *model.Source) map[string]bool {
	out := map[string]bool{}
	for name, c := range src.Contract.Columns {
		if c.Sum || c.Role == "value" {
			out[name] = true
		}
	}
	for _, m := range src.Measures {
		if m.Value != "" {
			out[m.Value] = true
		}
	}
	for _, f := range src.Flows {
		if f.Value != "" {
			out[f.Value] = true
		}
	}
	for _, m := range src.Measures {
		if m.Aggregate == "mean" {
			delete(out, m.Value)
		}
	}
	return out
}

// passageOf reads the movements and the populations. Arrondissements become communes also where the movements are absent.
func passageOf(ctx context.Context, st *store.Store, src *model.Source, opt Options) (map[string][]cog.Part, error) {
	out := map[string][]cog.Part{}
	for code, commune := range cog.Arrondissements() {
		out[code] = []cog.Part{{Code: commune, Share: 1}}
	}
	if opt.COG == nil || src.COG.Year == opt.COG.Year {
		return out, nil
	}
	if opt.absent(opt.COG.Movements) {
		opt.Log.Warn("codes of communes are as the file has them: the movements are absent", "source", src.ID, "absent", opt.COG.Movements)
		return out, nil
	}
	movements, err := movementsOf(ctx, st, opt.COG.Movements)
	if err != nil {
		return nil, err
	}
	population, err := populationOf(ctx, st, src, opt)
	if err != nil {
		return nil, err
	}
	maps.Copy(out, cog.New(movements).Passage(src.COG.Year, opt.COG.Year, func(code string) float64 { return population[code] }))
	return out, nil
}

func movementsOf(ctx context.Context, st *store.Store, source string) ([]cog.Movement, error) {
	rows, err := st.Rows(ctx, store.Fill(statements["Movements"], map[string]string{"table": Table(source)}))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []cog.Movement
	for rows.Next() {
		var m cog.Movement
		var date time.Time
		if err := rows.Scan(&date, &m.Before, &m.After); err != nil {
			return nil, err
		}
		m.Date = date.UTC()
		out = append(out, m)
	}
	return out, rows.Err()
}

// populationOf is the population of communes, by code; empty when no source gives it.
func populationOf(ctx context.Context, st *store.Store, src *model.Source, opt Options) (map[string]float64, error) {
	out := map[string]float64{}
	if opt.COG.Population == "" || opt.COG.Population == src.ID || opt.absent(opt.COG.Population) {
		return out, nil
	}
	holes := map[string]string{"table": Table(opt.COG.Population), "place": "", "value": ""}
	for name, c := range opt.Population.Contract.Columns {
		if _, ok := holes[c.Role]; ok && c.Role != "" {
			holes[c.Role] = store.Quote(name)
		}
	}
	rows, err := st.Rows(ctx, store.Fill(statements["Population"], holes))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var code string
		var n float64
		if err := rows.Scan(&code, &n); err != nil {
			return nil, err
		}
		out[code] = n
	}
	return out, rows.Err()
}
