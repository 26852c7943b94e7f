package ogc

import (
	"strings"
	"time"

	"jumeau/model/release"
)

// DCATOptions say where the catalogue is and in which language its keywords are.
type DCATOptions struct {
	Root    string                                       // start of addresses
	Exports func(l *release.Layer) (list []Distribution) // of a layer
}

// Distribution is one form in which a dataset can be had.
type Distribution struct{ Title, URL, Media, Format string }

// licences of French public data, by what sources write.
var licences = []struct{ words, uri string }{
	{"licence ouverte", "https://www.etalab.gouv.fr/licence-ouverte-open-licence"}, {"etalab", "https://www.etalab.gouv.fr/licence-ouverte-open-licence"},
	{"odbl", "https://opendatacommons.org/licenses/odbl/1-0/"}, {"odc-by", "https://opendatacommons.org/licenses/by/1-0/"},
	{"cc0", "http://creativecommons.org/publicdomain/zero/1.0/"}, {"cc-by-sa", "https://creativecommons.org/licenses/by-sa/4.0/"}, {"cc-by", "https://creativecommons.org/licenses/by/4.0/"},
}

func licence(text string) string {
	lower := strings.ToLower(strings.ReplaceAll(text, " ", "-"))
	for _, l := range licences {
		if strings.Contains(lower, strings.ReplaceAll(l.words, " ", "-")) {
			return l.uri
		}
	}
	return ""
}

type node = map[string]any

// texts are a French and an English text.
func texts(french, english string) []any {
	out := []any{node{"@value": french, "@language": "fr"}}
	if english != "" && english != french {
		out = append(out, node{"@value": english, "@language": "en"})
	}
	return out
}

func reference(uri string) node { return node{"@id": uri} }

// DCAT is the catalogue as JSON-LD in the vocabulary of DCAT-AP 3 (a dataset a layer), which the portals of data.gouv.fr and Europe harvest.
func DCAT(c *release.Catalog, opt DCATOptions) node {
	publisher := node{"@id": opt.Root + "/#publisher", "@type": "foaf:Agent", "foaf:name": texts(c.Territory.Publisher.FR, c.Territory.Publisher.EN)}
	catalog := node{"@id": opt.Root + "/", "@type": "dcat:Catalog", "dct:title": texts(c.Territory.Title.FR, c.Territory.Title.EN),
		"dct:description": texts("Jumeau numérique du territoire : couches, chiffres et tuiles publiés.", "Digital twin of the territory: published layers, figures and tiles."),
		"dct:publisher":   reference(opt.Root + "/#publisher"), "foaf:homepage": reference(opt.Root + "/"),
		"dct:language": []any{reference("http://publications.europa.eu/resource/authority/language/FRA"), reference("http://publications.europa.eu/resource/authority/language/ENG")},
		"dct:modified": instant(c.BuiltAt)}
	graph := []any{catalog, publisher}
	var datasets []any
	for i := range c.Layers {
		l := &c.Layers[i]
		id := opt.Root + "/collections/" + l.ID
		datasets = append(datasets, reference(id))
		graph = append(graph, dataset(c, l, id, opt)...)
	}
	catalog["dcat:dataset"] = datasets
	return node{"@context": node{"dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/", "foaf": "http://xmlns.com/foaf/0.1/",
		"xsd": "http://www.w3.org/2001/XMLSchema#", "locn": "http://www.w3.org/ns/locn#", "prov": "http://www.w3.org/ns/prov#"}, "@graph": graph}
}

// rights is the access that a layer is declared for.
func rights(l *release.Layer) string {
	if l.Audience == "" || l.Audience == "public" {
		return "PUBLIC"
	}
	return "RESTRICTED"
}

func instant(t time.Time) node {
	return node{"@value": t.UTC().Format(time.RFC3339), "@type": "xsd:dateTime"}
}

