package door

import (
	"crypto/rand"
	"crypto/sha256"
	"math"
	"net/netip"
	"sync"
	"time"
)

// Limits of one client, in requests and in cost. A cost is the milliseconds that an answer took to make plus a tenth of its
// kilobytes: 10 kB cost what a millisecond does. Zero: no limit.
type Limits struct {
	Requests      float64 // a second, in the long run
	RequestsBurst float64 // at once, after a pause
	Cost          float64
	CostBurst     float64
}

// On says whether there is any limit.
func (l Limits) On() bool { return l.Requests > 0 || l.Cost > 0 }

// Cost of an answer.
func Cost(making time.Duration, bytes int64) float64 {
	return float64(making)/float64(time.Millisecond) + float64(bytes)/10_000
}

// bucket fills with time. It may go below zero, because what an answer costs is known afterwards.
type bucket struct {
	level float64
	at    time.Time
}

func (b *bucket) fill(now time.Time, rate, burst float64) {
	if b.at.IsZero() {
		b.level = burst
	} else if passed := now.Sub(b.at).Seconds(); passed > 0 {
		b.level = min(burst, b.level+passed*rate)
	}
	b.at = now
}

// account of a client.
type account struct {
	requests, cost bucket
}

// ClientKey stands for a client in memory. It is made with a key that is drawn at start and never written: it cannot be turned back
// into an address, and means nothing tomorrow.
type ClientKey [16]byte

// mostAccounts is how many clients are remembered; when there are more, those that are full again are forgotten, then any.
const mostAccounts = 50_000

// limiter counts what each client takes. Safe for concurrent use.
type limiter struct {
	salt [32]byte
	now  func() time.Time

	mu       sync.Mutex
	accounts map[ClientKey]*account
}

func newLimiter(now func() time.Time) *limiter {
	l := &limiter{now: now, accounts: map[ClientKey]*account{}}
	rand.Read(l.salt[:])
	return l
}

// key of a client: who it is, else its network: of IPv6 the first 64 bits, because one subscriber has all the rest.
func (l *limiter) key(who string, from netip.Addr) (k ClientKey) {
	text := "who\x00" + who
	if who == "" {
		bits := 32
		if from.Is6() {
			bits = 64
		}
		prefix, _ := from.Prefix(bits)
		text = "from\x00" + prefix.String()
	}
	sum := sha256.Sum256(append(l.salt[:], text...))
	copy(k[:], sum[:])
	return k
}

// enter counts a request; when the client has taken too much, wait says for how long it should leave the server alone.
func (l *limiter) enter(k ClientKey, limits Limits) (wait time.Duration) {
	if !limits.On() {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	a := l.accounts[k]
	if a == nil {
		l.room(now, limits)
		a = &account{}
		l.accounts[k] = a
	}
	a.requests.fill(now, limits.Requests, limits.RequestsBurst)
	a.cost.fill(now, limits.Cost, limits.CostBurst)
	if limits.Requests > 0 && a.requests.level < 1 {
		return until(1-a.requests.level, limits.Requests)
	}
	if limits.Cost > 0 && a.cost.level <= 0 {
		return until(1-a.cost.level, limits.Cost)
	}
	a.requests.level--
	return 0
}

func until(missing, rate float64) time.Duration {
	return time.Duration(math.Ceil(missing/rate)) * time.Second
}

// charge takes the cost of an answer from a client.
func (l *limiter) charge(k ClientKey, cost float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if a := l.accounts[k]; a != nil {
		a.cost.level -= cost
	}
}

// room forgets clients when there are too many. The mutex is held.
func (l *limiter) room(now time.Time, limits Limits) {
	if len(l.accounts) < mostAccounts {
		return
	}
	for k, a := range l.accounts {
		a.requests.fill(now, limits.Requests, limits.RequestsBurst)
		a.cost.fill(now, limits.Cost, limits.CostBurst)
		if a.requests.level >= limits.RequestsBurst && a.cost.level >= limits.CostBurst {
			delete(l.accounts, k)
		}
	}
	for k := range l.accounts { // in no order
		if len(l.accounts) < mostAccounts*9/10 {
			return
		}
		delete(l.accounts, k)
	}
}
