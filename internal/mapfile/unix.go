//go:build unix

// Package mapfile maps the files of a release into memory.
package mapfile

import (
	"fmt"
	"os"
	"syscall"
)

// Open maps a file into memory, read-only. No slice of it may be used after release.
func Open(path string) (data []byte, release func() error, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	if info.Size() == 0 || !info.Mode().IsRegular() || int64(int(info.Size())) != info.Size() {
		return nil, nil, fmt.Errorf("%d bytes cannot be mapped", info.Size())
	}
	data, err = syscall.Mmap(int(f.Fd()), 0, int(info.Size()), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, nil, os.NewSyscallError("mmap", err)
	}
	return data, func() error { return syscall.Munmap(data) }, nil
}
