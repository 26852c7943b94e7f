package format

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/paulmach/orb"
)

// sheet reads the rows of one sheet of a workbook below the row that names the columns.
type sheet struct {
	feed
	cells   sheetCells
	names   []string
	place   []int // delivered column of each cell of a row, -1
	locator *locator
}

// sheetCells delivers the rows of a sheet that are not blank; a row's cells are valid until the next one. line is its number
// from 1.
type sheetCells interface {
	row() (line int64, cells []sheetCell, err error)
	close() error
}

type sheetCell struct {
	value []byte
	text  bool // not a number, a date or a truth value
}

const maxSheetColumns = 16384

func newSheet(ctx context.Context, src *source, cells sheetCells, format string, opt Options) (Reader, error) {
	r := &sheet{cells: cells}
	r.ctx, r.src, r.limit, r.step, r.end = ctx, src, opt.batchRows(), r.next, cells.close
	r.info = Info{Format: format, Encoding: utf8Name, CRS: opt.CRS, Bytes: src.size, Rows: -1}
	var err error
	if r.names, err = r.header(opt.HeaderRow); err != nil {
		return nil, errors.Join(err, cells.close())
	}
	r.info.Columns = textColumns(r.names)
	if opt.Geometry != nil {
		l := &locator{comma: opt.Decimal == ","}
		if l.wkt, l.x, l.y, err = opt.find(r.names); err != nil {
			return nil, errors.Join(err, cells.close())
		}
		r.locator, r.info.Geometry, r.made = l, true, &l.made
	}
	return r, r.Select(r.names)
}

// header finds the row of names: the one declared, or the first that has two texts side by side, or else the first.
func (r *sheet) header(declared int) ([]string, error) {
	for {
		line, cells, err := r.cells.row()
		if errors.Is(err, io.EOF) {
			return nil, invalid("say in which row the names of the columns are with `header_row`, or use another `table`", "the sheet has no row with the names of columns")
		}
		if err != nil {
			return nil, err
		}
		if declared > 0 && line < int64(declared) || declared <= 0 && !looksLikeHeader(cells) {
			continue
		}
		for len(cells) > 0 && len(cells[len(cells)-1].value) == 0 {
			cells = cells[:len(cells)-1]
		}
		names := make([]string, len(cells))
		for i, c := range cells {
			names[i] = strings.ToValidUTF8(strings.Join(strings.Fields(string(c.value)), " "), "\uFFFD")
		}
		return unique(names), nil
	}
}

func looksLikeHeader(cells []sheetCell) bool {
	filled, texts := 0, 0
	for _, c := range cells {
		if len(c.value) > 0 {
			filled++
			if c.text {
				texts++
			}
		}
	}
	return texts >= 2 && texts == filled
}

func (r *sheet) Select(names []string) error {
	if err := r.feed.Select(names); err != nil {
		return err
	}
	r.place = make([]int, len(r.names))
	for i, n := range r.names {
		if at, ok := r.index[n]; ok {
			r.place[i] = at
		} else {
			r.place[i] = -1
		}
	}
	return nil
}

func (r *sheet) next() error {
	line, cells, err := r.cells.row()
	if err != nil {
		return err
	}
	cells = cells[:min(len(cells), len(r.place))]
	empty := true
	for i, c := range cells {
		if len(c.value) == 0 {
			continue
		}
		empty = false
		if r.place[i] >= 0 {
			r.set(r.place[i], c.value)
		}
	}
	if empty {
		r.forget()
		return nil
	}
	var g orb.Geometry
	if r.locator != nil {
		g, err = r.locator.located(func(c int) []byte {
			if c < len(cells) {
				return cells[c].value
			}
			return nil
		})
		if err != nil {
			r.spoil(Bad{line, BadGeometry, err.Error()})
			return nil
		}
	}
	r.row(line, g)
	return nil
}
