package layer

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"

	"jumeau/model"
)

// Types of a property.
const (
	Text    = "text"
	Integer = "integer"
	Number  = "number"
	Boolean = "boolean"
)

// Kinds of geometry.
const (
	Points   = "point"
	Lines    = "line"
	Polygons = "polygon"
)

// ZoomLimit is the highest zoom of a layer: at 20 one unit of a tile of extent 4096 is one unit of the grid.
const ZoomLimit = 20

// Property is one column that a feature carries into the tile.
type Property struct {
	Name string `json:"name"`
	Type string `json:"type"` // text, integer, number, boolean
	// Sum is set for integers and numbers that add up (dwellings, but not heights): an aggregated feature then carries the
	// sum over the features that it stands for. Other properties are carried where all of them agree.
	Sum bool `json:"sum,omitempty"`
}

// Spec says what a layer file holds.
type Spec struct {
	Name     string `json:"name"`     // Required. Name of the layer in a tile
	Geometry string `json:"geometry"` // Required. point, line or polygon
	// Tile zooms at which the layer is drawn, both included. At MaxZoom every vertex is kept and nothing is aggregated.
	MinZoom int `json:"minzoom"`
	MaxZoom int `json:"maxzoom"`
	// SharedBorders is set for zone systems: neighbours share their borders vertex by vertex, are simplified together so
	// that they still meet at every zoom, and are never aggregated. Write then holds all polygons in memory.
	SharedBorders bool       `json:"shared_borders,omitempty"`
	Properties    []Property `json:"properties,omitempty"`
}

// CountName is the property that says how many features an aggregated one stands for: "count", or "feature_count" when
// the layer has a property of that name.
func (s *Spec) CountName() string {
	for _, p := range s.Properties {
		if p.Name == "count" {
			return "feature_count"
		}
	}
	return "count"
}

// Coarser is how many zooms below the lowest are prepared too: geometry for tiles that are too heavy (query/tile).
const Coarser = 3

// PreparedFrom is the lowest zoom whose geometry is prepared.
func (s *Spec) PreparedFrom() int { return max(0, s.MinZoom-Coarser) }

func (s *Spec) check() error {
	fail := func(hint, format string, args ...any) error {
		return &model.Error{Kind: model.Invalid, Op: "write layer", Subject: s.Name, Hint: hint, Err: fmt.Errorf(format, args...)}
	}
	if s.Name == "" {
		return fail("give the layer a name", "the layer has no name")
	}
	if s.Geometry != Points && s.Geometry != Lines && s.Geometry != Polygons {
		return fail("write point, line or polygon", "geometry %q is unknown", s.Geometry)
	}
	if s.MinZoom < 0 || s.MaxZoom < s.MinZoom || s.MaxZoom > ZoomLimit {
		return fail(fmt.Sprintf("zooms run from 0 to %d", ZoomLimit), "zooms %d-%d are out of range", s.MinZoom, s.MaxZoom)
	}
	if s.SharedBorders && s.Geometry != Polygons {
		return fail("only polygons share borders", "a %s layer cannot have shared borders", s.Geometry)
	}
	seen := map[string]bool{"id": true}
	for _, p := range s.Properties {
		if p.Name == "" || seen[p.Name] {
			return fail("name every property once; id is always there", "property %q is empty or comes twice", p.Name)
		}
		seen[p.Name] = true
		if arrowType(p.Type) == nil {
			return fail("write text, integer, number or boolean", "property %q has the unknown type %q", p.Name, p.Type)
		}
		if p.Sum && p.Type != Integer && p.Type != Number {
			return fail("only integers and numbers add up", "property %q is %s and has a sum", p.Name, p.Type)
		}
	}
	return nil
}

// arrowType is the type of a property's column in the rows given to Write.
func arrowType(t string) arrow.DataType {
	switch t {
	case Text:
		return arrow.BinaryTypes.String
	case Integer:
		return arrow.PrimitiveTypes.Int64
	case Number:
		return arrow.PrimitiveTypes.Float64
	case Boolean:
		return arrow.FixedWidthTypes.Boolean
	}
	return nil
}

// Keys of the schema's metadata, and the version this package writes and reads.
const (
	versionKey = "jumeau.layer.version"
	headKey    = "jumeau.layer"
	Version    = 2
)

// head is what the schema's metadata says of the file.
type head struct {
	Spec
	Features int `json:"features"`
	// Bounding box on the grid: min x, min y, max x, max y.
	Bounds [4]int32 `json:"bounds"`
	// Side in tile units of the cells in which small features are aggregated, by zoom from MinZoom; 0: not aggregated.
	Cells []int `json:"cells,omitempty"`
	// Whether the text property is dictionary-encoded, by property.
	Dictionary []bool `json:"dictionary,omitempty"`
}

