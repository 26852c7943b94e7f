//go:build !unix

// Package mapfile maps the files of a release into memory.
package mapfile

import "os"

// Open reads the whole file: this platform has no memory maps that we use.
func Open(path string) (data []byte, release func() error, err error) {
	data, err = os.ReadFile(path)
	return data, func() error { return nil }, err
}
