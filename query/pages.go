package query

import (
	"context"
	"math"
	"net/url"
	"strconv"

	"jumeau/model"
	"jumeau/model/layer"
	"jumeau/model/release"
	"jumeau/query/ogc"
)

// The pages of the API: what its documents say, for people.

func (s *Server) landingPage(q *request, v *webPage) {
	c := &q.rel.catalog
	v.Title = c.Territory.Title.In(v.Lang)
	v.Blocks = []block{
		{Text: v.pick("Publié par ", "Published by ") + c.Territory.Publisher.In(v.Lang) + "."},
		{Links: []anchor{{Href: "/", Text: v.pick("La carte", "The map")}, {Href: q.within() + "/collections", Text: v.pick("Les collections", "The collections")},
			{Href: q.within() + "/api", Text: v.pick("Essayer l’API", "Try the API")}, {Href: q.within() + "/conformance", Text: v.pick("Conformité", "Conformance")}}},
	}
}

func (s *Server) conformancePage(v *webPage) {
	v.Title = v.pick("Classes de conformité", "Conformance classes")
	b := block{Text: v.pick("Les normes de l’OGC que cette API respecte ; chacune est tenue par un test.", "The standards of the OGC that this API conforms to; a test holds each.")}
	b.Head = []cell{{Text: v.pick("Classe", "Class")}}
	for _, class := range ogc.Conformance {
		b.Rows = append(b.Rows, []cell{{Text: class}})
	}
	v.Blocks = []block{b}
}

func (s *Server) collectionsPage(q *request, v *webPage) {
	v.apiCrumbs(q, false)
	v.Title = "Collections"
	b := block{Text: v.pick("Chaque couche de la carte est une collection, à filtrer, à télécharger et à ouvrir dans un SIG.", "Each layer of the map is a collection, to filter, to download and to open in a GIS.")}
	b.Head = []cell{{Text: v.pick("Couche", "Layer")}, {Text: v.pick("Objets", "Features"), Number: true}, {Text: v.pick("Contenu", "Content")}}
	for _, l := range q.rel.catalog.Layers {
		b.Rows = append(b.Rows, []cell{{Text: l.Title.In(v.Lang), Href: q.within() + "/collections/" + l.ID}, {Text: v.count(l.Features), Number: true}, {Text: l.Summary.In(v.Lang)}})
	}
	v.Blocks = []block{b}
}

func (s *Server) collectionPage(q *request, v *webPage, l *release.Layer) {
	v.apiCrumbs(q, true)
	v.Title = l.Title.In(v.Lang)
	here := q.within() + "/collections/" + l.ID
	kind := map[string][2]string{"point": {"points", "points"}, "line": {"lignes", "lines"}, "polygon": {"polygones", "polygons"}}[l.Geometry]
	facts := []fact{{Term: v.pick("Objets", "Features"), Text: v.count(l.Features) + " " + v.pick(kind[0], kind[1])},
		{Term: v.pick("À mentionner", "To be credited"), Text: q.rel.catalog.Attribution(l)}, {Term: v.pick("Identifiant", "Id"), Text: l.ID, Code: true}}
	properties := block{Heading: v.pick("Propriétés", "Properties"), Head: []cell{{Text: v.pick("Nom", "Name")}, {Text: v.pick("Type", "Type")}, {Text: v.pick("Titre", "Title")}}}
	for _, p := range l.Properties {
		properties.Rows = append(properties.Rows, []cell{{Text: p.Name}, {Text: p.Type}, {Text: propertyTitle(p, v.Lang)}})
	}
	downloads := block{Heading: v.pick("Télécharger", "Download")}
	for _, f := range exportForms {
		downloads.Links = append(downloads.Links, anchor{Href: q.within() + "/export/" + l.ID + f.extension, Text: f.title.In(v.Lang)})
	}
	v.Blocks = []block{{Text: l.Summary.In(v.Lang), Facts: facts},
		{Links: []anchor{{Href: here + "/items", Text: v.pick("Voir les objets", "See the features")}, {Href: here + "/queryables", Text: v.pick("Ce qui se filtre", "What can be filtered")},
			{Href: q.within() + "/tiles/" + l.ID + ".json", Text: "TileJSON"}, {Href: here + "?f=json", Text: "JSON"}}},
		downloads}
	if len(properties.Rows) > 0 {
		v.Blocks = append(v.Blocks, properties)
	}
}

