package format

import "bytes"

// A quoted cell may span lines, up to this many bytes: beyond it a quote was forgotten.
const maxQuoted = 16 << 20

// csvScanner splits one record into cells.
type csvScanner struct {
	delimiter byte
	start     int // of the record in the buffer
	cells     []csvCell
	scratch   []byte
}

type csvCell struct {
	start, end int32 // relative to the record's start
	doubled    bool  // holds doubled quotes
}

type csvState uint8

const (
	csvComplete  csvState = iota
	csvShort              // the record's end is not in the buffer
	csvOpenQuote          // … because a quoted cell does not end in it; end is behind the line on which it starts
	csvJunk               // complete, but text follows a closing quote
)

// record splits the record at b[start:end].
func (s *csvScanner) record(b []byte, start, end int, eol byte, eof bool) (int, csvState) {
	s.start, s.cells = start, s.cells[:0]
	stop := bytes.IndexByte(b[start:end], eol)
	next := start + stop + 1
	if stop < 0 {
		if !eof {
			return 0, csvShort
		}
		stop, next = end-start, end
	}
	line := b[start : start+stop]
	if len(line) > 0 && line[len(line)-1] == '\r' {
		line = line[:len(line)-1]
	}
	if bytes.IndexByte(line, '"') < 0 {
		s.split(line)
		return next, csvComplete
	}
	at, state := s.quoted(b[start:end], eol, eof)
	if state == csvOpenQuote {
		return next, state
	}
	return start + at, state
}

// split cuts a line without quotes.
func (s *csvScanner) split(line []byte) {
	from, d := 0, s.delimiter
	for i, c := range line {
		if c == d {
			s.cells = append(s.cells, csvCell{start: int32(from), end: int32(i)})
			from = i + 1
		}
	}
	s.cells = append(s.cells, csvCell{start: int32(from), end: int32(len(line))})
}

// quoted cuts a record that may have quoted cells.
func (s *csvScanner) quoted(b []byte, eol byte, eof bool) (next int, state csvState) {
	for i := 0; ; i++ {
		cell := csvCell{start: int32(i)}
		quote := i < len(b) && b[i] == '"'
		if quote {
			var ok bool
			if cell, i, ok = closeQuote(b, i+1); !ok || i == len(b) && !eof { // a doubled quote may follow
				return 0, csvOpenQuote
			}
		}
		behind := i
		for i < len(b) && b[i] != s.delimiter && b[i] != eol {
			i++
		}
		if i == len(b) && !eof {
			return 0, csvOpenQuote
		}
		last := i == len(b) || b[i] == eol
		switch {
		case quote && len(bytes.TrimSpace(b[behind:i])) > 0:
			state = csvJunk
		case !quote && last && i > behind && b[i-1] == '\r':
			cell.end = int32(i - 1)
		case !quote:
			cell.end = int32(i)
		}
		s.cells = append(s.cells, cell)
		if last {
			return min(i+1, len(b)), state
		}
	}
}

// closeQuote finds the end of the quoted cell whose content starts at b[i].
func closeQuote(b []byte, i int) (cell csvCell, after int, ok bool) {
	cell.start = int32(i)
	for {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			return cell, i, false
		}
		i += n
		if i+1 < len(b) && b[i+1] == '"' {
			cell.doubled = true
			i += 2
			continue
		}
		cell.end = int32(i)
		return cell, i + 1, true
	}
}

// trim drops cells behind the nth when they are all empty; false when they are not, or when there are fewer than n.
func (s *csvScanner) trim(n int) bool {
	if len(s.cells) < n {
		return false
	}
	for _, c := range s.cells[n:] {
		if c.end > c.start {
			return false
		}
	}
	s.cells = s.cells[:n]
	return true
}

// content is the text of cell i of the record scanned last in b, undecoded; valid until the next call.
func (s *csvScanner) content(b []byte, i int) []byte {
	c := s.cells[i]
	raw := b[s.start+int(c.start) : s.start+int(c.end)]
	if !c.doubled {
		return raw
	}
	s.scratch = s.scratch[:0]
	for {
		n := bytes.IndexByte(raw, '"')
		if n < 0 {
			s.scratch = append(s.scratch, raw...)
			return s.scratch
		}
		s.scratch = append(s.scratch, raw[:n+1]...)
		raw = raw[min(n+2, len(raw)):]
	}
}
