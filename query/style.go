package query

import (
	"context"
	"net/http"

	"jumeau/query/style"
)

// style answers GET /style.json: a MapLibre style of all layers that the audience may see.
func (s *Server) style(w http.ResponseWriter, q *request) error {
	if _, err := q.parameters(); err != nil {
		return err
	}
	base, lang := s.base(q)+q.within(), language(q.Header.Get("Accept-Language"))
	return s.send(w, q, answer{contentType: jsonType, key: "style\x00" + base + "\x00" + lang, vary: "Accept-Language",
		build: func(context.Context) ([]byte, error) {
			return marshal(style.Of(&q.rel.catalog, style.Options{Base: base, Language: lang}))
		}})
}
