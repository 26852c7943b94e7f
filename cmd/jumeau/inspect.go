package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/paulmach/orb/maptile"

	"jumeau/model"
	"jumeau/model/layer"
	"jumeau/model/layer/planar"
	"jumeau/model/release"
	"jumeau/query/tile"
	"jumeau/query/tile/mvt"
)

// inspectVerb explains what the program reads and writes.
type inspectVerb struct {
	Source  inspectSource  `cmd:"" help:"What a source's file is, and what its contract makes of it, without loading it."`
	Release inspectRelease `cmd:"" help:"What the files of a release hold, every byte verified."`
	Layer   inspectLayer   `cmd:"" help:"What a layer of a release holds."`
	Tile    inspectTile    `cmd:"" help:"What is in one tile of a layer, decoded."`
}

func (inspectVerb) Examples() string {
	return "jumeau inspect source montpellier batiments --mirror files\n  jumeau inspect release --releases releases\n  jumeau inspect layer buildings --releases releases\n" +
		"  jumeau inspect tile buildings 14/8368/6002 --releases releases"
}

// which names a release.
type which struct {
	Releases string `required:"" help:"Folder of releases." type:"existingdir" placeholder:"DIR"`
	Release  string `help:"Release id, or its beginning; default the current one." placeholder:"ID"`
}

func (w which) open() (*release.Release, error) {
	id := w.Release
	var err error
	if id == "" {
		id, err = release.Current(w.Releases)
	} else {
		id, err = release.Find(w.Releases, id)
	}
	if err != nil {
		return nil, err
	}
	return release.Open(w.Releases, id)
}

// layerFile opens the file of a layer of the release.
func (w which) layerFile(id string) (*release.Layer, *layer.File, error) {
	r, err := w.open()
	if err != nil {
		return nil, nil, err
	}
	entry, ok := r.Manifest.Catalog.Layer(id)
	if !ok {
		var have []string
		for _, l := range r.Manifest.Catalog.Layers {
			have = append(have, l.ID)
		}
		return nil, nil, &model.Error{Kind: model.NotFound, Op: "inspect", Subject: "layer " + id, Err: fmt.Errorf("no such layer in release %s", r.Manifest.ID),
			Hint: "its layers are: " + strings.Join(have, ", ")}
	}
	file, err := layer.Open(filepath.Join(r.Dir, filepath.FromSlash(release.LayerPath(id))))
	return entry, file, err
}

type inspectLayer struct {
	Layer string `arg:"" help:"Identifier of the layer."`
	which `embed:""`
	First int `help:"Features shown in full." default:"3"`
}

