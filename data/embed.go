// Package data holds the territories that come with the program, and the JSON schemas of declarations.
//
// A territory is a folder: the declarations of each one here are embedded, so that `jumeau check sicoval` works from
// anywhere. Data files are not: they lie in the mirror folder given to a run. The only exception is reference/, the
// small tables that an authority keeps by hand beside its declarations.
package data

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"jumeau/model"
)

//go:embed */territory.yaml */sources/*.yaml */layers/*.yaml */reference/* */tours/*.md
var territories embed.FS

//go:embed schema/*.json
var schemas embed.FS

//go:embed templates/*/*/*
var templates embed.FS

// Names of the embedded territories, sorted.
func Names() []string {
	var names []string
	entries, _ := territories.ReadDir(".") // an embedded folder is always readable
	for _, e := range entries {
		names = append(names, e.Name())
	}
	slices.Sort(names)
	return names
}

// Schemas are the JSON schemas: territory.schema.json, source.schema.json, layer.schema.json.
func Schemas() fs.FS {
	sub, _ := fs.Sub(schemas, "schema") // the name is a constant
	return sub
}

// Templates are the sources that territories may name, as PRODUCER/NAME/template.yaml with a few rows beside each.
func Templates() fs.FS {
	sub, _ := fs.Sub(templates, "templates") // the name is a constant
	return sub
}

// Open finds a territory: a folder on disk or, when there is none of that path, an embedded one of that name. A folder that has the name
// of an embedded territory, and holds no territory.yaml, is not in its way. Folder is the path to show before the names of its
// files; "" for an embedded one.
func Open(territory string) (fsys fs.FS, folder string, err error) {
	if info, err := os.Stat(territory); err == nil && info.IsDir() && (isTerritory(territory) || !slices.Contains(Names(), territory)) {
		return os.DirFS(territory), filepath.ToSlash(territory), nil
	}
	if slices.Contains(Names(), territory) {
		sub, err := fs.Sub(territories, territory)
		return sub, "", err
	}
	return nil, "", &model.Error{Kind: model.NotFound, Op: "open territory", Subject: territory,
		Err:  errors.New("no such folder, and no built-in territory of that name"),
		Hint: fmt.Sprintf("name a folder that holds territory.yaml, or a built-in territory: %s", strings.Join(Names(), ", "))}
}

func isTerritory(folder string) bool {
	_, err := os.Stat(filepath.Join(folder, "territory.yaml"))
	return err == nil
}

// BuiltIn is Folder for an embedded territory, whatever lies on disk.
func BuiltIn(name, scratch string) (string, error) {
	fsys, err := fs.Sub(territories, name)
	if err != nil || !slices.Contains(Names(), name) {
		return "", &model.Error{Kind: model.NotFound, Op: "open territory", Subject: name, Err: errors.New("no built-in territory of that name"),
			Hint: "use one of: " + strings.Join(Names(), ", ")}
	}
	return unpack(fsys, filepath.Join(scratch, name))
}

// Folder is a territory as a folder on disk, where a run looks for files: the folder itself, or the embedded one copied
// below scratch.
func Folder(territory, scratch string) (string, error) {
	fsys, folder, err := Open(territory)
	if err != nil || folder != "" {
		return filepath.FromSlash(folder), err
	}
	return unpack(fsys, filepath.Join(scratch, territory))
}

func unpack(fsys fs.FS, target string) (string, error) {
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(target, filepath.FromSlash(name)), 0o755)
		}
		text, err := fs.ReadFile(fsys, path.Clean(name))
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(target, filepath.FromSlash(name)), text, 0o644)
	})
	if err != nil {
		return "", &model.Error{Kind: model.Internal, Op: "copy territory", Subject: filepath.Base(target), Err: err}
	}
	return target, nil
}
