package release_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"jumeau/model"
	"jumeau/model/release"
	"jumeau/model/release/releasetest"
)

func minute(n int) time.Time { return time.Date(2026, 11, 23, 2, n, 0, 0, time.UTC) }

func TestAPublishedReleaseIsSignedCompleteAndCurrent(t *testing.T) {
	dir := t.TempDir()
	id := releasetest.Publish(t, dir, releasetest.Options{BuiltAt: minute(0)})
	if !strings.HasPrefix(id, "2026-11-23T0200Z-") || !release.IsID(id) {
		t.Errorf("id is %s", id)
	}
	if current, err := release.Current(dir); current != id || err != nil {
		t.Errorf("current is %q, %v", current, err)
	}
	r, err := release.Open(dir, id)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Verify(context.Background(), nil); err != nil {
		t.Error(err)
	}
	c := r.Manifest.Catalog
	if c.Release != id || !c.BuiltAt.Equal(minute(0)) || c.Layers[0].Tiles != "/r/"+id+"/tiles/communes/{z}/{x}/{y}.mvt" {
		t.Errorf("catalogue is addressed %s %s %s", c.Release, c.BuiltAt, c.Layers[0].Tiles)
	}
	if c.Layers[0].Download != "/r/"+id+"/download/communes.parquet" || c.Layers[1].Download != "" {
		t.Errorf("downloads are %q and %q", c.Layers[0].Download, c.Layers[1].Download)
	}
	info, err := os.Stat(filepath.Join(dir, "key", "release.key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("private key: %v %v", info.Mode(), err)
	}
	for _, e := range entries(t, dir) {
		if strings.HasSuffix(e, ".tmp") || strings.HasSuffix(e, ".new") {
			t.Errorf("%s is left over", e)
		}
	}
}

func TestEveryListOfTheCatalogueIsAListInItsJSON(t *testing.T) {
	dir := t.TempDir()
	d, err := release.Begin(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	m, err := releasetest.Write(d.Dir(), releasetest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	m.Catalog.Layers[1].Measures, m.Catalog.Layers[1].Flows, m.Catalog.Sources[1].Rejected = nil, nil, nil
	id, _, err := d.Publish(context.Background(), m)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, id, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	catalog, _, _ := strings.Cut(string(text), `"privacy"`)
	if strings.Contains(catalog, "null") {
		t.Errorf("the catalogue holds null: %s", catalog)
	}
}

func entries(t *testing.T, dir string) (names []string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

func TestTheSameInputsArePublishedOnce(t *testing.T) {
	dir := t.TempDir()
	first := releasetest.Publish(t, dir, releasetest.Options{BuiltAt: minute(0)})
	publish := func(change func(dir string, m *release.Manifest, d *release.Draft)) (string, bool) {
		t.Helper()
		d, err := release.Begin(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		m, err := releasetest.Write(d.Dir(), releasetest.Options{BuiltAt: minute(5)})
		if err != nil {
			t.Fatal(err)
		}
		if change != nil {
			change(d.Dir(), &m, d)
		}
		id, published, err := d.Publish(context.Background(), m)
		if err != nil {
			t.Fatal(err)
		}
		return id, published
	}
	if id, published := publish(nil); id != first || published {
		t.Errorf("identical inputs: %s %v", id, published)
	}
	if id, published := publish(func(_ string, m *release.Manifest, _ *release.Draft) { m.Cost.WallSeconds = 99 }); id != first || published {
		t.Errorf("another cost: %s %v", id, published)
	}
	renamed := func(_ string, m *release.Manifest, _ *release.Draft) { m.Catalog.Layers[0].Title.FR = "Autre titre" }
	if id, published := publish(renamed); id == first || !published {
		t.Errorf("another title must be published: %s %v", id, published)
	}
}

func TestALogicalDigestStandsForAFileWhoseBytesVary(t *testing.T) {
	dir := t.TempDir()
	var ids []string
	for _, bytes := range []string{"one layout on disk", "another layout"} {
		d, err := release.Begin(dir)
		if err != nil {
			t.Fatal(err)
		}
		m, err := releasetest.Write(d.Dir(), releasetest.Options{})
		if err != nil {
			t.Fatal(err)
		}
		os.WriteFile(filepath.Join(d.Dir(), "model.duckdb"), []byte(bytes), 0o644)
		d.Digest("model.duckdb", strings.Repeat("ab", 32))
		id, _, err := d.Publish(context.Background(), m)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	if ids[0] != ids[1] {
		t.Errorf("two releases of the same rows: %v", ids)
	}
}

func TestOneRunAtATimeBuilds(t *testing.T) {
	dir := t.TempDir()
	first, err := release.Begin(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := release.Begin(dir); model.KindOf(err) != model.Unavailable || !strings.Contains(err.Error(), "another run") {
		t.Errorf("a second run begins: %v", err)
	}
	if _, err := os.Stat(first.Dir()); err != nil {
		t.Errorf("the second run harmed the first: %v", err)
	}
	first.Close()
	second, err := release.Begin(dir)
	if err != nil {
		t.Fatal(err)
	}
	second.Close()
}

func TestWhatDoesNotFitTogetherIsNotPublished(t *testing.T) {
	for name, c := range map[string]struct {
		harm func(dir string, m *release.Manifest)
		want string
	}{
		"a layer without file":      {func(dir string, _ *release.Manifest) { os.Remove(filepath.Join(dir, "layers", "works.arrow")) }, "layer works has no file"},
		"a measure without file":    {func(dir string, _ *release.Manifest) { os.Remove(filepath.Join(dir, "values", "residents.epci.arrow")) }, "no such file"},
		"another number of zones":   {func(_ string, m *release.Manifest) { m.Catalog.ZoneSystems[1].Count = 3 }, "the catalogue says 3"},
		"a slot that is not listed": {func(_ string, m *release.Manifest) { m.Catalog.Measures[1].Slots = m.Catalog.Measures[1].Slots[:1] }, "slot weekday-08 is not in the catalogue"},
		"a measure that is nowhere": {func(_ string, m *release.Manifest) { m.Catalog.Layers[1].Measures = []string{"noise"} }, "shows the measure noise"},
		"a damaged frame": {func(dir string, _ *release.Manifest) {
			os.WriteFile(filepath.Join(dir, "zones", "epci.arrow"), []byte("?"), 0o644)
		}, "not a complete Arrow file"},
		"a link": {func(dir string, _ *release.Manifest) {
			os.Symlink("/etc/hostname", filepath.Join(dir, "layers", "x.arrow"))
		}, "not a regular file"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			served := releasetest.Publish(t, dir, releasetest.Options{BuiltAt: minute(0)})
			d, err := release.Begin(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			m, err := releasetest.Write(d.Dir(), releasetest.Options{Residents: 1, BuiltAt: minute(1)})
			if err != nil {
				t.Fatal(err)
			}
			c.harm(d.Dir(), &m)
			if _, _, err := d.Publish(context.Background(), m); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if current, _ := release.Current(dir); current != served {
				t.Errorf("current moved to %s", current)
			}
		})
	}
}

func TestATamperedReleaseIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		harm func(t *testing.T, path string)
		want string
	}{
		"manifest changed": {func(t *testing.T, path string) {
			rewrite(t, filepath.Join(path, "manifest.json"), "Personne", "Quelquun")
		}, "signature"},
		"signature gone": {func(t *testing.T, path string) { os.Remove(filepath.Join(path, "manifest.sig")) }, "no such file"},
		"file gone":      {func(t *testing.T, path string) { os.Remove(filepath.Join(path, "zones", "epci.arrow")) }, "zones/epci.arrow is missing"},
		"file longer": {func(t *testing.T, path string) {
			rewrite(t, filepath.Join(path, "model.duckdb"), "a database", "a big database")
		}, "were published"},
		"byte changed": {func(t *testing.T, path string) {
			rewrite(t, filepath.Join(path, "model.duckdb"), "a database", "b database")
		}, "the bytes of model.duckdb"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			id := releasetest.Publish(t, dir, releasetest.Options{})
			c.harm(t, filepath.Join(dir, id))
			r, err := release.Open(dir, id)
			if err == nil {
				err = r.Verify(context.Background(), nil)
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || model.HintOf(err) == "" {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func rewrite(t *testing.T, path, old, new string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	os.Chmod(path, 0o644)
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), old, new, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestAReleaseOfAnotherKeyIsRefused(t *testing.T) {
	ours, theirs := t.TempDir(), t.TempDir()
	id := releasetest.Publish(t, ours, releasetest.Options{})
	releasetest.Publish(t, theirs, releasetest.Options{Residents: 2})
	keys, err := release.PublicKeys(theirs)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := release.Open(ours, id, keys...); err == nil || !strings.Contains(err.Error(), "signature") {
		t.Errorf("got %v", err)
	}
}

func TestANewKeyKeepsOldReleasesReadable(t *testing.T) {
	dir := t.TempDir()
	old := releasetest.Publish(t, dir, releasetest.Options{BuiltAt: minute(0)})
	os.Remove(filepath.Join(dir, "key", "release.key"))
	new := releasetest.Publish(t, dir, releasetest.Options{Residents: 1, BuiltAt: minute(1)})
	for _, id := range []string{old, new} {
		if _, err := release.Open(dir, id); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
}

func TestAPrivateKeyThatOthersCanReadIsNotUsed(t *testing.T) {
	dir := t.TempDir()
	releasetest.Publish(t, dir, releasetest.Options{})
	key := filepath.Join(dir, "key", "release.key")
	os.Chmod(key, 0o644)
	d, err := release.Begin(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	m, _ := releasetest.Write(d.Dir(), releasetest.Options{Residents: 1})
	if _, _, err := d.Publish(context.Background(), m); err == nil || model.HintOf(err) != "run: chmod 600 "+key {
		t.Errorf("got %v, hint %q", err, model.HintOf(err))
	}
}

func TestACancelledPublishLeavesTheOldRelease(t *testing.T) {
	dir := t.TempDir()
	served := releasetest.Publish(t, dir, releasetest.Options{BuiltAt: minute(0)})
	d, err := release.Begin(dir)
	if err != nil {
		t.Fatal(err)
	}
	m, _ := releasetest.Write(d.Dir(), releasetest.Options{Residents: 1, BuiltAt: minute(1)})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := d.Publish(ctx, m); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	d.Close()
	if current, _ := release.Current(dir); current != served {
		t.Errorf("current is %s", current)
	}
	if all, _ := release.List(dir); len(all) != 1 {
		t.Errorf("%d releases", len(all))
	}
}

func TestAnEmptyFolderSaysWhatToRun(t *testing.T) {
	dir := t.TempDir()
	if _, err := release.Current(dir); model.KindOf(err) != model.NotFound || !strings.Contains(model.HintOf(err), "jumeau run") {
		t.Errorf("got %v", err)
	}
	os.WriteFile(filepath.Join(dir, "current"), []byte("../../etc\n"), 0o644)
	if _, err := release.Current(dir); model.KindOf(err) != model.Invalid || !strings.Contains(err.Error(), "is not the id") {
		t.Errorf("got %v", err)
	}
}
