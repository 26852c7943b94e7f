package style_test

import (
	"encoding/json"
	"strings"
	"testing"

	"jumeau/model"
	"jumeau/model/release"
	"jumeau/query/style"
)

// drawn gives the drawing layers of one layer of the catalogue as JSON, the paper left out.
func drawn(t *testing.T, l release.Layer) string {
	t.Helper()
	l.ID = "x"
	document := style.Of(&release.Catalog{Layers: []release.Layer{l}}, style.Options{Base: "http://h", Language: "en"})
	text, err := json.Marshal(document["layers"].([]map[string]any)[1:])
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestALayerIsDrawnAsItsStyleSays(t *testing.T) {
	for name, c := range map[string]struct {
		layer release.Layer
		says  []string
		not   []string
	}{
		"a point is a circle by default": {release.Layer{Geometry: "point"}, []string{`"type":"circle"`, `"circle-opacity":0.9`}, []string{`"type":"fill"`}},
		"a line is a line":               {release.Layer{Geometry: "line", Style: model.Style{Dashed: true}}, []string{`"type":"line"`, `"line-dasharray":[2,2]`, `"line-cap":"butt"`}, nil},
		"an area is filled":              {release.Layer{Geometry: "polygon"}, []string{`"type":"fill"`, `"fill-opacity":0.7`}, []string{`"type":"line"`}},
		"an outline is a layer of its own": {release.Layer{Geometry: "polygon", Style: model.Style{Outline: "#123456", Width: 2}},
			[]string{`"id":"x-outline"`, `"line-color":"#123456"`}, nil},
		"a building has its height": {release.Layer{Geometry: "polygon", Style: model.Style{As: "extrusion", By: "height"}},
			[]string{`"type":"fill-extrusion"`, `["coalesce",["to-number",["get","height"],0],0]`}, nil},
		"a property chooses the colour": {release.Layer{Geometry: "point", Style: model.Style{By: "kind", Colour: "#000000", Colours: map[string]string{"b": "#0000bb", "a": "#0000aa"}}},
			[]string{`["match",["to-string",["get","kind"]],"a","#0000aa","b","#0000bb","#000000"]`}, nil},
		"a label needs fonts, and there are none": {release.Layer{Geometry: "point", Style: model.Style{Label: "name"}}, nil, []string{`"symbol"`, `"glyphs"`}},
	} {
		t.Run(name, func(t *testing.T) {
			got := drawn(t, c.layer)
			for _, text := range c.says {
				if !strings.Contains(got, text) {
					t.Errorf("lacks %s: %s", text, got)
				}
			}
			for _, text := range c.not {
				if strings.Contains(got, text) {
					t.Errorf("has %s: %s", text, got)
				}
			}
		})
	}
}

func TestLayersAreDrawnInTheirOrder(t *testing.T) {
	c := &release.Catalog{Layers: []release.Layer{{ID: "top", Geometry: "line", Order: 90}, {ID: "b", Geometry: "line", Order: 50}, {ID: "c", Geometry: "line", Order: 50}, {ID: "ground", Geometry: "polygon", Order: 1}}}
	var order []string
	for _, l := range style.Of(c, style.Options{})["layers"].([]map[string]any) {
		order = append(order, l["id"].(string))
	}
	if got := strings.Join(order, " "); got != "paper ground b c top" {
		t.Errorf("drawn %s", got)
	}
}
