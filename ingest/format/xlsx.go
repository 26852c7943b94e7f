package format

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"os"
	"path"
	"strconv"
	"strings"
	"time"
)

// xlsx reads one sheet of an Excel workbook (ECMA-376). The texts that sheets share are held in memory once.
type xlsx struct {
	open    func(name string) (*source, error)
	shared  sharedTexts
	dates   []bool // of each cell style: numbers are dates
	since   time.Time
	src     *source
	x       *xmlReader
	cells   []sheetCell
	arena   []byte
	scratch []byte
}

// sharedTexts are kept end to end.
type sharedTexts struct {
	data []byte
	ends []int
}

const maxSharedTexts = 512 << 20 // bytes

func (s *sharedTexts) at(i int) ([]byte, bool) {
	if i < 0 || i >= len(s.ends) {
		return nil, false
	}
	from := 0
	if i > 0 {
		from = s.ends[i-1]
	}
	return s.data[from:s.ends[i]], true
}

func openXLSX(ctx context.Context, src *source, open func(string) (*source, error), opt Options) (Reader, error) {
	w := &xlsx{open: open, since: time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)}
	names, parts, err := w.workbook()
	if err != nil {
		return nil, err
	}
	n, err := pickTable("sheet", names, opt.Table)
	if err == nil {
		err = w.texts()
	}
	if err == nil {
		err = w.styles()
	}
	if err != nil {
		return nil, err
	}
	if w.src, err = open(parts[n]); err != nil {
		return nil, invalid("save it again with your spreadsheet program", "the workbook lacks its part %s: %w", parts[n], err)
	}
	win, err := xmlWindow(w.src.stream)
	if err != nil {
		return nil, errors.Join(err, w.close())
	}
	w.x = newXML(win)
	w.src.name = src.name
	return newSheet(ctx, src, w, "xlsx", opt)
}

