package web

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"
)

func TestThePageIsReportedAsBuiltExactlyWhenItHasAnIndex(t *testing.T) {
	page, built := FS()
	_, err := fs.Stat(page, "index.html")
	if built != (err == nil) {
		t.Errorf("FS reports built=%v, but index.html: %v", built, err)
	}
}

func TestTheBuiltPageNamesNoOtherHostAndHasNothingInline(t *testing.T) {
	page, built := FS()
	if !built {
		t.Skip("the page is not built: run `npm ci && npm run build` in query/web")
	}
	index, err := fs.ReadFile(page, "index.html")
	if err != nil {
		t.Fatal(err)
	}
	for what, pattern := range map[string]string{
		"an address of another host": `(src|href)="(https?:)?//`,
		"an inline script":           `<script(?:\s+(?:type|crossorigin)(?:="[^"]*")?)*>`,
		"an inline style":            `<style|\sstyle="`,
		"an inline handler":          `\son\w+="`,
	} {
		if found := regexp.MustCompile(pattern).Find(index); found != nil {
			t.Errorf("index.html holds %s: %s", what, found)
		}
	}
}

func TestEveryFileOfTheBuildIsEitherHashedOrAtTheRoot(t *testing.T) {
	page, built := FS()
	if !built {
		t.Skip("the page is not built: run `npm ci && npm run build` in query/web")
	}
	hashed := regexp.MustCompile(`^assets/.+-[\w-]{8}\.(m?js|css|svg|png)(\.(br|gz))?$`)
	err := fs.WalkDir(page, ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && strings.Contains(path, "/") && !hashed.MatchString(path) {
			t.Errorf("%s has no hash in its name, so it cannot be cached for ever", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