func (v *inspectLayer) Run(a *app) error {
	entry, file, err := v.layerFile(v.Layer)
	if err != nil {
		return err
	}
	defer file.Close()
	fmt.Fprintf(a.out, "%s: %s\n%s\n\n", entry.ID, entry.Title.EN, entry.Summary.EN)
	w := tabwriter.NewWriter(a.out, 0, 4, 2, ' ', 0)
	fmt.Fprintf(w, "features\t%d, %s\n", file.Len(), entry.Geometry)
	fmt.Fprintf(w, "zooms\t%d to %d\n", entry.MinZoom, entry.MaxZoom)
	fmt.Fprintf(w, "bounds\t%.5f %.5f %.5f %.5f\n", entry.BBox[0], entry.BBox[1], entry.BBox[2], entry.BBox[3])
	if entry.Zones != "" {
		fmt.Fprintf(w, "zones\t%s\n", entry.Zones)
	}
	fmt.Fprintf(w, "sources\t%s\n", strings.Join(entry.Sources, ", "))
	fmt.Fprintf(w, "measures\t%s\n", strings.Join(entry.Measures, ", "))
	for _, p := range entry.Properties {
		fmt.Fprintf(w, "property\t%s: %s %s\n", p.Name, p.Type, p.Unit)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for i := range min(v.First, file.Len()) {
		f := file.Feature(i)
		center := f.Geometry.Bound().Center()
		fmt.Fprintf(a.out, "\nfeature %d, id %s, %s near %.5f %.5f\n", f.Key, f.ID, f.Geometry.GeoJSONType(), center[0], center[1])
		for _, name := range slices.Sorted(maps.Keys(f.Properties)) {
			fmt.Fprintf(a.out, "  %s = %v\n", name, f.Properties[name])
		}
	}
	return nil
}

type inspectTile struct {
	Layer string `arg:"" help:"Identifier of the layer."`
	Tile  string `arg:"" help:"Zoom, column and row: 14/8368/6002."`
	which `embed:""`
}

func (v *inspectTile) Run(a *app) error {
	t, err := parseTile(v.Tile)
	if err != nil {
		return err
	}
	entry, file, err := v.layerFile(v.Layer)
	if err != nil {
		return err
	}
	defer file.Close()
	encoded, stats, err := tile.Encode(nil, []*layer.File{file}, t, tile.Options{})
	if err != nil {
		return err
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(encoded); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "tile %s of %s: %d bytes, %d with gzip, %d features\n", v.Tile, entry.ID, len(encoded), packed.Len(), stats.Features)
	fmt.Fprintf(a.out, "generalised: %d features in %d aggregates, %d too small to be drawn, %d repaired\n", stats.Aggregated, stats.Aggregates, stats.Collapsed, stats.Repaired)
	if len(encoded) == 0 {
		b := t.Bound()
		fmt.Fprintf(a.out, "The tile is empty. It covers %.5f %.5f %.5f %.5f; the layer %v, zooms %d to %d.\n",
			b.Min[0], b.Min[1], b.Max[0], b.Max[1], entry.BBox, entry.MinZoom, entry.MaxZoom)
		return nil
	}
	layers, err := mvt.Decode(encoded)
	if err != nil {
		return err
	}
	for _, l := range layers {
		for _, f := range l.Features {
			fmt.Fprintf(a.out, "\nfeature %s %s\n", named(&f), drawn(&f))
			for _, name := range slices.Sorted(maps.Keys(f.Properties)) {
				fmt.Fprintf(a.out, "  %s = %v\n", name, f.Properties[name])
			}
		}
	}
	return nil
}

// named is the feature's id; what stands for several features has none.
func named(f *mvt.Feature) string {
	if !f.HasID {
		return "without id"
	}
	return strconv.FormatUint(f.ID, 10)
}

// drawn says of what kind a feature's geometry is, of how many vertices, and where, in units of a tile of 4096.
func drawn(f *mvt.Feature) string {
	n, box := 0, planar.BoxOf(f.Parts[0])
	for _, part := range f.Parts {
		b := planar.BoxOf(part)
		box = planar.Box{MinX: min(box.MinX, b.MinX), MinY: min(box.MinY, b.MinY), MaxX: max(box.MaxX, b.MaxX), MaxY: max(box.MaxY, b.MaxY)}
		n += len(part)
	}
	kind := map[int]string{mvt.Point: "points", mvt.Line: "line", mvt.Polygon: "polygon"}[f.Kind]
	return fmt.Sprintf("%s, vertices %d, from %d %d to %d %d", kind, n, box.MinX, box.MinY, box.MaxX, box.MaxY)
}

func parseTile(text string) (maptile.Tile, error) {
	parts := strings.Split(text, "/")
	var n [3]uint64
	ok := len(parts) == 3
	for i := 0; ok && i < 3; i++ {
		var err error
		n[i], err = strconv.ParseUint(parts[i], 10, 32)
		ok = err == nil
	}
	if !ok || n[0] > layer.ZoomLimit || n[1] >= 1<<n[0] || n[2] >= 1<<n[0] {
		return maptile.Tile{}, &model.Error{Kind: model.Invalid, Op: "inspect", Subject: "tile " + text, Err: fmt.Errorf("not a tile"),
			Hint: "write zoom/column/row, as 14/8368/6002"}
	}
	return maptile.New(uint32(n[1]), uint32(n[2]), maptile.Zoom(n[0])), nil
}
