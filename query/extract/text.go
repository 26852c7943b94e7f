package extract

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/project"

	"jumeau/model/layer"
	"jumeau/query/ogc"
)

// buffered opens the file at path and hands a writer on.
func buffered(path string, write func(*bufio.Writer) error) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(file, 256<<10)
	return errors.Join(write(out), out.Flush(), file.Close())
}

// geoJSON writes a FeatureCollection (RFC 7946), a feature a line.
func geoJSON(ctx context.Context, path string, r *Rows) error {
	return buffered(path, func(out *bufio.Writer) error {
		name, err := json.Marshal(r.Title)
		if err != nil {
			return err
		}
		credits, err := json.Marshal(r.Credits)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, `{"type":"FeatureCollection","name":%s,"attribution":%s,"features":[`, name, credits)
		writer := ogc.NewWriter(r.File.Spec(), ogc.Degrees, r.Figures)
		separator := "\n"
		var line []byte
		err = r.visit(ctx, path, func(b *layer.Batch, row int) error {
			line = writer.Append(append(line[:0], separator...), b, row)
			separator = ",\n"
			_, err := out.Write(line)
			return err
		})
		_, end := out.WriteString("\n]}\n")
		return errors.Join(err, end)
	})
}

// international writes a table as most programs read it (RFC 4180): points as lon and lat, other geometry as well-known text in degrees.
func international(ctx context.Context, path string, r *Rows) error {
	return table(ctx, path, r, &dialect{comma: ',', decimal: ".", shapes: true, yes: "true", no: "false"})
}

// french writes a table as a French spreadsheet opens it: semicolons, decimal commas, and the mark by which it knows UTF-8. Shapes
// do not fit into its cells: every feature has the position of its middle.
func french(ctx context.Context, path string, r *Rows) error {
	return table(ctx, path, r, &dialect{comma: ';', decimal: ",", mark: "\ufeff", yes: "VRAI", no: "FAUX"})
}

// dialect of a table in text.
type dialect struct {
	comma                  rune
	decimal, mark, yes, no string
	shapes                 bool
}

func (d *dialect) number(v float64) string {
	return strings.Replace(strconv.FormatFloat(v, 'f', -1, 64), ".", d.decimal, 1)
}

func (d *dialect) text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return d.number(v)
	case bool:
		if v {
			return d.yes
		}
		return d.no
	}
	return ""
}

func table(ctx context.Context, path string, r *Rows, d *dialect) error {
	return buffered(path, func(out *bufio.Writer) error {
		if _, err := out.WriteString(d.mark); err != nil {
			return err
		}
		w := csv.NewWriter(out)
		w.Comma, w.UseCRLF = d.comma, true
		var head []string
		for _, c := range r.columns() {
			head = append(head, c.name)
		}
		shapes := d.shapes && r.File.Spec().Geometry != layer.Points
		if shapes {
			head = append(head, r.geometryName())
		} else {
			head = append(head, "lon", "lat")
		}
		if err := w.Write(head); err != nil {
			return err
		}
		var line []string
		var values []any
		err := r.visit(ctx, path, func(b *layer.Batch, row int) error {
			line, values = line[:0], r.values(values[:0], b, row)
			for _, v := range values {
				line = append(line, d.text(v))
			}
			if shapes {
				text := ""
				if g := r.geometry(b, row); g != nil {
					text = WKT(rounded(g))
				}
				return w.Write(append(line, text))
			}
			lon, lat := position(b, row)
			return w.Write(append(line, d.number(round(lon)), d.number(round(lat))))
		})
		w.Flush()
		return errors.Join(err, w.Error())
	})
}

// round to a centimetre.
func round(degrees float64) float64 { return math.Round(degrees*1e7) / 1e7 }

// rounded rounds the coordinates of a geometry that nobody else has.
func rounded(g orb.Geometry) orb.Geometry {
	return project.Geometry(g, func(p orb.Point) orb.Point { return orb.Point{round(p[0]), round(p[1])} })
}
