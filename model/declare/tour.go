package declare

import (
	"io/fs"
	"reflect"
	"regexp"
	"strings"

	"jumeau/model"
)

// readTours reads tours/*.md: front matter in YAML, then the parts # Français and # English with the same steps.
func (c *checker) readTours(folder fs.FS) error {
	return c.eachFile(folder, TourFolder, ".md", func(d *document, name string, text []byte) error {
		if strings.HasPrefix(name, ".") {
			return nil
		}
		t := &model.Tour{ID: name, File: d.file}
		c.documents, c.tourDoc[t] = append(c.documents, d), d
		c.t.Tours = append(c.t.Tours, t)
		d.tour(text, t)
		return nil
	})
}

// tour reads one file into t, and reports what is wrong where it stands.
func (d *document) tour(text []byte, t *model.Tour) {
	text = lineEnds(text)
	lines := strings.Split(string(text), "\n")
	d.lines = lines
	if err := identifier.test(t.ID); err != nil {
		d.addAt(place{}, "the name of the file is the tour's: %s", err)
	}
	if len(text) > maxBytes {
		d.broken = true
		d.addAt(place{}, "is larger than %d kB: not a tour", maxBytes>>10)
		return
	}
	end := frontEnd(lines)
	if end < 0 {
		d.broken = true
		d.addAt(place{1, 1, 1}, `begins with its front matter: a line "---", keys (title: {fr: "…", en: "…"}), a line "---"`)
		return
	}
	front := "\n" + strings.Join(lines[1:end], "\n") + "\n" // so that its lines are those of the file
	if body := d.parse([]byte(front)); body != nil {
		d.decode(body, reflect.ValueOf(t).Elem(), "", Rule{})
	}
	d.lines = lines
	w := &tourReader{d: d}
	for i := end + 1; i < len(lines); i++ {
		w.line(i+1, lines[i])
	}
	w.close()
	t.Steps = w.steps()
}

// frontEnd is the index of the line that closes the front matter, or -1.
func frontEnd(lines []string) int {
	if strings.TrimRight(lines[0], " ") != "---" {
		return -1
	}
	for i := 1; i < len(lines); i++ {
		if strings.TrimRight(lines[i], " ") == "---" {
			return i
		}
	}
	return -1
}

// written is a step in one language.
type written struct {
	line int
	view string
	text model.TourText
}

// tourReader reads the body of a tour line by line.
type tourReader struct {
	d         *document
	parts     [2][]written // French, English
	seen      [2]bool
	part      int // 1 French, 2 English; 0 before the first
	paragraph []string
	from      int // first line of the paragraph
	item      bool
	list      []int // lines of the items in items
	items     []string
}

var (
	partName = map[string]int{"Français": 1, "English": 2}
	heading  = regexp.MustCompile(`^(#{1,6})\s+(.*?)\s*#*\s*$`)
	stepLink = regexp.MustCompile(`^\[([^\[\]]+)\]\((\S+)\)$`)
	otherMD  = regexp.MustCompile("^(>|[*+]\\s|```|~~~|\\||\\d+[.)]\\s|[-*_]{3,}\\s*$|    \\S|\\t\\S)")
)

func (w *tourReader) line(n int, text string) {
	trimmed := strings.TrimSpace(text)
	switch m := heading.FindStringSubmatch(text); {
	case trimmed == "":
		w.close()
	case m != nil && len(m[1]) == 1:
		w.close()
		w.begin(n, m[2])
	case m != nil:
		w.close()
		w.step(n, len(m[1]), m[2])
	case otherMD.MatchString(text) && !w.item:
		w.problem(n, text, "a tour has paragraphs, lists (- …), **bold**, *italic* and [links](…): write it with those")
	case strings.HasPrefix(trimmed, "- "):
		w.flushParagraph()
		w.item = true
		w.items, w.list = append(w.items, strings.TrimPrefix(trimmed, "- ")), append(w.list, n)
	case w.item: // an item goes on
		w.items[len(w.items)-1] += " " + trimmed
	default:
		if len(w.paragraph) == 0 {
			w.from = n
		}
		w.paragraph = append(w.paragraph, trimmed)
	}
}

