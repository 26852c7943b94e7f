package format

import (
	"bytes"
	"strings"
)

// tailSize is how much of a file's end is searched for a crs member behind the features.
const tailSize = 64 << 10

// tailCRS finds the crs member of the outermost object in the last bytes of a file: the one from which on nothing follows
// but members, the closing brace and white space.
func tailCRS(tail []byte) string {
	b := append(bytes.Clone(tail), 0)
	for at := len(tail); ; {
		at = bytes.LastIndex(tail[:at], []byte(`"crs"`))
		if at < 0 {
			return ""
		}
		raw := ""
		end, ok := membersFrom(b, at, func(key, keyEnd, v int) (int, bool, bool) {
			end, ok := valueEnd(b, v, 0)
			if ok && key == at+1 {
				raw = string(b[v:end])
			}
			return end, ok, false
		})
		if ok && space(b, end) == len(tail) {
			return raw
		}
	}
}

// crsMember is the name in a raw crs member of GeoJSON 2008: {"type": "name", "properties": {"name": …}}, or the older
// {"type": "EPSG", "properties": {"code": 2154}}. unknown: the member says that the CRS is not known (null).
func crsMember(raw string) (name string, unknown bool) {
	if raw == "" || raw == "null" {
		return "", raw != ""
	}
	b := append([]byte(raw), 0)
	t := newTree()
	t.choose([]string{"properties.name", "properties.code", "properties.href"})
	if b[0] != '{' {
		return "", false
	}
	if _, ok := t.object(b, 0, t.root); !ok {
		return "", false
	}
	for i, prefix := range []string{"", "EPSG:", ""} {
		if t.present(i) {
			value := b[t.cells[i].start:t.cells[i].end]
			if clean, ok := unescape(nil, value); ok && len(value) > 0 {
				return prefix + strings.TrimSpace(string(clean)), false
			}
		}
	}
	return "", false
}

// syntaxReason says where and at what a record stops being JSON.
func syntaxReason(w *window, at int) string {
	line := w.line + int64(bytes.Count(w.buf[w.pos:at], []byte{'\n'}))
	return "not JSON at line " + itoa(line) + ", near " + quote(w.buf[at:min(at+12, w.end)])
}
