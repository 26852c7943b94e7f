package ledger

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"

	"jumeau/model"
)

// lock opens the file and waits until no other charge is being entered. Closing the file gives the lock back, and so does the
// end of the process, however it ends.
func (l *Ledger) lock(ctx context.Context) (*os.File, error) {
	file, err := os.OpenFile(l.path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, &model.Error{Kind: model.Unavailable, Op: "open", Subject: l.path, Err: err, Hint: "make the folder of the ledger writable"}
	}
	for {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == nil:
			return file, nil
		case !errors.Is(err, syscall.EINTR) && !errors.Is(err, syscall.EWOULDBLOCK):
			_ = file.Close()
			return nil, err
		}
		select {
		case <-ctx.Done():
			_ = file.Close()
			return nil, ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}
