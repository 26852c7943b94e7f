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
	"jumeau/model/release"
)

// cpuTime is what the process has used so far, in user and system mode.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// effort is what a part of a run took.
type effort struct {
	wall, cpu time.Duration
	peak      int64 // bytes of memory of the process, at most, from its start to the end of the part
}

// spent is the effort of the run so far.
func (r *run) spent() effort {
	e := effort{wall: time.Since(r.started), cpu: cpuTime() - r.cpu}
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err == nil {
		e.peak = u.Maxrss << 10 // Linux gives KiB
	}
	return e
}

// apart counts what follows, until the function it gives is called, as work on rows about people.
func (r *run) apart() (end func()) {
	before := r.spent()
	if r.private.peak == 0 {
		r.private.peak = before.peak
	}
	return func() {
		after := r.spent()
		r.private.wall += after.wall - before.wall
		r.private.cpu += after.cpu - before.cpu
	}
}

// cost is the whole cost of a run, and what a release says of it. A release is silent about the work on rows about people, which
// depends on how many there are: their time is not counted, and memory is that of the time before.
func (r *run) cost(bytes int64) (whole, published release.Cost) {
	e := r.spent()
	whole = e.cost(bytes)
	if r.private.peak > 0 {
		e = effort{wall: e.wall - r.private.wall, cpu: e.cpu - r.private.cpu, peak: r.private.peak}
	}
	published = e.cost(bytes)
	if r.private.peak > 0 {
		published.Estimate += ", without the work on rows about people, of which nothing exact is told"
	}
	return whole, published
}

func (e effort) cost(bytes int64) release.Cost {
	return release.Cost{WallSeconds: e.wall.Seconds(), CPUSeconds: e.cpu.Seconds(), PeakBytes: e.peak, BytesRead: bytes,
		WattHours: e.cpu.Seconds() * wattsPerCore / 3600, Estimate: fmt.Sprintf("CPU seconds × %d W a busy core", wattsPerCore)}
}

// wattsPerCore is the power of one busy core of a small server, package and memory included: 65 W over 6 cores.
const wattsPerCore = 11

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
