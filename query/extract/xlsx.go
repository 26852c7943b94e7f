package extract

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/xuri/excelize/v2"

	"jumeau/model"
	"jumeau/model/layer"
)

// sheetRows is how many rows a sheet may have. A cell may have 32,767 characters; the library cuts what is longer.
const sheetRows = 1_048_576

// workbook writes one sheet: the table, with the position of each feature's middle. Texts are texts, whatever they begin with.
func workbook(ctx context.Context, path string, r *Rows) (err error) {
	f := excelize.NewFile()
	defer func() { err = errors.Join(err, f.Close()) }()
	sheet := sheetName(r.Name)
	if err := f.SetSheetName("Sheet1", sheet); err != nil {
		return err
	}
	if err := f.SetDocProps(&excelize.DocProperties{Title: r.Title, Creator: r.Credits}); err != nil {
		return err
	}
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	w, err := f.NewStreamWriter(sheet)
	if err != nil {
		return err
	}
	if err := w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	var head []any
	for _, c := range r.columns() {
		head = append(head, excelize.Cell{StyleID: bold, Value: c.name})
	}
	if err := w.SetRow("A1", append(head, excelize.Cell{StyleID: bold, Value: "lon"}, excelize.Cell{StyleID: bold, Value: "lat"})); err != nil {
		return err
	}
	n := 1
	var values []any
	err = r.visit(ctx, path, func(b *layer.Batch, row int) error {
		if n++; n > sheetRows {
			return &model.Error{Kind: model.Invalid, Op: "export", Subject: r.Name, Hint: "ask for less with filter= or bbox=, or take csv",
				Err: fmt.Errorf("a sheet has %d rows at most", sheetRows)}
		}
		lon, lat := position(b, row)
		values = append(r.values(values[:0], b, row), round(lon), round(lat))
		return w.SetRow(fmt.Sprintf("A%d", n), values)
	})
	if err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteTo(file)
	return errors.Join(err, file.Close())
}

// sheetName is at most 31 characters long and has none that a sheet may not have.
func sheetName(name string) string {
	out := []rune{}
	for _, c := range name {
		switch c {
		case ':', '\\', '/', '?', '*', '[', ']', '\'':
			c = '_'
		}
		if out = append(out, c); len(out) == 31 {
			break
		}
	}
	return string(out)
}
