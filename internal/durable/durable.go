// Package durable writes files that are there whole or not at all, whatever happens meanwhile.
package durable

import (
	"errors"
	"os"
	"path/filepath"
)

// Replace puts a file in place: readers see the old content or the new, and so does who comes after a power cut. Several may write
// the same file at a time; the last one stays.
func Replace(path string, text []byte, mode os.FileMode) error {
	next, err := os.CreateTemp(filepath.Dir(path), ".new-*") // mode 0600
	if err != nil {
		return err
	}
	_, err = next.Write(text)
	err = errors.Join(err, next.Chmod(mode), next.Sync(), next.Close())
	if err == nil {
		err = os.Rename(next.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(next.Name()))
	}
	return Sync(filepath.Dir(path))
}

// Sync waits until a file, or the names in a folder, are on disk.
func Sync(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}
