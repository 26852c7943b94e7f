package bench

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// A table stands at the end of BenchmarkPeers: what was asked, what was measured, and whether it was met.
type table struct{ rows []row }

// row compares one figure of ours with a peer's. With asked set, times, how many times better ours is, must reach it.
type row struct {
	what, ours, peer string
	times, asked     float64
	other            string // a bound that is not a ratio, in words
	met              bool   // of that
}

// faster adds a row of which the ratio is bound.
func (t *table) faster(what, ours, peer string, times, asked float64) {
	t.rows = append(t.rows, row{what: what, ours: ours, peer: peer, times: times, asked: asked})
}

// within adds a row with a bound of its own.
func (t *table) within(what, ours, bound string, met bool) {
	t.rows = append(t.rows, row{what: what, ours: ours, other: bound, met: met})
}

// note adds a row without a bound.
func (t *table) note(what, ours string) { t.rows = append(t.rows, row{what: what, ours: ours}) }

func (t *table) print(to io.Writer) {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "what\tours\tpeer, same run\ttimes\tasked\t")
	for _, r := range t.rows {
		times, asked, met := "", r.other, ""
		if r.times > 0 {
			times = fmt.Sprintf("%.1f", r.times)
		}
		switch {
		case r.asked > 0 && r.times >= r.asked, r.other != "" && r.met:
			met = "met"
		case r.asked > 0, r.other != "":
			met = "NOT MET"
		}
		if r.asked > 0 {
			asked = fmt.Sprintf("≥ %g", r.asked)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", r.what, r.ours, r.peer, times, asked, met)
	}
	w.Flush() //nolint:errcheck // as the writes to a terminal before it
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }

// best is, of several rounds on a machine that others use too, the highest rate and the lowest latencies.
func best(rounds []latencies) latencies {
	out := rounds[0]
	for _, l := range rounds[1:] {
		out.perSecond = max(out.perSecond, l.perSecond)
		out.p50, out.p95, out.p99 = min(out.p50, l.p50), min(out.p95, l.p95), min(out.p99, l.p99)
	}
	return out
}
