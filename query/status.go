package query

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"net/http"
	"time"

	"jumeau/model/release"
)

//go:embed templates
var templates embed.FS

// sheet is the style sheet of the small pages, written into them: the policy allows it by its digest.
var sheet = func() template.CSS {
	text, err := templates.ReadFile("templates/sheet.css")
	if err != nil {
		panic(err) // embedded
	}
	return template.CSS(text)
}()

var smallPolicy = func() string {
	sum := sha256.Sum256([]byte(sheet))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}()

var statusTemplate = template.Must(template.New("status.html").Funcs(template.FuncMap{
	"number": number, "decimal": decimal, "size": size, "when": when, "rejects": rejects,
}).ParseFS(templates, "templates/status.html"))

// report is what GET /status says.
type report struct {
	Release   string             `json:"release,omitempty"`
	BuiltAt   time.Time          `json:"built_at,omitzero"`
	Territory *release.Territory `json:"territory,omitempty"`
	Bytes     int64              `json:"bytes,omitempty"`
	Cost      *release.Cost      `json:"cost,omitempty"`
	Layers    int                `json:"layers"`
	Measures  int                `json:"measures"`
	Flows     int                `json:"flows"`
	Sources   []release.Source   `json:"sources,omitempty"`
	Drift     []drifted          `json:"drift,omitempty"` // in what the files of sources are not as those before
	Server    state              `json:"server"`
}

// status answers GET /status: what is served, where it comes from, what it cost, and how the server does. HTML for people,
// JSON for programs.
func (s *Server) status(w http.ResponseWriter, q *request) error {
	if _, err := q.parameters(); err != nil {
		return err
	}
	r := report{Server: s.state()}
	r.Server.Audience = q.who.Audience
	if leave, err := s.see(q); err == nil {
		defer leave()
		rel := q.rel
		c := &rel.catalog
		r.Release, r.BuiltAt, r.Territory, r.Bytes, r.Cost = rel.id, c.BuiltAt, &c.Territory, rel.bytes, &rel.cost
		r.Layers, r.Measures, r.Flows, r.Sources = len(c.Layers), len(c.Measures), len(c.Flows), c.Sources
		r.Drift = driftOf(rel.dir, c.Sources)
	}
	if mediaType(q.Header.Get("Accept"), jsonType, "text/html") == "text/html" {
		lang := language(q.Header.Get("Accept-Language"))
		return s.html(w, q, statusTemplate, struct {
			report
			Lang  string
			FR    bool
			Style template.CSS
		}{r, lang, lang == "fr", sheet})
	}
	return s.send(w, q, answer{contentType: jsonType, fresh: true, vary: "Accept, Accept-Language", build: func(context.Context) ([]byte, error) { return marshal(r) }})
}

// html sends a small page.
func (s *Server) html(w http.ResponseWriter, q *request, t *template.Template, data any) error {
	return s.send(w, q, answer{contentType: "text/html; charset=utf-8", fresh: true, vary: "Accept, Accept-Language",
		header: map[string]string{"Content-Security-Policy": smallPolicy},
		build:  func(context.Context) ([]byte, error) { return execute(t, data) }})
}

func execute(t *template.Template, data any) ([]byte, error) {
	var out bytes.Buffer
	err := t.Execute(&out, data)
	return out.Bytes(), err
}

// Texts of the status page, in the two languages.

func number(n int64, lang string) string { return groupDigits(n, separator(lang)) }

func separator(lang string) string {
	if lang == "fr" {
		return "\u202f" // narrow no-break space
	}
	return ","
}

func when(t time.Time, lang string) string {
	if lang == "fr" {
		return t.UTC().Format("02/01/2006 à 15:04 UTC")
	}
	return t.UTC().Format("2 January 2006, 15:04 UTC")
}

func rejects(s release.Source) (n int64) {
	for _, r := range s.Rejected {
		n += r.Count
	}
	return n
}
