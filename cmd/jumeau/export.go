package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"jumeau/model"
	"jumeau/query/export"
	"jumeau/query/web"
)

// exportVerb writes a layer as a file for other programs, or a release as a folder for a web server.
type exportVerb struct {
	Layer  string `arg:"" optional:"" help:"Identifier of the layer; all public layers for the format static."`
	Format string `required:"" enum:"pmtiles,mbtiles,geojson,csv,geoparquet,arrow,static" help:"What to write: ${enum}."`
	Output string `short:"o" required:"" help:"File to write, or for the format static the folder." placeholder:"FILE"`
	which  `embed:""`
	Zoom   string `help:"Zooms of tiles, both included: 8-14. Default: those of the layer." placeholder:"A-B"`
	BBox   string `name:"bbox" help:"West, south, east, north in degrees; what does not meet it is left out." placeholder:"W,S,E,N"`
	Lang   string `enum:"fr,en" default:"fr" help:"Language of titles in the file: ${enum}."`
	Force  bool   `short:"f" help:"Replace a file that is there."`
	JSON   bool   `name:"json" help:"Print what was written as JSON."`
	Quiet  bool   `short:"q" help:"No progress."`
}

func (exportVerb) Examples() string {
	return "jumeau export buildings --format pmtiles -o buildings.pmtiles --releases releases\n" +
		"  jumeau export buildings --format mbtiles --zoom 10-14 --bbox 1.40,43.50,1.50,43.60 -o centre.mbtiles --releases releases\n" +
		"  jumeau export --format static -o public --releases releases"
}

func (v *exportVerb) Run(a *app) error {
	r, err := v.open()
	if err != nil {
		return err
	}
	opt := export.Options{Format: v.Format, Path: v.Output, Replace: v.Force, Language: v.Lang}
	if err := v.choice(&opt); err != nil {
		return err
	}
	progress := newProgress(os.Stderr, v.Quiet || v.JSON)
	at, end := progress.beginShare(strings.TrimSpace(v.Layer + " " + v.Format))
	opt.Progress = at
	var stats export.Stats
	switch {
	case v.Format == "static":
		if page, built := web.FS(); built {
			opt.Page, opt.PagePolicy = page, web.ContentSecurityPolicy
		}
		stats, err = export.Static(a.ctx, r, v.Layer, opt)
	case v.Layer == "":
		err = &model.Error{Kind: model.Invalid, Op: "export", Subject: v.Format, Err: fmt.Errorf("no layer is named"), Hint: "jumeau export LAYER --format " + v.Format}
	default:
		stats, err = export.Layer(a.ctx, r, v.Layer, opt)
	}
	if err != nil {
		end("stopped")
		progress.close()
		return err
	}
	end("written")
	progress.close()
	if v.JSON {
		out := json.NewEncoder(a.out)
		out.SetIndent("", " ")
		return out.Encode(struct {
			Release string `json:"release"`
			Path    string `json:"path"`
			export.Stats
		}{r.Manifest.ID, v.Output, stats})
	}
	fmt.Fprintf(a.out, "%s: %s, %s\n", v.Output, told(stats), size(stats.Bytes))
	return nil
}

// told says in words what was written.
func told(s export.Stats) string {
	switch {
	case s.Tiles > 0 && s.Contents < s.Tiles:
		return fmt.Sprintf("%d tiles, %d different", s.Tiles, s.Contents)
	case s.Tiles > 0:
		return fmt.Sprintf("%d tiles", s.Tiles)
	}
	return fmt.Sprintf("%d features", s.Features)
}

// choice reads --zoom and --bbox.
func (v *exportVerb) choice(opt *export.Options) error {
	wrong := func(flag, text, hint string) error {
		return &model.Error{Kind: model.Invalid, Op: "export", Subject: flag, Err: fmt.Errorf("%q cannot be read", text), Hint: hint}
	}
	if v.Zoom != "" {
		from, to, isRange := strings.Cut(v.Zoom, "-")
		if !isRange {
			to = from
		}
		a, errA := strconv.Atoi(strings.TrimSpace(from))
		b, errB := strconv.Atoi(strings.TrimSpace(to))
		if errA != nil || errB != nil {
			return wrong("--zoom", v.Zoom, "write one zoom or two: --zoom 8-14")
		}
		opt.MinZoom, opt.MaxZoom = &a, &b
	}
	if v.BBox != "" {
		fields := strings.Split(v.BBox, ",")
		var box [4]float64
		for i := range box {
			var err error
			if len(fields) != 4 {
				return wrong("--bbox", v.BBox, "write west,south,east,north in degrees: --bbox 1.40,43.40,1.75,43.62")
			}
			if box[i], err = strconv.ParseFloat(strings.TrimSpace(fields[i]), 64); err != nil {
				return wrong("--bbox", v.BBox, "write west,south,east,north in degrees: --bbox 1.40,43.40,1.75,43.62")
			}
		}
		opt.Within = &box
	}
	return nil
}
