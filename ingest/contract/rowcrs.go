package contract

import (
	"fmt"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"jumeau/ingest/format"
	"jumeau/model/crs"
)

// wantCRS adds the column of each row's CRS to those that the reader delivers.
func (b *Binder) wantCRS(wanted []string, file string, info format.Info) ([]string, error) {
	g := b.src.Contract.Geometry
	if b.rowCRS = -1; g == nil || g.CRS == "" {
		return wanted, nil
	}
	if !slices.ContainsFunc(info.Columns, func(c format.Column) bool { return c.Name == g.CRS }) {
		return nil, invalid(b.src, file, "the file's columns are: "+clipList(info.Columns), fmt.Sprintf("no column %q for contract.geometry.crs", g.CRS))
	}
	if b.rowCRS = slices.Index(wanted, g.CRS); b.rowCRS < 0 {
		b.rowCRS = len(wanted)
		wanted = append(wanted, g.CRS)
	}
	return wanted, nil
}

// crsOf is the CRS of a row's coordinates: the file's, or the one that the row names ("2154", "EPSG:2154").
func (b *Binder) crsOf(batch *format.Batch, i int) (crs.CRS, breach) {
	if b.rowCRS < 0 {
		return b.crs, breach{}
	}
	text, number, state := cells(batch.Columns[b.rowCRS])(i)
	if state == isNull {
		return b.crs, breach{"crs_missing", "the row does not say its CRS"}
	}
	code := strings.TrimPrefix(strings.TrimSpace(numberText(text, number, state)), "EPSG:")
	if known, ok := b.known[code]; ok {
		if known == (crs.CRS{}) {
			return known, breach{"crs_unknown", fmt.Sprintf("EPSG:%.20s is not supported", code)}
		}
		return known, breach{}
	}
	if len(b.known) > 1000 { // a column of anything else than CRS must not fill the memory
		return crs.CRS{}, breach{"crs_unknown", fmt.Sprintf("EPSG:%.20s is not supported", code)}
	}
	found, err := crs.Parse("EPSG:" + code)
	if err != nil {
		found = crs.CRS{}
	}
	b.known[code] = found
	return b.crsOf(batch, i)
}

// outside says why a geometry in degrees cannot have come from a CRS: beyond the area where a projection is used, its inverse
// gives plausible nonsense.
func outside(from crs.CRS, g orb.Geometry) string {
	if from.Geographic() {
		return "" // geom.Clean holds degrees to the globe
	}
	const margin = 2 // degrees
	bound, area := g.Bound(), from.Area().Pad(margin)
	if bound.IsEmpty() || area.Contains(bound.Min) && area.Contains(bound.Max) {
		return ""
	}
	return fmt.Sprintf("%.3f, %.3f is outside the area in which %s is used", bound.Min[0], bound.Min[1], from.Code())
}
