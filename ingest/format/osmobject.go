package format

import "strings"

type osmKind uint8

const (
	osmNode osmKind = iota
	osmWay
	osmRelation
)

var osmKinds = [...]string{"node", "way", "relation"}

// osmObject is what is read of a node, a way or a relation: never by whom or when it was edited. Slices are valid until the
// next object.
type osmObject struct {
	kind    osmKind
	id      int64
	at      osmPoint // of a node
	tags    []osmTag
	refs    []int64 // nodes of a way
	members []osmMember
}

type osmTag struct{ key, value []byte }

type osmMember struct {
	kind osmKind
	ref  int64
	role []byte
}

// osmPoint is a position in units of 1e-7 degree, as OpenStreetMap keeps them.
type osmPoint struct{ lon, lat int32 }

// tag is the value of a key, nil when there is none.
func (o *osmObject) tag(key string) []byte {
	for _, t := range o.tags {
		if string(t.key) == key {
			return t.value
		}
	}
	return nil
}

// osmInput delivers the objects of a file. Those of the kinds that are not wanted may be left out.
type osmInput interface {
	next(*osmObject) error // io.EOF at the end
	close() error
}

// osmNotes are keys that say something about the mapping and nothing about the thing: a node with no other key is no feature.
var osmNotes = map[string]bool{"created_by": true, "converted_by": true, "source": true, "time": true, "ele": true, "attribution": true}

// osmRemarks are ignored on ways and relations.
var osmRemarks = map[string]bool{"area": true, "created_by": true, "converted_by": true, "source": true, "time": true, "ele": true,
	"note": true, "todo": true, "fixme": true, "FIXME": true, "type": true}

// osmAreas are keys that make a closed way an area, those of GDAL's osmconf.ini.
var osmAreas = map[string]bool{"aeroway": true, "amenity": true, "boundary": true, "building": true, "craft": true, "geological": true,
	"historic": true, "landuse": true, "leisure": true, "military": true, "natural": true, "office": true, "place": true, "shop": true,
	"sport": true, "tourism": true}

// isArea says whether a closed way with these tags is an area rather than a line.
func isArea(tags []osmTag) bool {
	area := false
	for _, t := range tags {
		switch k := string(t.key); k {
		case "area":
			return string(t.value) == "yes"
		case "highway", "public_transport":
			area = area || string(t.value) == "platform"
		default:
			area = area || osmAreas[k]
		}
	}
	return area
}

// described says whether there is a key outside the ignored ones.
func described(tags []osmTag, ignored map[string]bool) bool {
	for _, t := range tags {
		if !ignored[string(t.key)] && !strings.HasPrefix(string(t.key), "openGeoDB:") {
			return true
		}
	}
	return false
}

// osmFilter keeps features with any of the wanted tags; none: all.
type osmFilter []osmWanted

type osmWanted struct {
	key    string
	values []string // none: any but "no"
}

// newOSMFilter reads "highway", "building=yes", "amenity=school|college".
func newOSMFilter(tags []string) (osmFilter, error) {
	var f osmFilter
	for _, t := range tags {
		key, values, found := strings.Cut(t, "=")
		if key = strings.TrimSpace(key); key == "" || found && values == "" {
			return nil, invalid(`write "highway", "building=yes" or "amenity=school|college"`, "%q is no tag of OpenStreetMap", t)
		}
		w := osmWanted{key: key}
		if found && values != "*" {
			w.values = strings.Split(values, "|")
		}
		f = append(f, w)
	}
	return f, nil
}

func (f osmFilter) keeps(tags []osmTag) bool {
	if len(f) == 0 {
		return true
	}
	for _, w := range f {
		for _, t := range tags {
			if string(t.key) == w.key && w.takes(string(t.value)) {
				return true
			}
		}
	}
	return false
}

func (w osmWanted) takes(value string) bool {
	if len(w.values) == 0 {
		return value != "no"
	}
	for _, v := range w.values {
		if v == value {
			return true
		}
	}
	return false
}
