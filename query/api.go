package query

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"jumeau/query/ogc"
)

// exportMedia are the media types of exports by extension.
func exportMedia() (out []ogc.ExportMedia) {
	for _, f := range exportForms {
		media, _, _ := strings.Cut(f.media, ";")
		out = append(out, ogc.ExportMedia{Extension: f.extension, Media: media})
	}
	return out
}

func (q *request) known() ogc.Known {
	k := ogc.KnownOf(&q.rel.catalog)
	k.Extensions = ids(exportForms, func(f exportForm) string { return f.extension })
	k.MostLimit, k.DefaultLimit = pageMost, pageDefault
	return k
}

// api answers GET /api: the OpenAPI description, or the page on which a person can try it.
func (s *Server) api(w http.ResponseWriter, q *request) error {
	p, err := q.parameters("f")
	if err != nil {
		return err
	}
	lang := language(q.Header.Get("Accept-Language"))
	return s.sendDocument(w, q, p, document{what: "api", media: ogc.OpenAPI, offered: []offer{{"json", ogc.OpenAPI}, asJSON, asHTML},
		page: func(_ context.Context, v *webPage) error { s.apiPage(q, v); return nil },
		encode: func(context.Context) ([]byte, error) {
			return marshal(ogc.Description(&q.rel.catalog, s.root(q), s.opt.Version, lang, q.known(), exportMedia()))
		}})
}

// apiPage has a form for every operation. A form cannot put what is filled in into a path, so that it asks /api/go, which sends on.
func (s *Server) apiPage(q *request, v *webPage) {
	v.crumb("/", v.pick("Carte", "Map"))
	v.Title = "API"
	v.Blocks = []block{{Text: v.pick("Tout ce que montre la carte se demande aussi par programme. Remplissez, envoyez, regardez l’adresse : c’est celle à utiliser dans QGIS, R, Python ou un tableur.",
		"Everything that the map shows can be asked for by a program too. Fill in, send, look at the address: it is the one to use in QGIS, R, Python or a spreadsheet."),
		Links: []anchor{{Href: q.within() + "/api?f=json", Text: "OpenAPI 3.0"}, {Href: q.within() + "/collections", Text: "Collections"}, {Href: q.within() + "/catalog.jsonld", Text: "DCAT-AP"},
			{Href: q.within() + "/conformance", Text: v.pick("Conformité", "Conformance")}}}}
	params := ogc.Params(q.known())
	for _, tag := range ogc.Tags {
		first := true
		for _, op := range ogc.Operations(exportMedia()) {
			if op.Tag != tag.ID || !q.offers(op) {
				continue
			}
			if first {
				v.Blocks = append(v.Blocks, block{Heading: tag.Title.In(v.Lang)})
				first = false
			}
			v.Blocks = append(v.Blocks, block{Part: op.Title.In(v.Lang), Code: op.Path, Text: op.About.In(v.Lang), Form: operationForm(q, v, op, params)})
		}
	}
}

// offers says whether there is anything to ask the operation about.
func (q *request) offers(op ogc.Operation) bool {
	return len(q.rel.catalog.Flows) > 0 || op.ID != "flows"
}

func operationForm(q *request, v *webPage, op ogc.Operation, params map[string]ogc.Param) *form {
	f := &form{Action: q.within() + "/api/go", Button: v.pick("Essayer", "Try it"), Fields: []field{{Name: "operation", Value: op.ID, Hidden: true}}}
	for _, name := range op.Params {
		p := params[name]
		one := field{Name: p.Name, Label: p.About.In(v.Lang), Required: p.In == "path", Wide: p.Name == "filter" || p.Name == "within"}
		switch choice, _ := p.Schema["enum"].([]string); {
		case len(choice) > 0:
			if p.In != "path" {
				one.Options = append(one.Options, option{"", "–"})
			}
			for _, c := range choice {
				one.Options = append(one.Options, option{c, c})
			}
		case p.In == "path":
			one.Value = p.Example
		default:
			one.Example = p.Example
		}
		f.Fields = append(f.Fields, one)
	}
	return f
}

// try answers GET /api/go: it sends a form's reader on to the address that the form asks for, one of this server's.
func (s *Server) try(w http.ResponseWriter, q *request) error {
	values, err := url.ParseQuery(q.URL.RawQuery)
	if err != nil {
		return invalid("parameters", "use the forms of /api", "they cannot be read")
	}
	operations := ogc.Operations(exportMedia())
	i := slices.IndexFunc(operations, func(op ogc.Operation) bool { return op.ID == values.Get("operation") })
	if i < 0 {
		return missing("operation "+clip(values.Get("operation"), 40), "use the forms of /api", "not known")
	}
	params := ogc.Params(q.known())
	path, rest := operations[i].Path, url.Values{}
	for _, name := range operations[i].Params {
		p := params[name]
		value := values.Get(p.Name)
		switch {
		case p.In == "path" && (value == "" || value == "." || value == ".."):
			return invalid("parameter "+p.Name, "fill it in", "it is missing")
		case p.In == "path":
			path = strings.ReplaceAll(path, "{"+p.Name+"}", url.PathEscape(value))
		case value != "":
			rest.Set(p.Name, value)
		}
	}
	w.Header().Set("Location", q.within()+path+queryOf(rest))
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusSeeOther)
	return nil
}
