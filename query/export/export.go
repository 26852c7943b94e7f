package export

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"jumeau/internal/durable"
	"jumeau/model"
	"jumeau/model/layer"
	"jumeau/model/release"
)

// Options of an export. Format and Path are required.
type Options struct {
	Format  string // one of Formats
	Path    string // of the file
	Replace bool   // an existing file is replaced; else it is an error
	// Zooms of tiles, both included; default those of the layer.
	MinZoom, MaxZoom *int
	// Within is west, south, east, north in degrees: tiles and features that do not meet it are left out. Default: all.
	Within *[4]float64
	// Page is the built page, for a folder; nil when there is none. PagePolicy is the Content-Security-Policy that it needs.
	Page       fs.FS
	PagePolicy string
	// Language of titles and attributions: fr (default) or en.
	Language string
	// Progress is told how much of about how much is done. Default: nobody is told.
	Progress func(done, total int64)
}

// Stats says what was written.
type Stats struct {
	Tiles    uint64 `json:"tiles,omitempty"`    // addressed
	Contents uint64 `json:"contents,omitempty"` // different ones
	Features int64  `json:"features,omitempty"`
	Bytes    int64  `json:"bytes"`
}

// Formats in the order in which help shows them.
var Formats = []string{"pmtiles", "mbtiles", "geojson", "csv", "geoparquet", "arrow"}

// job is one export under way.
type job struct {
	Options
	ctx   context.Context
	r     *release.Release
	layer *release.Layer
	count string // the property of aggregated features, when tiles have any
}

// Layer exports a layer of a release.
func Layer(ctx context.Context, r *release.Release, id string, opt Options) (Stats, error) {
	j := &job{Options: opt, ctx: ctx, r: r}
	var ok bool
	if j.layer, ok = r.Manifest.Catalog.Layer(id); !ok {
		var have []string
		for _, l := range r.Manifest.Catalog.Layers {
			have = append(have, l.ID)
		}
		return Stats{}, &model.Error{Kind: model.NotFound, Op: "export", Subject: "layer " + id,
			Err: fmt.Errorf("no such layer in release %s", r.Manifest.ID), Hint: "its layers are: " + strings.Join(have, ", ")}
	}
	write := map[string]func(string) (Stats, error){"pmtiles": j.pmtiles, "mbtiles": j.mbtiles, "geojson": j.geojson, "csv": j.csv,
		"geoparquet": j.parquet, "arrow": j.arrow}[opt.Format]
	if write == nil {
		return Stats{}, j.invalid("write one of "+strings.Join(Formats, ", "), "format %q is not known", opt.Format)
	}
	if err := j.check(); err != nil {
		return Stats{}, err
	}
	var stats Stats
	err := whole(opt.Path, opt.Replace, func(temporary string) (err error) {
		stats, err = write(temporary)
		return err
	})
	return stats, err
}

func (j *job) invalid(hint, format string, args ...any) error {
	return &model.Error{Kind: model.Invalid, Op: "export", Subject: j.Format + " of " + j.layer.ID, Hint: hint, Err: fmt.Errorf(format, args...)}
}

// check holds the choice of zooms and of a box to the layer and the format.
func (j *job) check() error {
	tiles := slices.Contains([]string{"pmtiles", "mbtiles"}, j.Format)
	if !tiles && (j.MinZoom != nil || j.MaxZoom != nil) {
		return j.invalid("leave it out, or write pmtiles or mbtiles", "only tiles have zooms")
	}
	if j.Within != nil && (j.Format == "geoparquet" || j.Format == "arrow") {
		return j.invalid("export geojson or csv, or filter the file afterwards", "the file of the release is copied whole, not cut to a box")
	}
	from, to := j.zooms()
	if from > to || from < j.layer.MinZoom || to > j.layer.MaxZoom {
		return j.invalid(fmt.Sprintf("choose within %d-%d; above, viewers enlarge the tiles of zoom %d", j.layer.MinZoom, j.layer.MaxZoom, j.layer.MaxZoom),
			"zooms %d-%d are not those of the layer", from, to)
	}
	if b := j.Within; b != nil && (b[0] >= b[2] || b[1] >= b[3] || b[0] < -180 || b[2] > 180 || b[1] < -90 || b[3] > 90) {
		return j.invalid("write west,south,east,north in degrees: 1.40,43.40,1.75,43.62", "%v is not a box", *b)
	}
	return nil
}

func (j *job) zooms() (from, to int) {
	from, to = j.layer.MinZoom, j.layer.MaxZoom
	if j.MinZoom != nil {
		from = *j.MinZoom
	}
	if j.MaxZoom != nil {
		to = *j.MaxZoom
	}
	return from, to
}

func (j *job) told(done, total int64) {
	if j.Progress != nil {
		j.Progress(done, total)
	}
}

// open opens the layer's file.
func (j *job) open() (*layer.File, error) { return layer.Open(j.r.Path(release.LayerPath(j.layer.ID))) }

func (j *job) parquet(path string) (Stats, error) {
	return j.copy(release.ParquetPath(j.layer.ID), path)
}
func (j *job) arrow(path string) (Stats, error) { return j.copy(release.LayerPath(j.layer.ID), path) }

// copy copies a file of the release.
func (j *job) copy(name, path string) (Stats, error) {
	if _, ok := j.r.Manifest.File(name); !ok {
		return Stats{}, j.invalid("choose another format: "+strings.Join(Formats, ", "), "the release has no %s", name)
	}
	n, err := copyFile(j.r.Path(name), path)
	return Stats{Features: j.layer.Features, Bytes: n}, err
}

func copyFile(from, to string) (int64, error) {
	in, err := os.Open(from)
	if err != nil {
		return 0, err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(out, in)
	return n, errors.Join(err, out.Close())
}

// whole lets write fill a temporary file beside path, and gives it its name when that went well. Before, nothing is seen at
// path; an existing file is left as it is, or replaced in one step.
func whole(path string, replace bool, write func(temporary string) error) error {
	fail := func(hint string, err error) error {
		return &model.Error{Kind: model.Invalid, Op: "export", Subject: path, Hint: hint, Err: err}
	}
	exists := func() error {
		return fail("choose another name, or replace it with --force", errors.New("there is a file of this name already"))
	}
	switch info, err := os.Stat(path); {
	case err == nil && info.IsDir():
		return fail("name a file in it", errors.New("this is a folder"))
	case err == nil && !replace:
		return exists()
	}
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*.tmp")
	if err != nil {
		return fail("the folder must be there, and writable", err)
	}
	temporary := file.Name()
	defer os.Remove(temporary) //nolint:errcheck // it is gone when everything went well
	if err := errors.Join(file.Chmod(0o644), file.Close()); err != nil {
		return err
	}
	if err := write(temporary); err != nil {
		return err
	}
	if err := durable.Sync(temporary); err != nil {
		return err
	}
	if replace {
		return os.Rename(temporary, path)
	}
	if err := os.Link(temporary, path); err != nil {
		if errors.Is(err, os.ErrExist) { // it appeared meanwhile
			return exists()
		}
		return os.Rename(temporary, path) // a file system without links
	}
	return nil
}
