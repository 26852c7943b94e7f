package query

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"jumeau/model"
)

// queue lets a few answers be made at a time: making one takes a processor and memory. The others wait in the order they came,
// not too many and not too long, so that more requests than the machine can answer are told so and cost nothing. Answers that
// lie ready, in the cache or in the release, do not pass through it. Safe for concurrent use.
type queue struct {
	places   *semaphore.Weighted
	waiting  atomic.Int64
	length   int64
	patience time.Duration
	refused  atomic.Int64
}

func newQueue(opt Options) *queue {
	// Twice the processors: while one answer waits for the disk another is made.
	return &queue{places: semaphore.NewWeighted(int64(2 * runtime.GOMAXPROCS(0))), length: int64(opt.QueueLength), patience: opt.QueueTime}
}

// enter waits for a place; give it back with leave.
func (q *queue) enter(ctx context.Context) (leave func(), err error) {
	leave = func() { q.places.Release(1) }
	if q.places.TryAcquire(1) {
		return leave, nil
	}
	defer q.waiting.Add(-1)
	if q.waiting.Add(1) > q.length {
		q.refused.Add(1)
		return nil, errBusy
	}
	patience, cancel := context.WithTimeout(ctx, q.patience)
	defer cancel()
	if err := q.places.Acquire(patience, 1); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err() // the client went, or the request is late for other reasons
		}
		q.refused.Add(1)
		return nil, errBusy
	}
	return leave, nil
}

// errBusy is answered with 503 and Retry-After.
var errBusy = &model.Error{Kind: model.Unavailable, Op: "answer", Hint: "try again in a few seconds",
	Err: errors.New("more is asked for at this moment than the server can make")}
