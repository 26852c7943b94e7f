package format

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"

	"jumeau/model"
)

// table is a file read whole.
type table struct {
	info     Info
	names    []string
	cells    [][]string // by row; null is ""
	line     []int64
	geometry []orb.Geometry
	bad      []Bad
}

func (t *table) column(name string) int {
	for i, n := range t.names {
		if n == name {
			return i
		}
	}
	return -1
}

func (t *table) codes() string {
	var out []string
	for _, b := range t.bad {
		out = append(out, b.Code)
	}
	return strings.Join(out, " ")
}

func (t *table) shapes() string {
	var out []string
	for _, g := range t.geometry {
		if g == nil {
			out = append(out, "-")
			continue
		}
		out = append(out, wkt.MarshalString(g))
	}
	return strings.Join(out, " ")
}

func (t *table) rows() string {
	var out []string
	for _, r := range t.cells {
		out = append(out, strings.Join(r, "|"))
	}
	return strings.Join(out, " / ")
}

func read(path string, opt Options, names ...string) (*table, error) {
	r, err := Open(context.Background(), path, opt)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return drain(r, names...)
}

// drain reads all of r; with names, those columns only. It fails when a batch breaks its promises.
func drain(r Reader, names ...string) (*table, error) {
	if names != nil {
		if err := r.Select(names); err != nil {
			return nil, err
		}
	} else {
		names = columnNames(r.Info().Columns)
	}
	t := &table{names: names}
	for {
		b, err := r.Next()
		if err != nil {
			t.info = r.Info()
			if errors.Is(err, io.EOF) {
				return t, nil
			}
			return t, err
		}
		if err := t.add(b, r.Info().Geometry); err != nil {
			return t, err
		}
	}
}

func (t *table) add(b *Batch, located bool) error {
	n := len(b.Line)
	if n == 0 && len(b.Bad) == 0 {
		return errors.New("an empty batch")
	}
	if located && len(b.Geometry) != n || !located && b.Geometry != nil {
		return errors.New("geometries and rows differ in number")
	}
	if len(b.Columns) != len(t.names) {
		return errors.New("columns and names differ in number")
	}
	for _, c := range b.Columns {
		if c.Len() != n {
			return errors.New("cells and rows differ in number")
		}
	}
	for i := range n {
		row := make([]string, len(b.Columns))
		for k, c := range b.Columns {
			if c.IsValid(i) {
				row[k] = c.ValueStr(i)
			}
		}
		t.cells = append(t.cells, row)
	}
	t.line = append(t.line, b.Line...)
	t.geometry = append(t.geometry, b.Geometry...)
	t.bad = append(t.bad, b.Bad...)
	return nil
}

func mustRead(t *testing.T, path string, opt Options, names ...string) *table {
	t.Helper()
	out, err := read(path, opt, names...)
	if err != nil {
		t.Fatalf("%s: %v (try: %s)", filepath.Base(path), err, model.HintOf(err))
	}
	return out
}

// tempFile writes content to a file of the test.
func tempFile(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func readText(t *testing.T, content string, opt Options, names ...string) *table {
	t.Helper()
	return mustRead(t, tempFile(t, "data", []byte(content)), opt, names...)
}

func expect(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s\n got %s\nwant %s", what, got, want)
	}
}

// expectError wants an error whose text or hint contains each of the words.
func expectError(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one about %q", words)
	}
	var e *model.Error
	if !errors.As(err, &e) {
		t.Errorf("%v is no model.Error", err)
	}
	all := err.Error() + " | " + model.HintOf(err)
	for _, w := range words {
		if !strings.Contains(all, w) {
			t.Errorf("error %q does not contain %q", all, w)
		}
	}
}

// overwrite gives a file of the test another content.
func overwrite(t interface{ Fatal(...any) }, path string, content []byte) {
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
