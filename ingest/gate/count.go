package gate

import (
	"runtime"
	"sync"
)

// count is the exact content of a cell. It exists between the bounding and the noise only.
type count struct{ units, total uint32 }

// counter adds up one level of a table: dense where the cells are few enough, a map elsewhere.
type counter struct {
	dense  []count
	sparse map[uint64]count
}

const denseCells = 1 << 21

func newCounter(cells uint64) *counter {
	if cells <= denseCells {
		return &counter{dense: make([]count, cells)}
	}
	return &counter{sparse: map[uint64]count{}}
}

func (c *counter) add(cell uint64, by count) {
	if c.dense != nil {
		c.dense[cell].units += by.units
		c.dense[cell].total += by.total
		return
	}
	v := c.sparse[cell]
	c.sparse[cell] = count{v.units + by.units, v.total + by.total}
}

// each visits the cells that somebody is in, in no order.
func (c *counter) each(visit func(cell uint64, n count)) {
	for cell, n := range c.dense {
		if n.units > 0 {
			visit(uint64(cell), n)
		}
	}
	for cell, n := range c.sparse {
		visit(cell, n)
	}
}

func (c *counter) zero() {
	clear(c.dense)
	clear(c.sparse)
}

// counts are the levels of a table, leaves first, and its contributions before and after bounding.
type counts struct {
	levels        []*counter
	before, after int64
}

func (t *table) newCounts() *counts {
	c := &counts{}
	for _, l := range t.levels {
		c.levels = append(c.levels, newCounter(uint64(l.places)*uint64(len(t.calendar.slots))))
	}
	return c
}

func (c *counts) merge(d *counts) {
	for i, level := range d.levels {
		level.each(c.levels[i].add)
		level.zero()
	}
	c.before += d.before
	c.after += d.after
}

// count settles every partition and adds up its units, on every core.
func (t *table) count() *counts {
	total := t.newCounts()
	var mu sync.Mutex
	var wg sync.WaitGroup
	next := make(chan int, partitions)
	for p := range partitions {
		next <- p
	}
	close(next)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			w := &unitCounter{table: t, settler: settler{bounding: t.tally.bound}, counts: t.newCounts()}
			defer w.zero()
			for p := range next {
				part := &t.tally.parts[p]
				part.rows = w.settle(part.rows)
				w.partition(part.rows)
			}
			mu.Lock()
			defer mu.Unlock()
			total.merge(w.counts)
		})
	}
	wg.Wait()
	return total
}

// unitCounter adds the units of settled partitions to counts.
type unitCounter struct {
	settler
	table  *table
	counts *counts
	seen   []touched
}

// touched is a cell that a unit is in.
type touched struct {
	cell  uint64
	total uint32
}

func (w *unitCounter) partition(rows []row) {
	for from := 0; from < len(rows); {
		to := from + 1
		for to < len(rows) && rows[to].unit == rows[from].unit {
			to++
		}
		w.unit(rows[from:to])
		from = to
	}
}

// unit counts the rows of one unit: of the cells that were kept, the first L0.
func (w *unitCounter) unit(group []row) {
	w.counts.before += int64(len(group))
	cells := 0
	for i := range group {
		if i == 0 || group[i].code != group[i-1].code {
			if cells++; cells > w.cells {
				group = group[:i]
				break
			}
		}
	}
	w.counts.after += int64(len(group))
	for i := range w.table.levels {
		w.level(i, group)
	}
}

func (w *unitCounter) level(at int, group []row) {
	level := &w.table.levels[at]
	w.seen = w.seen[:0]
rows:
	for _, r := range group {
		slot, leaf := w.decode(r.code)
		place := int64(leaf)
		if at > 0 {
			if place = level.of(leaf); place < 0 {
				continue
			}
		}
		cell := slot*uint64(level.places) + uint64(place)
		for i := range w.seen {
			if w.seen[i].cell == cell {
				w.seen[i].total++
				continue rows
			}
		}
		w.seen = append(w.seen, touched{cell, 1})
	}
	for _, s := range w.seen {
		w.counts.levels[at].add(s.cell, count{1, s.total})
	}
}
