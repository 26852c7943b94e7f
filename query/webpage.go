package query

import (
	"bytes"
	"context"
	"fmt"
	"html/template"
	"math"
	"net/http"
	"strings"

	"jumeau/model/layer"
	"jumeau/model/release"
)

// webPage is a page of the API for people: blocks of text, facts, tables and forms, without script.
type webPage struct {
	Lang      string
	FR        bool
	Style     template.CSS
	Title     string
	Territory string
	Crumbs    []anchor
	Blocks    []block
}

type block struct {
	Heading, Part, Code, Text string
	Facts                     []fact
	Form                      *form
	Drawing                   template.HTML
	Caption                   string
	Head                      []cell
	Rows                      [][]cell
	Links                     []anchor
}

type (
	anchor struct{ Href, Text, Rel string }
	fact   struct {
		Term, Text, Href string
		Code             bool
	}
	cell struct {
		Text, Href string
		Number     bool
	}
	form struct {
		Action, Button string
		Fields         []field
	}
	field struct {
		Name, Label, Value, Example string
		Hidden, Wide, Required      bool
		Options                     []option
	}
	option struct{ Value, Text string }
)

var webPageTemplate = template.Must(template.ParseFS(templates, "templates/webpage.html"))

// webPagePolicy lets forms ask this server.
var webPagePolicy = strings.Replace(smallPolicy, "form-action 'none'", "form-action 'self'", 1)

// sendPage sends the page of an address.
func (s *Server) sendPage(w http.ResponseWriter, q *request, page func(context.Context, *webPage) error) error {
	lang := language(q.Header.Get("Accept-Language"))
	return s.send(w, q, answer{contentType: "text/html; charset=utf-8", varied: true, vary: "Accept, Accept-Language",
		key: "page\x00" + lang + "\x00" + s.root(q) + "\x00" + strings.Join(q.parts, "/") + "?" + q.URL.RawQuery, header: map[string]string{"Content-Security-Policy": webPagePolicy},
		build: func(ctx context.Context) ([]byte, error) {
			v := &webPage{Lang: lang, FR: lang == "fr", Style: sheet, Territory: q.rel.catalog.Territory.Title.In(lang)}
			if err := page(ctx, v); err != nil {
				return nil, err
			}
			var out bytes.Buffer
			err := webPageTemplate.Execute(&out, v)
			return out.Bytes(), err
		}})
}

// pick is the text in the language of the page.
func (v *webPage) pick(french, english string) string { return pick(!v.FR, english, french) }

func (v *webPage) count(n int64) string { return number(n, v.Lang) }

// within adds a link to an address of the API to the way that leads to the page.
func (v *webPage) crumb(href, text string) {
	v.Crumbs = append(v.Crumbs, anchor{Href: href, Text: text})
}

// apiCrumbs lead from the map to the collections.
func (v *webPage) apiCrumbs(q *request, collections bool) {
	v.crumb("/", v.pick("Carte", "Map"))
	v.crumb(q.within()+"/api", "API")
	if collections {
		v.crumb(q.within()+"/collections", v.pick("Collections", "Collections"))
	}
}

// drawing is a small map of the features that draw is called with, in Mercator as they lie in the file.
type drawing struct {
	path                   strings.Builder
	minX, minY, maxX, maxY float64
	points                 bool
	vertices               int
}

func newDrawing(kind string) *drawing {
	return &drawing{minX: math.Inf(1), minY: math.Inf(1), maxX: math.Inf(-1), maxY: math.Inf(-1), points: kind == layer.Points}
}

const mostDrawn = 60_000 // vertices

func (d *drawing) add(b *layer.Batch, row int) {
	if n := int(b.Vertex[b.Part[row+1]] - b.Vertex[b.Part[row]]); d.vertices+n > mostDrawn {
		return
	}
	for p := b.Part[row]; p < b.Part[row+1]; p++ {
		command := 'M'
		for v := b.Vertex[p]; v < b.Vertex[p+1]; v++ {
			x, y := float64(b.X[v]), float64(b.Y[v])
			d.minX, d.maxX, d.minY, d.maxY = min(d.minX, x), max(d.maxX, x), min(d.minY, y), max(d.maxY, y)
			if d.points {
				command = 'M'
			}
			fmt.Fprintf(&d.path, "%c%d %d", command, b.X[v], b.Y[v])
			if d.points {
				d.path.WriteString("h0")
			}
			command = 'L'
			d.vertices++
		}
		if b.Area != nil {
			d.path.WriteByte('Z')
		}
	}
}

// svg is the map with its description for those who do not see it; empty when nothing was drawn.
func (d *drawing) svg(label string) template.HTML {
	if d.vertices == 0 {
		return ""
	}
	width, height := max(d.maxX-d.minX, 1<<12), max(d.maxY-d.minY, 1<<12)
	margin := max(width, height) * 0.04
	style := ""
	if d.points {
		style = ` stroke-linecap="round" stroke-width="7"`
	}
	return template.HTML(fmt.Sprintf(`<svg role="img" aria-label="%s" width="640" height="%d" viewBox="%.0f %.0f %.0f %.0f"><path class="%s" fill-rule="evenodd"%s d="%s"/></svg>`,
		template.HTMLEscapeString(label), int(max(80, min(420, 640*(height+2*margin)/(width+2*margin)))), d.minX-margin, d.minY-margin, width+2*margin, height+2*margin,
		map[bool]string{true: "point", false: "shape"}[d.points], style, d.path.String()))
}

// propertyTitle is how a column is headed.
func propertyTitle(p release.Property, lang string) string {
	text := p.Title.In(lang)
	if text == "" {
		text = p.Name
	}
	if p.Unit != "" {
		text += " (" + p.Unit + ")"
	}
	return text
}
