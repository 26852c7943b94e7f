package bench

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// used is what a process took: time, and memory at its highest. anonymous is without mapped files (RssAnon), sampled every 20 ms;
// resident is with those of their pages that were in use (VmHWM).
type used struct {
	wall, cpu           time.Duration
	anonymous, resident float64 // MB
}

func (u used) String() string {
	return fmt.Sprintf("%.1f s, %.1f s of CPU", u.wall.Seconds(), u.cpu.Seconds())
}

// timed runs a command and gives what it used.
func timed(b *testing.B, cmd *exec.Cmd) used {
	b.Helper()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	start := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	ended, peak := make(chan struct{}), make(chan float64)
	go func() {
		most, tick := 0.0, time.NewTicker(20*time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				most = max(most, status(cmd.Process.Pid, "RssAnon"))
			case <-ended:
				peak <- most
				return
			}
		}
	}()
	err := cmd.Wait()
	u := used{wall: time.Since(start), cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	close(ended)
	u.anonymous = <-peak
	u.resident = float64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) * 1024 / 1e6
	if err != nil {
		b.Fatalf("%v: %v\n%s", cmd.Args, err, out.String())
	}
	return u
}

// status is a figure in MB of a process, 0 when it has ended.
func status(pid int, name string) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			kib, _ := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 64)
			return kib * 1024 / 1e6
		}
	}
	return 0
}
