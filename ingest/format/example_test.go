package format_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"jumeau/ingest/format"
	"jumeau/model"
)

func Example() {
	dir, _ := os.MkdirTemp("", "example")
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "arrets.csv")
	_ = os.WriteFile(path, []byte("nom;x;y;lignes\nLab\xe8ge;1,53;43,53;3\nEscalquens;1,56;;2\n"), 0o600)

	r, err := format.Open(context.Background(), path, format.Options{Geometry: &model.Geometry{X: "x", Y: "y"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer r.Close()
	_ = r.Select([]string{"nom"})
	for {
		batch, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		for i, line := range batch.Line {
			fmt.Println("line", line, batch.Columns[0].ValueStr(i), batch.Geometry[i])
		}
		for _, bad := range batch.Bad {
			fmt.Println("line", bad.Line, bad.Code, bad.Reason)
		}
	}
	fmt.Println(r.Info().Encoding)
	// Output:
	// line 2 Labège [1.53 43.53]
	// line 3 geometry_unreadable coordinate "" is not a number
	// windows-1252
}
