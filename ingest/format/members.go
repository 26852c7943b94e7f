package format

import (
	"path"
	"slices"
	"strings"
)

// Extensions of files that hold data, and of those that come with data. Which format a member has is decided by its
// content; extensions only tell data from what accompanies it.
var (
	dataExtensions = []string{".shp", ".geojson", ".geojsonl", ".geojsons", ".ndjson", ".jsonl", ".json", ".csv", ".tsv",
		".parquet", ".geoparquet", ".gpkg", ".fgb", ".kml", ".kmz", ".gml", ".topojson", ".osm", ".pbf", ".xlsx", ".ods", ".arrow",
		".feather", ".cityjson"}
	archiveExtensions = []string{".zip", ".7z"}
	textExtensions    = []string{".txt", ".tab", ".dat", ".asc"}
	companions        = []string{".shx", ".dbf", ".prj", ".cpg", ".qpj", ".sbn", ".sbx", ".qix", ".ain", ".aih", ".atx", ".ixs",
		".fbn", ".fbx", ".xml", ".qmd", ".qml", ".sld", ".lyr", ".pdf", ".html", ".htm", ".md", ".doc", ".docx", ".odt",
		".png", ".jpg", ".gif", ".yaml", ".yml"}
)

// pickMember chooses the file to read among those of an archive or a folder, whose names use "/".
func pickMember(names []string, member string) (string, error) {
	names = slices.DeleteFunc(slices.Clone(names), ignorable)
	if member != "" {
		return named(names, member)
	}
	for _, class := range []func(string) bool{
		func(n string) bool { return slices.Contains(dataExtensions, extension(n)) },
		func(n string) bool { return slices.Contains(archiveExtensions, extension(n)) },
		func(n string) bool { return slices.Contains(textExtensions, extension(n)) },
		func(n string) bool { return !slices.Contains(companions, extension(n)) },
	} {
		var found []string
		for _, n := range names {
			if class(n) {
				found = append(found, n)
			}
		}
		switch {
		case len(found) == 1:
			return found[0], nil
		case len(found) > 1:
			hint := "name one of them with `member`"
			if _, ok := isGTFS(names); ok {
				hint += ", or what to make of the GTFS feed with `table`: " + list(gtfsTables)
			}
			return "", invalid(hint, "it holds several files: %s", list(found))
		}
	}
	return "", invalid("look for another download of the same data", "it holds no file that can be read: %s", list(names))
}

// memberPath splits "a.zip/b.csv" where a.zip is a file of the archive: what follows is looked for in it.
func memberPath(names []string, member string) (outer, inner string) {
	for i, c := range member {
		if c != '/' || !slices.Contains(append(archiveExtensions, ".kmz"), extension(member[:i])) {
			continue
		}
		if _, err := named(names, member[:i]); err == nil {
			return member[:i], member[i+1:]
		}
	}
	return member, ""
}

// ignorable: what programs leave behind, and names that point outside the archive.
func ignorable(name string) bool {
	base := path.Base(name)
	return strings.HasPrefix(path.Clean(name), "..") || path.IsAbs(name) || strings.HasSuffix(name, "/") || strings.HasPrefix(name, "__MACOSX/") || strings.HasPrefix(base, ".") ||
		strings.EqualFold(base, "thumbs.db")
}

// extension in lower case, that of the compressed file for .gz and the like.
func extension(name string) string { return path.Ext(uncompressed(name)) }

// uncompressed is a name in lower case, without the mark of a compression.
func uncompressed(name string) string {
	name = strings.ToLower(name)
	for _, packed := range []string{".gz", ".bz2", ".zst", ".xz"} {
		name = strings.TrimSuffix(name, packed)
	}
	return name
}

// named finds the member whose path, or else whose base name, matches the pattern.
func named(names []string, pattern string) (string, error) {
	for _, what := range []func(string) string{func(n string) string { return n }, path.Base} {
		var found []string
		for _, n := range names {
			if ok, err := path.Match(pattern, what(n)); err != nil {
				return "", invalid("correct `member`", "%w", err)
			} else if ok {
				found = append(found, n)
			}
		}
		switch {
		case len(found) == 1:
			return found[0], nil
		case len(found) > 1:
			return "", invalid("make `member` more precise", "%q matches several files: %s", pattern, list(found))
		}
	}
	return "", invalid("use one of "+list(names), "it holds no file %q", pattern)
}

// sibling finds the file beside a .shp with the same name and another extension, in any case.
func sibling(names []string, shp, ext string) (string, bool) {
	stem := strings.TrimSuffix(shp, path.Ext(shp))
	for _, n := range names {
		if strings.EqualFold(n, stem+ext) || strings.EqualFold(n, shp+ext) {
			return n, true
		}
	}
	return "", false
}
