//go:build unix

package tile_test

import (
	"runtime"
	"syscall"
	"time"
)

// cpuTime is what the process used so far: on a machine that others use too it says more than the clock.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// peakMemory is the greatest resident size of the process in megabytes.
func peakMemory() float64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return float64(u.Maxrss) / 1e6 // bytes there, kilobytes elsewhere
	}
	return float64(u.Maxrss) * 1024 / 1e6
}
