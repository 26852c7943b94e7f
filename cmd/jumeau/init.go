package main

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"jumeau/data"
	"jumeau/model"
	"jumeau/model/declare"
)

type initVerb struct {
	Dir       string `arg:"" help:"Folder to make; it must not exist, or be empty."`
	Territory string `required:"" placeholder:"ID" help:"Identifier of the territory: lower-case letters, digits and _."`
	TitleFR   string `name:"title-fr" placeholder:"TEXT" help:"Name in French; default the identifier."`
	TitleEN   string `name:"title-en" placeholder:"TEXT" help:"Name in English; default the French one."`
	BBox      string `name:"bbox" default:"-5.2,41.3,9.6,51.1" help:"First view of the map: west,south,east,north in degrees; default metropolitan France."`
	TimeZone  string `default:"Europe/Paris" help:"IANA time zone."`
}

func (initVerb) Examples() string {
	return "jumeau init my-town --territory my_town --title-fr \"Ma ville\" --title-en \"My town\"\n" +
		"  jumeau check my-town"
}

//go:embed template
var templates embed.FS

// Run makes a new territory folder: commented, empty, and valid. It is there as a whole or not at all.
func (v *initVerb) Run(a *app) error {
	if err := free(v.Dir); err != nil {
		return err
	}
	if v.TitleFR == "" {
		v.TitleFR = strings.ReplaceAll(v.Territory, "_", " ")
	}
	if v.TitleEN == "" {
		v.TitleEN = v.TitleFR
	}
	parent := filepath.Dir(filepath.Clean(v.Dir))
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return v.failed(err)
	}
	scratch, err := os.MkdirTemp(parent, ".jumeau-init-")
	if err != nil {
		return v.failed(err)
	}
	defer os.RemoveAll(scratch)
	if err := v.write(scratch); err != nil {
		return err
	}
	if _, err := declare.ReadWith(os.DirFS(scratch), declare.Options{Templates: data.Templates()}); err != nil {
		return v.wrongFlags(err)
	}
	if err := os.Chmod(scratch, 0o755); err != nil {
		return v.failed(err)
	}
	if err := os.Remove(v.Dir); err != nil && !errors.Is(err, fs.ErrNotExist) { // empty, or else it stays and this fails
		return v.failed(err)
	}
	if err := os.Rename(scratch, v.Dir); err != nil {
		return v.failed(err)
	}
	fmt.Fprintf(a.out, "Made %s: an empty territory that passes check.\nNext: rename sources/communes.yaml.example and layers/communes.yaml.example, or write your own, then\n  jumeau check %s\n", v.Dir, v.Dir)
	return nil
}

// free reports a folder that holds something.
func free(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err == nil {
		err = errors.New("the folder is not empty")
	}
	return &model.Error{Kind: model.Invalid, Op: "init", Subject: dir, Err: err, Hint: "name a folder that does not exist yet; nothing was written"}
}

func (v *initVerb) write(dir string) error {
	forms := template.New("").Funcs(template.FuncMap{"quote": quote})
	err := fs.WalkDir(templates, "template", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(templates, name)
		if err != nil {
			return err
		}
		rel := strings.TrimPrefix(name, "template/")
		if rel == declare.TerritoryFile {
			form, err := forms.Parse(string(text))
			if err != nil {
				return err
			}
			var out bytes.Buffer
			if err := form.Execute(&out, v); err != nil {
				return err
			}
			text = out.Bytes()
		}
		return put(filepath.Join(dir, filepath.FromSlash(rel)), text)
	})
	if err != nil {
		return v.failed(err)
	}
	schemas := data.Schemas()
	names, err := fs.Glob(schemas, "*.json")
	for _, name := range names {
		text, readErr := fs.ReadFile(schemas, name)
		err = errors.Join(err, readErr, put(filepath.Join(dir, ".schema", name), text))
	}
	if err != nil {
		return v.failed(err)
	}
	return nil
}

func put(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o644)
}

// quote writes a text as a YAML double-quoted scalar, of which JSON's are a part.
func quote(s string) (string, error) {
	text, err := json.Marshal(s)
	return string(text), err
}

// wrongFlags says which values made the folder invalid, without naming files that were never kept.
func (v *initVerb) wrongFlags(err error) error {
	var problems declare.Problems
	if !errors.As(err, &problems) {
		return err
	}
	var parts []string
	for _, p := range problems {
		parts = append(parts, p.Message)
	}
	return &model.Error{Kind: model.Invalid, Op: "init", Subject: v.Dir, Err: errors.New(strings.Join(parts, "; ")),
		Hint: "correct the value of the flag; nothing was written"}
}

func (v *initVerb) failed(err error) error {
	return &model.Error{Kind: model.Internal, Op: "init", Subject: v.Dir, Err: err}
}
