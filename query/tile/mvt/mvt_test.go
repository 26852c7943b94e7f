package mvt

import (
	"strings"
	"testing"
)

// layer is a tile of one layer L with what follows, of version 2.
func layer(rest string) string {
	return "\x1a" + string(rune(len(rest)+5)) + "\x78\x02\x0a\x01L" + rest
}

// feature is a layer of one feature of a kind with a geometry.
func feature(kind byte, shape string) string {
	return layer("\x12" + string(rune(len(shape)+4)) + "\x18" + string(rune(kind)) + "\x22" + string(rune(len(shape))) + shape)
}

func TestWhatTheSpecificationForbidsIsRefused(t *testing.T) {
	for tile, want := range map[string]string{
		"\x1a\x7f":                  "length beyond the end",
		"\x08\x01":                  "field 1 in a tile",
		"\x1a\x05\x78\x01\x0a\x01L": "version 1",
		layer("\x12\x02\x18\x01"):   "no geometry",
		feature(Line, "\x09\x02\x02\x0a\x00\x00"):                       "a segment without length",
		feature(Line, "\x0a\x02\x02"):                                   "LineTo must come once, after MoveTo",
		feature(Polygon, "\x09\x02\x02\x12\x02\x00\x00\x02"):            "a ring is not closed",
		feature(Point, "\x09\x02\x02\x09\x02\x02"):                      "two MoveTo in a point",
		feature(48, "\x09\x02\x02"):                                     "geometry of type 48",
		feature(Point, "\x09\x02\x02") + feature(Point, "\x09\x02\x02"): "comes twice",
	} {
		if _, err := Decode([]byte(tile)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v instead of %s", tile, err, want)
		}
	}
	if layers, err := Decode([]byte(feature(Point, "\x09\x02\x03"))); err != nil || Text(layers, "tile") != "tile\nlayer L  extent 0  features 1\nfeature -  POINT  points(1) (1 -2)\n" {
		t.Errorf("%v, %v", layers, err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(feature(Polygon, "\x09\x02\x02\x12\x02\x00\x00\x02\x0f")))
	f.Fuzz(func(_ *testing.T, body []byte) {
		if layers, err := Decode(body); err == nil {
			Text(layers, "tile")
		}
	})
}
