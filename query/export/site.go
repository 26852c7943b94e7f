package export

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"jumeau/model"
	"jumeau/model/pmtiles"
	"jumeau/model/release"
	"jumeau/model/search"
	"jumeau/query"
)

// profileZones is how many zones' profiles lie in one file: as many files as zones would be too many, and one would be too long.
const profileZones = 16

// site writes the page and the answers that it asks for, which are the server's own.
func (s *static) site() error {
	server := query.New(filepath.Dir(s.r.Dir), query.Options{Log: slog.New(slog.DiscardHandler), Version: s.r.Manifest.Tool.Version, CacheBytes: 1 << 20})
	defer server.Close() //nolint:errcheck // it only reads
	a := &asker{server: server, static: s}
	for _, z := range s.catalog.ZoneSystems {
		a.keep("zones/"+z.ID+".json", "/zones/"+z.ID)
	}
	for _, m := range s.catalog.Measures {
		for _, by := range m.Systems {
			a.measure(&m, by.Zones)
		}
	}
	for _, f := range s.catalog.Flows {
		a.flow(&f, s.systemsOf(&f))
	}
	for _, l := range s.catalog.Layers {
		if l.Search != nil {
			a.searchIndex(l.ID)
		}
	}
	for _, t := range s.catalog.Tours {
		a.keep("tours/"+t.ID+".json", "/tours/"+t.ID)
	}
	a.keep("privacy.json", "/privacy")
	for _, card := range s.r.Manifest.Privacy {
		if _, shown := s.catalog.Source(card.Source); shown {
			a.keep("privacy/"+card.Source+".json", "/privacy/"+card.Source)
		}
	}
	a.privacy("privacy/index.html", "fr", `<p><a href="en.html" lang="en" hreflang="en">This page in English</a> · <a href="../">La carte</a></p>`)
	a.privacy("privacy/en.html", "en", `<p><a href="./" lang="fr" hreflang="fr">Cette page en français</a> · <a href="../">The map</a></p>`)
	return cmp.Or(a.err, s.page())
}

// systemsOf are the zone systems in which a page may show a flow: its own, and those of the layers that offer it.
func (s *static) systemsOf(f *release.Flow) []string {
	systems := []string{f.Zones}
	for _, l := range s.catalog.Layers {
		if l.Zones != "" && slices.Contains(l.Flows, f.ID) && !slices.Contains(systems, l.Zones) {
			systems = append(systems, l.Zones)
		}
	}
	return systems
}

// greatest is how many pairs the page asks for where it puts zones together (src/overview.ts).
const greatest = "300"

// flow keeps the pairs of a flow by slot: all of them in the systems given, the greatest in those that its zones lie in.
func (a *asker) flow(f *release.Flow, systems []string) {
	var zones struct {
		Parents map[string]json.RawMessage `json:"parents"`
	}
	if body := a.ask(nil, "/zones/"+f.Zones); a.err == nil {
		a.err = json.Unmarshal(body, &zones)
	}
	for _, at := range f.Slots {
		for _, system := range systems {
			a.keep(path.Join("flows", f.ID, system, string(at)+".json"), "/flows/"+f.ID, "zones", system, "slot", string(at))
		}
		for _, system := range slices.Sorted(maps.Keys(zones.Parents)) {
			a.keep(path.Join("flows", f.ID, system, string(at), greatest+".json"), "/flows/"+f.ID, "zones", system, "slot", string(at), "top", greatest)
		}
	}
}

// asker asks the server for documents of the release, and keeps them as files. After the first error it does nothing more.
type asker struct {
	server http.Handler
	static *static
	err    error
}

// measure keeps the figures of a measure: by slot, and when there are several by zone.
func (a *asker) measure(m *release.Measure, system string) {
	for _, at := range m.Slots {
		a.keep(path.Join("values", m.ID, system, string(at)+".json"), "/values/"+m.ID, "zones", system, "slot", string(at))
	}
	if len(m.Slots) < 2 {
		return
	}
	var zones struct {
		IDs []string `json:"ids"`
	}
	if body := a.ask(nil, "/zones/"+system); a.err == nil {
		a.err = json.Unmarshal(body, &zones)
	}
	n := 0
	for some := range slices.Chunk(zones.IDs, profileZones) {
		var list [][]byte
		for _, id := range some {
			list = append(list, a.ask(nil, "/profile/"+m.ID, "zones", system, "zone", id))
		}
		a.write(path.Join("profile", m.ID, system, fmt.Sprint(n, ".json")), slices.Concat([]byte("["), bytes.Join(list, []byte(",")), []byte("]")))
		n++
	}
}

// searchIndex keeps the index of a layer.
func (a *asker) searchIndex(layer string) {
	body := a.ask(nil, "/search/"+layer+"/index")
	a.write("search/"+layer+"/index.json", body)
	var index search.Index
	if a.err == nil {
		a.err = json.Unmarshal(body, &index)
	}
	for kind, n := range map[string]int{"w": len(index.Words), "n": len(index.Numbers)} {
		for i := range n {
			name := fmt.Sprint(kind, i)
			a.keep("search/"+layer+"/"+name+".json", "/search/"+layer+"/"+name)
		}
	}
}

