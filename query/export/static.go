package export

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"jumeau/model"
	"jumeau/model/release"
)

// Static writes what is public of a release into a new folder that any web server or content network hands out as it is: the
// page with what it asks for as files (site.go), and for other programs an archive of tiles a layer and the release's own
// files of zones and figures. id names one layer, or "" for all. doc/static-hosting.md says what lies where.
func Static(ctx context.Context, r *release.Release, id string, opt Options) (total Stats, err error) {
	s := &static{ctx: ctx, r: r, opt: opt}
	if s.catalog, err = publicCatalog(r, id); err != nil {
		return total, err
	}
	if opt.MinZoom != nil || opt.MaxZoom != nil || opt.Within != nil {
		return total, &model.Error{Kind: model.Invalid, Op: "export", Subject: opt.Path, Err: errors.New("a folder holds whole layers"),
			Hint: "leave out zooms and box, or export a layer as pmtiles"}
	}
	if _, err := os.Stat(opt.Path); err == nil {
		return total, &model.Error{Kind: model.Invalid, Op: "export", Subject: opt.Path, Err: errors.New("it is there already"),
			Hint: "name a new folder: it is written whole, then given its name"}
	}
	if s.dir, err = os.MkdirTemp(filepath.Dir(filepath.Clean(opt.Path)), "."+filepath.Base(opt.Path)+"-*.tmp"); err != nil {
		return total, &model.Error{Kind: model.Invalid, Op: "export", Subject: opt.Path, Err: err, Hint: "the folder above must be there, and writable"}
	}
	defer os.RemoveAll(s.dir)
	for _, part := range []func() error{s.tiles, s.figures, s.site, s.about} {
		if err := part(); err != nil {
			return s.total, err
		}
	}
	if err := os.Chmod(s.dir, 0o755); err != nil {
		return s.total, err
	}
	return s.total, os.Rename(s.dir, filepath.Clean(opt.Path))
}

// static is a folder being written.
type static struct {
	ctx     context.Context
	r       *release.Release
	opt     Options
	dir     string
	catalog *release.Catalog
	total   Stats
}

// publicCatalog is the catalogue with public layers only, and what they show.
func publicCatalog(r *release.Release, id string) (*release.Catalog, error) {
	c := r.Manifest.Catalog.For("public")
	if id == "" {
		return &c, nil
	}
	l, ok := c.Layer(id)
	if !ok {
		return nil, &model.Error{Kind: model.NotFound, Op: "export", Subject: "layer " + id, Err: errors.New("no such public layer"),
			Hint: "leave it out to export all public layers"}
	}
	c.Layers = []release.Layer{*l}
	return &c, nil
}

// path is a file of the folder; its own folder is made.
func (s *static) path(name string) (string, error) {
	path := filepath.Join(s.dir, filepath.FromSlash(name))
	return path, os.MkdirAll(filepath.Dir(path), 0o755)
}

// tiles writes an archive a layer, and says in the catalogue where it is.
func (s *static) tiles() error {
	for i := range s.catalog.Layers {
		l := &s.catalog.Layers[i]
		name := "tiles/" + l.ID + ".pmtiles"
		path, err := s.path(name)
		if err != nil {
			return err
		}
		opt := s.opt
		opt.Format, opt.Path = "pmtiles", path
		if opt.Progress != nil { // each layer is one part of the bar
			part, parts := int64(i), int64(len(s.catalog.Layers))
			opt.Progress = func(done, total int64) { s.opt.Progress(part*total+done, parts*total) }
		}
		stats, err := Layer(s.ctx, s.r, l.ID, opt)
		if err != nil {
			return err
		}
		if err := s.unpack(l.ID, path); err != nil {
			return err
		}
		s.total.Tiles, s.total.Contents, s.total.Bytes = s.total.Tiles+stats.Tiles, s.total.Contents+stats.Contents, s.total.Bytes+stats.Bytes
		l.Tiles = "tiles/" + l.ID + "/{z}/{x}/{y}.mvt.gz"
		if l.Download != "" {
			l.Download = release.ParquetPath(l.ID)
			if err := s.copy(l.Download); err != nil {
				return err
			}
		}
	}
	return nil
}

// figures copies the files of zones, measures and flows.
func (s *static) figures() error {
	var names []string
	for _, z := range s.catalog.ZoneSystems {
		names = append(names, release.ZonesPath(z.ID))
	}
	for _, m := range s.catalog.Measures {
		for _, by := range m.Systems {
			names = append(names, release.ValuesPath(m.ID, by.Zones))
		}
	}
	for _, f := range s.catalog.Flows {
		names = append(names, release.FlowsPath(f.ID, f.Zones))
	}
	for _, name := range names {
		if err := s.copy(name); err != nil {
			return err
		}
	}
	return nil
}

func (s *static) copy(name string) error {
	path, err := s.path(name)
	if err != nil {
		return err
	}
	n, err := copyFile(s.r.Path(name), path)
	s.total.Bytes += n
	return err
}

// about writes the catalogue, with addresses relative to it, and what the folder is.
func (s *static) about() error {
	text, err := json.MarshalIndent(s.catalog, "", " ")
	if err != nil {
		return err
	}
	readme := strings.NewReplacer("RELEASE", s.r.Manifest.ID, "TITLE", s.catalog.Territory.Title.In("fr")).Replace(readmeText)
	return errors.Join(s.write("catalog.json", append(text, '\n')), s.write("README.md", []byte(readme)))
}

// write writes a file of the folder.
func (s *static) write(name string, text []byte) error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	path, err := s.path(name)
	if err != nil {
		return err
	}
	s.total.Bytes += int64(len(text))
	return os.WriteFile(path, text, 0o644)
}

//go:embed README.txt
var readmeText string
