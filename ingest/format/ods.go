package format

import (
	"bytes"
	"context"
	"errors"
	"io"
)

// ods reads one sheet of an OpenDocument spreadsheet (OASIS ODF 1.3): content.xml, from the start to its rows.
type ods struct {
	src    *source
	x      *xmlReader
	line   int64
	again  int64 // how often the row read last is still to be repeated
	cells  []sheetCell
	starts []int
	arena  []byte
}

// openODS looks through the document once for the names of its sheets.
func openODS(ctx context.Context, src *source, open func(string) (*source, error), opt Options) (Reader, error) {
	r := &ods{}
	var names []string
	if err := r.start(open); err != nil {
		return nil, err
	}
	for {
		err := r.table()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, errors.Join(err, r.close())
		}
		names = append(names, string(r.x.attr("name")))
		if opt.Table != "" && string(r.x.attr("name")) == opt.Table {
			break
		}
		if err := r.x.skip(); err != nil {
			return nil, errors.Join(err, r.close())
		}
	}
	if err := r.close(); err != nil {
		return nil, err
	}
	n, err := pickTable("sheet", names, opt.Table)
	if err != nil {
		return nil, err
	}
	if err := r.start(open); err != nil {
		return nil, err
	}
	for i := 0; i <= n; i++ {
		if err = r.table(); err == nil && i < n {
			err = r.x.skip()
		}
		if err != nil {
			return nil, errors.Join(r.x.inside(err), r.close())
		}
	}
	return newSheet(ctx, src, r, "ods", opt)
}

func (r *ods) start(open func(string) (*source, error)) error {
	var err error
	if r.src, err = open("content.xml"); err != nil {
		return err
	}
	w, err := xmlWindow(r.src.stream)
	if err != nil {
		return errors.Join(err, r.close())
	}
	r.x = newXML(w)
	return nil
}

func (r *ods) close() error { return r.src.close() }

// table moves to the next sheet.
func (r *ods) table() error {
	for {
		if err := r.x.next(); err != nil {
			return err
		}
		if r.x.kind == xmlStart && string(r.x.name) == "table" {
			return nil
		}
		if r.x.kind == xmlStart && (string(r.x.name) == "text" && r.x.depth == 3 || string(r.x.name) == "presentation") {
			return refusal{"an OpenDocument text or presentation", notTabular}.error()
		}
	}
}

// repeat is an attribute that says how often something stands there.
func (r *ods) repeat(name string) int64 {
	if n, ok := xmlInt(r.x.attr(name)); ok && n > 0 {
		return n
	}
	return 1
}

func (r *ods) row() (line int64, cells []sheetCell, err error) {
	if r.again > 0 {
		r.again--
		r.line++
		return r.line, r.cells, nil
	}
	x := r.x
	for {
		if err := x.next(); err != nil {
			return 0, nil, x.inside(err)
		}
		if x.kind == xmlEnd && string(x.name) == "table" {
			return 0, nil, io.EOF
		}
		if x.kind == xmlStart && string(x.name) == "table-row" {
			break
		}
		if x.kind == xmlStart && (string(x.name) == "shapes" || string(x.name) == "table") {
			if err := x.skip(); err != nil {
				return 0, nil, err
			}
		}
	}
	repeat := r.repeat("number-rows-repeated")
	blank, err := r.read()
	if err != nil {
		return 0, nil, err
	}
	r.line++
	if blank { // the rest of the sheet is one row repeated a million times
		r.line += repeat - 1
		return r.line, nil, nil
	}
	r.again = min(repeat-1, 1<<20)
	return r.line, r.cells, nil
}

// read takes the cells of the row just started.
func (r *ods) read() (blank bool, err error) {
	x := r.x
	r.cells, r.arena, r.starts = r.cells[:0], r.arena[:0], r.starts[:0]
	blank = true
	for depth := x.depth; ; {
		if err := x.next(); err != nil {
			return false, x.inside(err)
		}
		if x.depth < depth {
			break
		}
		if x.kind != xmlStart || string(x.name) != "table-cell" && string(x.name) != "covered-table-cell" {
			continue
		}
		repeat := r.repeat("number-columns-repeated")
		start := len(r.arena)
		text, err := r.cell()
		if err != nil {
			return false, err
		}
		blank = blank && len(r.arena) == start
		for ; repeat > 0 && len(r.cells) < maxSheetColumns; repeat-- {
			r.cells = append(r.cells, sheetCell{text: text})
			r.starts = append(r.starts, start, len(r.arena))
			if len(r.arena) == start && repeat > 1024 { // blanks to the right edge
				break
			}
		}
	}
	for i := range r.cells {
		r.cells[i].value = r.arena[r.starts[2*i]:r.starts[2*i+1]]
	}
	return blank, nil
}

// cell appends the value of the cell just started: the stored one, not the one shown, except for texts.
func (r *ods) cell() (text bool, err error) {
	x := r.x
	kind, value := string(x.attr("value-type")), "value"
	switch kind {
	case "date":
		value = "date-value"
	case "time":
		value = "time-value"
	case "boolean":
		value = "boolean-value"
	}
	stored := bytes.Clone(x.attr(value))
	r.arena = append(r.arena, stored...)
	paragraphs := 0
	for depth := x.depth; x.depth >= depth; {
		if err := x.next(); err != nil {
			return false, x.inside(err)
		}
		switch {
		case x.kind == xmlStart && string(x.name) == "annotation":
			err = x.skip()
		case x.kind == xmlStart && string(x.name) == "p":
			if paragraphs++; paragraphs > 1 && len(stored) == 0 {
				r.arena = append(r.arena, '\n')
			}
		case x.kind == xmlStart && string(x.name) == "s" && len(stored) == 0:
			for n := min(r.repeat("c"), 1000); n > 0; n-- {
				r.arena = append(r.arena, ' ')
			}
		case x.kind == xmlText && len(stored) == 0:
			r.arena = append(r.arena, x.text...)
		}
		if err != nil {
			return false, err
		}
	}
	return len(stored) == 0, nil
}
