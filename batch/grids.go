package batch

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/paulmach/orb"

	"jumeau/ingest"
	"jumeau/model"
	"jumeau/model/crs"
	"jumeau/model/geom"
	"jumeau/model/store"
	"jumeau/model/zone"
)

var gridTitles = map[string]model.Text{
	model.Cell200m: {FR: "Carreaux de 200 m", EN: "200 m cells"},
	model.Cell1km:  {FR: "Carreaux de 1 km", EN: "1 km cells"},

	model.AllCells200m: {FR: "Tous les carreaux de 200 m", EN: "All 200 m cells"},
	model.AllCells1km:  {FR: "Tous les carreaux de 1 km", EN: "All 1 km cells"},
}

// grids builds the INSEE grids that measures and flows use, each of the cells that any of them names or falls into.
func (s *systems) grids(ctx context.Context, st *store.Store, t *model.Territory, loaded map[string]*ingest.Account) error {
	grids := map[string]*cells{}
	for _, src := range t.Sources {
		if a := loaded[src.ID]; a == nil || a.Absent {
			continue
		}
		for _, use := range gridUses(src) {
			if grids[use.system] == nil {
				grids[use.system] = &cells{size: model.GridSize(use.system), used: map[zone.GridCell]bool{}}
			}
			var err error
			if use.column != "" {
				err = grids[use.system].named(ctx, st, src.ID, use.column)
			} else {
				err = grids[use.system].under(ctx, st, src.ID)
			}
			if err != nil {
				return err
			}
		}
	}
	for _, name := range t.Zones {
		if name == model.AllCells200m || name == model.AllCells1km {
			grids[name] = &cells{size: model.GridSize(name), used: s.cellsWithin(t, model.GridSize(name))}
		}
	}
	s.cover(t, grids)
	for system, c := range grids {
		grid, err := c.grid(system)
		if err != nil {
			return err
		}
		s.byID[system] = grid
	}
	return nil
}

// gridUse is a grid, and the column of a source that names cells of it or of a finer one; no column: its geometry.
type gridUse struct{ system, column string }

// gridUses lists each use once, so that a source is read once for several measures.
func gridUses(src *model.Source) []gridUse {
	uses := map[gridUse]bool{}
	for _, m := range src.Measures {
		for _, system := range append([]string{m.Zones}, m.Rollup...) {
			if model.GridSize(system) > 0 {
				uses[gridUse{system, m.Zone}] = true
			}
		}
	}
	for _, f := range src.Flows {
		if model.GridSize(f.Zones) > 0 {
			uses[gridUse{f.Zones, f.Origin}], uses[gridUse{f.Zones, f.Destination}] = true, true
		}
	}
	return slices.SortedFunc(maps.Keys(uses), func(a, b gridUse) int {
		return slices.Compare([]string{a.system, a.column}, []string{b.system, b.column})
	})
}

// cells are the cells of one grid that are used.
type cells struct {
	size int // metres
	used map[zone.GridCell]bool
}

func (c *cells) grid(system string) (*zone.System, error) {
	ids := make([]string, 0, len(c.used))
	for cell := range c.used {
		ids = append(ids, cell.String())
	}
	slices.Sort(ids)
	return zone.Grid(zone.Spec{ID: system, Title: gridTitles[system]}, c.size, ids)
}

// named adds the cells that a column names, or those that hold the finer cells it names. The contract has rejected what is no
// cell.
func (c *cells) named(ctx context.Context, st *store.Store, source, column string) error {
	rows, err := st.Rows(ctx, store.Fill(statements["CellIDs"], map[string]string{"table": ingest.Table(source), "id": store.Quote(column)}))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return err
		}
		if cell, err := zone.ParseCell(id); err == nil && cell.Size <= c.size {
			c.used[cell.Parent(c.size)] = true
		}
	}
	return rows.Err()
}

// mostCells is how many cells the lines and polygons of a source may lie across.
const mostCells = 4_000_000

// under adds the cells in which the features of a source lie: those of points, and of lines and polygons the one that holds
// most of them.
func (c *cells) under(ctx context.Context, st *store.Store, source string) error {
	var across []orb.Geometry // shapes that lie in more than one cell
	candidates := &cells{size: c.size, used: map[zone.GridCell]bool{}}
	r, err := st.Query(ctx, store.Fill(statements["Shapes"], map[string]string{"table": ingest.Table(source)}))
	if err != nil {
		return err
	}
	defer r.Release()
	for r.Next() {
		shapes := r.RecordBatch().Column(1).(*array.Binary)
		for i := range shapes.Len() {
			g, err := geom.DecodeWKB(shapes.Value(i))
			if err != nil {
				return err
			}
			if c.whole(g.Bound()) {
				continue
			}
			across = append(across, g)
			if candidates.below(g.Bound()); len(candidates.used) > mostCells {
				return &model.Error{Kind: model.Invalid, Op: "make cells", Subject: source,
					Err:  fmt.Errorf("its shapes lie across more than %d cells of %d m", mostCells, c.size),
					Hint: "keep only the territory's own features (keep: within), or choose other zones"}
			}
		}
	}
	if err := r.Err(); err != nil || len(across) == 0 {
		return err
	}
	grid, err := candidates.grid("")
	if err != nil {
		return err
	}
	at := make([]int32, len(across))
	zone.NewLocator(grid).LocateGeometries(across, at)
	for _, i := range at {
		if i >= 0 {
			cell, _ := zone.ParseCell(grid.Zones[i].ID) // Grid made it
			c.used[cell] = true
		}
	}
	return nil
}

// whole adds the one cell in which a box in degrees lies, or says that there is no such cell. A place outside the grid is in
// none, and there is nothing to add.
func (c *cells) whole(b orb.Bound) bool {
	first, ok := zone.CellAt(b.Min, c.size)
	for _, p := range []orb.Point{b.Max, b.LeftTop(), b.RightBottom()} {
		if other, in := zone.CellAt(p, c.size); in != ok || other != first {
			return false
		}
	}
	if ok {
		c.used[first] = true
	}
	return true
}

// below adds every cell that a box in degrees may touch. In the plane of the grid its edges are bent: by less than a cell where
// it is less than 80 km wide.
func (c *cells) below(b orb.Bound) {
	const south, west = 0, 1
	low, high := [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	for _, p := range []orb.Point{b.Min, b.Max, b.LeftTop(), b.RightBottom(), b.Center()} {
		x, y := crs.LAEAEurope.FromLonLat(p[0], p[1])
		low, high = [2]float64{min(low[south], y), min(low[west], x)}, [2]float64{max(high[south], y), max(high[west], x)}
	}
	size := float64(c.size)
	for n := math.Floor(low[south] / size); n*size <= high[south] && len(c.used) <= mostCells; n++ {
		for e := math.Floor(low[west] / size); e*size <= high[west] && len(c.used) <= mostCells; e++ {
			if n >= 0 && e >= 0 && n*size < 1e7 && e*size < 1e7 {
				c.used[zone.GridCell{Size: c.size, N: int32(n * size), E: int32(e * size)}] = true
			}
		}
	}
}
