package format

import (
	"bytes"
	"io"
)

const (
	firstWindow = 64 << 10 // most files are small
	windowSize  = 512 << 10
	// A record that does not end within this many bytes is refused: it would have to be held in memory whole.
	maxRecord = 256 << 20
)

// window is a sliding view of a stream. buf[pos:end] is unread, buf[end] is always 0, so that scanners need no length
// checks: a scanner that stops at end asks for more and starts its record again.
type window struct {
	src  io.Reader
	buf  []byte
	pos  int
	end  int
	eof  bool
	err  error // of src, other than io.EOF
	line int64 // physical line of buf[pos], from 1
	eol  byte
}

func newWindow(src io.Reader) *window {
	return &window{src: src, buf: make([]byte, firstWindow+1), line: 1, eol: '\n'}
}

// more reads further bytes behind those that are unread; false when there are none or when the record is too large.
func (w *window) more() bool {
	if w.eof || w.end-w.pos >= maxRecord {
		return false
	}
	w.room()
	before := w.end
	for !w.eof && w.end < len(w.buf)-1 {
		n, err := w.src.Read(w.buf[w.end : len(w.buf)-1])
		w.end += n
		if err != nil {
			w.eof = true
			if err != io.EOF {
				w.err = err
			}
		}
	}
	w.buf[w.end] = 0
	return w.end > before
}

// room makes space behind the unread bytes: by moving them to the front, by doubling when they fill half the buffer, and
// by growing to the usual size once a file turns out not to be small.
func (w *window) room() {
	unread := w.end - w.pos
	if w.pos == 0 && w.end < len(w.buf)-1 {
		return
	}
	to := w.buf
	switch {
	case unread >= (len(w.buf)-1)/2:
		to = make([]byte, 2*(len(w.buf)-1)+1)
	case len(w.buf) < windowSize:
		to = make([]byte, windowSize+1)
	case len(w.buf) > 4*windowSize && unread < windowSize/2:
		to = make([]byte, windowSize+1)
	}
	copy(to, w.buf[w.pos:w.end])
	w.buf, w.pos, w.end = to, 0, unread
	w.buf[w.end] = 0
}

// peek reads until at least n bytes are unread or the stream ends, and returns what there is, up to n.
func (w *window) peek(n int) []byte {
	for w.end-w.pos < n && w.more() {
	}
	return w.buf[w.pos:min(w.pos+n, w.end)]
}

// advance moves to buf[to], counting lines.
func (w *window) advance(to int) {
	w.line += int64(bytes.Count(w.buf[w.pos:to], []byte{w.eol}))
	w.pos = to
}

// broken is the error of a stream that ended, or could not be held, inside a record.
func (w *window) broken() error {
	switch {
	case w.err != nil:
		return w.err
	case !w.eof:
		return invalid("split the record, or check that the file is what it should be",
			"the record on line %d is longer than %d MiB", w.line, maxRecord>>20)
	}
	return invalid("download it again: it looks truncated", "the file ends inside the record that starts on line %d", w.line)
}
