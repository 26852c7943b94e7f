package schedule

import (
	"context"
	"errors"
	"time"

	"jumeau/internal/secret"
	"jumeau/model"
	"jumeau/model/runlog"
)

// channel is one way of telling people.
type channel interface {
	name() string
	send(ctx context.Context, m Message) error
}

// Announcer tells people what the diary says.
type Announcer struct {
	language string
	zone     *time.Location
	channels []channel
	feed     bool
	contact  string
}

// mostSending is how long one channel may take.
const mostSending = time.Minute

// NewAnnouncer is nil when the territory declares nobody to tell. Secrets are read now, so that one that is missing is noticed
// when the scheduler starts and not in the night in which it is needed.
func NewAnnouncer(t *model.Territory, opt SendOptions) (*Announcer, error) {
	a := t.Announce
	if a == nil {
		return nil, nil
	}
	zone, err := time.LoadLocation(t.TimeZone)
	if err != nil {
		return nil, err
	}
	out := &Announcer{language: a.Language, zone: zone, feed: a.Feed, contact: t.Contact}
	read := func(at string, s *model.Secret) (secret.Secret, error) {
		if s == nil {
			return secret.Secret{}, nil
		}
		value, err := secret.Read(s.Env, s.File, opt.Getenv)
		if err != nil {
			err = &model.Error{Kind: model.Invalid, Op: "announce", Subject: at, Err: err, Hint: "set the variable, or write the file, that " + at + " names"}
		}
		return value, err
	}
	if a.Mail != nil {
		password, err := read("announce.mail.password", a.Mail.Password)
		if err != nil {
			return nil, err
		}
		out.channels = append(out.channels, mailer{a.Mail, password, opt.Roots})
	}
	if a.Webhook != nil {
		key, err := read("announce.webhook.secret", a.Webhook.Secret)
		if err != nil {
			return nil, err
		}
		out.channels = append(out.channels, newHook(a.Webhook.URL, key, opt))
	}
	return out, nil
}

func (a *Announcer) names() (out []string) {
	for _, c := range a.channels {
		out = append(out, c.name())
	}
	return out
}

// tell sends what is due, and what did not arrive. That a channel fails is in the diary and in the log.
func (a *Announcer) tell(ctx context.Context, s *Scheduler, d *runlog.Diary) {
	now := s.clock().Now()
	var err error
	if id, state, before, run := due(d, now); id != "" {
		m := Message{ID: id, At: now.UTC().Truncate(time.Second), Territory: s.Territory, State: state, Before: before, Run: run.Begin.Run, Release: run.End.Served}
		m.Subject, m.Text = a.words(s, d, m, run)
		err = a.send(ctx, s, m, a.names())
	} else if old, missing := undelivered(d, a.names(), now); len(missing) > 0 {
		err = a.send(ctx, s, Message{ID: old.Message, At: old.At, Territory: s.Territory, State: old.State, Subject: old.Subject, Text: old.Text, Run: old.Run}, missing)
	}
	if err != nil {
		s.Log.Error("people could not be told", "error", err)
	}
}

// send tries the channels, and notes in the diary which ones took the message.
func (a *Announcer) send(ctx context.Context, s *Scheduler, m Message, names []string) error {
	r := runlog.Record{Run: m.Run, Event: runlog.Told, At: s.clock().Now(), Message: m.ID, State: m.State, Subject: m.Subject, Text: m.Text}
	var failed error
	for _, c := range a.channels {
		for _, name := range names {
			if c.name() != name {
				continue
			}
			limited, cancel := context.WithTimeout(ctx, mostSending)
			err := c.send(limited, m)
			cancel()
			if err == nil {
				r.Via = append(r.Via, name)
				continue
			}
			if r.Missed == nil {
				r.Missed = map[string]string{}
			}
			r.Missed[name] = err.Error()
			failed = errors.Join(failed, err)
		}
	}
	failed = errors.Join(failed, runlog.Append(s.Releases, r))
	if a.feed {
		failed = errors.Join(failed, a.writeFeed(s))
	}
	return failed
}
