package fetch_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"jumeau/ingest/fetch"
	"jumeau/model"
)

const hush = "s3cr3t-t0k3n-value"

func pool(s *httptest.Server) *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(s.Certificate())
	return p
}

// silent fails the test when the secret is in any file of the work folder, in the log, or in an error.
func (r *rig) silent(err error) {
	r.t.Helper()
	if err != nil && strings.Contains(err.Error()+model.HintOf(err), hush) {
		r.t.Errorf("the error tells it: %v", err)
	}
	if bytes.Contains(r.log.Bytes(), []byte(hush)) {
		r.t.Errorf("the log tells it: %s", r.log)
	}
	filepath.WalkDir(r.work, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			if got, _ := os.ReadFile(path); bytes.Contains(got, []byte(hush)) {
				r.t.Errorf("%s tells it", path)
			}
		}
		return err
	})
}

func TestASecretIsShownToItsProducerOnly(t *testing.T) {
	elsewhere := newProducer(t, file(text))
	for _, c := range []struct {
		auth model.Auth
		ok   func(*http.Request) bool
	}{
		{model.Auth{}, func(r *http.Request) bool { return r.Header.Get("Authorization") == "Bearer "+hush }},
		{model.Auth{As: "basic"}, func(r *http.Request) bool { u, _, ok := r.BasicAuth(); return ok && u == hush }},
		{model.Auth{As: "header", Name: "X-Api-Key"}, func(r *http.Request) bool { return r.Header.Get("X-Api-Key") == hush }},
		{model.Auth{As: "query", Name: "apikey"}, func(r *http.Request) bool { return r.URL.Query().Get("apikey") == hush }},
	} {
		code, away := 0, ""
		s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case !c.ok(r):
				w.WriteHeader(401)
			case code != 0:
				w.WriteHeader(code)
			case away != "":
				http.Redirect(w, r, away, http.StatusFound)
			default:
				file(text)(w, r)
			}
		}))
		r := newRig(t, s.URL+"/stops.csv")
		r.opt.Roots, r.opt.Getenv = pool(s), func(name string) string { return map[string]string{"TOKEN": hush}[name] }
		r.fails(model.Invalid, "401")
		c.auth.Env = "TOKEN"
		r.src.From.Auth = &c.auth
		code = 500
		r.silent(r.run().Err)
		code = 0
		r.is(fetch.Fetched, text)
		r.silent(nil)
		s.Close()
		r.later()
		r.silent(r.is(fetch.Late, text).Err)
	}
	other := httptest.NewTLSServer(elsewhere.Config.Handler)
	defer other.Close()
	s := httptest.NewTLSServer(http.RedirectHandler(strings.Replace(other.URL, "127.0.0.1", "localhost", 1)+"/x?X-Amz-Signature=abcdef", http.StatusFound))
	defer s.Close()
	r := newRig(t, s.URL)
	r.opt.Roots = pool(s)
	r.opt.Getenv = func(string) string { return hush }
	r.src.From.Auth = &model.Auth{Env: "TOKEN", As: "header", Name: "X-Api-Key"}
	r.run() // the name localhost is not in the certificate of every Go version: what counts is what was shown
	for i := range elsewhere.times() {
		if elsewhere.request(i).Header.Get("X-Api-Key") != "" {
			t.Error("another host was shown the secret")
		}
	}
}

func TestASecretFileMayNotLieInTheTerritory(t *testing.T) {
	territory := t.TempDir()
	inside := filepath.Join(territory, "token")
	if err := os.WriteFile(inside, []byte(hush), 0o600); err != nil {
		t.Fatal(err)
	}
	r := newRig(t, "https://data.example/")
	r.opt.Outside = territory
	r.src.From.Auth = &model.Auth{File: inside}
	r.fails(model.Invalid, "territory folder")
}

func TestSignedAddressesAreNotWrittenDown(t *testing.T) {
	p := newProducer(t, nil)
	p.becomes(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery == "" {
			http.Redirect(w, r, p.URL+"/signed?X-Amz-Signature="+hush+"&part=3", http.StatusFound)
			return
		}
		file(text)(w, r)
	})
	r := newRig(t, p.URL)
	out := r.is(fetch.Fetched, text)
	r.silent(nil)
	if final := out.Entries[0].FinalURL; !strings.Contains(final, "part=3") || !strings.Contains(final, "redacted") {
		t.Errorf("the final address is %q", final)
	}
}

