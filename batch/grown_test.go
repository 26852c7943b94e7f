package batch

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// long is a file of counts that is large enough for its end to be read alone, with rows that break the contract and cells of two lines.
func long(format string) string {
	out := &strings.Builder{}
	if format == "csv" {
		out.WriteString("stop,commune,to,at,n,note\n")
	}
	for i := range 14_000 {
		out.WriteString(count(format, i, fmt.Sprintf("2026-01-%02d %02d:00", 1+i/24%28, i%24), i%50, "line one\n"+strings.Repeat("and so on ", 60)))
		if i%1000 == 0 {
			out.WriteString(count(format, i, "never", 3, ""))
		}
	}
	return out.String()
}

func count(format string, i int, at string, n int, note string) string {
	switch format {
	case "csv":
		return fmt.Sprintf("%s,%d,%d,%s,%d,\"%s, and more of it %d\"\n", []string{"a", "b", "c"}[i%3], 1+i%2, 1+i%3, at, n, note, i)
	case "json":
		return fmt.Sprintf(`{"stop":%q,"commune":"%d","to":"%d","at":%q,"n":%d,"note":%q}`+"\n", []string{"a", "b", "c"}[i%3], 1+i%2, 1+i%3, at, n, note)
	}
	return fmt.Sprintf(`{"type":"Feature","properties":{"stop":%q,"commune":"%d","to":"%d","at":%q,"n":%d,"note":%q},"geometry":{"type":"Point","coordinates":[1.5,43.5]}}`+"\n",
		[]string{"a", "b", "c"}[i%3], 1+i%2, 1+i%3, at, n, note)
}

func TestAFileThatGrewIsReadFromWhereItEnded(t *testing.T) {
	for _, format := range []string{"csv", "json", "geojsonseq"} {
		t.Run(format, func(t *testing.T) {
			files, dir, releases := evolving(), t.TempDir(), t.TempDir()
			files["sources/counts.yaml"] = strings.NewReplacer("counts.csv}", "counts.txt}\nread: {format: "+format+"}", "  reject_at_most", map[bool]string{true: "  geometry: {type: point}\n"}[format == "geojsonseq"]+"  reject_at_most",
				"    n: {", "    note: {type: text}\n    n: {").Replace(files["sources/counts.yaml"])
			files["counts.txt"] = long(format)
			for i, c := range []struct {
				name  string
				do    func(text string) string
				grown bool
			}{
				{"at first", func(text string) string { return text }, false},
				{"rows of two lines, of other letters, and broken ones", func(text string) string {
					return text + count(format, 1, "2026-02-01 08:00", 7, "é\nè") + count(format, 2, "never", 7, "") + count(format, 3, "2026-02-01 09:00", 7, "")
				}, true},
				{"once more, with a line that ends nowhere", func(text string) string {
					return text + count(format, 4, "2026-02-01 10:00", 8, "x") + strings.TrimSuffix(count(format, 5, "2026-02-01 11:00", 8, "y"), "\n")
				}, true},
				{"behind that line", func(text string) string { return text + "\n" + count(format, 6, "2026-02-01 12:00", 8, "z") }, false},
				{"a stop that is not known", func(text string) string {
					return text + strings.Replace(count(format, 6, "2026-02-01 13:00", 8, "z"), "a", "q", 1)
				}, true},
				{"and more behind it", func(text string) string { return text + count(format, 6, "2026-02-01 14:00", 8, "z") }, false},
				{"an hour that comes twice", func(text string) string { return text + count(format, 6, "2025-10-26 02:30", 8, "z") }, false},
				{"the first row changed", func(text string) string {
					return strings.Replace(text, "2026-01-01 01:00", "2026-01-01 05:00", 1) + count(format, 7, "2026-02-01 14:00", 8, "z")
				}, false},
			} {
				if i > 2 && format != "csv" {
					break // the rest is the same for every format
				}
				files["counts.txt"] = c.do(files["counts.txt"])
				lay(t, dir, files)
				opt := Options{Territory: territory(t, dir), Releases: releases, Folders: []string{dir}, Version: "1", Log: slog.New(slog.DiscardHandler)}
				ahead, err := LookAhead(t.Context(), opt, nil)
				if err != nil {
					t.Fatal(err)
				}
				planned := ""
				for _, s := range ahead.Steps {
					if s.Kind == "source" && s.ID == "counts" {
						planned = s.Do
					}
				}
				got, err := Run(t.Context(), opt)
				if err != nil {
					t.Fatalf("%s: %v", c.name, err)
				}
				if grown := len(got.Reused.Grown) > 0; grown != c.grown || grown && planned != Grow {
					t.Errorf("%s: read from where it ended: %v, want %v; planned: %s", c.name, grown, c.grown, planned)
				}
				if !c.grown {
					continue // it was a run from nothing
				}
				opt.Releases, opt.Full = t.TempDir(), true
				want, err := Run(t.Context(), opt)
				if err != nil {
					t.Fatal(err)
				}
				a, b := opened(t, releases, got.Release).Manifest, opened(t, opt.Releases, want.Release).Manifest
				if a.Content != b.Content {
					t.Errorf("%s: not what a run from nothing makes:\n%s", c.name, strings.Join(differing(a, b), "\n"))
				}
			}
		})
	}
}
