package profile

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"jumeau/model"
	"jumeau/model/declare"
)

// DraftOptions say what the file does not.
type DraftOptions struct {
	ID     string   // Required: identifier of the source
	Path   string   // Required: from.path
	URL    string   // where it was downloaded from
	Schema string   // path of source.schema.json, for editors; "" leaves the line out
	Allow  []string // columns that are read though they are suspected
}

// Draft is the text of a declaration, which a steward completes: what the file cannot say is marked, and check reports every
// mark with its line. Suspected columns are named in comments and not read. Where rows seem to be about persons, no value and no
// range is written.
func (p *Profile) Draft(opt DraftOptions) []byte {
	d := &draft{Profile: p, opt: opt, personal: model.Personal(p.Proposed.Class)}
	d.head()
	d.columns()
	d.geometry()
	d.behaviour()
	return []byte(d.String())
}

type draft struct {
	strings.Builder
	*Profile
	opt      DraftOptions
	personal bool
}

func (d *draft) line(format string, args ...any) { fmt.Fprintf(d, format+"\n", args...) }

// ask is a value that a steward must give.
func ask(fr, en string) string { return quote(fmt.Sprintf("%s: %s / %s", declare.ToComplete, fr, en)) }

func (d *draft) head() {
	if d.opt.Schema != "" {
		d.line("# yaml-language-server: $schema=%s", d.opt.Schema)
	}
	d.line("# Brouillon de `jumeau add`. Ce qui porte « %s » empêche toute exécution ; `jumeau check` en donne les lignes.", declare.ToComplete)
	d.line("# Draft by `jumeau add`. What bears \"%s\" stops every run; `jumeau check` gives its lines.", declare.ToComplete)
	seen := fmt.Sprintf("%d premières lignes vues / first rows seen", d.Rows)
	if d.Whole {
		seen = fmt.Sprintf("%d lignes, toutes vues / rows, all seen", d.Rows)
	}
	d.line("# %s", strings.TrimSpace(strings.Join([]string{d.Format, d.Encoding, seen}, " ")))
	d.line("source: %s", d.opt.ID)
	d.line("title: {fr: %s, en: %s}", quote(declare.ToComplete), quote(declare.ToComplete))
	d.line("from:")
	d.line("  path: %s", quote(d.opt.Path))
	if d.opt.URL != "" {
		d.line("  url: %s", quote(d.opt.URL))
		d.line("  verified: false")
	}
	if d.Member != "" {
		d.line("  member: %s", quote(d.Member))
	}
	d.read()
	d.line("producer: %s", ask("qui a fait ces données ?", "who made the data?"))
	d.line("licence: %s", ask("sous quelle licence ?", "under which licence?"))
	d.line("vintage: %s", ask("quel état du monde (2025, 2025-06) ?", "which state of the world (2025, 2025-06)?"))
}

func (d *draft) read() {
	var parts []string
	if known := declare.Rules["Read.format"].OneOf; slices.Contains(known, d.Format) {
		parts = append(parts, "format: "+d.Format)
	}
	if slices.Contains([]string{"windows-1252", "iso-8859-1"}, d.Encoding) {
		parts = append(parts, "encoding: "+d.Encoding)
	}
	if d.Decimal == "," {
		parts = append(parts, `decimal: ","`)
	}
	if d.HeaderStrip != "" {
		parts = append(parts, "header_strip: "+quote(d.HeaderStrip))
	}
	comment := ""
	switch {
	case d.Shape == "", d.hidden():
	case d.CRS == "":
		parts = append(parts, "crs: "+ask("dans quel système sont les coordonnées ?", "in which CRS are the coordinates?"))
	case d.CRSGuessed:
		parts = append(parts, "crs: "+quote(d.CRS))
		comment = " # deviné d'après l'étendue des coordonnées / guessed from the range of the coordinates"
	}
	if len(parts) > 0 {
		d.line("read: {%s}%s", strings.Join(parts, ", "), comment)
	}
}

func (d *draft) columns() {
	var left []*Column
	written := 0
	d.line("contract:")
	d.line("  columns:")
	for _, c := range d.Columns {
		switch {
		case c.Name == "": // no declaration can name it
		case c.Place && !c.Suspected():
		case c.Place && slices.Contains(d.opt.Allow, c.Name):
		case c.Suspected() && !slices.Contains(d.opt.Allow, c.Name):
			left = append(left, c)
		default:
			d.column(c)
			written++
		}
	}
	if written == 0 { // a contract has columns
		d.line("    nothing: {type: %s}", ask("aucune colonne ne peut être proposée", "no column can be proposed"))
	}
	if len(left) == 0 {
		return
	}
	d.line("    # Soupçonnées, et donc non lues. Pour lire l'une d'elles, l'écrire ici, ou `jumeau add --allow COLONNE`.")
	d.line("    # Suspected, and so not read. To read one, write it here, or `jumeau add --allow COLUMN`.")
	for _, c := range left {
		for _, s := range c.Suspicions {
			d.line("    #   %s: %s / %s", comment(c.Name), s.FR, s.EN)
		}
	}
}