func (w *tourReader) problem(n int, text, format string, args ...any) {
	column := len(text) - len(strings.TrimLeft(text, " \t")) + 1
	w.d.addAt(place{n, column, max(1, length(strings.TrimSpace(text)))}, format, args...)
}

func (w *tourReader) begin(n int, name string) {
	part := partName[name]
	if part == 0 {
		w.problem(n, w.d.lines[n-1], "%q: the parts of a tour are # Français and # English", name)
		return
	}
	if w.seen[part-1] {
		w.problem(n, w.d.lines[n-1], "comes twice: one part a language")
	}
	w.seen[part-1], w.part = true, part
}

// step begins one: "## [What one sees](#/…)".
func (w *tourReader) step(n, level int, text string) {
	line := w.d.lines[n-1]
	if w.part == 0 {
		w.problem(n, line, "a step stands under # Français or # English")
		return
	}
	m := stepLink.FindStringSubmatch(text)
	if level != 2 || m == nil {
		w.problem(n, line, "a step is a heading with the view it shows: ## [Le lundi matin](#/…)")
		return
	}
	w.parts[w.part-1] = append(w.parts[w.part-1], written{line: n, view: m[2], text: model.TourText{Title: m[1], Blocks: []model.TourBlock{}}})
}

// close ends the paragraph and the list.
func (w *tourReader) close() {
	w.flushParagraph()
	if len(w.items) > 0 {
		block := model.TourBlock{List: true}
		for i, text := range w.items {
			block.Lines = append(block.Lines, w.spans(w.list[i], text))
		}
		w.add(w.list[0], block)
	}
	w.items, w.list, w.item = nil, nil, false
}

func (w *tourReader) flushParagraph() {
	if len(w.paragraph) > 0 {
		w.add(w.from, model.TourBlock{Lines: [][]model.TourSpan{w.spans(w.from, strings.Join(w.paragraph, " "))}})
	}
	w.paragraph = nil
}

func (w *tourReader) add(n int, b model.TourBlock) {
	if w.part == 0 || len(w.parts[w.part-1]) == 0 {
		w.problem(n, w.d.lines[n-1], "a text stands under a step: ## [Le lundi matin](#/…)")
		return
	}
	last := &w.parts[w.part-1][len(w.parts[w.part-1])-1]
	last.text.Blocks = append(last.text.Blocks, b)
}

// steps joins both languages.
func (w *tourReader) steps() []model.TourStep {
	fr, en := w.parts[0], w.parts[1]
	end := place{len(w.d.lines), 1, 1}
	if len(fr) == 0 || len(en) == 0 {
		if len(w.d.problems) == 0 {
			w.d.addAt(end, "a tour has steps in both languages: # Français, ## [Le lundi matin](#/…), then # English with the same")
		}
		return nil
	}
	if len(fr) != len(en) {
		w.d.addAt(place{en[0].line, 1, 1}, "%s in French and %d in English: each step is told in both", count(len(fr), "step", "steps"), len(en))
		return nil
	}
	var out []model.TourStep
	for i, f := range fr {
		if en[i].view != f.view {
			w.problem(en[i].line, w.d.lines[en[i].line-1], "step %d shows %s in French (line %d) and %s in English: a step has one view", i+1, f.view, f.line, en[i].view)
		}
		for _, t := range []written{f, en[i]} {
			if len(t.text.Blocks) == 0 {
				w.problem(t.line, w.d.lines[t.line-1], "says nothing about what it shows: write a sentence below it")
			}
		}
		out = append(out, model.TourStep{View: f.view, FR: f.text, EN: en[i].text, Line: f.line})
	}
	return out
}