func (s *Server) queryablesPage(v *webPage, l *release.Layer) {
	v.Title = v.pick("Ce qui se filtre : ", "What can be filtered: ") + l.Title.In(v.Lang)
	b := block{Head: []cell{{Text: v.pick("Nom", "Name")}, {Text: "Type"}, {Text: v.pick("Exemple", "Example")}},
		Rows: [][]cell{{{Text: "id"}, {Text: "text"}, {Text: "id = 'x'"}}, {{Text: "geometry"}, {Text: l.Geometry}, {Text: "S_INTERSECTS(geometry, BBOX(1.4, 43.5, 1.5, 43.6))"}}}}
	for _, p := range l.Properties {
		example := map[string]string{"text": p.Name + " LIKE 'a%'", "integer": p.Name + " >= 1", "number": p.Name + " BETWEEN 1 AND 2.5", "boolean": p.Name + " = TRUE"}[p.Type]
		b.Rows = append(b.Rows, []cell{{Text: p.Name}, {Text: p.Type}, {Text: example}})
	}
	v.Blocks = []block{b}
}

// shownItems is how many features a page for people has at most.
const shownItems = 50

func (s *Server) itemsPage(ctx context.Context, q *request, v *webPage, pg *featurePage) error {
	l := pg.layer
	here := q.within() + "/collections/" + l.ID
	v.apiCrumbs(q, true)
	v.crumb(here, l.Title.In(v.Lang))
	v.Title = v.pick("Objets", "Features")
	if pg.figures != nil {
		v.Title += v.pick(" : ", ": ") + pg.measure + ", " + string(pg.slot)
	}
	pg.limit = min(pg.limit, shownItems)
	matched, err := s.matching(ctx, q, pg.selection)
	if err != nil {
		return err
	}
	table := block{Head: []cell{{Text: "id"}}, Caption: v.pick("Objets", "Features")}
	for _, p := range l.Properties {
		table.Head = append(table.Head, cell{Text: propertyTitle(p, v.Lang), Number: p.Type == layer.Integer || p.Type == layer.Number})
	}
	if pg.figures != nil {
		table.Head = append(table.Head, cell{Text: v.pick("Chiffre", "Figure"), Number: true})
	}
	d := newDrawing(l.Geometry)
	returned, next, err := pg.features(ctx, func(b *layer.Batch, row int) int {
		d.add(b, row)
		id := string(b.IDs.At(row))
		cells := []cell{{Text: id, Href: here + "/items/" + url.PathEscape(id)}}
		for i := range b.Props {
			cells = append(cells, v.value(&b.Props[i], row))
		}
		if pg.figures != nil {
			cells = append(cells, v.figure(pg.figures, b, row))
		}
		table.Rows = append(table.Rows, cells)
		return 0
	})
	if err != nil {
		return err
	}
	summary := v.pick("Aucun objet ne répond à la question.", "No feature meets the question.")
	switch {
	case matched == 1:
		summary = v.pick("Un objet répond à la question.", "One feature meets the question.")
	case matched > 1:
		summary = v.count(int64(matched)) + v.pick(" objets répondent à la question", " features meet the question")
		if returned < matched {
			summary += v.pick(" ; cette page en montre ", "; this page shows ") + v.count(int64(returned))
		}
		summary += "."
	}
	v.Blocks = []block{{Text: summary, Form: pg.form(q, v, here)}, {Drawing: d.svg(v.pick("Carte des objets de cette page", "Map of the features of this page"))}, table, {Links: pg.more(q, v, here, next)}}
	return nil
}

// form asks for other features.
func (pg *featurePage) form(q *request, v *webPage, here string) *form {
	f := &form{Action: here + "/items", Button: v.pick("Chercher", "Search"), Fields: []field{
		{Name: "filter", Label: v.pick("Filtre (CQL2)", "Filter (CQL2)"), Value: pg.asked.Get("filter"), Wide: true},
		{Name: "bbox", Label: v.pick("Emprise : ouest, sud, est, nord", "Box: west, south, east, north"), Value: pg.asked.Get("bbox")}}}
	if slots := pg.slots(q); len(slots) > 0 {
		one := field{Name: "slot", Label: v.pick("Créneau", "Slot"), Value: string(pg.slot), Options: []option{{"", "–"}}}
		for _, at := range slots {
			one.Options = append(one.Options, option{string(at), string(at)})
		}
		f.Fields = append(f.Fields, one)
	}
	if pg.measure != "" {
		f.Fields = append(f.Fields, field{Name: "measure", Value: pg.measure, Hidden: true})
	}
	for i, p := range pg.layer.Properties {
		if example := map[string]string{"text": " LIKE 'a%'", "integer": " > 10", "number": " > 10"}[p.Type]; example != "" && i == 0 {
			f.Fields[0].Example = p.Name + example
		}
	}
	return f
}