func (h *head) metadata() (arrow.Metadata, error) {
	text, err := json.Marshal(h)
	if err != nil {
		return arrow.Metadata{}, err
	}
	return arrow.NewMetadata([]string{versionKey, headKey}, []string{strconv.Itoa(Version), string(text)}), nil
}

func readHead(schema table) (*head, error) {
	version, ok := schema.metadata(versionKey)
	if !ok {
		return nil, errors.New("not a layer file: " + versionKey + " is missing")
	}
	if version != strconv.Itoa(Version) {
		return nil, fmt.Errorf("version %q of the layer file is not supported, this is version %d", version, Version)
	}
	text, _ := schema.metadata(headKey)
	h := &head{}
	if err := json.Unmarshal([]byte(text), h); err != nil {
		return nil, fmt.Errorf("metadata %s: %w", headKey, err)
	}
	if err := h.check(); err != nil {
		return nil, err
	}
	if len(h.Cells) > h.MaxZoom-h.MinZoom+1 || len(h.Dictionary) != len(h.Properties) || h.Features < 0 {
		return nil, errors.New("metadata " + headKey + " is not consistent")
	}
	for i, d := range h.Dictionary {
		if d && h.Properties[i].Type != Text {
			return nil, errors.New("metadata " + headKey + " is not consistent")
		}
	}
	for _, c := range h.Cells {
		if c != 0 && (c < 1 || c > maxCell || c&(c-1) != 0) {
			return nil, fmt.Errorf("metadata %s: cell %d is not a power of two up to %d", headKey, c, maxCell)
		}
	}
	return h, nil
}

// schema is the schema of the file's batches. The columns of the properties are the fields of one struct, so that their
// names cannot meet those of ours.
func (h *head) schema() (*arrow.Schema, error) {
	fields := []arrow.Field{
		{Name: "id", Type: arrow.BinaryTypes.String},
		{Name: "key", Type: arrow.PrimitiveTypes.Uint64},
		{Name: "min_x", Type: arrow.PrimitiveTypes.Int32},
		{Name: "min_y", Type: arrow.PrimitiveTypes.Int32},
		{Name: "max_x", Type: arrow.PrimitiveTypes.Int32},
		{Name: "max_y", Type: arrow.PrimitiveTypes.Int32},
	}
	if h.Geometry == Polygons {
		fields = append(fields,
			arrow.Field{Name: "area", Type: arrow.PrimitiveTypes.Float32},
			arrow.Field{Name: "repair", Type: arrow.PrimitiveTypes.Uint32})
	}
	fields = append(fields, arrow.Field{Name: "geometry", Type: geometryType})
	if h.Geometry != Points {
		fields = append(fields, arrow.Field{Name: "blocks", Type: blocksType})
	}
	if len(h.Properties) > 0 {
		fields = append(fields, arrow.Field{Name: "properties", Type: h.propertiesType()})
	}
	meta, err := h.metadata()
	if err != nil {
		return nil, err
	}
	return arrow.NewSchema(fields, &meta), nil
}

var (
	vertexType = arrow.StructOf(
		arrow.Field{Name: "x", Type: arrow.PrimitiveTypes.Int32},
		arrow.Field{Name: "y", Type: arrow.PrimitiveTypes.Int32},
		arrow.Field{Name: "zoom", Type: arrow.PrimitiveTypes.Uint8},
	)
	partType     = arrow.ListOfField(arrow.Field{Name: "vertex", Type: vertexType})
	geometryType = arrow.ListOfField(arrow.Field{Name: "part", Type: partType})
	blockType    = arrow.StructOf(
		arrow.Field{Name: "zoom", Type: arrow.PrimitiveTypes.Uint8},
		arrow.Field{Name: "hole", Type: arrow.PrimitiveTypes.Uint8},
		arrow.Field{Name: "min_x", Type: arrow.PrimitiveTypes.Int32},
		arrow.Field{Name: "min_y", Type: arrow.PrimitiveTypes.Int32},
		arrow.Field{Name: "max_x", Type: arrow.PrimitiveTypes.Int32},
		arrow.Field{Name: "max_y", Type: arrow.PrimitiveTypes.Int32},
	)
	blocksType = arrow.ListOfField(arrow.Field{Name: "block", Type: blockType})
	codeType   = &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Uint16, ValueType: arrow.BinaryTypes.String}
)

func (h *head) propertiesType() *arrow.StructType {
	fields := make([]arrow.Field, len(h.Properties))
	for i, p := range h.Properties {
		fields[i] = arrow.Field{Name: p.Name, Type: arrowType(p.Type), Nullable: true}
		if p.Type == Text && h.Dictionary[i] {
			fields[i].Type = codeType
		}
	}
	return arrow.StructOf(fields...)
}
