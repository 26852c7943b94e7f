package format

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"
)

// search prepares the box: from the R-tree of the layer, if it has one.
func (r *geopackage) search(schema map[string]*sqliteSchema, layer gpkgLayer, opt Options) error {
	var err error
	if r.box, err = opt.boxIn(r.info.CRS); err != nil || r.box == nil {
		return err
	}
	nodes := schema[strings.ToLower("rtree_"+layer.name+"_"+layer.geometry+"_node")]
	if nodes == nil || nodes.root == 0 {
		return nil
	}
	r.index = true
	if err := r.rtree(r.db.table(nodes.root)); err != nil {
		return damagedSQLite(err)
	}
	slices.Sort(r.rowids)
	return nil
}

// rtree collects the rowids whose boxes meet the box. A node is a 16-bit depth (of the root), a 16-bit count, and cells of
// a 64-bit id and four 32-bit floats, big-endian (https://www.sqlite.org/rtree.html, 6).
func (r *geopackage) rtree(nodes *sqliteTable) error {
	type todo struct {
		id    int64
		depth int
	}
	stack := []todo{{1, -1}}
	for visits := uint32(0); len(stack) > 0; visits++ {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		record, err := nodes.seek(n.id)
		if err != nil {
			return err
		}
		if r.values, err = r.db.values(record, r.values[:0]); record == nil || err != nil || len(r.values) < 2 || visits > 2*r.db.pages {
			return errSQLite
		}
		b := r.values[1].b
		if len(b) < 4 {
			return errSQLite
		}
		if n.depth < 0 {
			n.depth = int(binary.BigEndian.Uint16(b))
		}
		count := int(binary.BigEndian.Uint16(b[2:]))
		if b = b[4:]; len(b) < 24*count || n.depth > sqliteDepth {
			return errSQLite
		}
		for ; count > 0; count, b = count-1, b[24:] {
			float := func(i int) float64 { return float64(math.Float32frombits(binary.BigEndian.Uint32(b[8+4*i:]))) }
			if float(0) > r.box.Max[0] || float(1) < r.box.Min[0] || float(2) > r.box.Max[1] || float(3) < r.box.Min[1] {
				continue
			}
			id := int64(binary.BigEndian.Uint64(b))
			if n.depth == 0 {
				r.rowids = append(r.rowids, id)
			} else {
				stack = append(stack, todo{id, n.depth - 1})
			}
		}
	}
	return nil
}
