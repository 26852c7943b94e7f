package declare

import (
	"regexp"
	"strings"

	"jumeau/model"
)

var (
	spanMark = regexp.MustCompile(`\*\*([^*]+)\*\*|\*([^*\s](?:[^*]*[^*\s])?)\*|(!?)\[([^\[\]]+)\]\(([^()\s]*)\)`)
	rawHTML  = regexp.MustCompile(`<[A-Za-z/!?][^>]*>?|&(#\d+|#x[0-9A-Fa-f]+|[A-Za-z]+);`)
	webLink  = regexp.MustCompile(`^https://[^\s<>"]+$`)
)

// spans cuts a text at its marks. What would be HTML is a problem, and stays text.
func (w *tourReader) spans(n int, text string) []model.TourSpan {
	if at := rawHTML.FindString(text); at != "" {
		w.inText(n, at, "%q: a tour holds no HTML", at)
	}
	var out []model.TourSpan
	plain := func(s string) {
		if s != "" {
			out = append(out, model.TourSpan{Text: s})
		}
	}
	end := 0
	for _, m := range spanMark.FindAllStringSubmatchIndex(text, -1) {
		plain(text[end:m[0]])
		group := func(k int) string { return text[m[2*k]:m[2*k+1]] }
		switch {
		case m[2] >= 0:
			out = append(out, model.TourSpan{Text: group(1), Strong: true})
		case m[4] >= 0:
			out = append(out, model.TourSpan{Text: group(2), Em: true})
		default:
			out = append(out, w.link(n, group(3) != "", group(4), group(5)))
		}
		end = m[1]
	}
	plain(text[end:])
	return out
}

func (w *tourReader) link(n int, picture bool, text, to string) model.TourSpan {
	switch {
	case picture:
		w.inText(n, "!["+text, "a tour has no pictures: its map is the picture")
	case !webLink.MatchString(to) && !strings.HasPrefix(to, "#/"):
		w.inText(n, to, "%q: a link leads to a view of this page (#/…) or to https://…", to)
	default:
		return model.TourSpan{Text: text, Href: to}
	}
	return model.TourSpan{Text: text}
}

// inText reports a problem at a piece of a text that begins on line n and may go on.
func (w *tourReader) inText(n int, piece, format string, args ...any) {
	for line := n; line <= len(w.d.lines) && line < n+200; line++ {
		if i := strings.Index(w.d.lines[line-1], piece); i >= 0 {
			w.d.addAt(place{line, length(w.d.lines[line-1][:i]) + 1, max(1, length(piece))}, format, args...)
			return
		}
	}
	w.d.addAt(place{n, 1, 1}, format, args...)
}
