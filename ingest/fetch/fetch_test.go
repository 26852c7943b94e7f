package fetch_test

import (
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"jumeau/ingest/fetch"
	"jumeau/model"
)

var text = strings.Repeat("id;lon;lat\n", 5000)

func TestAFileIsFetchedOnceAndAskedForPolitely(t *testing.T) {
	p := newProducer(t, file(text))
	r := newRig(t, p.URL+"/data/stops.csv")
	out := r.is(fetch.Fetched, text)
	if name := filepath.Base(out.Entries[0].File); name != "stops.csv" {
		t.Errorf("the file is called %s", name)
	}
	if agent := p.request(0).Header.Get("User-Agent"); agent != "jumeau/1.2 (ville; sig@ville.example)" {
		t.Errorf("we introduce ourselves as %q", agent)
	}
	r.is(fetch.NotDue, text)
	if p.times() != 1 {
		t.Errorf("the producer was asked %d times within an hour", p.times())
	}
	r.later()
	r.is(fetch.Unchanged, text)
	if p.times() != 2 || p.request(1).Header.Get("If-None-Match") == "" || p.request(1).Header.Get("If-Modified-Since") == "" {
		t.Errorf("the second question is not about a change: %v", p.request(1).Header)
	}
	r.later()
	p.becomes(file(text + "x"))
	r.is(fetch.Fetched, text+"x")
}

func TestTheSameBytesWithoutAnETagLeaveTheLockAsItIs(t *testing.T) {
	p := newProducer(t, func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(text)) })
	r := newRig(t, p.URL)
	r.is(fetch.Fetched, text)
	before, _ := os.ReadFile(filepath.Join(r.work, fetch.LockName))
	r.later()
	r.is(fetch.Unchanged, text)
	if after, _ := os.ReadFile(filepath.Join(r.work, fetch.LockName)); string(after) != string(before) {
		t.Errorf("the lock changed:\n%s", after)
	}
}

func TestABrokenDownloadGoesOnWhereItStopped(t *testing.T) {
	p := newProducer(t, cut(text, 20_000, file(text)))
	r := newRig(t, p.URL)
	r.is(fetch.Fetched, text)
	if got := p.request(1).Header.Get("Range"); got != "bytes=20000-" {
		t.Errorf("it asked for %q", got)
	}
	if got := p.request(1).Header.Get("If-Range"); got != `"`+sum(text)[:8]+`"` {
		t.Errorf("it did not say of which file it wants the rest: %q", got)
	}
}

func TestTheNextFetchGoesOnWithThePartOfTheLast(t *testing.T) {
	served := cut(text, 30_000, file(text))
	down := false
	p := newProducer(t, func(w http.ResponseWriter, r *http.Request) {
		if down {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		down = true
		served(w, r)
	})
	r := newRig(t, p.URL)
	r.fails(model.Unavailable, "503")
	p.becomes(file(text))
	r.is(fetch.Fetched, text)
	if p.times() != 1 || p.request(0).Header.Get("Range") != "bytes=30000-" {
		t.Errorf("the part was not taken up: %v", p.request(0).Header)
	}
}

func TestAFileThatChangesDuringResumeIsNotSewnTogether(t *testing.T) {
	other := strings.Repeat("ID;LON;LAT\n", 5000)
	for name, then := range map[string]http.HandlerFunc{
		"a good server sends the new one whole": file(other),
		"another sends the rest of the new one": func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Range") == "" {
				file(other)(w, r)
				return
			}
			w.Header().Set("ETag", `"new"`)
			w.Header().Set("Content-Range", "bytes 20000-54999/55000")
			w.WriteHeader(http.StatusPartialContent)
			w.Write([]byte(other[20_000:]))
		},
		"one sends another part than asked for": func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Range") == "" {
				file(other)(w, r)
				return
			}
			w.Header().Set("Content-Range", "bytes 10000-54999/55000")
			w.WriteHeader(http.StatusPartialContent)
			w.Write([]byte(other[10_000:]))
		},
	} {
		t.Run(name, func(t *testing.T) {
			var p *producer
			p = newProducer(t, func(w http.ResponseWriter, r *http.Request) {
				p.becomes(then)
				cut(text, 20_000, file(text))(w, r)
			})
			newRig(t, p.URL).is(fetch.Fetched, other)
		})
	}
}

