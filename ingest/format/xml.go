package format

import (
	"bytes"
	"io"
	"regexp"
	"strconv"
	"unicode/utf8"

	"golang.org/x/text/transform"
)

// xmlReader pulls the elements and texts of an XML 1.0 document out of a window. Namespaces are dropped: names are local
// names. A document type's own entities are not expanded, so that a small file cannot become a large one.
type xmlReader struct {
	w     *window
	kind  xmlKind
	name  []byte // of a start or an end
	attrs []xmlAttr
	text  []byte // of a text, decoded
	depth int    // of open elements, the one just started included
	empty bool   // the element just started has no content
	names []byte // of the open elements
	ends  []int
	plain []byte
}

type xmlKind uint8

const (
	xmlStart xmlKind = iota + 1
	xmlEnd
	xmlText
)

type xmlAttr struct{ name, value []byte } // the value as written

// maxXMLDepth bounds nesting.
const maxXMLDepth = 200

func newXML(w *window) *xmlReader { return &xmlReader{w: w} }

var xmlEncoding = regexp.MustCompile(`^\s*<\?xml[^>]*encoding=["']([\w.:-]+)["']`)

// xmlWindow is the window of an XML stream, whose encoding its first line may name.
func xmlWindow(stream io.Reader) (*window, error) {
	w := newWindow(stream)
	return xmlDecoded(w)
}

// xmlDecoded converts what is unread of a window to UTF-8.
func xmlDecoded(w *window) (*window, error) {
	head := w.peek(1024)
	if w.err != nil {
		return nil, w.err
	}
	w.pos += len(head) - len(bytes.TrimPrefix(head, []byte(bom)))
	m := xmlEncoding.FindSubmatch(w.buf[w.pos:min(w.end, w.pos+1024)])
	if m == nil {
		return w, nil
	}
	dec, err := newDecoder(string(m[1]))
	if err != nil {
		return nil, err
	}
	if dec.upper == nil {
		return w, nil
	}
	page := codePages[codePageNoise.ReplaceAllString(encodingKey(string(m[1])), "")]
	return newWindow(transform.NewReader(io.MultiReader(bytes.NewReader(bytes.Clone(w.buf[w.pos:w.end])), w.src), page.NewDecoder())), nil
}

// next moves to the next start, end or text; io.EOF behind the outermost element. White space between elements is no text.
func (x *xmlReader) next() error {
	if x.empty {
		x.empty = false
		x.kind = xmlEnd
		x.pop()
		return nil
	}
	for {
		w := x.w
		if w.pos == w.end {
			if w.more() {
				continue
			}
			if w.err != nil || x.depth > 0 {
				return w.broken()
			}
			return io.EOF
		}
		if w.buf[w.pos] != '<' {
			if done, err := x.characters(); done || err != nil {
				return err
			}
			continue
		}
		done, again, err := x.markup()
		if err != nil || done {
			return err
		}
		if again && !w.more() {
			return w.broken()
		}
	}
}

// characters reads the text up to the next tag.
func (x *xmlReader) characters() (done bool, err error) {
	w := x.w
	n := bytes.IndexByte(w.buf[w.pos:w.end], '<')
	for n < 0 {
		if !w.more() {
			if w.err != nil || !w.eof {
				return false, w.broken()
			}
			n = w.end - w.pos
			break
		}
		n = bytes.IndexByte(w.buf[w.pos:w.end], '<')
	}
	raw := w.buf[w.pos : w.pos+n]
	if x.depth == 0 || blank(raw) {
		w.advance(w.pos + n)
		return false, nil
	}
	x.kind, x.text = xmlText, x.decode(raw)
	w.advance(w.pos + n)
	return true, nil
}

func blank(b []byte) bool {
	for _, c := range b {
		if c > ' ' {
			return false
		}
	}
	return true
}

// markup reads what begins with "<" at the window's position; again: it does not end in the window.
func (x *xmlReader) markup() (done, again bool, err error) {
	w := x.w
	b := w.buf[w.pos:w.end]
	if len(b) < 9 && !w.eof {
		if w.more() {
			return false, false, nil
		}
		b = w.buf[w.pos:w.end]
	}
	if len(b) < 2 {
		return false, true, nil
	}
	switch b[1] {
	case '?':
		return false, !x.skipTo(b, "?>"), nil
	case '!':
		switch {
		case hasPrefix(b, "<!--"):
			return false, !x.skipTo(b, "-->"), nil
		case hasPrefix(b, "<![CDATA["):
			n := bytes.Index(b, []byte("]]>"))
			if n < 0 {
				return false, true, nil
			}
			x.kind, x.text = xmlText, b[9:n]
			w.advance(w.pos + n + 3)
			return x.depth > 0 && n > 9, false, nil
		}
		n := declarationEnd(b)
		if n < 0 {
			return false, true, nil
		}
		w.advance(w.pos + n)
		return false, false, nil
	}
	n := tagEnd(b)
	if n < 0 {
		return false, true, nil
	}
	if b[1] == '/' {
		err = x.closing(b[2 : n-1])
	} else {
		err = x.opening(b[1 : n-1])
	}
	w.advance(w.pos + n)
	return err == nil, false, err
}

func (x *xmlReader) skipTo(b []byte, end string) bool {
	n := bytes.Index(b, []byte(end))
	if n < 0 {
		return false
	}
	x.w.advance(x.w.pos + n + len(end))
	return true
}

// declarationEnd is behind a <!DOCTYPE …>, its internal subset included; -1 when it is not there.
func declarationEnd(b []byte) int {
	depth := 0
	for i, c := range b {
		switch c {
		case '<', '[':
			depth++
		case ']':
			depth--
		case '>':
			if depth--; depth <= 0 {
				return i + 1
			}
		}
	}
	return -1
}