// privacy keeps the privacy page in a language, with links that files need, and the page's icon: browsers ask for one.
func (a *asker) privacy(name, lang, links string) {
	body := a.ask(http.Header{"Accept": {"text/html"}, "Accept-Language": {lang}}, "/privacy")
	add := strings.NewReplacer("<head>", `<head><link rel="icon" href="../favicon.svg" type="image/svg+xml">`, "<main>", "<main>"+links)
	a.write(name, []byte(add.Replace(string(body))))
}

func (a *asker) keep(name, address string, parameters ...string) {
	a.write(name, a.ask(http.Header{"Accept": {"application/json"}}, address, parameters...))
}

func (a *asker) write(name string, body []byte) {
	if a.err == nil {
		a.err = a.static.write(name, body)
	}
}

// ask is what the server answers at an address of the release; parameters are name, value, name, value.
func (a *asker) ask(header http.Header, address string, parameters ...string) []byte {
	if a.err != nil {
		return nil
	}
	given := url.Values{}
	for i := 0; i < len(parameters); i += 2 {
		given.Set(parameters[i], parameters[i+1])
	}
	id := a.static.r.Manifest.ID
	r, err := http.NewRequestWithContext(a.static.ctx, http.MethodGet, (&url.URL{Path: "/r/" + id + address, RawQuery: given.Encode()}).String(), http.NoBody)
	if err != nil {
		a.err = err
		return nil
	}
	if header != nil {
		r.Header = header
	}
	w := &heard{header: http.Header{}}
	a.server.ServeHTTP(w, r)
	if w.status != http.StatusOK {
		a.err = &model.Error{Kind: model.Internal, Op: "export", Subject: address, Err: fmt.Errorf("the server says %d: %s", w.status, w.Bytes()),
			Hint: "see what is wrong with the release: jumeau verify"}
	}
	return w.Bytes()
}

// heard is an answer of the server in memory.
type heard struct {
	bytes.Buffer
	header http.Header
	status int
}

func (h *heard) Header() http.Header    { return h.header }
func (h *heard) WriteHeader(status int) { h.status = status }

// unpack writes the tiles of an archive as files, and an index of them: a page that asks for no tile that is not there gets no
// error from a server, and needs no empty files.
func (s *static) unpack(id, archive string) error {
	a, err := pmtiles.Open(archive)
	if err != nil {
		return err
	}
	defer a.Close()
	there := index{}
	err = a.Each(func(number uint64, body []byte) error {
		t, ok := pmtiles.Tile(number)
		if !ok {
			return fmt.Errorf("tile %d is beyond the highest zoom", number)
		}
		there.add(uint32(t.Z), t.X, t.Y)
		return s.write(fmt.Sprintf("tiles/%s/%d/%d/%d.mvt.gz", id, t.Z, t.X, t.Y), body)
	})
	if err != nil {
		return err
	}
	text, err := json.Marshal(there.runs())
	return errors.Join(err, s.write("tiles/"+id+"/index.json", text))
}

// index is the rows of tiles by zoom and column.
type index map[uint32]map[uint32][]uint32

func (i index) add(z, x, y uint32) {
	if i[z] == nil {
		i[z] = map[uint32][]uint32{}
	}
	i[z][x] = append(i[z][x], y)
}

// runs is the same with rows as runs: from, to, from, to.
func (i index) runs() index {
	out := index{}
	for z, columns := range i {
		out[z] = map[uint32][]uint32{}
		for x, rows := range columns {
			slices.Sort(rows)
			var runs []uint32
			for _, y := range rows {
				if n := len(runs); n > 0 && runs[n-1]+1 == y {
					runs[n-1] = y
					continue
				}
				runs = append(runs, y, y)
			}
			out[z][x] = runs
		}
	}
	return out
}

// page copies the page, which is told that it reads files.
func (s *static) page() error {
	if s.opt.Page == nil {
		return nil
	}
	return fs.WalkDir(s.opt.Page, ".", func(name string, entry fs.DirEntry, err error) error {
		if ext := path.Ext(name); err != nil || entry.IsDir() || ext == ".br" || ext == ".gz" {
			return err
		}
		text, err := fs.ReadFile(s.opt.Page, name)
		if err != nil {
			return err
		}
		if name == "index.html" {
			text = []byte(s.tell(string(text)))
		}
		return s.write(name, text)
	})
}

// tell is index.html for a folder: the policy that a server would send, and the mark that src/api.ts looks for.
func (s *static) tell(html string) string {
	policy, _, _ := strings.Cut(s.opt.PagePolicy, "; frame-ancestors") // which only a header may say
	head := `<head><meta name="jumeau-files" content="` + s.r.Manifest.ID + `"><meta http-equiv="Content-Security-Policy" content="` + policy + `">`
	return strings.NewReplacer("<head>", head, `href="catalog"`, `href="catalog.json"`).Replace(html)
}
