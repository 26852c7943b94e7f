package query

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"jumeau/model/layer"
	"jumeau/query/ogc"
)

// Limits of a page of features.
const (
	pageDefault = 100
	pageMost    = 10_000
	pageBytes   = 8 << 20 // a page ends after the feature that passes it
)

// itemNames are the parameters of pages of features; a property of one of these names is asked about by filter=.
var itemNames = append([]string{"limit", "after", "crs", "f"}, selectNames...)

// items answers GET /collections/{layer}/items: a page of features.
func (s *Server) items(w http.ResponseWriter, q *request) error {
	l, err := q.layer(q.parts[1])
	if err != nil {
		return err
	}
	names := slices.Clone(itemNames)
	for _, property := range q.rel.layers[l.ID].Spec().Properties {
		names = append(names, property.Name)
	}
	p, err := q.parameters(names...)
	if err != nil {
		return err
	}
	chosen, err := q.selection(l, p)
	if err != nil {
		return err
	}
	in, err := system(p, "crs", ogc.Systems(l.BBox))
	if err != nil {
		return err
	}
	pg := featurePage{selection: chosen, system: in}
	if pg.limit, err = wholeNumber(p, "limit", pageDefault, 1, "a number of features from 1"); err != nil {
		return err
	}
	pg.limit = min(pg.limit, pageMost)
	if pg.after, err = wholeNumber(p, "after", 0, 0, "what a link to the next page has"); err != nil {
		return err
	}
	return s.sendDocument(w, q, p, document{what: "items/" + pg.key(), media: ogc.GeoJSON, offered: []offer{asGeoJSON, asHTML}, varied: true,
		header: map[string]string{"Content-Crs": "<" + in.URI + ">"},
		page:   func(ctx context.Context, v *webPage) error { return s.itemsPage(ctx, q, v, &pg) },
		encode: func(ctx context.Context) ([]byte, error) { return pg.encode(ctx, s, q) }})
}

// wholeNumber reads a parameter that is a whole number.
func wholeNumber(p map[string]string, name string, absent, least int, wanted string) (int, error) {
	text, given := p[name]
	if !given {
		return absent, nil
	}
	n, err := strconv.ParseUint(text, 10, 62)
	if err != nil || int(n) < least {
		return 0, invalid("parameter "+name, "write "+wanted, "%q is not one", clip(text, 40))
	}
	return int(n), nil
}

// featurePage is a page of a selection. Pages go by the number of a feature in its file, which is the same as long as the release is: the link to the
// next page names the release, so that no feature is missed or comes twice when another is published meanwhile.
type featurePage struct {
	*selection
	system ogc.System
	limit  int
	after  int // number of the first feature that may be on the page
}

func (pg *featurePage) key() string {
	return fmt.Sprintf("%s\x00%s\x00%d\x00%d", pg.selection.key(), pg.system.URI, pg.limit, pg.after)
}

// parameters are those that ask for the page, or for the one from a number.
func (pg *featurePage) parameters(after int) url.Values {
	v := url.Values{}
	for name, values := range pg.asked {
		v[name] = values
	}
	v.Set("limit", strconv.Itoa(pg.limit))
	if after > 0 {
		v.Set("after", strconv.Itoa(after))
	}
	if pg.system.URI != ogc.Degrees.URI {
		v.Set("crs", pg.system.URI)
	}
	return v
}

// features calls on those of the page and returns how many there were and the number from which the next one begins, 0 when there is none.
func (pg *featurePage) features(ctx context.Context, visit func(b *layer.Batch, row int) (bytes int)) (returned, next int, err error) {
	size := 0
	err = pg.each(ctx, pg.after, func(n int, b *layer.Batch, row int) bool {
		if returned == pg.limit || size > pageBytes {
			next = n
			return false
		}
		size += visit(b, row)
		returned++
		return true
	})
	return returned, next, err
}

