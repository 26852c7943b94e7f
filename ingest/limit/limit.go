// Package limit holds what a file from outside may become at most, for all who unpack one: the fetcher, which refuses an archive
// before it is kept, and the readers of formats.
package limit

import (
	"fmt"
	"strings"
)

// Archive bounds what an archive or a compressed file unpacks to.
type Archive struct {
	Members int   // files in it
	Bytes   int64 // of all its files, unpacked
	Ratio   int64 // unpacked to packed bytes
	Free    int64 // unpacked bytes that no ratio forbids
}

// Default of every reader. Deflate cannot exceed 1032:1; real data, blank-padded dBase tables included, stay far below 200:1.
var Default = Archive{Members: 100_000, Bytes: 256 << 30, Ratio: 200, Free: 256 << 20}

// Check says whether so many packed bytes may become so many.
func (a Archive) Check(packed, unpacked int64) error {
	switch {
	case unpacked < 0 || packed < 0:
		return fmt.Errorf("its sizes are not those of files")
	case unpacked > a.Bytes:
		return fmt.Errorf("it unpacks to %d bytes, %d are allowed", unpacked, a.Bytes)
	case unpacked > a.Free && unpacked/a.Ratio > packed:
		return fmt.Errorf("it unpacks to more than %d times its size, as no data does", a.Ratio)
	}
	return nil
}

// Name says whether the name of a member stays inside the folder that an archive is unpacked into.
func Name(name string) error {
	clean := strings.ReplaceAll(name, `\`, "/")
	drive := len(clean) > 1 && clean[1] == ':'
	if strings.HasPrefix(clean, "/") || drive || strings.ContainsRune(clean, 0) {
		return fmt.Errorf("the member %q has an absolute path", name)
	}
	for _, part := range strings.Split(clean, "/") {
		if part == ".." {
			return fmt.Errorf("the member %q leaves its folder", name)
		}
	}
	return nil
}