// vault is a store that speaks enough of S3 to list and give objects, and checks signatures from the specification of AWS
// Signature Version 4, not with the library that makes them.
type vault struct {
	t       *testing.T
	objects map[string]string
	key     string // the secret key
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

func (v *vault) signed(r *http.Request) bool {
	rest, ok := strings.CutPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ")
	if !ok {
		return false
	}
	field := map[string]string{}
	for _, f := range strings.Split(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(f), "=")
		field[name] = value
	}
	access, scope, _ := strings.Cut(field["Credential"], "/")
	parts := strings.Split(scope, "/")
	if access != "AKIATEST" || len(parts) != 4 {
		return false
	}
	var headers strings.Builder
	for _, name := range strings.Split(field["SignedHeaders"], ";") {
		value := strings.Join(r.Header.Values(name), ",")
		if name == "host" {
			value = r.Host
		}
		fmt.Fprintf(&headers, "%s:%s\n", name, strings.TrimSpace(value))
	}
	query := r.URL.Query()
	canonical := strings.Join([]string{r.Method, r.URL.EscapedPath(), strings.ReplaceAll(query.Encode(), "+", "%20"), headers.String(),
		field["SignedHeaders"], r.Header.Get("X-Amz-Content-Sha256")}, "\n")
	digest := sha256.Sum256([]byte(canonical))
	toSign := strings.Join([]string{"AWS4-HMAC-SHA256", r.Header.Get("X-Amz-Date"), scope, hex.EncodeToString(digest[:])}, "\n")
	key := []byte("AWS4" + v.key)
	for _, p := range parts {
		key = mac(key, p)
	}
	return hex.EncodeToString(mac(key, toSign)) == field["Signature"]
}

func (v *vault) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if v.key != "" && !v.signed(r) {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `<Error><Code>SignatureDoesNotMatch</Code><Message>no</Message></Error>`)
		return
	}
	if r.URL.Query().Get("list-type") == "2" {
		v.list(w, r.URL.Query())
		return
	}
	content, ok := v.objects[strings.TrimPrefix(r.URL.Path, "/")]
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	file(content)(w, r)
}

func (v *vault) list(w http.ResponseWriter, query url.Values) {
	type object struct {
		Key  string
		Size int
	}
	var out struct {
		XMLName     xml.Name `xml:"ListBucketResult"`
		IsTruncated bool
		Contents    []object
		Next        string `xml:"NextContinuationToken,omitempty"`
	}
	var keys []string
	for name := range v.objects {
		key := strings.TrimPrefix(name, "bucket/")
		if strings.HasPrefix(key, query.Get("prefix")) && key > query.Get("continuation-token") {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	if len(keys) > 2 { // small pages
		keys, out.IsTruncated, out.Next = keys[:2], true, keys[1]
	}
	for _, k := range keys {
		out.Contents = append(out.Contents, object{k, len(v.objects["bucket/"+k])})
	}
	xml.NewEncoder(w).Encode(out)
}

func TestObjectsOfAStoreAreListedSignedAndFetched(t *testing.T) {
	v := &vault{t: t, key: hush, objects: map[string]string{"bucket/v/2026-02.csv": text, "bucket/v/2026-01.csv": text, "bucket/v/2026-03.csv": text,
		"bucket/v/readme.txt": "x", "bucket/v/deep/2026-04.csv": "x", "bucket/w.csv": "x"}}
	s := newProducer(t, v.ServeHTTP)
	r := newRig(t, "s3://bucket/v/2026-*.csv")
	r.src.From.Endpoint, r.src.From.Region = s.URL, "fr-par"
	r.src.From.Auth = &model.Auth{Env: "KEY"}
	r.opt.Getenv = func(string) string { return "AKIATEST:" + hush }
	out := r.is(fetch.Fetched, text)
	var names []string
	for _, e := range out.Entries {
		names = append(names, e.URL)
	}
	if got := strings.Join(names, " "); got != "s3://bucket/v/2026-01.csv s3://bucket/v/2026-02.csv s3://bucket/v/2026-03.csv" {
		t.Errorf("the files are %s", got)
	}
	r.silent(nil)
	r.later()
	r.is(fetch.Unchanged, text)
	v.objects["bucket/v/2026-04.csv"] = text
	r.later()
	if out := r.is(fetch.Fetched, text); len(out.Entries) != 4 {
		t.Errorf("a new file is not seen: %d files", len(out.Entries))
	}
	r.opt.Offline = true
	r.is(fetch.Offline, text)
	r.opt.Offline = false
	r.later()
	r.opt.Getenv = func(string) string { return "AKIATEST:wrong-key-of-it" }
	if out := r.is(fetch.Late, text); !strings.Contains(out.Err.Error(), "no") || strings.Contains(out.Err.Error(), "wrong-key") {
		t.Errorf("a wrong key: %v", out.Err)
	}
	open := newRig(t, "s3://bucket/w.csv")
	v.key = ""
	open.src.From.Endpoint = s.URL
	open.is(fetch.Fetched, "x")
}
