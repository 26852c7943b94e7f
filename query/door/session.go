package door

import (
	"crypto/rand"
	"crypto/sha256"
	"net/http"
	"sync"
	"time"
)

// CookieName is that of the session. The prefix makes browsers hold to it: only from here, only over https, for no other host.
const CookieName = "__Host-jumeau"

// Of a session.
const (
	rotateAfter  = time.Hour        // then its cookie has a new value
	graceOfOld   = time.Minute      // in which requests under way still have the old value
	mostSessions = 10_000           // open at a time; the one idle longest makes room
	cookieLength = 26               // of rand.Text: 130 bits
	notLongAgo   = 10 * time.Second // between two notes of when a session was last used
)

// Session is one person's visit, from signing in to signing out. It is held in memory only: a server that starts anew asks people
// to sign in again.
type Session struct {
	Name string // as the person is greeted; shown to that person alone
	CSRF string // what a form must repeat

	visitor Visitor
	hint    string // the ID token, for signing out at the provider; ""
	began   time.Time

	// Held by the store's mutex.
	seen    time.Time
	rotated time.Time
	ended   bool
	keys    [][32]byte
}

// sessions are those that are open, by the SHA-256 of their cookie: what is in memory opens nothing. Safe for concurrent use.
type sessions struct {
	mu       sync.Mutex
	now      func() time.Time
	lifetime time.Duration
	idle     time.Duration
	open     map[[32]byte]*Session
	old      map[[32]byte]time.Time // keys that end at a time
}

func newSessions(lifetime, idle time.Duration, now func() time.Time) *sessions {
	return &sessions{now: now, lifetime: lifetime, idle: idle, open: map[[32]byte]*Session{}, old: map[[32]byte]time.Time{}}
}

// begin opens a session and gives the value of its cookie.
func (s *sessions) begin(v Visitor, name, hint string) (*Session, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.open) >= mostSessions {
		s.sweep()
	}
	now := s.now()
	session := &Session{Name: name, CSRF: rand.Text(), visitor: v, hint: hint, began: now, seen: now}
	session.visitor.Session = session
	return session, s.key(session, now)
}

// key gives a session a new cookie. The mutex is held.
func (s *sessions) key(session *Session, now time.Time) string {
	value := rand.Text()
	k := sha256.Sum256([]byte(value))
	for _, before := range session.keys {
		if _, ok := s.old[before]; !ok {
			s.old[before] = now.Add(graceOfOld)
		}
	}
	session.keys = append(session.keys, k)
	session.rotated = now
	s.open[k] = session
	return value
}

// find is the session of a cookie, nil when there is none; fresh is the cookie's new value when it is time for one.
func (s *sessions) find(value string) (found *Session, fresh string) {
	if len(value) != cookieLength {
		return nil, ""
	}
	k := sha256.Sum256([]byte(value))
	s.mu.Lock()
	defer s.mu.Unlock()
	session, now := s.open[k], s.now()
	if session == nil {
		return nil, ""
	}
	if until, ok := s.old[k]; ok {
		if now.After(until) {
			s.drop(session, k)
			return nil, ""
		}
	}
	if session.ended || now.Sub(session.began) > s.lifetime || now.Sub(session.seen) > s.idle {
		s.end(session)
		return nil, ""
	}
	if now.Sub(session.seen) > notLongAgo {
		session.seen = now
	}
	if _, old := s.old[k]; !old && now.Sub(session.rotated) > rotateAfter {
		fresh = s.key(session, now)
	}
	return session, fresh
}

// drop forgets one key of a session. The mutex is held.
func (s *sessions) drop(session *Session, k [32]byte) {
	delete(s.open, k)
	delete(s.old, k)
	kept := session.keys[:0]
	for _, other := range session.keys {
		if other != k {
			kept = append(kept, other)
		}
	}
	session.keys = kept
}

// end closes a session. The mutex is held.
func (s *sessions) end(session *Session) {
	session.ended = true
	for _, k := range session.keys {
		delete(s.open, k)
		delete(s.old, k)
	}
	session.keys = nil
}

// close ends a session.
func (s *sessions) close(session *Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end(session)
}

// sweep makes room: what is over goes, else what is idle longest. The mutex is held.
func (s *sessions) sweep() {
	now := s.now()
	var idlest *Session
	for _, session := range s.open {
		switch {
		case now.Sub(session.began) > s.lifetime || now.Sub(session.seen) > s.idle:
			s.end(session)
		case idlest == nil || session.seen.Before(idlest.seen):
			idlest = session
		}
	}
	if len(s.open) >= mostSessions && idlest != nil {
		s.end(idlest)
	}
}

// count of the sessions that are open.
func (s *sessions) count() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k := range s.open {
		if _, old := s.old[k]; !old {
			n++
		}
	}
	return n
}

// cookie as it is set. Lax, because a person comes back from the provider by a link of the provider's; every change of state is a
// POST, which such a link cannot make.
func cookie(name, value string, lasts time.Duration) *http.Cookie {
	c := &http.Cookie{Name: name, Value: value, Path: "/", HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode, MaxAge: int(lasts.Seconds())}
	if value == "" {
		c.MaxAge = -1
	}
	return c
}
