package query

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/sync/singleflight"

	"jumeau/model"
	"jumeau/model/layer"
	"jumeau/model/pmtiles"
	"jumeau/model/release"
	"jumeau/query/compress"
	"jumeau/query/door"
	"jumeau/query/extract"
	"jumeau/query/ogc"
	"jumeau/query/pyramid"
	"jumeau/query/tile"
)

// exportForm is a format that a layer can be taken away in.
type exportForm struct {
	name, extension, media string
	title                  model.Text
}

// exportForms, those whose extension ends as another's does first.
var exportForms = []exportForm{
	{"geojson", ".geojson", ogc.GeoJSON, model.Text{FR: "GeoJSON", EN: "GeoJSON"}},
	{"csv-fr", ".fr.csv", "text/csv; charset=utf-8; header=present", model.Text{FR: "CSV pour tableur français", EN: "CSV for French spreadsheets"}},
	{"csv", ".csv", "text/csv; charset=utf-8; header=present", model.Text{FR: "CSV international", EN: "CSV"}},
	{"xlsx", ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", model.Text{FR: "Excel", EN: "Excel"}},
	{"gpkg", ".gpkg", "application/geopackage+sqlite3", model.Text{FR: "GeoPackage", EN: "GeoPackage"}},
	{"parquet", ".parquet", "application/vnd.apache.parquet", model.Text{FR: "GeoParquet", EN: "GeoParquet"}},
	{"arrow", ".arrows", arrowType, model.Text{FR: "Arrow", EN: "Arrow"}},
	{"pmtiles", ".pmtiles", "application/vnd.pmtiles", model.Text{FR: "Tuiles (PMTiles)", EN: "Tiles (PMTiles)"}},
}

// export answers GET /export/{layer}.{format}: features chosen from a layer as a file, whole or in ranges. The file is made once, in a folder of
// the server's own, and kept for those who ask again, so that a fault in the middle is an error and never half a file.
func (s *Server) export(w http.ResponseWriter, q *request) error {
	name := q.parts[1]
	i := slices.IndexFunc(exportForms, func(f exportForm) bool { return strings.HasSuffix(name, f.extension) })
	if i < 0 {
		extensions := ids(exportForms, func(f exportForm) string { return f.extension })
		return missing("export "+clip(name, 80), "formats are "+strings.Join(extensions, " "), "the format is not known")
	}
	form := exportForms[i]
	if !q.who.May(door.Export) {
		return notFound("layer", strings.TrimSuffix(name, form.extension), nil)
	}
	l, err := q.layer(strings.TrimSuffix(name, form.extension))
	if err != nil {
		return err
	}
	p, err := q.parameters(selectNames...)
	if err != nil {
		return err
	}
	chosen, err := q.selection(l, p)
	if err != nil {
		return err
	}
	tag := s.etag(q, "export/"+form.name+"/"+chosen.key(), "")
	h := w.Header()
	vary(h, q, "Accept-Language")
	if matches(q.Header.Get("If-None-Match"), tag) {
		h.Set("ETag", tag)
		h.Set("Cache-Control", s.cacheControl(q, answer{}))
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	file, err := s.exports.file(q, tag, func(ctx context.Context, path string) error { return s.write(ctx, q, chosen, form, path) })
	if err != nil {
		return err
	}
	defer file.Close()
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(downloadTime))
	h.Set("Content-Type", form.media)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": q.rel.catalog.Territory.ID + "-" + name}))
	h.Set("Cache-Control", s.cacheControl(q, answer{}))
	h.Set("ETag", tag)
	http.ServeContent(w, q.Request, "", time.Time{}, file)
	return nil
}

// write makes the file.
func (s *Server) write(ctx context.Context, q *request, chosen *selection, form exportForm, path string) error {
	c := &q.rel.catalog
	if form.name == "pmtiles" {
		return writeTiles(ctx, q, chosen, path)
	}
	return extract.Write(ctx, form.name, path, &extract.Rows{File: chosen.file, Figures: chosen.figures, Name: chosen.layer.ID,
		Title: chosen.layer.Title.In("fr"), Credits: c.Attribution(chosen.layer), Limit: s.opt.ExportBytes / 2,
		Each: func(ctx context.Context, visit func(*layer.Batch, int) bool) error {
			return chosen.each(ctx, 0, func(_ int, b *layer.Batch, row int) bool { return visit(b, row) })
		}})
}

// writeTiles makes a PMTiles archive of the tiles of the features chosen.
func writeTiles(ctx context.Context, q *request, chosen *selection, path string) error {
	spec := chosen.file.Spec()
	w, err := pmtiles.NewWriter(filepath.Dir(path), pmtiles.Gzip)
	if err != nil {
		return err
	}
	defer w.Close()
	opt := pyramid.Options{MinZoom: spec.MinZoom, MaxZoom: spec.MaxZoom}
	bounds := chosen.layer.BBox
	if chosen.place != nil {
		at := chosen.place.Bound()
		bounds = [4]float64{max(bounds[0], at.Min[0]), max(bounds[1], at.Min[1]), min(bounds[2], at.Max[0]), min(bounds[3], at.Max[1])}
		opt.Within = &[4]float64{at.Min[0], at.Min[1], at.Max[0], at.Max[1]}
	}
	set := &tileset{layers: []*release.Layer{chosen.layer}, files: []*layer.File{chosen.file}, options: emptyOptions(1)}
	if chosen.bound != nil { // a box alone chooses tiles and not features: the map is whole up to its border
		opt.Layer.Filter = chosen
	}
	if chosen.figures != nil {
		opt.Layer.Figures = &tile.Figures{Figures: chosen.figures.Figures, Names: chosen.figures.Names}
	}
	set.options[0] = opt.Layer
	err = pyramid.Encode(ctx, chosen.file, opt, func(_ pyramid.Place, t *pyramid.Encoded) ([]byte, error) { return compress.Gzip.Bytes(t.Body), nil },
		func(p pyramid.Place, body []byte) error { return w.Add(p.ID, body) })
	if err != nil {
		return err
	}
	document := set.document(&q.rel.catalog, "fr")
	metadata, err := json.Marshal(map[string]any{"name": document["name"], "description": document["description"], "attribution": document["attribution"],
		"type": "overlay", "version": "1.0.0", "vector_layers": document["vector_layers"]})
	if err != nil {
		return err
	}
	info := pmtiles.Info{MinZoom: spec.MinZoom, MaxZoom: spec.MaxZoom, Metadata: metadata, Bounds: bounds, CenterZoom: spec.MinZoom,
		Center: [2]float64{(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2}}
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = w.Finish(out, info)
	if errors.Is(err, pmtiles.ErrNoTiles) {
		err = invalid("export", "ask for more with filter= or bbox=", "no tile holds anything")
	}
	return errors.Join(err, out.Close())
}

// exportStore makes files one or two at a time and keeps them while there is room. Safe for concurrent use.
type exportStore struct {
	limit    int64
	deadline time.Duration
	patience time.Duration
	places   *semaphore.Weighted
	making   singleflight.Group

	mu    sync.Mutex
	dir   string // made when it is needed
	kept  map[string]exported
	bytes int64
}

type exported struct {
	path  string
	bytes int64
	used  time.Time
}

func newExportStore(opt Options) *exportStore {
	return &exportStore{limit: opt.ExportBytes, deadline: opt.ExportTime, patience: opt.QueueTime, places: semaphore.NewWeighted(2), kept: map[string]exported{}}
}

// file opens the file of a key, which make makes when it is not there.
func (e *exportStore) file(q *request, key string, write func(ctx context.Context, path string) error) (*os.File, error) {
	for range 3 { // between being made and being opened it can be driven out, and who was making it can have left
		if file := e.take(key); file != nil {
			return file, nil
		}
		_, err, _ := e.making.Do(key, func() (_ any, err error) {
			defer func() {
				if cause := recover(); cause != nil {
					err = recovered(cause)
				}
			}()
			return nil, e.make(q, key, write)
		})
		if errors.Is(err, context.Canceled) && q.Context().Err() == nil {
			continue
		}
		if err != nil {
			return nil, err
		}
	}
	if file := e.take(key); file != nil {
		return file, nil
	}
	return nil, errBusy
}

func (e *exportStore) take(key string) *os.File {
	e.mu.Lock()
	defer e.mu.Unlock()
	kept, ok := e.kept[key]
	if !ok {
		return nil
	}
	file, err := os.Open(kept.path)
	if err != nil {
		e.forget(key)
		return nil
	}
	kept.used = time.Now()
	e.kept[key] = kept
	return file
}

// make writes a file and keeps it. It may take longer than an answer; who asked first waits for all.
func (e *exportStore) make(q *request, key string, write func(ctx context.Context, path string) error) error {
	patience, enough := context.WithTimeout(q.Context(), e.patience)
	defer enough()
	if e.places.Acquire(patience, 1) != nil {
		if q.Context().Err() != nil {
			return q.Context().Err()
		}
		return errBusy
	}
	defer e.places.Release(1)
	started := time.Now()
	defer func() { q.making.Add(int64(time.Since(started))) }()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(q.Context()), e.deadline)
	defer cancel()
	dir, err := e.folder()
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(key))
	file, err := os.CreateTemp(dir, hex.EncodeToString(sum[:8])+"-*")
	if err != nil {
		return err
	}
	path := file.Name()
	if err := errors.Join(file.Close(), write(ctx, path)); err != nil {
		os.Remove(path) // what remains goes with the folder
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	e.keep(key, exported{path, info.Size(), time.Now()})
	return nil
}

func (e *exportStore) folder() (string, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.dir == "" {
		dir, err := os.MkdirTemp("", "jumeau-exports-")
		if err != nil {
			return "", err
		}
		e.dir = dir
	}
	return e.dir, nil
}

// keep makes room by removing what was not asked for longest.
func (e *exportStore) keep(key string, file exported) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.forget(key)
	e.kept[key] = file
	e.bytes += file.bytes
	for e.bytes > e.limit && len(e.kept) > 1 {
		oldest := key
		for k, f := range e.kept {
			if k != key && (oldest == key || f.used.Before(e.kept[oldest].used)) {
				oldest = k
			}
		}
		e.forget(oldest)
	}
}

// forget removes a file. The mutex is held.
func (e *exportStore) forget(key string) {
	if f, ok := e.kept[key]; ok {
		delete(e.kept, key)
		e.bytes -= f.bytes
		os.Remove(f.path) // who reads it goes on; what remains goes with the folder
	}
}

// close removes all files.
func (e *exportStore) close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.dir == "" {
		return nil
	}
	clear(e.kept)
	if err := os.RemoveAll(e.dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
