package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"jumeau/ingest/profile"
	"jumeau/model"
	"jumeau/model/declare"
)

// addVerb looks at a file and drafts the declaration of a source.
type addVerb struct {
	File      string   `arg:"" help:"A file on disk, or an address (https://…), which is downloaded into raw/ of the territory."`
	Territory string   `arg:"" optional:"" default:"." help:"Folder of the territory; default the current one."`
	Source    string   `placeholder:"ID" help:"Identifier of the source; default from the file's name."`
	Member    string   `placeholder:"NAME" help:"Which file of an archive."`
	Allow     []string `placeholder:"COLUMN" help:"Read this column though it looks as if it were about persons; may be repeated."`
	Rows      int      `default:"20000" help:"Rows to look at, from the first."`
	Limit     int64    `default:"2048" help:"Greatest download, in MiB."`
	Print     bool     `help:"Write nothing: print the draft."`
}

func (addVerb) Examples() string {
	return "jumeau add comptages.csv my-town\n  jumeau add https://example.org/pistes.geojson my-town --source pistes\n  jumeau add stops.zip --member stops.txt --print"
}

func (v *addVerb) Run(a *app) error {
	if !v.Print {
		if _, err := os.Stat(filepath.Join(v.Territory, declare.TerritoryFile)); err != nil {
			return &model.Error{Kind: model.NotFound, Op: "add", Subject: v.Territory, Err: errors.New("there is no " + declare.TerritoryFile),
				Hint: "name the territory's folder, make one with jumeau init, or print the draft with --print"}
		}
	}
	id := v.Source
	if id == "" {
		id = sourceID(v.File)
	}
	target := filepath.Join(v.Territory, declare.SourceFolder, id+".yaml")
	if _, err := os.Stat(target); err == nil && !v.Print {
		return &model.Error{Kind: model.Invalid, Op: "add", Subject: id, Err: fmt.Errorf("%s exists", target), Hint: "choose another name with --source; nothing was written"}
	}
	file, address, err := v.fetched(a)
	if err != nil {
		return err
	}
	if address != "" && v.Print {
		defer os.Remove(file)
	}
	p, err := profile.Look(a.ctx, file, profile.Options{Rows: v.Rows, Member: v.Member})
	if err != nil {
		return err
	}
	for _, name := range v.Allow {
		if p.Column(name) == nil {
			return &model.Error{Kind: model.Invalid, Op: "add", Subject: v.File, Err: fmt.Errorf("there is no column %q to allow", name), Hint: "its columns are: " + strings.Join(columnsOf(p), ", ")}
		}
	}
	text := p.Draft(profile.DraftOptions{ID: id, Path: v.place(file, address), URL: address, Schema: "../.schema/source.schema.json", Allow: v.Allow})
	if v.Print {
		_, err := a.out.Write(text)
		return err
	}
	v.show(a, p)
	if err := put(target, text); err != nil {
		return &model.Error{Kind: model.Internal, Op: "add", Subject: target, Err: err}
	}
	marks := strings.Count(string(text), declare.ToComplete) - 2 // two stand in the heading
	fmt.Fprintf(a.out, "\nWrote %s: %s to complete. It reads nothing until they are.\nNext: jumeau check %s\n", target, plural(marks, "mark"), v.Territory)
	return nil
}

var notName = regexp.MustCompile(`[^a-z0-9]+`)

// sourceID makes an identifier of a file's name or of an address.
func sourceID(file string) string {
	if u, err := url.Parse(file); err == nil && u.Host != "" {
		file = u.Path
	}
	base, _, _ := strings.Cut(path.Base(filepath.ToSlash(file)), ".")
	id := strings.Trim(notName.ReplaceAllString(strings.ToLower(base), "_"), "_")
	if id == "" || id[0] < 'a' || id[0] > 'z' {
		id = "source_" + id
	}
	return strings.TrimRight(id[:min(len(id), 60)], "_")
}

// place is from.path: below the territory folder as it is, else where the file is to be put.
func (v *addVerb) place(file, address string) string {
	dir, err1 := filepath.Abs(v.Territory)
	at, err2 := filepath.Abs(file)
	if rel, err := filepath.Rel(dir, at); errors.Join(err1, err2, err) == nil && filepath.IsLocal(rel) && (address == "" || !v.Print) {
		return filepath.ToSlash(rel)
	}
	if address != "" {
		return "raw/" + nameOf(address)
	}
	return "raw/" + filepath.Base(file)
}

func nameOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || path.Base(u.Path) == "/" || path.Base(u.Path) == "." {
		return "download"
	}
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\*?[]:`, r) {
			return '_'
		}
		return r
	}, path.Base(u.Path))
}

// fetched is the file on disk, and the address that it came from.
func (v *addVerb) fetched(a *app) (file, address string, err error) {
	u, err := url.Parse(v.File)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" {
		if info, err := os.Stat(v.File); err != nil || info.IsDir() {
			return "", "", &model.Error{Kind: model.NotFound, Op: "add", Subject: v.File, Err: errors.New("there is no such file"), Hint: "name a file, or an address that begins with https://"}
		}
		return v.File, "", nil
	}
	if u.User != nil {
		return "", "", &model.Error{Kind: model.Invalid, Op: "add", Subject: u.Host, Err: errors.New("the address holds a user name"), Hint: "a declaration is public: download the file and name it"}
	}
	dir := os.TempDir()
	if !v.Print {
		dir = filepath.Join(v.Territory, "raw")
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return "", "", err
		}
	}
	file = filepath.Join(dir, nameOf(v.File))
	if v.Print {
		file = filepath.Join(dir, fmt.Sprintf("jumeau-add-%d-%s", os.Getpid(), nameOf(v.File)))
	} else if _, err := os.Stat(file); err == nil {
		return "", "", &model.Error{Kind: model.Invalid, Op: "add", Subject: v.File, Err: fmt.Errorf("%s exists", file), Hint: "add that file, or remove it to download it again"}
	}
	fmt.Fprintf(a.errOut, "Downloading %s…\n", v.File)
	return file, v.File, fetchFile(a.ctx, a.log, v.File, file, v.Limit)
}

func columnsOf(p *profile.Profile) (out []string) {
	for _, c := range p.Columns {
		out = append(out, c.Name)
	}
	return out
}

// show prints what was seen: the columns, and the first rows with suspected values masked.
func (v *addVerb) show(a *app, p *profile.Profile) {
	rows := fmt.Sprintf("%d rows", p.Rows)
	if !p.Whole {
		rows = fmt.Sprintf("the first %d rows", p.Rows)
	}
	fmt.Fprintf(a.out, "%s: %s\n", v.File, strings.TrimSpace(strings.Join([]string{p.Format, p.Encoding, "looked at", rows}, " ")))
	if p.Broken > 0 {
		fmt.Fprintf(a.out, "%d records could not be read\n", p.Broken)
	}
	if p.Shape != "" {
		guessed := ""
		if p.CRSGuessed {
			guessed = ", guessed from their range"
		}
		fmt.Fprintf(a.out, "%ss in %s%s\n", p.Shape, orUnknown(p.CRS), guessed)
		if lon, lat, ok := p.Degrees(); ok {
			fmt.Fprintf(a.out, "around %.4f, %.4f (longitude, latitude)\n", lon, lat)
		}
	}
	fmt.Fprintln(a.out)
	w := tabwriter.NewWriter(a.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "column\ttype\tfilled\tdifferent\trange\tnotes\t")
	for _, c := range p.Columns {
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\t%s\t\n", c.Name, c.Type, c.Filled, different(c), rangeOf(c), notesOn(c))
	}
	w.Flush()
	fmt.Fprintf(a.out, "\nProposed class: %s (%s)\n\n", p.Proposed.Class, p.Proposed.EN)
	v.preview(a, p)
}

func orUnknown(s string) string {
	if s == "" {
		return "an unknown CRS"
	}
	return s
}

func different(c *profile.Column) string {
	n, more := c.Distinct()
	if more {
		return fmt.Sprintf("more than %d", n-1)
	}
	return fmt.Sprint(n)
}

func rangeOf(c *profile.Column) string {
	if c.Suspected() || c.Type != "integer" && c.Type != "number" || c.Min > c.Max {
		return ""
	}
	return fmt.Sprintf("%v … %v", c.Min, c.Max)
}

func notesOn(c *profile.Column) string {
	var notes []string
	if c.Key {
		notes = append(notes, "key")
	}
	if c.Place {
		notes = append(notes, "place")
	}
	if c.Date != "" {
		notes = append(notes, c.Date)
	}
	if c.Unit != "" {
		notes = append(notes, "in "+c.Unit)
	}
	if len(c.Missing)+len(c.Withheld) > 0 {
		notes = append(notes, "no value: "+strings.Join(slices.Concat(c.Missing, c.Withheld), " "))
	}
	for _, s := range c.Suspicions {
		notes = append(notes, "SUSPECTED "+s.EN)
	}
	return strings.Join(notes, "; ")
}

// widest cell of a preview, and most columns of it.
const (
	previewCell    = 24
	previewColumns = 8
)

func (v *addVerb) preview(a *app, p *profile.Profile) {
	w := tabwriter.NewWriter(a.out, 0, 4, 2, ' ', 0)
	shown := p.Columns[:min(len(p.Columns), previewColumns)]
	for _, c := range shown {
		fmt.Fprintf(w, "%s\t", clipped(c.Name))
	}
	fmt.Fprintln(w)
	for _, row := range p.Preview {
		for i, c := range shown {
			switch text := row[i]; {
			case c.Suspected() && text != "":
				fmt.Fprint(w, "•••\t")
			default:
				fmt.Fprintf(w, "%s\t", clipped(text))
			}
		}
		fmt.Fprintln(w)
	}
	w.Flush()
	if more := len(p.Columns) - len(shown); more > 0 {
		fmt.Fprintf(a.out, "and %s\n", plural(more, "more column"))
	}
}

// clipped keeps a cell on its line, without characters that a terminal would obey.
func clipped(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == utf8.RuneError {
			return ' '
		}
		return r
	}, text)
	if r := []rune(text); len(r) > previewCell {
		return string(r[:previewCell-1]) + "…"
	}
	return text
}
