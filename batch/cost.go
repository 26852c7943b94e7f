package batch

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"syscall"
	"time"

	"jumeau/ingest"
)

// cpuTime is what the process has used so far, in user and system mode.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// spent is the cost of the run so far: wall and CPU seconds, and the peak of the process's memory in bytes.
func (r *run) spent() (wall, cpu float64, peak int64) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err == nil {
		peak = u.Maxrss << 10 // Linux gives KiB
	}
	return time.Since(r.started).Seconds(), (cpuTime() - r.cpu).Seconds(), peak
}

// digestOf is the SHA-256 of a source: of its one file, or over the names and digests of its files.
func digestOf(files []ingest.File) string {
	if len(files) == 1 {
		return files[0].SHA256
	}
	if len(files) == 0 {
		return ""
	}
	sum := sha256.New()
	for _, f := range files {
		fmt.Fprintf(sum, "%s %s\n", f.SHA256, f.Name)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
