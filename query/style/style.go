// Package style makes a MapLibre style document (version 8) of a release's catalogue.
//
// In comes the catalogue; out goes a document with one vector source and one to three drawing layers for each layer of the
// catalogue, in drawing order. It names no other host: there are no fonts, no sprites and no basemap but the territory's own
// layers, and therefore no labels. Figures are not in tiles, so a layer that a measure colours has its plain colour here.
package style

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"jumeau/model/release"
)

// Options of a document. All are required.
type Options struct {
	Base     string // start of tile addresses, without a slash at the end
	Language string // fr or en
}

// object is a JSON object; keys are written in alphabetical order.
type object = map[string]any

// Of is the style of the layers of c.
func Of(c *release.Catalog, opt Options) object {
	sources := object{}
	layers := []object{{"id": "paper", "type": "background", "paint": object{"background-color": paper}}}
	ordered := slices.Clone(c.Layers)
	slices.SortStableFunc(ordered, func(a, b release.Layer) int { return cmp.Compare(a.Order, b.Order) })
	for i := range ordered {
		l := &ordered[i]
		sources[l.ID] = object{"type": "vector", "tiles": []string{opt.Base + "/tiles/" + l.ID + "/{z}/{x}/{y}.mvt"},
			"minzoom": l.MinZoom, "maxzoom": l.MaxZoom, "bounds": l.BBox, "attribution": c.Attribution(l)}
		layers = append(layers, drawn(l, opt.Language)...)
	}
	center, zoom := view(c.Territory.BBox)
	return object{"version": 8, "name": c.Territory.Title.In(opt.Language), "sources": sources, "layers": layers,
		"center": center, "zoom": zoom,
		"metadata": object{"jumeau:release": c.Release, "jumeau:territory": c.Territory.ID, "jumeau:synthetic": c.Territory.Synthetic}}
}

// view is the centre of a bounding box, to a tenth of a metre, and the zoom at which it fills a window of 1,000 pixels.
func view(box [4]float64) ([]float64, int) {
	round := func(v float64) float64 { return math.Round(v*1e6) / 1e6 }
	zoom := 0
	if width := box[2] - box[0]; width > 0 {
		zoom = int(math.Log2(360 / width * 1000 / 512)) // a world of 512 pixels at zoom 0
	}
	return []float64{round((box[0] + box[2]) / 2), round((box[1] + box[3]) / 2)}, min(max(zoom, 0), 18)
}

// Colours of what declares none.
const (
	paper = "#f6f4ee"
	ink   = "#5a6b75"
)

// drawn is the drawing layers of one layer of the catalogue.
func drawn(l *release.Layer, lang string) []object {
	as := l.Style.As
	if as == "" {
		as = map[string]string{"polygon": "fill", "line": "line", "point": "circle"}[l.Geometry]
	}
	base := func(id, kind string, paint object) object {
		return object{"id": id, "type": kind, "source": l.ID, "source-layer": l.ID, "minzoom": l.MinZoom, "paint": paint,
			"metadata": object{"jumeau:layer": l.ID, "jumeau:title": l.Title.In(lang)}}
	}
	switch as {
	case "line":
		out := base(l.ID, "line", linePaint(colour(l), opacity(l, 1), cmp.Or(l.Style.Width, 1.5), l.Style.Dashed))
		out["layout"] = object{"line-cap": map[bool]string{true: "butt", false: "round"}[l.Style.Dashed], "line-join": "round"}
		return []object{out}
	case "circle":
		return []object{base(l.ID, "circle", object{"circle-color": colour(l), "circle-opacity": opacity(l, 0.9),
			"circle-radius": byZoom(cmp.Or(l.Style.Width, 4)), "circle-stroke-color": cmp.Or(l.Style.Outline, "#ffffff"),
			"circle-stroke-width": []any{"interpolate", []any{"linear"}, []any{"zoom"}, 10, 0, 13, 1}})} // around small dots it would be all that is seen
	case "extrusion":
		height := any(3)
		if l.Style.By != "" {
			height = []any{"coalesce", []any{"to-number", []any{"get", l.Style.By}, 0}, 0}
		}
		return []object{base(l.ID, "fill-extrusion", object{"fill-extrusion-color": cmp.Or(l.Style.Colour, ink), "fill-extrusion-opacity": opacity(l, 0.9),
			"fill-extrusion-height": height})}
	}
	out := []object{base(l.ID, "fill", object{"fill-color": colour(l), "fill-opacity": opacity(l, 0.7), "fill-antialias": true})}
	if l.Style.Outline != "" {
		out = append(out, base(l.ID+"-outline", "line", linePaint(l.Style.Outline, 1, cmp.Or(l.Style.Width, 1), l.Style.Dashed)))
	}
	return out
}

func linePaint(colour, opacity any, width float64, dashed bool) object {
	paint := object{"line-color": colour, "line-opacity": opacity, "line-width": byZoom(width)}
	if dashed {
		paint["line-dasharray"] = []float64{2, 2}
	}
	return paint
}

func opacity(l *release.Layer, otherwise float64) float64 { return cmp.Or(l.Style.Opacity, otherwise) }

// colour is the fixed colour, or the choice by a property.
func colour(l *release.Layer) any {
	fixed := cmp.Or(l.Style.Colour, ink)
	if l.Style.By == "" || len(l.Style.Colours) == 0 {
		return fixed
	}
	match := []any{"match", []any{"to-string", []any{"get", l.Style.By}}}
	for _, text := range slices.Sorted(maps.Keys(l.Style.Colours)) {
		match = append(match, text, l.Style.Colours[text])
	}
	return append(match, fixed)
}

// byZoom grows a width or radius that is right at zoom 14.
func byZoom(pixels float64) any {
	return []any{"interpolate", []any{"exponential", 1.5}, []any{"zoom"}, 8, pixels * 0.3, 14, pixels, 18, pixels * 3}
}
