package query

import (
	"cmp"
	"crypto/ed25519"
	"io/fs"
	"log/slog"
	"time"

	"jumeau/query/door"
)

// Options of a server. Log is required.
type Options struct {
	Log *slog.Logger
	// Version of the program, shown on the status page.
	Version string
	// The built page; nil when there is none.
	Page fs.FS
	// Content-Security-Policy of the page; default allows what MapLibre needs, from this server only.
	PagePolicy string
	// Address under which the server is reached ("https://twin.example.org/map"), for the documents that need whole
	// addresses. Default: what the request says.
	PublicURL string
	// Who the anonymous are: public (default) sees public layers, agent also those of agents, steward all. Not used with Doors.
	Audience string
	// Who else may come in, and how much anyone may take. Default: the anonymous only, without a limit. SetDoors changes them.
	Doors *door.Doors
	// The steward may serve another release from the administration page: the folder must then be writable. Default: it cannot.
	MovePointer bool
	// One line a request; default none. There is nothing personal in it.
	AccessLog *slog.Logger
	// Requests answered at a time, downloads included; more are told to come back. Default 2048.
	InFlight int
	// Keys that may have signed a release. Default: those of the releases folder.
	Keys []ed25519.PublicKey
	// Bytes of compressed answers kept in memory; default 64 MiB.
	CacheBytes int64
	// How often the pointer is looked at; default 1 s.
	Poll time.Duration
	// How long a request may take to be answered, downloads excepted; default 20 s.
	Deadline time.Duration
	// How many answers may wait to be made, and how long, before the server says that it is busy; default 256 and 5 s.
	QueueLength int
	QueueTime   time.Duration
	// How much room exports may take in the folder for temporary files, in bytes, and how long one may take to be made;
	// default 1 GiB and 2 min. One export is at most half of the room.
	ExportBytes int64
	ExportTime  time.Duration
	// How many releases besides the current one stay open for the pages that show them; default 3.
	KeepOpen int
	// How long such a release stays open without a request; default 15 min.
	KeepIdle time.Duration
}

func (o Options) withDefaults() Options {
	o.Version = cmp.Or(o.Version, "dev")
	o.InFlight = cmp.Or(o.InFlight, 2048)
	if o.Doors == nil {
		o.Doors, _ = door.Open(door.Options{Audience: o.Audience}, nil) // without a folder nothing can fail
	}
	o.PagePolicy = cmp.Or(o.PagePolicy, pagePolicy)
	o.CacheBytes = cmp.Or(o.CacheBytes, 64<<20)
	o.Poll = cmp.Or(o.Poll, time.Second)
	o.Deadline = cmp.Or(o.Deadline, 20*time.Second)
	o.QueueLength = cmp.Or(o.QueueLength, 256)
	o.QueueTime = cmp.Or(o.QueueTime, 5*time.Second)
	o.ExportBytes = cmp.Or(o.ExportBytes, 1<<30)
	o.ExportTime = cmp.Or(o.ExportTime, 2*time.Minute)
	o.KeepOpen = cmp.Or(o.KeepOpen, 3)
	o.KeepIdle = cmp.Or(o.KeepIdle, 15*time.Minute)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}
