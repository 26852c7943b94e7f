package format

import "bytes"

// resync moves on from a record that turned out not to be JSON at buf[bad]: behind its closing bracket when its brackets
// are balanced before the next line that begins with "{", else to that line. false: there is nothing left to go on with.
func (w *window) resync(bad int) bool {
	bad -= w.pos
	for {
		b := w.buf[:w.end+1]
		from := w.pos + max(0, bytes.LastIndexByte(b[w.pos:w.pos+bad], '\n'))
		at := nextLine(b, from)
		if b[w.pos] == '{' {
			if end, ok := balanced(b, w.pos); ok && (at < 0 || end <= at) {
				w.advance(end)
				return true
			}
		}
		if at >= 0 {
			w.advance(at)
			return true
		}
		if !w.more() {
			return false
		}
	}
}

// nextLine is the index of the first "{" that begins a line behind b[i], or -1.
func nextLine(b []byte, i int) int {
	for {
		n := bytes.IndexByte(b[i:], '\n')
		if n < 0 {
			return -1
		}
		i = space(b, i+n+1)
		if b[i] == '{' {
			return i
		}
	}
}