func TestFaultsOfProducers(t *testing.T) {
	for name, c := range map[string]struct {
		serve http.HandlerFunc
		kind  model.Kind
		words string
		times int
	}{
		"always half a file": {cut(text, 100, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "55000")
			w.Write([]byte(text))
		}), model.Unavailable, "after 100 of 55000 bytes", 3},
		"a server error":           {status(500), model.Unavailable, "500", 3},
		"too many requests":        {status(429, "Retry-After", "7"), model.Unavailable, "429", 3},
		"come back tomorrow":       {status(503, "Retry-After", "86400"), model.Unavailable, "503", 1},
		"not found":                {status(404), model.NotFound, "404", 1},
		"forbidden":                {status(403), model.Invalid, "403", 1},
		"a page instead of a file": {func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("\n<!DOCTYPE html><p>Maintenance")) }, model.Unavailable, "web page", 1},
		"nothing at all":           {func(http.ResponseWriter, *http.Request) {}, model.Unavailable, "empty", 3},
		"an unknown content coding": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "br")
			w.Write([]byte("x"))
		}, model.Unavailable, `"br"`, 1},
		"a file that is too large": {func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, 2<<20)) }, model.Invalid, "more than 1 MiB", 1},
		"too large and it says so": {status(200, "Content-Length", "5000000000"), model.Invalid, "more than 1 MiB", 1},
		"a redirect loop":          {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/again", http.StatusFound) }, model.Invalid, "more than 5 times", 6},
		"a redirect to a file":     {status(302, "Location", "file:///etc/passwd"), model.Invalid, "address of file", 1},
		"a redirect to metadata":   {status(302, "Location", "http://169.254.169.254/latest/meta-data/"), model.Invalid, "metadata", 1},
		"a slow server": {func(w http.ResponseWriter, r *http.Request) {
			w.Write([]byte("x"))
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, model.Unavailable, "nothing came for", 3},
		"a silent server": {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, model.Unavailable, "timeout", 3},
		"a wrong digest": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg==")
			w.Write([]byte(text))
		}, model.Unavailable, "damaged", 3},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProducer(t, c.serve)
			r := newRig(t, p.URL)
			r.fails(c.kind, c.words)
			if p.times() != c.times {
				t.Errorf("the producer was asked %d times, not %d", p.times(), c.times)
			}
			if lock, err := fetch.ReadLock(r.work); err != nil || len(lock.Files) != 0 {
				t.Errorf("the lock has %v, %v", lock, err)
			}
			// Mended, it comes whole.
			p.becomes(file(text))
			r.is(fetch.Fetched, text)
		})
	}
}

func TestWaitsGrowAndRetryAfterIsHonoured(t *testing.T) {
	p := newProducer(t, status(500))
	r := newRig(t, p.URL)
	r.opt.Attempts = 9
	r.run()
	for i, w := range r.waits {
		most := min(2*time.Second<<i, 2*time.Minute)
		if w < most/2 || w > most {
			t.Errorf("wait %d is %s, not between %s and %s", i, w, most/2, most)
		}
	}
	p.becomes(status(429, "Retry-After", "77"))
	r.waits = nil
	r.run()
	if len(r.waits) != 8 || r.waits[0] != 77*time.Second {
		t.Errorf("Retry-After: 77 made us wait %v", r.waits)
	}
	p.becomes(status(503, "Retry-After", time.Now().Add(90*time.Second).UTC().Format(http.TimeFormat)))
	r.waits, r.now = nil, time.Now()
	r.run()
	if r.waits[0] < 60*time.Second || r.waits[0] > 91*time.Second {
		t.Errorf("a date made us wait %v", r.waits)
	}
}

func TestWhatWasFetchedBeforeIsUsedWhenTheProducerFails(t *testing.T) {
	for name, then := range map[string]http.HandlerFunc{"down": status(502), "gone": status(404), "half": cut(text+text, 10, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "110000")
		w.Write([]byte(text + text))
	})} {
		t.Run(name, func(t *testing.T) {
			p := newProducer(t, file(text))
			r := newRig(t, p.URL)
			r.is(fetch.Fetched, text)
			r.later()
			p.becomes(then)
			if out := r.is(fetch.Late, text); out.Err == nil {
				t.Error("late without a reason")
			}
			r.later()
			p.becomes(file(text + "new"))
			r.is(fetch.Fetched, text+"new")
		})
	}
}

func TestAContentCodingIsUndoneAndCounted(t *testing.T) {
	squeeze := func(w http.ResponseWriter, content string) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		z.Write([]byte(content))
		z.Close()
	}
	p := newProducer(t, func(w http.ResponseWriter, _ *http.Request) { squeeze(w, text) })
	newRig(t, p.URL).is(fetch.Fetched, text)
	p.becomes(func(w http.ResponseWriter, _ *http.Request) { squeeze(w, strings.Repeat("\x00", 3<<20)) })
	newRig(t, p.URL).fails(model.Invalid, "more than 1 MiB")
}

