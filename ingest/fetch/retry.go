package fetch

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// again is an error after which another attempt may succeed.
type again struct {
	err   error
	after time.Duration // that the producer asks for; 0: it does not say
}

func (a *again) Error() string { return a.err.Error() }
func (a *again) Unwrap() error { return a.err }

// backoff before attempt n+1: about 2, 4, 8 … seconds up to two minutes, of which a random half is taken off, so that
// those who failed together do not come back together.
func backoff(n int) time.Duration {
	d := min(firstWait<<min(n, 20), longestWait)
	return d/2 + rand.N(d/2)
}

// retryAfter reads the header of that name: seconds, or a date.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if text == "" {
		return 0
	}
	if n, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(n) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