// comment keeps a name on its line.
func comment(text string) string { return strings.Join(strings.Fields(text), " ") }

// lineBreaks in a name stand in no declaration, but a pattern finds them.
var lineBreaks = strings.NewReplacer("\r", `\s`, "\n", `\s`)

func (d *draft) column(c *Column) {
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	switch {
	case strings.HasPrefix(c.Name, "^"), strings.ContainsAny(c.Name, "\r\n"):
		add("from: %s", quote("^"+lineBreaks.Replace(regexp.QuoteMeta(c.Name))+"$"))
	case c.ID != c.Name:
		add("from: %s", quote(c.Name))
	}
	add("type: %s", c.Type)
	unit := d.personal && slices.Contains(d.opt.Allow, c.Name) && slices.ContainsFunc(c.Suspicions, func(s Suspicion) bool {
		return slices.Contains([]string{"identifier", "trace", "mac", "plate"}, s.Kind)
	})
	switch {
	case unit:
		add("role: unit")
	case c.Key && !d.personal:
		add("role: id, required: true")
		if d.Whole {
			add("unique: true")
		}
	case d.only(c):
		add("role: time")
	}
	if c.Date != "" {
		add("format: %s", quote(c.Date))
	}
	if c.Unit != "" && (c.Type == "integer" || c.Type == "number") {
		add("unit: %s", quote(c.Unit))
	}
	if len(c.Missing) > 0 {
		add("missing: %s", list(c.Missing))
	}
	if len(c.Withheld) > 0 {
		add("withheld: %s", list(c.Withheld))
	}
	d.line("    %s: {%s}%s", c.ID, strings.Join(parts, ", "), d.about(c))
}

// only says whether c is the one column of times.
func (d *draft) only(c *Column) bool {
	n := 0
	for _, other := range d.Columns {
		if other.Type == "date" || other.Type == "timestamp" {
			n++
		}
	}
	return n == 1 && (c.Type == "date" || c.Type == "timestamp")
}

// about is the comment after a column: how many cells are filled, the range, and what is in doubt.
func (d *draft) about(c *Column) string {
	var parts []string
	if c.Empty > 0 {
		parts = append(parts, fmt.Sprintf("%d vides / empty", c.Empty))
	}
	if (c.Type == "integer" || c.Type == "number") && c.Min <= c.Max && !d.personal && !c.Suspected() {
		parts = append(parts, fmt.Sprintf("%v … %v", c.Min, c.Max))
	}
	if c.Doubt != "" {
		parts = append(parts, c.Doubt)
	}
	if len(parts) == 0 {
		return ""
	}
	return " # " + strings.Join(parts, "; ")
}

// hidden says whether the coordinates are suspected, and not allowed.
func (d *draft) hidden() bool {
	return slices.ContainsFunc([]string{d.X, d.Y, d.WKT}, func(name string) bool {
		c := d.Column(name)
		return c != nil && c.Suspected() && !slices.Contains(d.opt.Allow, name)
	})
}

func (d *draft) geometry() {
	switch {
	case d.Shape == "":
		return
	case d.hidden():
		d.line("  # Les positions sont soupçonnées, et donc non lues. / Positions are suspected, and so not read.")
		return
	}
	parts := []string{"type: " + d.Shape}
	if d.X != "" {
		parts = append(parts, "x: "+quote(d.X), "y: "+quote(d.Y))
	}
	if d.WKT != "" {
		parts = append(parts, "wkt: "+quote(d.WKT))
	}
	d.line("  geometry: {%s}", strings.Join(parts, ", "))
}

func (d *draft) behaviour() {
	c := d.Proposed
	d.line("behaviour:")
	d.line("  # Proposée : %s (%s). A agrégats ouverts, B comptages sans identité, C personnes ou appareils, D agrégats", c.Class, c.FR)
	d.line("  # au-dessus d'un seuil, E entreprises, F foyers, G enquêtes.")
	d.line("  # Proposed: %s (%s). A open aggregates, B counts without identity, C persons or devices, D aggregates", c.Class, c.EN)
	d.line("  # above a threshold, E enterprises, F households, G surveys.")
	d.line("  class: %s", ask(c.Class+" ?", c.Class+"?"))
	if !d.personal {
		return
	}
	d.line("  unit: %s", c.Unit)
	d.line("  purpose: {fr: %s, en: %s}", quote(declare.ToComplete+" : à quoi servent les chiffres ?"), quote(declare.ToComplete+": what are the figures for?"))
	d.line("  legal_basis: %s", ask("sur quel fondement ?", "on which ground?"))
	d.line("  retention: %s", ask("P30D ?", "P30D?"))
}

// quote writes a text as a YAML double-quoted scalar, of which JSON's are a part.
func quote(s string) string {
	text, err := json.Marshal(s)
	if err != nil { // a string always has a form
		return `""`
	}
	return string(text)
}

func list(values []string) string {
	var parts []string
	for _, v := range values {
		parts = append(parts, quote(v))
	}
	return "[" + strings.Join(parts, ", ") + "]"
}
