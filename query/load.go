package query

import (
	"context"
	"errors"
	"math"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
	"time"

	"jumeau/model"
)

// load keeps the server from taking on more than it can hold: so many requests at a time, and none that needs memory while there
// is hardly any left below the limit that Go keeps to (GOMEMLIMIT). Safe for concurrent use.
type load struct {
	most     int64
	inFlight atomic.Int64
	refused  atomic.Int64
	full     atomic.Bool // memory
}

// enter counts a request in; leave counts it out.
func (l *load) enter() (leave func(), err error) {
	if l.inFlight.Add(1) > l.most || l.full.Load() {
		l.inFlight.Add(-1)
		l.refused.Add(1)
		return nil, errFull
	}
	return func() { l.inFlight.Add(-1) }, nil
}

// errFull is answered with 503 and Retry-After.
var errFull = &model.Error{Kind: model.Unavailable, Op: "answer", Hint: "try again in a few seconds", Err: errors.New("the server has its hands full")}

// Shares of the memory limit: above the first requests are turned away, until it is below the second. Between the limit and the
// first Go collects ever more often, and would end up doing nothing else.
const (
	fullFrom  = 0.95
	emptyFrom = 0.85
)

// watch looks at the memory four times a second until the context ends.
func (l *load) watch(ctx context.Context) {
	ticker := time.NewTicker(250 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			l.look(debug.SetMemoryLimit(-1), held())
		}
	}
}

// look compares what is held with the limit, both in bytes; math.MaxInt64 is no limit.
func (l *load) look(limit, held int64) {
	if limit == math.MaxInt64 {
		l.full.Store(false)
		return
	}
	share := float64(held) / float64(limit)
	switch {
	case share > fullFrom:
		l.full.Store(true)
	case share < emptyFrom:
		l.full.Store(false)
	}
}

// held is the memory that the limit is about: what Go has of the system and has not given back.
func held() int64 {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}, {Name: "/memory/classes/heap/free:bytes"}}
	metrics.Read(samples)
	return int64(samples[0].Value.Uint64() - samples[1].Value.Uint64() - samples[2].Value.Uint64())
}
