package format

import (
	"errors"
	"io"
)

// ErrNoResume says that a reader cannot begin in the middle of its file.
var ErrNoResume = errors.New("it cannot be read from the middle")

// LeastResumed is how large a file must have been for the rest of it to be read alone: what is recognised by the start of a file
// is then the same whatever follows.
const LeastResumed = sampleSize

// resumer is a reader of records that stand one after the other: CSV, JSON lines, GeoJSON sequences.
type resumer interface {
	resume(at, line int64) error
}

// Resume makes a reader deliver the records from the byte at on, which is on the line, before its first Next. The bytes before are
// whole records; the start of the file has said what the columns are.
func Resume(r Reader, at, line int64) error {
	if r, ok := r.(resumer); ok {
		return r.resume(at, line)
	}
	return ErrNoResume
}

// jump moves a window over a plain file.
func (s *source) jump(w *window, at, line int64) error {
	if s.plain == nil || w.eol != '\n' || at < LeastResumed {
		return ErrNoResume
	}
	if _, err := s.plain.Seek(at, io.SeekStart); err != nil {
		return err
	}
	s.consumed.Store(at)
	s.stream.Reset(s.count(s.plain))
	w.src, w.pos, w.end, w.eof, w.line, w.buf[0] = s.stream, 0, 0, false, line, 0
	return nil
}

func (r *csvReader) resume(at, line int64) error { return r.src.jump(r.w, at, line) }

func (r *geojson) resume(at, line int64) error {
	if r.info.Format != "geojsonseq" || !startsWithObject(r.w) {
		return ErrNoResume
	}
	return r.src.jump(r.w, at, line)
}

func (r *jsonTable) resume(at, line int64) error {
	if r.opt.Explode != "" || r.ngsi != nil || !startsWithObject(r.w) {
		return ErrNoResume
	}
	return r.src.jump(r.w, at, line)
}

// startsWithObject says whether the records of a JSON file stand by themselves, in no array.
func startsWithObject(w *window) bool { return w.buf[jsonSeparators(w.buf, w.pos)] == '{' }
