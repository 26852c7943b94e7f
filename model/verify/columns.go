package verify

import (
	"context"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"jumeau/model"
	"jumeau/model/bake"
	"jumeau/model/edition"
	"jumeau/model/quality"
	"jumeau/model/release"
)

// What every file of figures has, and nothing else: a zone, a slot, a value, its interval, a flag.
var (
	valuesColumns = []string{"slot dictionary<values=utf8, indices=int16>", "zone uint32", "value float64", "lo float64", "hi float64", "flag uint8"}
	flowsColumns  = []string{"slot dictionary<values=utf8, indices=int16>", "origin uint32", "destination uint32", "value float64", "lo float64", "hi float64", "flag uint8"}
	zonesColumns  = []string{"id utf8", "name utf8", "lon float64", "lat float64", "west float64", "south float64", "east float64", "north float64", "area_m2 float64"}
	layerColumns  = []string{"id utf8", "key uint64", "min_x int32", "min_y int32", "max_x int32", "max_y int32", "area float32", "repair uint32", "geometry *",
		"blocks list<block: struct<zoom: uint8, hole: uint8, min_x: int32, min_y: int32, max_x: int32, max_y: int32>>", "properties *"}
)

// suspect are parts of column names that have no place in a release: who, with what, when to the second.
var suspect = []string{"e_mail", "email", "courriel", "phone", "portable", "imei", "imsi", "msisdn", "mac_address", "adresse_mac", "device", "appareil",
	"person", "respondent", "repondant", "carte_id", "card", "plate", "immatriculation", "hash", "sha1", "sha256", "md5", "uuid", "pseudonym",
	"birth", "naissance", "timestamp", "horodatage", "created_by", "user", "uid", "changeset", "contributor", "ip_address", "latitude_brute"}

func suspicious(column string) bool {
	for _, part := range suspect {
		if c := strings.ToLower(column); c == part || strings.HasPrefix(c, part+"_") || strings.HasSuffix(c, "_"+part) || strings.Contains(c, "_"+part+"_") {
			return true
		}
	}
	return false
}

// columns holds the schema of every Arrow and Parquet file to what the catalogue lets it have.
func (s *subject) columns(_ context.Context, f *finding) error {
	for _, file := range s.manifest.Files {
		allowed, ok := s.allowed(file.Path)
		switch {
		case file.Path == databaseName, s.baked(file.Path), s.document(file.Path):
			continue
		case s.edition(file.Path):
			if _, err := edition.Rows(s.path(file.Path)); err != nil {
				f.add("%s: %v", file.Path, err)
			}
			continue
		case !ok:
			f.add("%s: the catalogue has nothing that would be in it", file.Path)
			continue
		}
		schema, err := schemaOf(s.path(file.Path))
		if err != nil {
			f.add("%s: %v", file.Path, err)
			continue
		}
		for _, field := range schema.Fields() {
			f.looked++
			s.field(f, file.Path, field, allowed)
		}
	}
	f.note = fmt.Sprintf("%d columns", f.looked)
	return nil
}

func (s *subject) field(f *finding, path string, field arrow.Field, allowed []string) {
	kind := field.Type.String()
	if d, ok := field.Type.(*arrow.DictionaryType); ok {
		kind = fmt.Sprintf("dictionary<values=%s, indices=%s>", d.ValueType, d.IndexType)
	}
	if !slices.Contains(allowed, field.Name+" "+kind) && !slices.Contains(allowed, field.Name+" *") {
		f.add("%s: column %s of type %s is not one that such a file has", path, field.Name, kind)
	}
	if properties, ok := field.Type.(*arrow.StructType); ok && field.Name == "properties" {
		s.properties(f, path, properties.Fields())
	}
	if strings.HasSuffix(path, ".parquet") {
		s.suspects(f, path, field)
	}
}

// properties of a layer are those of the catalogue, with their types.
func (s *subject) properties(f *finding, path string, fields []arrow.Field) {
	layer, _ := s.manifest.Catalog.Layer(name(path))
	for _, field := range fields {
		f.looked++
		known := false
		if layer != nil {
			known = slices.ContainsFunc(layer.Properties, func(p release.Property) bool { return p.Name == field.Name })
		}
		if !known {
			f.add("%s: the catalogue has no property %s", path, field.Name)
		}
		s.suspects(f, path, field)
	}
}

