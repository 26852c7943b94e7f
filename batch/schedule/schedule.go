package schedule

import (
	"context"
	"log/slog"
	"time"

	"jumeau/model/runlog"
)

// Clock is the time, real or a test's.
type Clock interface {
	Now() time.Time
	Wait(ctx context.Context, d time.Duration) error // the context's error when it ends first
}

// Run runs once. It writes its beginning and its end into the diary itself; exit and err say how it ended when it could not.
type Run func(ctx context.Context, why string, due time.Time) (exit int, err error)

// Scheduler of one releases folder. Not safe for concurrent use.
type Scheduler struct {
	Releases  string     // required
	Territory string     // its id, for messages
	Title     string     // its name, for messages
	Plan      Plan       // required
	Run       Run        // required
	Announcer *Announcer // nil: nobody is told
	Clock     Clock      // default the real one
	Log       *slog.Logger
}

// look is how long the scheduler sleeps at most, so that it notices a clock that was set or a machine that slept.
const look = time.Minute

// Loop runs what is due until the context ends.
func (s *Scheduler) Loop(ctx context.Context) error {
	clock := s.clock()
	for {
		_, next, err := s.Once(ctx)
		if ended := ctx.Err() != nil; ended {
			return nil
		}
		if err != nil {
			s.Log.Error("schedule", "error", err) // a disk that is full, a run by hand: later it may be otherwise
			next = clock.Now().Add(look)
		}
		wait := min(max(next.Sub(clock.Now()), time.Second), look)
		if ended := clock.Wait(ctx, wait) != nil; ended {
			return nil
		}
	}
}

func (s *Scheduler) clock() Clock {
	if s.Clock == nil {
		return realClock{}
	}
	return s.Clock
}

// Once runs if a run is due, tells people what they should know, and says when the next run is due. exit is that of the run, 0
// when none was due.
func (s *Scheduler) Once(ctx context.Context) (exit int, next time.Time, err error) {
	clock := s.clock()
	busy, err := runlog.Recover(s.Releases, clock.Now())
	if err != nil || busy {
		return 0, clock.Now().Add(look), err
	}
	diary, err := runlog.Read(s.Releases)
	if err != nil {
		return 0, time.Time{}, err
	}
	at, why, due := s.Plan.Next(diary.Runs, clock.Now())
	if !at.After(clock.Now()) {
		exit, diary, err = s.run(ctx, why, due)
		if err != nil || ctx.Err() != nil {
			return exit, clock.Now().Add(look), err
		}
		at, _, _ = s.Plan.Next(diary.Runs, clock.Now())
	}
	if s.Announcer != nil {
		s.Announcer.tell(ctx, s, diary)
	}
	return exit, at, nil
}

// run runs, and reads the diary again.
func (s *Scheduler) run(ctx context.Context, why string, due time.Time) (int, *runlog.Diary, error) {
	clock := s.clock()
	s.Log.Info("run begins", "why", why, "due", due)
	exit, failed := s.Run(ctx, why, due)
	if failed != nil {
		s.Log.Error("run", "error", failed)
	}
	if _, err := runlog.Recover(s.Releases, clock.Now()); err != nil { // of a run that was killed
		return exit, nil, err
	}
	diary, err := runlog.Read(s.Releases)
	return exit, diary, err
}

type realClock struct{}

func (realClock) Now() time.Time { return time.Now() }

func (realClock) Wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
