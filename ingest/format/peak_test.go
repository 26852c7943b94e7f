package format

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"jumeau/model"
)

// TestPeak reads the file named by JUMEAU_PEAK and says how many rows it has, and what was allocated at most at any moment.
func TestPeakOfALargeFile(t *testing.T) {
	path := os.Getenv("JUMEAU_PEAK")
	if path == "" {
		t.Skip("set JUMEAU_PEAK to a large file to see what reading it takes")
	}
	opt := Options{Table: os.Getenv("JUMEAU_PEAK_TABLE")}
	if filepath.Ext(path) == ".csv" {
		opt.Geometry = &model.Geometry{WKT: "geom"}
	}
	var peak, resident uint64
	stop := make(chan struct{})
	go func() {
		var m runtime.MemStats
		for {
			select {
			case <-stop:
				return
			case <-time.After(50 * time.Millisecond):
				runtime.ReadMemStats(&m)
				peak, resident = max(peak, m.HeapInuse), max(resident, anonymous())
			}
		}
	}()
	start := time.Now()
	r, err := Open(t.Context(), path, opt)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	rows, bad := 0, 0
	for {
		b, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		rows, bad = rows+len(b.Line), bad+len(b.Bad)
		for _, c := range b.Columns {
			c.Release()
		}
	}
	close(stop)
	t.Logf("%s: %d rows, %d bad, %.1f s, heap at most %d MB, resident %d MB", filepath.Base(path), rows, bad, time.Since(start).Seconds(), peak>>20,
		resident>>20)
}

// anonymous is the memory of this process that no file backs (RssAnon), where the system tells it.
func anonymous() uint64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	var kB uint64
	if _, after, ok := strings.Cut(string(text), "RssAnon:"); ok {
		fmt.Sscan(after, &kB) //nolint:errcheck // 0 then
	}
	return kB << 10
}