func TestChecksums(t *testing.T) {
	sums := map[string]string{
		"/good":   sum(text) + " *data.csv\n" + sum("other") + "  other.csv\n",
		"/bsd":    "SHA256 (data.csv) = " + sum(text) + "\n",
		"/alone":  sum(text),
		"/wrong":  sum("other") + "  data.csv\n",
		"/nobody": "<html>Maintenance</html>",
	}
	p := newProducer(t, func(w http.ResponseWriter, r *http.Request) {
		if s, ok := sums[r.URL.Path]; ok {
			w.Write([]byte(s))
			return
		}
		file(text)(w, r)
	})
	for _, path := range []string{"/good", "/bsd", "/alone"} {
		r := newRig(t, p.URL+"/data.csv")
		r.src.From.Checksum = p.URL + path
		r.is(fetch.Fetched, text)
	}
	r := newRig(t, p.URL+"/data.csv")
	r.src.From.Checksum = p.URL + "/wrong"
	r.fails(model.Unavailable, "damaged")
	r.src.From.Checksum = p.URL + "/nobody"
	r.fails(model.Invalid, "no checksum of data.csv")
	r.src.From.Checksum, r.src.From.SHA256 = "", sum("other")
	r.fails(model.Invalid, "the SHA-256 of what came is "+sum(text))
	r.src.From.SHA256 = sum(text)
	r.is(fetch.Fetched, text)
}

func TestArchivesAreRefusedBeforeTheyAreKept(t *testing.T) {
	good := zipped(t, map[string]string{"gtfs/stops.txt": text})
	bomb := zipped(t, map[string]string{"zeros": strings.Repeat("\x00", 300<<20)})
	for name, c := range map[string]struct {
		content, words string
		kind           model.Kind
	}{
		"a path that leaves":  {zipped(t, map[string]string{"../../etc/cron.d/x": "x"}), "leaves its folder", model.Invalid},
		"an absolute path":    {zipped(t, map[string]string{"/etc/passwd": "x"}), "absolute path", model.Invalid},
		"a path of Windows":   {zipped(t, map[string]string{`..\..\x`: "x"}), "leaves its folder", model.Invalid},
		"a bomb":              {bomb, "times its size", model.Invalid},
		"half an archive":     {good[:len(good)/2], "cut off or damaged", model.Unavailable},
		"half a Parquet file": {"PAR1" + text, "cut off", model.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, newProducer(t, file(c.content)).URL)
			r.fails(c.kind, c.words)
		})
	}
	r := newRig(t, newProducer(t, file(good)).URL)
	if out := r.is(fetch.Fetched, good); !out.Entries[0].Produced.Equal(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)) {
		t.Errorf("its newest member is of %s", out.Entries[0].Produced)
	}
}

func TestOfflineReadsTheLockAndNothingElse(t *testing.T) {
	p := newProducer(t, file(text))
	r := newRig(t, p.URL)
	r.opt.Offline = true
	r.fails(model.NotFound, "jumeau.lock")
	r.opt.Offline = false
	path := filepath.Join(r.work, r.is(fetch.Fetched, text).Entries[0].File)
	r.opt.Offline = true
	r.later()
	r.is(fetch.Offline, text)
	if err := os.WriteFile(path, []byte(strings.ToUpper(text)), 0o600); err != nil {
		t.Fatal(err)
	}
	r.fails(model.Invalid, "changed after it was fetched")
	r.src.From.URL = p.URL + "/other"
	r.fails(model.NotFound, "declared address")
	if p.times() != 1 {
		t.Errorf("the producer was asked %d times", p.times())
	}
}