// slots are those of the measure shown, or of the layer's first one.
func (pg *featurePage) slots(q *request) []model.Slot {
	id := pg.measure
	if id == "" && len(pg.layer.Measures) > 0 {
		id = pg.layer.Measures[0]
	}
	if values := q.rel.values[id+"."+pg.layer.Zones]; values != nil {
		return values.Slots
	}
	return nil
}

// more are the ways on from a page.
func (pg *featurePage) more(q *request, v *webPage, here string, next int) (links []anchor) {
	if pg.after > 0 {
		links = append(links, anchor{Href: here + "/items?" + pg.parameters(0).Encode(), Text: v.pick("Première page", "First page"), Rel: "first"})
	}
	if next > 0 {
		links = append(links, anchor{Href: "/r/" + q.rel.id + "/collections/" + pg.layer.ID + "/items?" + pg.parameters(next).Encode(), Text: v.pick("Page suivante", "Next page"), Rel: "next"})
	}
	all := url.Values{}
	for name, values := range pg.asked {
		all[name] = values
	}
	for _, f := range exportForms {
		links = append(links, anchor{Href: q.within() + "/export/" + pg.layer.ID + f.extension + queryOf(all), Text: f.title.In(v.Lang)})
	}
	return links
}

func queryOf(v url.Values) string {
	if len(v) == 0 {
		return ""
	}
	return "?" + v.Encode()
}

func (s *Server) itemPage(q *request, v *webPage, chosen *selection, n int) {
	b, row := chosen.file.At(n)
	v.Title = string(b.IDs.At(row))
	here := q.within() + "/collections/" + chosen.layer.ID
	v.apiCrumbs(q, true)
	v.crumb(here, chosen.layer.Title.In(v.Lang))
	v.crumb(here+"/items", v.pick("Objets", "Features"))
	facts := []fact{}
	for i, p := range chosen.layer.Properties {
		facts = append(facts, fact{Term: propertyTitle(p, v.Lang), Text: v.value(&b.Props[i], row).Text})
	}
	if chosen.figures != nil {
		facts = append(facts, fact{Term: chosen.measure + " " + string(chosen.slot), Text: v.figure(chosen.figures, b, row).Text})
	}
	d := newDrawing(chosen.layer.Geometry)
	d.add(b, row)
	v.Blocks = []block{{Facts: facts}, {Drawing: d.svg(v.pick("Forme de l’objet", "Shape of the feature"))}}
}

// value of a property as people read it.
func (v *webPage) value(c *layer.Column, row int) cell {
	switch {
	case !c.Has(row):
		return cell{Text: "–", Number: c.Type != layer.Text}
	case c.Type == layer.Text:
		return cell{Text: string(c.TextAt(row))}
	case c.Type == layer.Integer:
		return cell{Text: strconv.FormatInt(c.Int[row], 10), Number: true} // years and codes have no groups
	case c.Type == layer.Boolean:
		return cell{Text: map[bool]string{true: v.pick("oui", "yes"), false: v.pick("non", "no")}[c.Flag(row)]}
	}
	return cell{Text: decimal(c.Num[row], 9, v.Lang), Number: true}
}

// figure of a zone: a number with its interval, or why there is none.
func (v *webPage) figure(f *ogc.Figures, b *layer.Batch, row int) cell {
	i, ok := f.Row(b, row)
	if !ok {
		return cell{Text: "–", Number: true}
	}
	text := decimal(f.Value[i], 9, v.Lang)
	if !math.IsNaN(f.Lo[i]) {
		text += " (" + decimal(f.Lo[i], 9, v.Lang) + v.pick(" à ", " to ") + decimal(f.Hi[i], 9, v.Lang) + ")"
	}
	switch f.Flag[i] {
	case model.NotPublished:
		text = v.pick("non publié", "not published")
	case model.NoData:
		text = v.pick("pas de donnée", "no data")
	case model.Estimated:
		text += v.pick(", estimé", ", estimated")
	case model.Partial:
		text += v.pick(", partiel", ", partial")
	}
	return cell{Text: text, Number: true}
}
