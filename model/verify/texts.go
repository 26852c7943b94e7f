package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"

	"jumeau/model"
)

// traces of persons and devices in texts. Numbers of telephones are not among them: facilities have them.
var traces = []struct {
	what string
	form *regexp.Regexp
}{
	{"an e-mail address", regexp.MustCompile(`[\w.+-]+@[\w-]+\.[a-z]{2,}`)},
	{"a network address of a device", regexp.MustCompile(`(?i)\b[0-9a-f]{2}([:-][0-9a-f]{2}){5}\b`)},
	{"a hash", regexp.MustCompile(`(?i)\b[0-9a-f]{32,}\b`)},
	{"a UUID", regexp.MustCompile(`(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b`)},
	{"a number plate", regexp.MustCompile(`\b[A-Z]{2}-\d{3}-[A-Z]{2}\b`)},
	{"an instant", regexp.MustCompile(`\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d`)},
}

// Trace says what a text looks like, "" when it looks like nothing about a person or a device.
func Trace(text string) string {
	if len(text) < 9 || !strings.ContainsAny(text, "@:-0123456789") {
		return ""
	}
	for _, t := range traces {
		if t.form.MatchString(text) {
			return t.what
		}
	}
	return ""
}

// texts reads every text of every layer. It never repeats what it finds: it may be what it looks for.
func (s *subject) texts(ctx context.Context, f *finding) error {
	for _, file := range s.manifest.Files {
		if !strings.HasPrefix(file.Path, "layers/") && !strings.HasPrefix(file.Path, "zones/") {
			continue
		}
		told := map[string]bool{}
		err := eachText(ctx, s.path(file.Path), func(column, text string) {
			f.looked++
			if what := Trace(text); what != "" && !told[column+what] {
				told[column+what] = true
				f.add("%s: a text of column %s looks like %s", file.Path, column, what)
			}
		})
		if err != nil {
			f.add("%s: %v", file.Path, err)
		}
	}
	f.note = fmt.Sprintf("%d texts", f.looked)
	return ctx.Err()
}

func eachText(ctx context.Context, path string, visit func(column, text string)) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	if strings.HasSuffix(path, ".parquet") {
		r, err := openParquet(in)
		if err != nil {
			return err
		}
		batches, err := r.GetRecordReader(ctx, nil, nil)
		if err != nil {
			return err
		}
		defer batches.Release()
		for batches.Next() {
			visitBatch(batches.RecordBatch(), visit)
		}
		if err := batches.Err(); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		return nil
	}
	r, err := ipc.NewFileReader(in)
	if err != nil {
		return err
	}
	defer r.Close()
	for i := range r.NumRecords() {
		batch, err := r.RecordBatch(i)
		if err != nil {
			return err
		}
		visitBatch(batch, visit)
	}
	return ctx.Err()
}

func visitBatch(batch arrow.RecordBatch, visit func(column, text string)) {
	for i, field := range batch.Schema().Fields() {
		visitTexts(field.Name, batch.Column(i), visit)
	}
}

func visitTexts(name string, column arrow.Array, visit func(column, text string)) {
	switch c := column.(type) {
	case *array.String:
		for i := range c.Len() {
			if c.IsValid(i) {
				visit(name, c.Value(i))
			}
		}
	case *array.LargeString:
		for i := range c.Len() {
			if c.IsValid(i) {
				visit(name, c.Value(i))
			}
		}
	case *array.Dictionary:
		visitTexts(name, c.Dictionary(), visit)
	case *array.Struct:
		for i, field := range c.DataType().(*arrow.StructType).Fields() {
			visitTexts(field.Name, c.Field(i), visit)
		}
	}
}

var spans = regexp.MustCompile(`^(weekday|saturday|sunday)-([01]\d|2[0-4])-([01]\d|2[0-4])$`)

// coarse says whether a slot is no finer than an hour of a day type.
func coarse(slot string) bool { return model.Slot(slot).Kind() != "" || spans.MatchString(slot) }