// part visits the elements of a part of the workbook; one that is absent has none.
func (w *xlsx) part(name string, visit func(x *xmlReader) error) error {
	src, err := w.open(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer src.close()
	win, err := xmlWindow(src.stream)
	if err != nil {
		return err
	}
	x := newXML(win)
	for {
		if err := x.next(); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		if x.kind == xmlStart {
			if err := visit(x); err != nil {
				return err
			}
		}
	}
}

// workbook lists the sheets and the parts that they are in.
func (w *xlsx) workbook() (names, parts []string, err error) {
	var ids []string
	err = w.part("xl/workbook.xml", func(x *xmlReader) error {
		switch string(x.name) {
		case "sheet":
			names = append(names, string(x.attr("name")))
			ids = append(ids, string(x.attr("id")))
		case "workbookPr":
			if v := string(x.attr("date1904")); v == "1" || v == "true" {
				w.since = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
			}
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	targets := map[string]string{}
	err = w.part("xl/_rels/workbook.xml.rels", func(x *xmlReader) error {
		if string(x.name) == "Relationship" {
			target := string(x.attr("Target"))
			if !strings.HasPrefix(target, "/") {
				target = "xl/" + target
			}
			targets[string(x.attr("Id"))] = strings.TrimPrefix(path.Clean(target), "/")
		}
		return nil
	})
	for _, id := range ids {
		parts = append(parts, targets[id])
	}
	return names, parts, err
}

// texts reads the shared texts; phonetic hints are no text.
func (w *xlsx) texts() error {
	s := &w.shared
	return w.part("xl/sharedStrings.xml", func(x *xmlReader) (err error) {
		if string(x.name) != "si" {
			return nil
		}
		if s.data, err = richText(x, s.data); err != nil {
			return err
		}
		if s.ends = append(s.ends, len(s.data)); len(s.data) > maxSharedTexts {
			return invalid(toCSV, "its texts are longer than %d MB", maxSharedTexts>>20)
		}
		return nil
	})
}

// richText appends the texts of the runs in the element just started.
func richText(x *xmlReader, to []byte) ([]byte, error) {
	for depth := x.depth; x.depth >= depth; {
		if err := x.next(); err != nil {
			return to, x.inside(err)
		}
		switch {
		case x.kind == xmlStart && string(x.name) == "rPh":
			if err := x.skip(); err != nil {
				return to, err
			}
		case x.kind == xmlStart && string(x.name) == "t":
			var err error
			if to, err = x.content(to); err != nil {
				return to, err
			}
		}
	}
	return to, nil
}

// styles finds the cell styles whose numbers are dates.
func (w *xlsx) styles() error {
	custom := map[string]bool{}
	inside := false
	return w.part("xl/styles.xml", func(x *xmlReader) error {
		switch string(x.name) {
		case "numFmt":
			custom[string(x.attr("numFmtId"))] = dateCode(string(x.attr("formatCode")))
		case "cellXfs":
			inside = true
		case "cellStyles", "dxfs":
			inside = false
		case "xf":
			if inside {
				id := string(x.attr("numFmtId"))
				n, _ := strconv.Atoi(id)
				date, known := custom[id]
				w.dates = append(w.dates, known && date || !known && (n >= 14 && n <= 22 || n >= 27 && n <= 36 || n >= 45 && n <= 47 || n >= 50 && n <= 58))
			}
		}
		return nil
	})
}

// dateCode says whether a number format shows parts of a date: outside quotes and brackets.
func dateCode(code string) bool {
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c {
		case '"':
			n := strings.IndexByte(code[i+1:], '"')
			if n < 0 {
				return false
			}
			i += n + 1
		case '[':
			n := strings.IndexByte(code[i:], ']')
			if n < 0 {
				return false
			}
			if inner := strings.ToLower(code[i+1 : i+n]); strings.Trim(inner, "hms") == "" && inner != "" {
				return true // elapsed time
			}
			i += n
		case '\\', '_', '*':
			i++
		case 'd', 'D', 'm', 'M', 'y', 'Y', 'h', 'H', 's', 'S':
			return true
		case ';':
			return false
		case 'G', 'g': // General
			if strings.HasPrefix(strings.ToLower(code[i:]), "general") {
				i += len("general") - 1
			}
		}
	}
	return false
}

func (w *xlsx) close() error { return w.src.close() }

func (w *xlsx) row() (line int64, cells []sheetCell, err error) {
	x := w.x
	for {
		if err := x.next(); err != nil {
			return 0, nil, err
		}
		if x.kind == xmlStart && string(x.name) == "row" {
			break
		}
	}
	line = x.w.line
	if n, ok := xmlInt(x.attr("r")); ok {
		line = n
	}
	w.cells, w.arena = w.cells[:0], w.arena[:0]
	type place struct{ at, start, end int }
	var places []place
	for depth := x.depth; ; {
		if err := x.next(); err != nil {
			return 0, nil, x.inside(err)
		}
		if x.depth < depth {
			break
		}
		if x.kind != xmlStart || string(x.name) != "c" {
			continue
		}
		at := len(w.cells)
		if c, ok := columnOfRef(x.attr("r")); ok {
			at = c
		}
		if at >= maxSheetColumns {
			return 0, nil, x.malformed("a cell lies beyond the last column")
		}
		for len(w.cells) <= at {
			w.cells = append(w.cells, sheetCell{})
		}
		start := len(w.arena)
		if w.cells[at].text, err = w.cell(); err != nil {
			return 0, nil, err
		}
		places = append(places, place{at, start, len(w.arena)})
	}
	for _, p := range places {
		w.cells[p.at].value = w.arena[p.start:p.end]
	}
	return line, w.cells, nil
}

// columnOfRef is the number of the column in "BC12", from 0.
func columnOfRef(ref []byte) (int, bool) {
	n := 0
	for i, c := range ref {
		if c >= 'A' && c <= 'Z' && i < 4 {
			n = n*26 + int(c-'A') + 1
			continue
		}
		break
	}
	return n - 1, n > 0
}

// cell appends the value of the cell just started to the arena.
func (w *xlsx) cell() (text bool, err error) {
	x := w.x
	kind := string(x.attr("t"))
	style, _ := xmlInt(x.attr("s"))
	var raw []byte
	for depth := x.depth; x.depth >= depth; {
		if err := x.next(); err != nil {
			return false, x.inside(err)
		}
		if x.kind != xmlStart {
			continue
		}
		switch string(x.name) {
		case "v":
			raw, err = x.content(w.scratch[:0])
			w.scratch = raw
		case "is":
			w.arena, err = richText(x, w.arena)
		case "f":
			err = x.skip()
		}
		if err != nil {
			return false, err
		}
	}
	switch kind {
	case "s":
		n, _ := xmlInt(bytes.TrimSpace(raw))
		shared, ok := w.shared.at(int(n))
		if !ok && len(raw) > 0 {
			return false, x.malformed("a cell refers to a text that does not exist")
		}
		w.arena = append(w.arena, shared...)
		return true, nil
	case "b":
		if len(raw) > 0 {
			w.arena = append(w.arena, map[bool]string{true: "true", false: "false"}[raw[0] == '1']...)
		}
		return false, nil
	case "e": // #N/A and the like: no value
		return false, nil
	case "str", "inlineStr", "d":
		w.arena = append(w.arena, raw...)
		return true, nil
	}
	if style >= 0 && int(style) < len(w.dates) && w.dates[style] {
		if serial, err := strconv.ParseFloat(string(raw), 64); err == nil {
			w.arena = appendSerial(w.arena, w.since, serial)
			return false, nil
		}
	}
	w.arena = append(w.arena, raw...)
	return false, nil
}

// appendSerial writes a number of days as a date, a time, or both.
func appendSerial(b []byte, since time.Time, serial float64) []byte {
	if !(serial >= 0 && serial < 3e6) {
		return strconv.AppendFloat(b, serial, 'f', -1, 64)
	}
	seconds := math.Round(serial * 86400)
	if since.Year() == 1899 && serial < 60 && serial >= 1 { // 1900 was no leap year, Excel says
		seconds += 86400
	}
	at := since.Add(time.Duration(seconds) * time.Second)
	switch {
	case serial < 1 && serial > 0:
		return at.AppendFormat(b, time.TimeOnly)
	case at.Hour() == 0 && at.Minute() == 0 && at.Second() == 0:
		return at.AppendFormat(b, time.DateOnly)
	}
	return at.AppendFormat(b, "2006-01-02T15:04:05")
}