// tagEnd is behind the ">" that is in no quotes; -1 when it is not there.
func tagEnd(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch c := b[i]; c {
		case '>':
			return i + 1
		case '"', '\'':
			n := bytes.IndexByte(b[i+1:], c)
			if n < 0 {
				return -1
			}
			i += n + 1
		}
	}
	return -1
}

func (x *xmlReader) malformed(what string) error {
	return invalid("download it again: it looks truncated or damaged", "the XML is not well-formed at line %d: %s", x.w.line, what)
}

func localName(b []byte) []byte {
	if c := bytes.IndexByte(b, ':'); c >= 0 {
		return b[c+1:]
	}
	return b
}

func (x *xmlReader) closing(name []byte) error {
	name = localName(bytes.TrimRight(name, " \t\r\n"))
	if x.depth == 0 || string(x.names[x.start(x.depth-1):]) != string(name) {
		return x.malformed("</" + excerpt(string(name)) + "> closes nothing")
	}
	x.kind = xmlEnd
	x.pop()
	return nil
}

func (x *xmlReader) start(depth int) int {
	if depth == 0 {
		return 0
	}
	return x.ends[depth-1]
}

func (x *xmlReader) pop() {
	x.depth--
	at := x.start(x.depth)
	x.name = x.names[at:x.ends[x.depth]]
	x.names, x.ends = x.names[:at], x.ends[:x.depth]
}

// opening reads a name and attributes.
func (x *xmlReader) opening(b []byte) error {
	if x.empty = len(b) > 0 && b[len(b)-1] == '/'; x.empty {
		b = b[:len(b)-1]
	}
	n := 0
	for n < len(b) && b[n] > ' ' {
		n++
	}
	if x.name = localName(b[:n]); len(x.name) == 0 {
		return x.malformed("an element has no name")
	}
	if x.depth++; x.depth > maxXMLDepth {
		return x.malformed("it is nested too deeply")
	}
	x.names = append(x.names, x.name...)
	x.ends = append(x.ends, len(x.names))
	x.kind, x.attrs = xmlStart, x.attrs[:0]
	for b = b[n:]; ; {
		for len(b) > 0 && b[0] <= ' ' {
			b = b[1:]
		}
		if len(b) == 0 {
			return nil
		}
		eq := bytes.IndexByte(b, '=')
		if eq < 1 {
			return x.malformed("an attribute has no value")
		}
		name := bytes.TrimRight(b[:eq], " \t\r\n")
		for b = b[eq+1:]; len(b) > 0 && b[0] <= ' '; b = b[1:] {
		}
		if len(b) < 2 || b[0] != '"' && b[0] != '\'' {
			return x.malformed("the value of an attribute has no quotes")
		}
		end := bytes.IndexByte(b[1:], b[0])
		if end < 0 {
			return x.malformed("the value of an attribute does not end")
		}
		x.attrs = append(x.attrs, xmlAttr{localName(name), b[1 : end+1]})
		b = b[end+2:]
	}
}

// attr is the decoded value of an attribute of the element just started; nil when it has none of that name.
func (x *xmlReader) attr(name string) []byte {
	for _, a := range x.attrs {
		if string(a.name) == name {
			return x.decode(a.value)
		}
	}
	return nil
}

// skip passes over the content of the element just started, its end included.
func (x *xmlReader) skip() error {
	for depth := x.depth; x.depth >= depth; {
		if err := x.next(); err != nil {
			return x.inside(err)
		}
	}
	return nil
}

// inside: a document does not end inside an element.
func (x *xmlReader) inside(err error) error {
	if err == io.EOF {
		return x.malformed("it ends inside an element")
	}
	return err
}

// content appends the text of the element just started, markup dropped, and passes over its end.
func (x *xmlReader) content(to []byte) ([]byte, error) {
	for depth := x.depth; x.depth >= depth; {
		if err := x.next(); err != nil {
			return to, x.inside(err)
		}
		if x.kind == xmlText {
			to = append(to, x.text...)
		}
	}
	return to, nil
}

// decode replaces references to characters. The result is valid until the next call, or the next token.
func (x *xmlReader) decode(raw []byte) []byte {
	n := bytes.IndexByte(raw, '&')
	if n < 0 {
		return raw
	}
	out := append(x.plain[:0], raw[:n]...)
	for raw = raw[n:]; len(raw) > 0; {
		if raw[0] != '&' {
			if n = bytes.IndexByte(raw, '&'); n < 0 {
				n = len(raw)
			}
			out, raw = append(out, raw[:n]...), raw[n:]
			continue
		}
		end := bytes.IndexByte(raw[:min(len(raw), 12)], ';')
		if end < 0 {
			out, raw = append(out, '&'), raw[1:]
			continue
		}
		if c, ok := xmlCharacter(string(raw[1:end])); ok {
			out = utf8.AppendRune(out, c)
		} else {
			out = append(out, raw[:end+1]...)
		}
		raw = raw[end+1:]
	}
	x.plain = out
	return out
}

func xmlCharacter(name string) (rune, bool) {
	switch name {
	case "amp":
		return '&', true
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	case "nbsp":
		return '\u00a0', true
	}
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	base, digits := 10, name[1:]
	if digits[0] == 'x' || digits[0] == 'X' {
		base, digits = 16, digits[1:]
	}
	v, err := strconv.ParseUint(digits, base, 21)
	return rune(v), err == nil && v > 0 && utf8.ValidRune(rune(v))
}
