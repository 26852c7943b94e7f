package fetch

import (
	"context"
	"crypto/x509"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"jumeau/ingest"
)

// Options of a fetch.
type Options struct {
	Work     string                   // folder of the lock and of what is fetched; required, made when absent
	Folders  []string                 // where from.path is looked for first: a source found there is not fetched
	Mirror   string                   // folder that stands in for the network; "": the network
	Offline  bool                     // only what the lock has, checked against it
	Force    bool                     // ask the producer even before from.every is over
	Version  string                   // of the program, told to producers
	Getenv   func(string) string      // where secrets are; nil: there are none
	Outside  string                   // folder in which no secret file may be: the territory's, which is published; "": anywhere
	Proxy    Proxy                    // nil: none
	Roots    *x509.CertPool           // of TLS; nil: the system's
	Attempts int                      // at one file without progress; default 5
	Stall    time.Duration            // without a byte before a connection is given up; default 1 min
	Limit    time.Duration            // for one file, waits included; default 2 h
	Now      func() time.Time         // default time.Now
	Sleep    Sleep                    // default until the time is over or the context ends
	Progress ingest.Progress          // nil: silent
	Log      *slog.Logger             // required
	hosts    map[string]chan struct{} // one place for each host
}

// Proxy chooses the proxy of a request, as http.ProxyFromEnvironment.
type Proxy func(*http.Request) (*url.URL, error)

// Sleep waits, or returns the error of the context that ended first.
type Sleep func(context.Context, time.Duration) error

const (
	mostWait     = 10 * time.Minute // that a producer may ask for and be given within a fetch
	firstWait    = 2 * time.Second
	longestWait  = 2 * time.Minute
	mostRedirect = 5
	together     = 4 // hosts that are asked at the same time
)

func (o Options) filled() Options {
	if o.Attempts == 0 {
		o.Attempts = 5
	}
	if o.Stall == 0 {
		o.Stall = time.Minute
	}
	if o.Limit == 0 {
		o.Limit = 2 * time.Hour
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	if o.Getenv == nil {
		o.Getenv = func(string) string { return "" }
	}
	return o
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
