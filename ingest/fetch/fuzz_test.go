package fetch

import (
	"net/http"
	"testing"
	"time"
)

func FuzzLock(f *testing.F) {
	l := &Lock{Files: []Entry{{Source: "a", URL: "https://a/b", File: "fetched/a/0/b", Bytes: 1, SHA256: string(make([]byte, 64)), FetchedAt: time.Unix(0, 0).UTC()}}}
	text, err := l.text()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte("version: 1\nfiles:\n  - {source: a, file: fetched/../../etc/passwd, sha256: x}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		l, err := parseLock(text)
		if err != nil {
			return
		}
		for _, e := range l.Files {
			if e.Source == "" || len(e.SHA256) != 64 {
				t.Errorf("%+v passes", e)
			}
		}
	})
}

func FuzzChecksum(f *testing.F) {
	f.Add([]byte("d41d8cd98f00b204e9800998ecf8427e  a.csv\n"), "a.csv")
	f.Add([]byte("SHA256 (a.csv) = e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"), "a.csv")
	f.Fuzz(func(t *testing.T, text []byte, name string) {
		if d, err := parseChecksum(text, name); err == nil && algorithms[len(d.sum)] != d.algorithm {
			t.Errorf("%+v", d)
		}
	})
}

func FuzzHeaders(f *testing.F) {
	f.Add("120", "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:", "bytes 1-2/3")
	f.Fuzz(func(t *testing.T, after, repr, name string) {
		h := http.Header{"Retry-After": {after}, "Repr-Digest": {repr}}
		if retryAfter(h, time.Now()) < 0 {
			t.Error("a wait into the past")
		}
		carried(h, 0)
		if n := nameOf(name); n == "" || n[0] == '.' || len(n) > 100 {
			t.Errorf("a file called %q", n)
		}
		mirrored("https://" + name)
	})
}
