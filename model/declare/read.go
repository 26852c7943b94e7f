package declare

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"reflect"
	"slices"
	"strings"
	"time"

	"jumeau/model"
)

// TryExample holds a source to one of its examples; what it returns is a problem at the example. Zone is the territory's.
type TryExample func(s *model.Source, e model.Example, zone *time.Location) error

// Names of a territory folder.
const (
	TerritoryFile = "territory.yaml"
	SourceFolder  = "sources"
	LayerFolder   = "layers"
	TourFolder    = "tours"
)

// Read reads a territory folder and fills in what is left out. When anything is wrong it returns a model.Error of kind
// Invalid that wraps all the Problems. Examples are compared with the contract's columns, and not run.
func Read(folder fs.FS) (*model.Territory, error) { return ReadAndTry(folder, nil) }

// ReadAndTry is Read and, when nothing else is wrong, runs the examples of every source.
func ReadAndTry(folder fs.FS, try TryExample) (*model.Territory, error) {
	return ReadWith(folder, Options{Try: try})
}

// Options of reading a territory folder.
type Options struct {
	// Templates that sources may name, as PRODUCER/NAME/template.yaml; those in the territory's own templates/ come first.
	Templates fs.FS
	// Runs the examples of every source when nothing else is wrong; nil: they are not run.
	Try TryExample
}

// ReadWith reads a territory folder.
func ReadWith(folder fs.FS, opt Options) (*model.Territory, error) {
	text, err := fs.ReadFile(folder, TerritoryFile)
	if err != nil {
		kind := model.Internal
		if errors.Is(err, fs.ErrNotExist) {
			kind, err = model.NotFound, errors.New("there is no "+TerritoryFile)
		}
		return nil, &model.Error{Kind: kind, Op: "read territory", Err: err, Hint: "name a territory folder, or make one: jumeau init DIR --territory ID"}
	}
	c := newChecker()
	c.templates = newTemplates(folder, opt.Templates)
	c.territory = newDocument(TerritoryFile)
	if err := c.read(c.territory, text, reflect.ValueOf(c.t).Elem()); err != nil {
		return nil, err
	}
	if err := c.readSources(folder); err != nil {
		return nil, err
	}
	if err := c.readLayers(folder); err != nil {
		return nil, err
	}
	if err := c.readTours(folder); err != nil {
		return nil, err
	}
	c.check()
	if err := c.verdict(); err != nil {
		return nil, err
	}
	fillDefaults(c.t)
	if opt.Try != nil {
		c.tryExamples(opt.Try)
	}
	if err := c.verdict(); err != nil {
		return nil, err
	}
	return c.t, nil
}

// verdict is nil when nothing is wrong.
func (c *checker) verdict() error {
	problems := c.problems()
	if len(problems) == 0 {
		return nil
	}
	return &model.Error{Kind: model.Invalid, Op: "check", Err: problems, Hint: "correct the lines shown; doc/declaration.md lists every key and what it takes"}
}

func (c *checker) tryExamples(try TryExample) {
	zone, err := time.LoadLocation(c.t.TimeZone)
	if err != nil { // checked before
		return
	}
	for _, s := range c.t.Sources {
		for i, e := range s.Examples {
			if err := try(s, e, zone); err != nil {
				c.sourceDoc[s].addValue(index("examples", i), "the example does not hold: %s", err)
			}
		}
	}
}

// read decodes one file.
func (c *checker) read(d *document, text []byte, into reflect.Value) error {
	c.documents = append(c.documents, d)
	body := d.parse(text)
	if body == nil {
		return nil
	}
	s, isSource := into.Addr().Interface().(*model.Source)
	if isSource {
		if err := c.useTemplate(d, body, s); err != nil {
			return err
		}
	}
	d.decode(body, into, "", Rule{})
	if isSource {
		c.complete(d, s)
	}
	return nil
}

func (c *checker) readSources(folder fs.FS) error {
	return c.eachFile(folder, SourceFolder, ".yaml", func(d *document, name string, text []byte) error {
		s := &model.Source{File: d.file}
		err := c.read(d, text, reflect.ValueOf(s).Elem())
		if s.ID == "" {
			s.ID = name
		}
		c.named(d, "source", s.ID, name)
		c.sourceOf[s.ID], c.sourceDoc[s] = s, d
		c.t.Sources = append(c.t.Sources, s)
		return err
	})
}

func (c *checker) readLayers(folder fs.FS) error {
	return c.eachFile(folder, LayerFolder, ".yaml", func(d *document, name string, text []byte) error {
		l := &model.Layer{File: d.file}
		err := c.read(d, text, reflect.ValueOf(l).Elem())
		if l.ID == "" {
			l.ID = name
		}
		c.named(d, "layer", l.ID, name)
		c.layerDoc[l] = d
		c.t.Layers = append(c.t.Layers, l)
		return err
	})
}

// named reports an id that differs from the file's name: so ids are unique, and a thing is where its name says.
func (c *checker) named(d *document, key, id, name string) {
	if id != name && !d.broken {
		d.addValue(key, "%s %q is in %s: rename the file to %s.yaml, or the %s to %q", key, id, d.file, id, key, name)
	}
}

// eachFile calls read with every declaration of a folder (.yaml or .md), in the order of their names. What looks like one but would
// be overlooked is a problem.
func (c *checker) eachFile(folder fs.FS, sub, ext string, read func(d *document, name string, text []byte) error) error {
	entries, err := fs.ReadDir(folder, sub)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return &model.Error{Kind: model.Internal, Op: "read territory", Subject: sub, Err: err}
	}
	for _, e := range entries {
		file := path.Join(sub, e.Name())
		name, isDeclaration := strings.CutSuffix(e.Name(), ext)
		if !isDeclaration || e.IsDir() {
			c.overlooked(file, ext, e)
			continue
		}
		text, err := fs.ReadFile(folder, file)
		if err != nil {
			return &model.Error{Kind: model.Internal, Op: "read territory", Subject: file, Err: err}
		}
		if err := read(newDocument(file), name, text); err != nil {
			return err
		}
	}
	return nil
}

// lookalikes of the extensions of declarations, in lower case.
var lookalikes = map[string][]string{".yaml": {".yml", ".yaml", ".json"}, ".md": {".md", ".markdown"}}

func (c *checker) overlooked(file, ext string, e fs.DirEntry) {
	other := path.Ext(file)
	if e.IsDir() || !slices.Contains(lookalikes[ext], strings.ToLower(other)) || strings.HasPrefix(e.Name(), ".") {
		return
	}
	d := newDocument(file)
	d.addAt(place{}, "would be overlooked: rename it to %s%s", strings.TrimSuffix(e.Name(), other), ext)
	c.documents = append(c.documents, d)
}

func (c *checker) problems() Problems {
	var all Problems
	for _, d := range c.documents {
		all = append(all, d.problems...)
	}
	return all.sorted()
}

// Warning is something that is allowed and worth a look.
type Warning struct {
	File    string `json:"file"`
	Message string `json:"message"`
}

func (w Warning) String() string { return fmt.Sprintf("%s: %s", w.File, w.Message) }
