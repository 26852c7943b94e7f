//go:build !unix

package layer

import "os"

// mapFile reads the whole file: this platform has no memory maps that we use.
func mapFile(path string) ([]byte, func() error, error) {
	data, err := os.ReadFile(path)
	return data, func() error { return nil }, err
}