func (s *subject) suspects(f *finding, path string, field arrow.Field) {
	switch field.Type.ID() {
	case arrow.TIMESTAMP, arrow.TIME32, arrow.TIME64, arrow.DURATION:
		f.add("%s: column %s is an instant (%s)", path, field.Name, field.Type)
	}
	if suspicious(field.Name) {
		f.add("%s: column %s looks like something about one person or device", path, field.Name)
	}
}

// name is the middle of layers/NAME.arrow.
func name(path string) string {
	_, path, _ = strings.Cut(path, "/")
	return path[:max(0, strings.LastIndexByte(path, '.'))]
}

// edition says whether a file holds the digests of the rows of a source that is not about persons.
func (s *subject) edition(path string) bool {
	return slices.ContainsFunc(s.manifest.Catalog.Sources, func(src release.Source) bool {
		return !src.Protected && path == release.EditionPath(src.ID)
	})
}

// document says whether a file is one of the texts that go with a release: what its open sources were like, the search of a layer, a tour.
func (s *subject) document(path string) bool {
	c := &s.manifest.Catalog
	if path == quality.Name {
		return true
	}
	for _, t := range c.Tours {
		if path == release.TourPath(t.ID) {
			return true
		}
	}
	return slices.ContainsFunc(c.Layers, func(l release.Layer) bool {
		return l.Search != nil && strings.HasPrefix(path, "search/"+l.ID+"/") && strings.HasSuffix(path, ".json")
	})
}

// baked says whether a file holds the baked tiles of a layer; tiles have no columns.
func (s *subject) baked(path string) bool {
	for _, l := range s.manifest.Catalog.Layers {
		if path == release.BakedPath(l.ID, bake.Gzip) || path == release.BakedPath(l.ID, bake.Brotli) {
			return true
		}
	}
	return false
}

// allowed are the columns that a file may have; false when the catalogue has nothing of its name.
func (s *subject) allowed(path string) ([]string, bool) {
	c := &s.manifest.Catalog
	for _, z := range c.ZoneSystems {
		if path == release.ZonesPath(z.ID) {
			columns := slices.Clone(zonesColumns)
			for _, up := range c.ZoneSystems {
				columns = append(columns, "parent_"+up.ID+" uint32")
			}
			return columns, true
		}
	}
	for _, m := range c.Measures {
		for _, z := range m.Systems {
			if path == release.ValuesPath(m.ID, z.Zones) {
				return valuesColumns, true
			}
		}
	}
	for _, m := range c.Flows {
		if path == release.FlowsPath(m.ID, m.Zones) {
			return flowsColumns, true
		}
	}
	for _, l := range c.Layers {
		if path == release.LayerPath(l.ID) {
			return layerColumns, true
		}
		if path == release.ParquetPath(l.ID) {
			return parquetColumns(&l), true
		}
	}
	return nil, false
}

func parquetColumns(l *release.Layer) []string {
	out := []string{"id utf8", "name utf8", "area_m2 float64", "geometry *"}
	for _, p := range l.Properties {
		out = append(out, p.Name+" *")
	}
	return out
}

func schemaOf(path string) (*arrow.Schema, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	if strings.HasSuffix(path, ".parquet") {
		r, err := openParquet(in)
		if err != nil {
			return nil, err
		}
		return r.Schema()
	}
	r, err := ipc.NewFileReader(in)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return r.Schema(), nil
}

func openParquet(in *os.File) (*pqarrow.FileReader, error) {
	r, err := file.NewParquetReader(in)
	if err != nil {
		return nil, err
	}
	return pqarrow.NewFileReader(r, pqarrow.ArrowReadProperties{BatchSize: 8192}, memory.DefaultAllocator)
}

const databaseName = "model.duckdb"

// tables that the database of a release may have, with their columns.
var tables = map[string]string{
	"zone":         "system VARCHAR, zone INTEGER, id VARCHAR, name VARCHAR, lon DOUBLE, lat DOUBLE, area_m2 DOUBLE, geometry GEOMETRY",
	"zone_parent":  "system VARCHAR, zone INTEGER, parent_system VARCHAR, parent INTEGER",
	"zone_overlap": "system VARCHAR, zone INTEGER, coarse_system VARCHAR, coarse INTEGER, share_of_zone DOUBLE, share_of_coarse DOUBLE",
	"measure":      "measure VARCHAR, system VARCHAR, slot VARCHAR, zone INTEGER, value DOUBLE, lo DOUBLE, hi DOUBLE, flag UTINYINT",
	"flow":         "flow VARCHAR, system VARCHAR, slot VARCHAR, origin UINTEGER, destination UINTEGER, value DOUBLE, lo DOUBLE, hi DOUBLE, flag UTINYINT",
	"reject":       "source VARCHAR, file VARCHAR, line BIGINT, code VARCHAR, column VARCHAR, reason VARCHAR",
}