// matching is how many features a selection chooses, which is the same for all who may see the layer. It is counted for the first page, and remembered for those that follow.
func (s *Server) matching(ctx context.Context, q *request, chosen *selection) (int, error) {
	key := q.rel.id + "\x00" + chosen.key()
	if n, ok := s.matched.GetIfPresent(key); ok {
		return n, nil
	}
	n, err := chosen.count(ctx)
	if err == nil {
		s.matched.Set(key, n)
	}
	return n, err
}

func (pg *featurePage) encode(ctx context.Context, s *Server, q *request) ([]byte, error) {
	matched, err := s.matching(ctx, q, pg.selection)
	if err != nil {
		return nil, err
	}
	out := []byte(`{"type":"FeatureCollection","features":[`)
	writer := ogc.NewWriter(pg.file.Spec(), pg.system, pg.figures)
	returned, next, err := pg.features(ctx, func(b *layer.Batch, row int) int {
		from := len(out)
		if out[from-1] != '[' {
			out = append(out, ',')
		}
		out = writer.Append(append(out, '\n'), b, row)
		return len(out) - from
	})
	if err != nil {
		return nil, err
	}
	path := "/collections/" + pg.layer.ID
	links := []ogc.Link{{Href: s.root(q) + path + "/items?" + pg.parameters(pg.after).Encode(), Rel: "self", Type: ogc.GeoJSON},
		{Href: s.root(q) + path + "/items?" + pg.parameters(pg.after).Encode() + "&f=html", Rel: "alternate", Type: ogc.HTML},
		{Href: s.root(q) + path, Rel: "collection", Type: ogc.JSON}}
	if next > 0 {
		links = append(links, ogc.Link{Href: s.base(q) + "/r/" + q.rel.id + path + "/items?" + pg.parameters(next).Encode(), Rel: "next", Type: ogc.GeoJSON})
	}
	end, err := json.Marshal(links)
	if err != nil {
		return nil, err
	}
	end = bytes.ReplaceAll(end, []byte(`\u0026`), []byte("&"))
	return fmt.Appendf(out, "\n],\n\"numberMatched\":%d,\"numberReturned\":%d,\"links\":%s}\n", matched, returned, end), nil
}

// item answers GET /collections/{layer}/items/{id}: one feature.
func (s *Server) item(w http.ResponseWriter, q *request) error {
	l, err := q.layer(q.parts[1])
	if err != nil {
		return err
	}
	p, err := q.parameters("f", "crs", "slot", "measure")
	if err != nil {
		return err
	}
	in, err := system(p, "crs", ogc.Systems(l.BBox))
	if err != nil {
		return err
	}
	chosen, err := q.selection(l, p)
	if err != nil {
		return err
	}
	id := strings.Join(q.parts[3:], "/")
	n, ok := chosen.file.Index(id)
	if !ok {
		return missing("feature "+clip(id, 80), "ids are in /collections/"+l.ID+"/items", "not in "+l.ID)
	}
	path := "/collections/" + l.ID
	address := s.root(q) + path + "/items/" + url.PathEscape(id)
	return s.sendDocument(w, q, p, document{what: fmt.Sprintf("item/%s\x00%d\x00%s", chosen.key(), n, in.URI), media: ogc.GeoJSON, offered: []offer{asGeoJSON, asHTML},
		varied: true, header: map[string]string{"Content-Crs": "<" + in.URI + ">"},
		page: func(_ context.Context, v *webPage) error { s.itemPage(q, v, chosen, n); return nil },
		encode: func(context.Context) ([]byte, error) {
			links, err := json.Marshal([]ogc.Link{{Href: address, Rel: "self", Type: ogc.GeoJSON}, {Href: address + "?f=html", Rel: "alternate", Type: ogc.HTML},
				{Href: s.root(q) + path, Rel: "collection", Type: ogc.JSON}})
			if err != nil {
				return nil, err
			}
			b, row := chosen.file.At(n)
			return ogc.NewWriter(chosen.file.Spec(), in, chosen.figures).AppendWith(nil, b, row, append([]byte(`,"links":`), links...)), nil
		}})
}
