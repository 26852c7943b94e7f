package query

import (
	"context"
	"net/http"
	"os"
	"regexp"
	"slices"

	"jumeau/model/release"
)

// tour answers GET /tours/{tour}: the steps of a guided tour, in both languages.
func (s *Server) tour(w http.ResponseWriter, q *request) error {
	if _, err := q.parameters(); err != nil {
		return err
	}
	id := q.parts[1]
	if _, ok := q.rel.catalog.Tour(id); !ok {
		return notFound("tour", id, ids(q.rel.catalog.Tours, func(t release.Tour) string { return t.ID }))
	}
	return s.sendFile(w, q, "tours/"+id, release.TourPath(id))
}

// searchFile is the name of a file of a search index.
var searchFile = regexp.MustCompile(`^(index|[wn][0-9]{1,5})$`)

// searchIndex answers GET /search/{layer}/{file}: a part of the index by which the page finds addresses and facilities.
func (s *Server) searchIndex(w http.ResponseWriter, q *request) error {
	if _, err := q.parameters(); err != nil {
		return err
	}
	id, file := q.parts[1], q.parts[2]
	l, ok := q.rel.catalog.Layer(id)
	if !ok || l.Search == nil {
		there := slices.DeleteFunc(slices.Clone(q.rel.catalog.Layers), func(l release.Layer) bool { return l.Search == nil })
		return notFound("search index", id, ids(there, func(l release.Layer) string { return l.ID }))
	}
	if !searchFile.MatchString(file) {
		return missing("search index "+clip(file, 60), "ask for index, and for the files that it counts: w0, n0", "no such file")
	}
	return s.sendFile(w, q, "search/"+id+"/"+file, release.SearchPath(id, file))
}

// sendFile answers with a JSON file of the release.
func (s *Server) sendFile(w http.ResponseWriter, q *request, key, path string) error {
	return s.send(w, q, answer{contentType: jsonType, key: key, build: func(context.Context) ([]byte, error) {
		text, err := os.ReadFile(q.rel.release.Path(path))
		if os.IsNotExist(err) {
			return nil, missing(key, "reload the page to see the current release", "the release was removed")
		}
		return text, err
	}})
}
