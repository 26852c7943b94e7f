package realdata

import (
	"compress/gzip"
	"io"
	"os"
	"testing"
)

// Unzipped is the content of a real file that is gzip-compressed.
func Unzipped(t testing.TB, name string) []byte {
	t.Helper()
	file, err := os.Open(Path(t, name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
