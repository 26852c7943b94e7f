package frame

import (
	"fmt"
	"math"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"jumeau/model"
)

const zonesKind = "zones/1"

// NoParent is the index of the parent that a zone does not have.
const NoParent = math.MaxUint32

// Zones are the zones of a system, index by index. Coordinates are degrees, OGC:CRS84; Lon and Lat are the point at which
// the zone is labelled, BBox its west, south, east, north; Area is in square metres (0 for points).
type Zones struct {
	System   string
	ID, Name []string
	Lon, Lat []float64
	BBox     [][4]float64
	Area     []float64
	Parents  []Parents // by coarser system, in the territory's order
}

// Parents gives the index of each zone's parent in a coarser system, NoParent where there is none.
type Parents struct {
	System string
	Index  []uint32
}

// Len is the number of zones.
func (z *Zones) Len() int { return len(z.ID) }

// Index of a zone by its id; false when there is none.
func (z *Zones) Index() map[string]int {
	index := make(map[string]int, len(z.ID))
	for i, id := range z.ID {
		index[id] = i
	}
	return index
}

// WriteZones writes the file at path, which must not exist.
func WriteZones(path string, z *Zones) error {
	if err := z.check(); err != nil {
		return refused(path, "", err)
	}
	out, err := create(path, arrow.NewSchema(z.fields(), metadata(zonesKind, "", z.System, z.Len())))
	if err != nil {
		return err
	}
	err = out.write(z.Len(), z.columns()...)
	if closed := out.close(); err == nil {
		err = closed
	}
	return err
}

func (z *Zones) check() error {
	n := len(z.ID)
	if len(z.Name) != n || len(z.Lon) != n || len(z.Lat) != n || len(z.BBox) != n || len(z.Area) != n {
		return fmt.Errorf("columns of different lengths for %d zones", n)
	}
	if n >= NoParent {
		return fmt.Errorf("%d zones are too many", n)
	}
	seen := make(map[string]bool, n)
	for i, id := range z.ID {
		if id == "" || seen[id] {
			return fmt.Errorf("zone %d: id %q is empty or comes twice", i, id)
		}
		seen[id] = true
		for _, v := range []float64{z.Lon[i], z.Lat[i], z.BBox[i][0], z.BBox[i][1], z.BBox[i][2], z.BBox[i][3], z.Area[i]} {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("zone %s: a coordinate or its area is not a number", id)
			}
		}
	}
	for _, p := range z.Parents {
		if len(p.Index) != n {
			return fmt.Errorf("%d parents in %s for %d zones", len(p.Index), p.System, n)
		}
	}
	return nil
}

var bboxNames = [4]string{"west", "south", "east", "north"}

func (z *Zones) fields() []arrow.Field {
	text, number := arrow.BinaryTypes.String, arrow.PrimitiveTypes.Float64
	fields := []arrow.Field{{Name: "id", Type: text}, {Name: "name", Type: text}, {Name: "lon", Type: number}, {Name: "lat", Type: number}}
	for _, name := range bboxNames {
		fields = append(fields, arrow.Field{Name: name, Type: number})
	}
	fields = append(fields, arrow.Field{Name: "area_m2", Type: number})
	for _, p := range z.Parents {
		fields = append(fields, arrow.Field{Name: "parent_" + p.System, Type: arrow.PrimitiveTypes.Uint32, Nullable: true})
	}
	return fields
}

func (z *Zones) columns() []arrow.Array {
	columns := []arrow.Array{textColumn(z.ID), textColumn(z.Name), numberColumn(z.Lon), numberColumn(z.Lat)}
	for side := range bboxNames {
		edge := make([]float64, z.Len())
		for i := range edge {
			edge[i] = z.BBox[i][side]
		}
		columns = append(columns, numberColumn(edge))
	}
	columns = append(columns, numberColumn(z.Area))
	for _, p := range z.Parents {
		index, valid := make([]uint32, len(p.Index)), make([]bool, len(p.Index))
		for i, parent := range p.Index {
			if valid[i] = parent != NoParent; valid[i] {
				index[i] = parent
			}
		}
		columns = append(columns, indexColumn(index, valid))
	}
	return columns
}

// ReadZones reads the file at path into memory; nothing of it stays open.
func ReadZones(path string) (*Zones, error) {
	m, err := openMapped(path, zonesKind)
	if err != nil {
		return nil, err
	}
	defer m.Close()
	z := &Zones{System: m.meta[keySystem]}
	if err := guard(func() error { return z.read(m) }); err != nil {
		return nil, broken(path, err)
	}
	return z, nil
}

func (z *Zones) read(m *mapped) (err error) {
	if len(m.batches) != 1 || len(m.fields) < 9 {
		return fmt.Errorf("%d columns in %d batches, want 9 or more in 1", len(m.fields), len(m.batches))
	}
	b := m.batches[0]
	if z.ID, err = b.texts(0); err != nil {
		return err
	}
	if z.Name, err = b.texts(1); err != nil {
		return err
	}
	numbers := make([][]float64, 7)
	for i := range numbers {
		mapping, err := column[float64](b, i+2, "double")
		if err != nil {
			return err
		}
		numbers[i] = append([]float64{}, mapping...)
	}
	z.Lon, z.Lat, z.Area = numbers[0], numbers[1], numbers[6]
	z.BBox = make([][4]float64, len(z.ID))
	for i := range z.BBox {
		z.BBox[i] = [4]float64{numbers[2][i], numbers[3][i], numbers[4][i], numbers[5][i]}
	}
	for i := 9; i < len(m.fields); i++ {
		system, named := strings.CutPrefix(m.fields[i].name, "parent_")
		if !named {
			return fmt.Errorf("column %s is not a parent", m.fields[i].name)
		}
		index, err := b.indices(i)
		if err != nil {
			return err
		}
		z.Parents = append(z.Parents, Parents{System: system, Index: index})
	}
	return z.check()
}

// CheckParents holds the parents of z in a coarser system to the number of zones there are in it.
func (z *Zones) CheckParents(system string, count int) error {
	for _, p := range z.Parents {
		if p.System != system {
			continue
		}
		for i, parent := range p.Index {
			if parent != NoParent && int(parent) >= count {
				return &model.Error{Kind: model.Invalid, Op: "check zones", Subject: z.System + "/" + z.ID[i],
					Err: fmt.Errorf("parent %d in %s, which has %d zones", parent, system, count)}
			}
		}
	}
	return nil
}
