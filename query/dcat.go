package query

import (
	"net/http"
	"strings"

	"jumeau/model/release"
	"jumeau/query/ogc"
)

// dcat answers GET /catalog.jsonld: the catalogue for portals that harvest it (DCAT-AP).
func (s *Server) dcat(w http.ResponseWriter, q *request) error {
	p, err := q.parameters()
	if err != nil {
		return err
	}
	root := s.root(q)
	return s.sendDocument(w, q, p, document{what: "dcat", media: "application/ld+json", offered: []offer{{"jsonld", "application/ld+json"}}, body: ogc.DCAT(&q.rel.catalog, ogc.DCATOptions{Root: root,
		Exports: func(l *release.Layer) (list []ogc.Distribution) {
			for _, f := range exportForms {
				media, _, _ := strings.Cut(f.media, ";")
				list = append(list, ogc.Distribution{Title: f.title.FR, URL: root + "/export/" + l.ID + f.extension, Media: media, Format: strings.TrimPrefix(f.extension, ".")})
			}
			return list
		}})})
}