func TestAMirrorStandsInForTheNetwork(t *testing.T) {
	for address, place := range map[string]string{
		"https://data.example/files/stops.csv": "data.example/files/stops.csv",
		"https://data.example/download/?id=7":  "data.example/download?id=7",
		"https://data.example/download/":       "data.example/download/index",
		"s3://bucket/a/*.csv":                  "bucket/a/stops.csv",
	} {
		mirror := t.TempDir()
		full := filepath.Join(mirror, filepath.FromSlash(place))
		os.MkdirAll(filepath.Dir(full), 0o755)
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		r := newRig(t, address)
		r.opt.Mirror = mirror
		r.is(fetch.Fetched, text)
	}
	r := newRig(t, "https://data.example/nowhere.csv")
	r.opt.Mirror = t.TempDir()
	r.fails(model.NotFound, "the mirror")
	r.src.From.SHA256 = sum(text)
	if err := os.WriteFile(filepath.Join(r.opt.Mirror, sum(text)), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	r.is(fetch.Fetched, text)
}

func TestSeveralFilesComeInOrderAllOrNone(t *testing.T) {
	part := map[string]string{"/2026-01.csv": "one", "/2026-02.csv": "two", "/2026-03.csv": "three"}
	broken := ""
	p := newProducer(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == broken {
			w.WriteHeader(404)
			return
		}
		file(part[r.URL.Path])(w, r)
	})
	r := newRig(t, p.URL+"/2026-{01..03}.csv")
	out := r.is(fetch.Fetched, "")
	for i, want := range []string{"one", "two", "three"} {
		if got, _ := os.ReadFile(filepath.Join(r.work, out.Entries[i].File)); string(got) != want {
			t.Errorf("file %d is %q", i, got)
		}
	}
	r.later()
	part["/2026-01.csv"], broken = "ONE", "/2026-02.csv"
	out = r.is(fetch.Late, "")
	if got, _ := os.ReadFile(filepath.Join(r.work, out.Entries[0].File)); string(got) != "one" {
		t.Errorf("half of the files are new: %q", got)
	}
}

func TestThroughAProxy(t *testing.T) {
	p := newProducer(t, file(text)) // it answers whatever host it is asked for
	proxy, _ := url.Parse(p.URL)
	r := newRig(t, "http://data.example/stops.csv")
	r.opt.Proxy = http.ProxyURL(proxy)
	r.is(fetch.Fetched, text)
	if got := p.request(0).URL.Host; got != "data.example" {
		t.Errorf("the proxy was asked for %q", got)
	}
	r = newRig(t, "http://metadata.google.internal/computeMetadata/v1/")
	r.opt.Proxy = http.ProxyURL(proxy)
	r.fails(model.Invalid, "metadata")
}

func TestMetadataAddressesAreNeverAsked(t *testing.T) {
	for _, address := range []string{"http://169.254.169.254/latest/", "http://[::ffff:169.254.169.254]/", "http://[fe80::1]/", "http://100.100.100.200/",
		"http://[64:ff9b::a9fe:a9fe]/", "http://[fd00:ec2::254]/"} {
		r := newRig(t, address)
		r.fails(model.Invalid, "metadata")
	}
}

func TestHTTPSIsNotLeftForHTTP(t *testing.T) {
	plain := newProducer(t, file(text))
	s := httptest.NewTLSServer(http.RedirectHandler(plain.URL, http.StatusFound))
	defer s.Close()
	r := newRig(t, s.URL)
	r.opt.Roots = pool(s)
	r.fails(model.Invalid, "from https to http")
	if plain.times() != 0 {
		t.Error("the plain address was asked")
	}
	r = newRig(t, s.URL) // and a certificate that nobody vouches for
	r.fails(model.Unavailable, "certificate")
}

func TestRowsAboutPeopleAreNotFetched(t *testing.T) {
	p := newProducer(t, file(text))
	r := newRig(t, p.URL)
	r.src.Behaviour = &model.Behaviour{Class: "C", Unit: "person"}
	r.fails(model.Withheld, "not fetched")
	if p.times() != 0 {
		t.Error("the producer was asked")
	}
}

func TestALocalFileIsNotFetched(t *testing.T) {
	p := newProducer(t, file(text))
	r := newRig(t, p.URL)
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "stops.csv"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	r.src.From.Path, r.opt.Folders = "stops.csv", []string{folder}
	r.is(fetch.Local, "")
	if p.times() != 0 {
		t.Error("the producer was asked")
	}
}

func TestAHostThatIsDownIsAskedOnceForItsOtherFiles(t *testing.T) {
	p := newProducer(t, status(503))
	r := newRig(t, p.URL+"/a.csv")
	other := *r.src
	other.ID, other.From.URL = "lines", p.URL+"/b.csv"
	territory := &model.Territory{ID: "ville", Sources: []*model.Source{r.src, &other}}
	result, err := fetch.Run(t.Context(), territory, territory.Sources, r.opt)
	if err != nil || result.Outcomes[0].State != fetch.Failed || result.Outcomes[1].State != fetch.Failed {
		t.Fatalf("%+v, %v", result, err)
	}
	if p.times() != 4 {
		t.Errorf("it was asked %d times, not 3 and 1", p.times())
	}
}
