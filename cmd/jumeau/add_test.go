package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// command runs one command line.
func command(args ...string) (out, errOut string, code int) {
	var o, e bytes.Buffer
	code = run(args, &o, &e)
	return o.String(), e.String(), code
}

func TestAnAddressIsDownloadedBesideItsDraft(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/open/Pistes cyclables.csv" {
			http.NotFound(w, r)
			return
		}
		w.Write([]byte("id;nom;lon;lat\n1;Canal;1.5;43.5\n2;Lac;1.6;43.4\n"))
	}))
	defer srv.Close()
	town := filepath.Join(t.TempDir(), "town")
	if _, errOut, code := command("init", town, "--territory", "town"); code != 0 {
		t.Fatal(errOut)
	}
	out, errOut, code := command("add", srv.URL+"/open/Pistes%20cyclables.csv", town)
	if code != 0 || !strings.Contains(out, "points in OGC:CRS84, guessed") {
		t.Fatalf("%s%s", out, errOut)
	}
	draft, err := os.ReadFile(filepath.Join(town, "sources", "pistes_cyclables.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`path: "raw/Pistes cyclables.csv"`, `url: "` + srv.URL + `/open/Pistes%20cyclables.csv"`, "verified: false"} {
		if !strings.Contains(string(draft), want) {
			t.Errorf("%s is not in\n%s", want, draft)
		}
	}
	if _, err := os.Stat(filepath.Join(town, "raw", "Pistes cyclables.csv")); err != nil {
		t.Error(err)
	}
	if _, errOut, code := command("add", srv.URL+"/gone.csv", town); code != exitFailed || !strings.Contains(errOut, "404") {
		t.Errorf("%d %s", code, errOut)
	}
	if _, errOut, _ := command("add", srv.URL+"/open/Pistes%20cyclables.csv", town, "--source", "big", "--limit", "0"); !strings.Contains(errOut, "exists") {
		t.Error(errOut)
	}
	os.Remove(filepath.Join(town, "raw", "Pistes cyclables.csv"))
	if _, errOut, _ := command("add", srv.URL+"/open/Pistes%20cyclables.csv", town, "--source", "big", "--limit", "0"); !strings.Contains(errOut, "more than 0 MiB") || !strings.Contains(errOut, "--limit") {
		t.Error(errOut)
	}
	left, err := filepath.Glob(filepath.Join(town, "raw", ".*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}
