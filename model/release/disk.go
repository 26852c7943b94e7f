package release

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"

	"jumeau/internal/durable"
)

// writeSynced writes a new file and waits until it is on disk.
func writeSynced(path string, text []byte, mode os.FileMode) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err == nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}

// replaceFile puts a file in place whole or not at all: readers see the old content or the new. Its draft has one name, so that a kill
// leaves at most one, which the next writer takes.
func replaceFile(path string, text []byte, mode os.FileMode) error {
	next := path + ".new"
	if err := writeSynced(next, text, mode); err != nil {
		os.Remove(next)
		return err
	}
	if err := os.Rename(next, path); err != nil {
		os.Remove(next)
		return err
	}
	return durable.Sync(filepath.Dir(path))
}

// lock is held on a file of the releases folder; the system releases it when the process ends, however it ends.
type lock struct{ file *os.File }

var errHeld = errors.New("held by another process")

// takeLock returns errHeld at once when wait is false and another process or goroutine holds the lock.
func takeLock(dir, name string, wait bool) (*lock, error) {
	file, err := os.OpenFile(filepath.Join(dir, name), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	how := syscall.LOCK_EX
	if !wait {
		how |= syscall.LOCK_NB
	}
	for {
		err = syscall.Flock(int(file.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		file.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errHeld
		}
		return nil, err
	}
	return &lock{file}, nil
}

func (l *lock) release() {
	if l != nil && l.file != nil {
		l.file.Close()
		l.file = nil
	}
}
