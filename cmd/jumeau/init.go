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
	Dir       string   `arg:"" optional:"" help:"Folder to make; it must not exist, or be empty. Default, with --epci: the identifier."`
	Territory string   `required:"" xor:"what" placeholder:"ID" help:"Identifier of an empty territory: lower-case letters, digits and _."`
	EPCI      string   `required:"" xor:"what" name:"epci" placeholder:"SIREN" help:"A territory for this French intercommunal authority, with sources ready: nine digits."`
	Name      string   `placeholder:"TEXT" help:"With --epci: name of the territory; default the official one."`
	Communes  []string `placeholder:"FILE" help:"With --epci: a list of the authority's communes (epci.json of decoupage-administratif, or any table or map of communes with their authority); a map of communes gives the first view too. May be repeated."`
	Mirror    string   `type:"existingdir" placeholder:"DIR" help:"With --epci: folder that runs will be given; files of it are named by their place in it."`
	Online    bool     `help:"With --epci: ask geo.api.gouv.fr, a third party, once for the list and the outlines. Without it, nothing is asked of the network."`
	API       string   `hidden:"" name:"api" default:"https://geo.api.gouv.fr"`
	COG       int      `name:"cog" default:"2025" placeholder:"YEAR" help:"With --epci: vintage of the codes of communes (Code officiel géographique, 1 January of the year)."`
	TitleFR   string   `name:"title-fr" placeholder:"TEXT" help:"Name in French; default the identifier."`
	TitleEN   string   `name:"title-en" placeholder:"TEXT" help:"Name in English; default the French one."`
	BBox      string   `name:"bbox" placeholder:"W,S,E,N" help:"First view of the map, in degrees; default that of the communes, or else metropolitan France."`
	TimeZone  string   `default:"Europe/Paris" help:"IANA time zone."`
}

func (initVerb) Examples() string {
	return "jumeau init my-town --territory my_town --title-fr \"Ma ville\" --title-en \"My town\"\n" +
		"  jumeau init sicoval --epci 243100633 --communes epci.json\n  jumeau init sicoval --epci 243100633 --online"
}

// france is the first view when nothing better is known: metropolitan France.
const france = "-5.2,41.3,9.6,51.1"

//go:embed template
var templates embed.FS

// Run makes a new territory folder: commented, empty, and valid. It is there as a whole or not at all.
func (v *initVerb) Run(a *app) error {
	if v.EPCI != "" {
		return v.authority(a)
	}
	if v.Dir == "" {
		v.Dir = v.Territory
	}
	if v.BBox == "" {
		v.BBox = france
	}
	if v.TitleFR == "" {
		v.TitleFR = strings.ReplaceAll(v.Territory, "_", " ")
	}
	if v.TitleEN == "" {
		v.TitleEN = v.TitleFR
	}
	if err := v.make(v.write); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "Made %s: an empty territory that passes check.\nNext: rename sources/communes.yaml.example and layers/communes.yaml.example, or write your own, then\n  jumeau check %s\n", v.Dir, v.Dir)
	return nil
}

// make makes the folder with what write puts into it: as a whole, valid, or not at all.
func (v *initVerb) make(write func(dir string) error) error {
	if err := free(v.Dir); err != nil {
		return err
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
	if err := write(scratch); err != nil {
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
	if err := fill(templates, "template", dir, v); err != nil {
		return v.failed(err)
	}
	return v.schemas(dir)
}

// fill writes the files of an embedded folder; those that end with .yaml are forms filled with values.
func fill(from fs.FS, root, dir string, values any) error {
	forms := template.New("").Funcs(template.FuncMap{"quote": quote})
	return fs.WalkDir(from, root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(from, name)
		if err != nil {
			return err
		}
		if filepath.Ext(name) == ".yaml" {
			form, err := forms.Parse(string(text))
			if err != nil {
				return err
			}
			var out bytes.Buffer
			if err := form.Execute(&out, values); err != nil {
				return err
			}
			text = out.Bytes()
		}
		return put(filepath.Join(dir, filepath.FromSlash(strings.TrimPrefix(name, root+"/"))), text)
	})
}

// schemas puts the JSON schemas beside the declarations, for editors.
func (v *initVerb) schemas(dir string) error {
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
