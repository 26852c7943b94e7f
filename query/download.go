package query

import (
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"jumeau/model/release"
	"jumeau/query/door"
)

// downloadTime is how long a download may take.
const downloadTime = time.Hour

// download answers GET /download/{layer}.parquet: the layer as GeoParquet, whole or in ranges.
func (s *Server) download(w http.ResponseWriter, q *request) error {
	if _, err := q.parameters(); err != nil {
		return err
	}
	c := &q.rel.catalog
	id, ok := strings.CutSuffix(q.parts[1], ".parquet")
	l, known := c.Layer(id)
	if !ok || !known || l.Download == "" || !q.who.May(door.Export) {
		there := slices.DeleteFunc(slices.Clone(c.Layers), func(l release.Layer) bool { return l.Download == "" || !q.who.May(door.Export) })
		return notFound("download", q.parts[1], ids(there, func(l release.Layer) string { return l.ID + ".parquet" }))
	}
	file, err := os.Open(q.rel.release.Path(release.ParquetPath(id)))
	if os.IsNotExist(err) {
		return missing("download "+id+".parquet", "reload the page to see the current release", "the release was removed")
	}
	if err != nil {
		return err
	}
	defer file.Close()
	// The deadline of the connection is for short answers; a slow line may take its time over a large file.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(downloadTime))
	h := w.Header()
	h.Set("Content-Type", "application/vnd.apache.parquet")
	h.Set("Content-Disposition", `attachment; filename="`+c.Territory.ID+"-"+id+"-"+q.rel.id+`.parquet"`)
	vary(h, q)
	h.Set("Cache-Control", s.cacheControl(q, answer{}))
	h.Set("ETag", s.etag(q, "download/"+id, ""))
	http.ServeContent(w, q.Request, "", time.Time{}, file)
	return nil
}