func dataset(c *release.Catalog, l *release.Layer, id string, opt DCATOptions) []any {
	summaryFR, summaryEN := l.Summary.FR, l.Summary.EN
	if summaryFR == "" {
		summaryFR, summaryEN = l.Title.FR, l.Title.EN
	}
	d := node{"@id": id, "@type": "dcat:Dataset", "dct:title": texts(l.Title.FR, l.Title.EN), "dct:description": texts(summaryFR, summaryEN), "dct:identifier": id,
		"dct:publisher": reference(opt.Root + "/#publisher"), "dct:modified": instant(c.BuiltAt), "dcat:landingPage": reference(id + "?f=html"),
		"dct:accessRights": reference("http://publications.europa.eu/resource/authority/access-right/" + rights(l)),
		"dct:spatial":      node{"@type": "dct:Location", "dcat:bbox": node{"@value": boxText(l.BBox), "@type": "http://www.opengis.net/ont/geosparql#wktLiteral"}}}
	var uri, words, vintages []string
	var provenance []any
	for _, name := range l.Sources {
		s, ok := c.Source(name)
		if !ok {
			continue
		}
		if u := licence(s.Licence); u != "" {
			uri = append(uri, u)
		}
		words = append(words, s.Licence)
		if s.Vintage != "" {
			vintages = append(vintages, s.Vintage)
		}
		one := node{"@type": "prov:Entity", "dct:title": texts(s.Title.FR, s.Title.EN), "dct:creator": node{"@type": "foaf:Agent", "foaf:name": s.Producer}}
		if strings.HasPrefix(s.URL, "http://") || strings.HasPrefix(s.URL, "https://") {
			one["dcat:landingPage"] = reference(s.URL)
		}
		provenance = append(provenance, one)
	}
	if provenance != nil {
		d["dct:source"] = provenance
	}
	if period := period(vintages); period != nil {
		d["dct:temporal"] = period
	}
	out := []any{}
	var list []any
	for _, e := range opt.Exports(l) {
		list = append(list, reference(e.URL))
		one := node{"@id": e.URL, "@type": "dcat:Distribution", "dct:title": e.Title, "dcat:accessURL": reference(e.URL), "dcat:downloadURL": reference(e.URL),
			"dcat:mediaType": reference("http://www.iana.org/assignments/media-types/" + e.Media), "dct:format": e.Format}
		switch {
		case len(uri) > 0 && same(uri) && len(uri) == len(words):
			one["dct:license"] = reference(uri[0])
		case len(words) > 0: // several licences: all of them hold
			one["dct:rights"] = node{"@type": "dct:RightsStatement", "dct:description": strings.Join(words, " ; ")}
		}
		out = append(out, one)
	}
	d["dcat:distribution"] = list
	if len(uri) > 0 && same(uri) && len(uri) == len(words) {
		d["dct:license"] = reference(uri[0])
	}
	return append([]any{d}, out...)
}

func same(list []string) bool {
	for _, s := range list {
		if s != list[0] {
			return false
		}
	}
	return true
}

// period is from the first to the last vintage that is a year, a month or a day.
func period(vintages []string) node {
	first, last := "", ""
	for _, v := range vintages {
		for _, form := range []string{"2006", "2006-01", time.DateOnly} {
			t, err := time.Parse(form, v)
			if err != nil {
				continue
			}
			end := t
			switch form {
			case "2006":
				end = t.AddDate(1, 0, -1)
			case "2006-01":
				end = t.AddDate(0, 1, -1)
			}
			if from := t.Format(time.DateOnly); first == "" || from < first {
				first = from
			}
			last = max(last, end.Format(time.DateOnly))
		}
	}
	if first == "" {
		return nil
	}
	return node{"@type": "dct:PeriodOfTime", "dcat:startDate": node{"@value": first, "@type": "xsd:date"}, "dcat:endDate": node{"@value": last, "@type": "xsd:date"}}
}

func boxText(b [4]float64) string {
	at := func(x, y float64) string { return string(number(append(number(nil, x), ' '), y)) }
	return "POLYGON((" + strings.Join([]string{at(b[0], b[1]), at(b[2], b[1]), at(b[2], b[3]), at(b[0], b[3]), at(b[0], b[1])}, ",") + "))"
}