func (s *subject) database(ctx context.Context, f *finding) error {
	if _, ok := s.manifest.File(databaseName); !ok {
		f.note = "the release has no database"
		return nil
	}
	if s.Database == nil {
		f.note = "not looked at: this program reads no database"
		return nil
	}
	db, err := s.Database(ctx, s.path(databaseName))
	if err != nil {
		return err
	}
	for table, columns := range db.Columns {
		allowed, ok := tables[table]
		if !ok {
			f.add("table %s is not one that a release has", table)
			continue
		}
		for _, c := range columns {
			f.looked++
			kind, _, _ := strings.Cut(c.Type, "(")
			if !slices.Contains(strings.Split(allowed, ", "), c.Name+" "+kind) {
				f.add("table %s: column %s of type %s is not one that it has", table, c.Name, c.Type)
			}
		}
	}
	for _, source := range db.Explained {
		if single(s.classOf(source)) {
			f.add("table reject says why rows of %s (class %s) were refused: a reason may quote the row", source, s.classOf(source))
		}
	}
	f.note = fmt.Sprintf("%d columns of %d tables", f.looked, len(db.Columns))
	s.same(f, db.Figures)
	return nil
}

// same holds the figures of the database to those of the files.
func (s *subject) same(f *finding, figures []Sum) {
	for _, d := range figures {
		if d.Loose > 0 {
			f.add("%s by %s: %d rows of the database are flagged as not published and carry a number", d.ID, d.System, d.Loose)
		}
		var here Sum
		for _, t := range s.frames {
			if t.id == d.ID && t.system == d.System {
				t.each(func(_ model.Slot, _ int, v, _, _ float64, _ model.Flag) {
					if !math.IsNaN(v) {
						here.Numbers++
						here.Sum += v
					}
				})
			}
		}
		if here.Numbers != d.Numbers || math.Abs(here.Sum-d.Sum) > 1e-6*max(1, math.Abs(d.Sum)) {
			f.add("%s by %s: the database has other figures than the files (%d numbers, the files %d)", d.ID, d.System, d.Numbers, here.Numbers)
		}
	}
}

func (s *subject) classOf(source string) string {
	if src, ok := s.manifest.Catalog.Source(source); ok {
		return src.Class
	}
	return ""
}

// rows looks for tables whose rows would be units, and for what would count or name raw rows exactly.
func (s *subject) rows(_ context.Context, f *finding) error {
	for _, src := range s.manifest.Catalog.Sources {
		if !single(src.Class) || src.Absent {
			continue
		}
		f.looked++
		if src.Class == "C" && (src.Read != 0 || src.Loaded != 0 || src.Skipped != 0 || len(src.Rejected) > 0) {
			f.add("%s: its rows are counted exactly, which tells whether one of them is there", src.ID)
		}
		if src.SHA256 != "" {
			f.add("%s: the hash of its raw file would confirm a guess of the whole file", src.ID)
		}
	}
	for _, l := range s.manifest.Catalog.Layers {
		if class := s.classOf(l.Source); single(class) {
			f.add("layer %s draws the rows of %s, of class %s", l.ID, l.Source, class)
		}
	}
	for _, z := range s.manifest.Catalog.ZoneSystems {
		if class := s.classOf(z.Source); single(class) {
			f.add("zones %s are the rows of %s, of class %s", z.ID, z.Source, class)
		}
	}
	return nil
}

// slots are whole hours of day types, or coarser.
func (s *subject) slots(_ context.Context, f *finding) error {
	for _, m := range s.manifest.Catalog.Measures {
		for _, slot := range m.Slots {
			f.looked++
			if !coarse(string(slot)) {
				f.add("measure %s: slot %q is not an hour of a day type, a day type, a date or a month", m.ID, slot)
			}
		}
	}
	for _, m := range s.manifest.Catalog.Flows {
		for _, slot := range m.Slots {
			f.looked++
			if !coarse(string(slot)) {
				f.add("flow %s: slot %q is not an hour of a day type, a day type, a date or a month", m.ID, slot)
			}
		}
	}
	return nil
}
