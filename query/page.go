package query

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"html/template"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"jumeau/model/bake"
)

// pagePolicy is the default Content-Security-Policy of the page: nothing from elsewhere, no inline script; the map draws with
// workers made from blobs.
const pagePolicy = "default-src 'self'; script-src 'self'; worker-src 'self' blob:; child-src blob:; style-src 'self'; img-src 'self' data: blob:; " +
	"connect-src 'self'; font-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"

// page is the built page, by path.
type page struct {
	files map[string]pageFile
}

type pageFile struct {
	bytes  []byte
	packed bake.Body // the builder packs once, better than a server would at each start
	digest string
}

// readPage reads the page into memory; nil when it is not built.
func readPage(files fs.FS) *page {
	if files == nil {
		return nil
	}
	p := &page{files: map[string]pageFile{}}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if ext := path.Ext(name); ext == ".br" || ext == ".gz" {
			return nil
		}
		text, err := fs.ReadFile(files, name)
		sum := sha256.Sum256(text)
		p.files[name] = pageFile{text, packedBeside(files, name), hex.EncodeToString(sum[:8])}
		return err
	})
	if _, ok := p.files["index.html"]; err != nil || !ok {
		return nil
	}
	return p
}

// packedBeside reads the compressed forms that lie beside a file.
func packedBeside(files fs.FS, name string) (b bake.Body) {
	for ext, to := range map[string]*[]byte{".br": &b.Brotli, ".gz": &b.Gzip} {
		if text, err := fs.ReadFile(files, name+ext); err == nil {
			*to = text
		}
	}
	return b
}

// static answers GET / and the files of the page.
func (s *Server) static(w http.ResponseWriter, q *request) error {
	name := strings.TrimPrefix(q.URL.Path, "/")
	if name == "" {
		name = "index.html"
		if s.page == nil {
			return s.bare(w, q)
		}
	}
	if s.page == nil {
		return unknownAddress(q)
	}
	file, ok := s.page.files[name]
	if !ok {
		return unknownAddress(q)
	}
	kind := mime.TypeByExtension(path.Ext(name))
	switch path.Ext(name) { // the same on every system
	case ".html":
		kind = "text/html; charset=utf-8"
	case ".js", ".mjs":
		kind = "text/javascript; charset=utf-8"
	case ".css":
		kind = "text/css; charset=utf-8"
	case ".webmanifest":
		kind = "application/manifest+json"
	case "":
		kind = "application/octet-stream"
	}
	a := answer{contentType: kind, key: "page/" + name + "/" + file.digest, build: func(context.Context) ([]byte, error) { return file.bytes, nil },
		prepared: file.packed,
		header: map[string]string{"Content-Security-Policy": s.opt.PagePolicy, "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
			"Cross-Origin-Opener-Policy": "same-origin"}}
	if name == "index.html" {
		a.vary = "Accept" // programs get the landing page of the API
	}
	a.immutable = strings.HasPrefix(name, "assets/") // the builder puts the digest of the content into these names
	return s.send(w, q, a)
}

var bareTemplate = template.Must(template.ParseFS(templates, "templates/bare.html"))

// bare answers GET / without a built page: it says so, and what the release holds.
func (s *Server) bare(w http.ResponseWriter, q *request) error {
	lang := language(q.Header.Get("Accept-Language"))
	data := struct {
		Lang   string
		FR     bool
		Style  template.CSS
		Title  string
		ID     string
		Layers []bareLayer
	}{Lang: lang, FR: lang == "fr", Style: sheet, Title: "jumeau"}
	if leave, err := s.see(q); err == nil {
		defer leave()
		data.ID, data.Title = q.rel.id, q.rel.catalog.Territory.Title.In(lang)
		for _, l := range q.rel.catalog.Layers {
			data.Layers = append(data.Layers, bareLayer{l.ID, l.Title.In(lang), l.Summary.In(lang), l.Features, l.Download})
		}
	}
	return s.html(w, q, bareTemplate, data)
}

type bareLayer struct {
	ID, Title, Summary string
	Features           int64
	Download           string
}
