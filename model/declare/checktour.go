package declare

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"jumeau/model"
)

// askPages are the planners' questions that have a page (query/web/src/ask.ts).
var askPages = []int{1, 2, 5, 9, 12, 15}

const noPage = "question %v has no page: 1, 2, 5, 9, 12 and 15 have"

// viewKeys are the parameters of a saved view (query/web/src/view.ts). The language is the visitor's, and a step is in a tour already.
var viewKeys = []string{"show", "slot", "zone", "place", "with", "need", "within", "vs", "area", "beside", "relief", "dir", "guess", "view", "at"}

var (
	viewPath = regexp.MustCompile(`^#/(?:q/(\d{1,2})(?:/([a-z0-9_]*))?|([a-z0-9_]+))(?:\?(.*))?$`)
	viewAt   = regexp.MustCompile(`^\d{1,2}(\.\d+)?/-?\d{1,2}(\.\d+)?/-?\d{1,3}(\.\d+)?$`)
)

// checkTour holds the views of a tour to the layers and measures that are declared.
func (c *checker) checkTour(t *model.Tour) {
	d := c.tourDoc[t]
	if t.Question != 0 && !slices.Contains(askPages, t.Question) {
		d.addValue("question", noPage, t.Question)
	}
	for i := range t.Steps {
		c.checkView(d, &t.Steps[i])
	}
}

func (c *checker) checkView(d *document, s *model.TourStep) {
	wrong := func(piece, format string, args ...any) {
		at := place{s.Line, 1, 1}
		line := d.lines[s.Line-1]
		if view := strings.Index(line, s.View); view >= 0 && piece != "" {
			if i := strings.Index(s.View, piece); i >= 0 {
				at = place{s.Line, length(line[:view+i]) + 1, length(piece)}
			}
		}
		d.addAt(at, format, args...)
	}
	m := viewPath.FindStringSubmatch(s.View)
	if m == nil {
		wrong(s.View, "%q is no view: copy what follows the page's name in its address, #/LAYER?… or #/q/QUESTION/LAYER?…", s.View)
		return
	}
	if n, _ := strconv.Atoi(m[1]); m[1] != "" && !slices.Contains(askPages, n) {
		wrong("q/"+m[1], noPage, m[1])
	}
	s.Layer = m[2] + m[3]
	var layer *model.Layer
	if s.Layer != "" && !c.anyBroken() {
		if layer = c.layerNamed(s.Layer); layer == nil {
			wrong(s.Layer, "there is no layer %q%s", s.Layer, insteadOf(s.Layer, c.layerNames()))
		} else if layer.Background {
			wrong(s.Layer, "layer %q is background: it is not looked at by itself", s.Layer)
		}
	}
	query, err := url.ParseQuery(m[4])
	if err != nil {
		wrong(m[4], "%q is no list of parameters: %s", m[4], err)
		return
	}
	for _, key := range slices.Sorted(maps.Keys(query)) {
		switch {
		case key == "lang":
			wrong("lang=", "leave out lang: a tour is read in the language of the visitor")
		case !slices.Contains(viewKeys, key):
			wrong(key+"=", "a view has no %q%s", key, insteadOf(key, viewKeys))
		}
	}
	if at := query.Get("at"); at != "" && !viewAt.MatchString(at) {
		wrong("at=", "at is ZOOM/LATITUDE/LONGITUDE: at=12.5/43.512/1.498")
	}
	if s.Slot = model.Slot(query.Get("slot")); s.Slot != "" && s.Slot.Kind() == "" {
		wrong("slot=", "%q is no moment: weekday-08, 2025-06, all", s.Slot)
	}
	if s.Zone = query.Get("zone"); layer != nil {
		c.checkShown(layer, query.Get("show"), wrong)
	}
}

// checkShown: what a view shows is a measure or a flow of its layer.
func (c *checker) checkShown(l *model.Layer, show string, wrong func(string, string, ...any)) {
	if show == "" || c.measures[show] == nil && c.flows[show] == nil { // members of a protected table are known after a run
		if show == "" || slices.ContainsFunc(l.Measures, func(m string) bool { return strings.HasPrefix(show, m) }) {
			return
		}
	}
	if all := slices.Concat(l.Measures, l.Flows); !slices.Contains(all, show) {
		wrong("show=", "layer %q does not show %q%s", l.ID, show, insteadOf(show, all))
	}
}

func (c *checker) layerNamed(id string) *model.Layer {
	for _, l := range c.t.Layers {
		if l.ID == id {
			return l
		}
	}
	return nil
}

func (c *checker) layerNames() (out []string) {
	for _, l := range c.t.Layers {
		if !l.Background {
			out = append(out, l.ID)
		}
	}
	return out
}
