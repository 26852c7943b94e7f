package door

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"time"

	"jumeau/model"
)

// Options of the doors of a server.
type Options struct {
	// Who the anonymous are; default public.
	Audience string
	// Folder of tokens, the audit log and the key of pseudonyms; "": there are none, and pseudonyms last as long as the process.
	State string
	// With whom people sign in; nil: with nobody. PublicURL is where they come back to.
	Provider  *Provider
	PublicURL string
	// The proxy before the server; nil: none is believed.
	Proxy  *Proxy
	Limits Limits
	// How long a session lasts, and how long without a request; default 10 h and 2 h.
	Lifetime, Idle time.Duration
	// Months that the audit log is kept; default 12.
	AuditMonths int
	Log         *slog.Logger

	// For tests.
	Now       func() time.Time
	Transport http.RoundTripper
}

// Doors of a server. Safe for concurrent use.
type Doors struct {
	opt      Options
	tokens   *tokenBook // nil: none
	sessions *sessions
	relying  *relying // nil: none
	seal     sealer
	limiter  *limiter
	audit    *audit
	names    pseudonyms
	cross    *http.CrossOriginProtection
}

// Open opens the doors. What people and clients have with the doors before (nil at start) goes on, but for sessions when who is
// let in has changed.
func Open(opt Options, before *Doors) (*Doors, error) {
	opt.Audience = cmp.Or(opt.Audience, Public)
	opt.Lifetime, opt.Idle = cmp.Or(opt.Lifetime, 10*time.Hour), cmp.Or(opt.Idle, 2*time.Hour)
	opt.AuditMonths = cmp.Or(opt.AuditMonths, 12)
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	d := &Doors{opt: opt, sessions: newSessions(opt.Lifetime, opt.Idle, opt.Now), seal: newSealer(), limiter: newLimiter(opt.Now),
		audit: newAudit(opt.State, opt.AuditMonths, opt.Now, opt.Log), cross: http.NewCrossOriginProtection()}
	if opt.PublicURL != "" {
		if u, err := url.Parse(opt.PublicURL); err == nil {
			if err := d.cross.AddTrustedOrigin(u.Scheme + "://" + u.Host); err != nil {
				return nil, &model.Error{Kind: model.Invalid, Op: "open doors", Subject: opt.PublicURL, Hint: "write it as https://twin.example.org", Err: err}
			}
		}
	}
	if opt.State != "" {
		d.tokens = newTokenBook(opt.State, opt.Now)
	}
	if opt.Provider != nil {
		d.relying = newRelying(*opt.Provider, opt.PublicURL, opt.Transport)
	}
	if before != nil {
		d.seal, d.limiter = before.seal, before.limiter
		if before.same(d) {
			d.sessions, d.relying = before.sessions, before.relying
		}
		if before.opt.State == opt.State {
			d.names, d.tokens = before.names, before.tokens
			return d, nil
		}
	}
	var err error
	d.names, err = newPseudonyms(opt.State)
	return d, err
}

// same says whether the same people are let in, for as long.
func (d *Doors) same(other *Doors) bool {
	return reflect.DeepEqual(d.opt.Provider, other.opt.Provider) && d.opt.PublicURL == other.opt.PublicURL && d.opt.State == other.opt.State &&
		d.opt.Lifetime == other.opt.Lifetime && d.opt.Idle == other.opt.Idle
}

// Varied says on which request headers, besides the usual, an answer may depend; "" when everybody is the same.
func (d *Doors) Varied() string {
	var on []string
	if d.tokens != nil {
		on = append(on, "Authorization")
	}
	if d.tokens != nil || d.relying != nil {
		on = append(on, "Cookie")
	}
	if p := d.opt.Proxy; p != nil && p.identifies() {
		on = append(on, p.User, p.Groups)
	}
	return strings.TrimSuffix(strings.Join(on, ", "), ", ")
}

// Anonymous is a visitor of whom nothing is known.
func (d *Doors) Anonymous() Visitor { return Anonymous(d.opt.Audience) }

// Refusal is an answer to somebody who is turned away at the door.
type Refusal struct {
	Status     int
	Title      string
	Detail     string
	Hint       string
	Challenge  string        // WWW-Authenticate
	RetryAfter time.Duration // 0: none
}

func (r *Refusal) Error() string { return r.Detail }

var (
	errToken = &Refusal{Status: http.StatusUnauthorized, Title: "Not let in", Detail: "the token lets nobody in: it is not one, or is over",
		Hint: "ask the steward for a new one, or leave it out to see what is public", Challenge: `Bearer realm="jumeau", error="invalid_token"`}
	errPeer = &Refusal{Status: http.StatusForbidden, Title: "Not let in", Detail: "this server is reached through its proxy only",
		Hint: "use the public address"}
	errForm = &Refusal{Status: http.StatusForbidden, Title: "Not done", Detail: "the form was not made by a page of this server, or is too old",
		Hint: "open the page again and send it from there"}
)

// Who says who asks. It may set the session's cookie. An error is a *Refusal.
func (d *Doors) Who(w http.ResponseWriter, r *http.Request) (Visitor, error) {
	if p := d.opt.Proxy; p != nil && p.identifies() {
		if !p.listed(peer(r)) {
			d.audit.writeOnce(Event{What: Refused, By: ByProxy, Why: "not the proxy's address"})
			return Visitor{}, errPeer
		}
		if v, ok := p.visitor(r.Header); ok {
			return d.complete(v, true), nil
		}
	}
	if d.tokens != nil {
		if given := r.Header.Values("Authorization"); len(given) > 0 {
			return d.byToken(given)
		}
	}
	if c, err := r.Cookie(CookieName); err == nil {
		if v, ok := d.bySession(w, c.Value); ok {
			return v, nil
		}
	}
	return d.Anonymous(), nil
}

// complete gives a visitor the pseudonym, and what a form of theirs must repeat: what a browser sends by itself proves nothing.
func (d *Doors) complete(v Visitor, ambient bool) Visitor {
	if v.By != ByToken {
		v.Who = d.names.of(v.Who)
		v.Audience = Higher(d.opt.Audience, v.Audience)
	}
	if ambient {
		sum := hmac.New(sha256.New, d.names.key)
		sum.Write([]byte("form\x00" + v.By + "\x00" + v.Who))
		v.CSRF = hex.EncodeToString(sum.Sum(nil)[:16])
	}
	return v
}

// byToken lets in who shows a token: as a bearer, or as the password of Basic, because that is what desktop programs can do.
func (d *Doors) byToken(given []string) (Visitor, error) {
	shown, basic := "", false
	if scheme, rest, _ := strings.Cut(given[0], " "); len(given) == 1 {
		switch strings.ToLower(scheme) {
		case "bearer":
			shown = strings.TrimSpace(rest)
		case "basic":
			basic = true
			text, _ := base64.StdEncoding.DecodeString(strings.TrimSpace(rest))
			_, shown, _ = strings.Cut(string(text), ":")
		}
	}
	t, err := d.tokens.find(shown)
	if err != nil {
		d.audit.writeOnce(Event{What: Refused, By: ByToken, Why: "no valid token"})
		return Visitor{}, err
	}
	return d.complete(t.visitor(), basic), nil
}

// bySession lets in who has a session. One that a token began ends with the token.
func (d *Doors) bySession(w http.ResponseWriter, value string) (Visitor, bool) {
	session, fresh := d.sessions.find(value)
	if session == nil {
		return Visitor{}, false
	}
	v := session.visitor
	if v.By == ByToken && !d.tokens.usable(v.Who) {
		d.sessions.close(session)
		return Visitor{}, false
	}
	if fresh != "" {
		http.SetCookie(w, cookie(CookieName, fresh, d.opt.Lifetime))
	}
	v.CSRF = session.CSRF
	return v, true
}

// Enter counts a request of a visitor. An error is a *Refusal. Charge the answer's cost with the key.
func (d *Doors) Enter(r *http.Request, v Visitor) (ClientKey, error) {
	if !d.opt.Limits.On() {
		return ClientKey{}, nil
	}
	k := d.limiter.key(v.Who, d.opt.Proxy.origin(r))
	if wait := d.limiter.enter(k, d.opt.Limits); wait > 0 {
		return k, &Refusal{Status: http.StatusTooManyRequests, Title: "Too much at once", Detail: "more was asked for from here than one client may take",
			Hint: "wait a little; programs that need much take a download instead of many tiles", RetryAfter: wait}
	}
	return k, nil
}

// Charge takes the cost of an answer from a client.
func (d *Doors) Charge(k ClientKey, making time.Duration, bytes int64) {
	if d.opt.Limits.Cost > 0 {
		d.limiter.charge(k, Cost(making, bytes))
	}
}

// Genuine holds a form to the page of ours that it must come from. Whoever shows a bearer token needs none: no browser adds that.
func (d *Doors) Genuine(r *http.Request, v Visitor) error {
	err := d.cross.Check(r)
	if err == nil && (v.CSRF == "" || subtle.ConstantTimeCompare([]byte(r.PostFormValue("csrf")), []byte(v.CSRF)) == 1) {
		return nil
	}
	d.Note(v, Event{What: Refused, Why: "a form from elsewhere"})
	return errForm
}

// Note writes an event by a visitor into the audit log.
func (d *Doors) Note(v Visitor, e Event) {
	e.Who, e.By = v.Who, v.By
	d.audit.write(e)
}

// Looked writes down, once an hour, that a visitor looked at what is not public.
func (d *Doors) Looked(v Visitor, on string) {
	if v.Known() && rank(v.Audience) > rank(Public) {
		d.audit.writeOnce(Event{Who: v.Who, By: v.By, What: Looked, On: on, OK: true})
	}
}

// Tokens that there are, newest first.
func (d *Doors) Tokens() ([]SeenToken, error) { return d.tokens.list() }

// Audit is the newest events.
func (d *Doors) Audit(most int) ([]Event, error) {
	if d.opt.State == "" {
		return nil, nil
	}
	return ReadAudit(d.opt.State, most)
}

// Sessions that are open.
func (d *Doors) Sessions() int { return d.sessions.count() }

// SignIn says which ways of signing in there are: the provider's name, "" when there is none, and whether a token can be used.
func (d *Doors) SignIn() (provider string, token bool) {
	if d.relying != nil {
		provider = cmp.Or(d.relying.Name, "OpenID Connect")
	}
	return provider, d.tokens != nil
}

// SignInWithToken opens a session for who shows a token in a form.
func (d *Doors) SignInWithToken(w http.ResponseWriter, r *http.Request, shown string) error {
	if d.tokens == nil {
		return errToken
	}
	if err := d.cross.Check(r); err != nil {
		return errForm
	}
	t, err := d.tokens.find(strings.TrimSpace(shown))
	if err != nil {
		d.audit.writeOnce(Event{What: SignedIn, By: ByToken, Why: "no valid token"})
		return err
	}
	d.begin(w, r, t.visitor(), t.Note, "")
	return nil
}

// begin opens a session in place of the one that the browser had: what was known of it before opens nothing now.
func (d *Doors) begin(w http.ResponseWriter, r *http.Request, v Visitor, name, hint string) {
	if c, err := r.Cookie(CookieName); err == nil {
		if before, _ := d.sessions.find(c.Value); before != nil {
			d.sessions.close(before)
		}
	}
	_, value := d.sessions.begin(v, name, hint)
	http.SetCookie(w, cookie(CookieName, value, d.opt.Lifetime))
	d.Note(v, Event{What: SignedIn, OK: true})
}

// Leave gives the address of the provider at which a person signs in; to is where they want to go afterwards.
func (d *Doors) Leave(w http.ResponseWriter, r *http.Request, to string) (string, error) {
	if d.relying == nil {
		return "", nil
	}
	address, a, err := d.relying.leave(r.Context(), to)
	if err != nil {
		return "", &model.Error{Kind: model.Unavailable, Op: "sign in", Hint: "try again in a moment; the operator finds more in the log", Err: d.told("sign in", err)}
	}
	http.SetCookie(w, cookie(attemptCookie, d.seal.seal(attemptCookie, d.opt.Now().Add(signInTime), a), signInTime))
	return address, nil
}

var errProvider = errors.New("the provider cannot be reached, or does not answer as it should")

// told writes the cause into the log, and gives what may be shown of it.
func (d *Doors) told(op string, err error) error {
	d.opt.Log.Info("not signed in", "op", op, "error", d.relying.Secret.Error(err))
	return errProvider
}

// ErrStranger is the error for a person who signed in, and whom no rule lets in.
var ErrStranger = &Refusal{Status: http.StatusForbidden, Title: "No door for this account", Detail: "you are signed in with the provider, and no rule of this server is for you",
	Hint: "ask the steward to let your account in"}

var errArrival = &Refusal{Status: http.StatusForbidden, Title: "Not signed in", Detail: "what the browser brought back does not fit what it left with, or was used before",
	Hint: "begin again from the sign-in page"}

// Arrive opens a session for a person who comes back from the provider, and gives the address they wanted.
func (d *Doors) Arrive(w http.ResponseWriter, r *http.Request) (to string, err error) {
	if d.relying == nil {
		return "", errArrival
	}
	var a attempt
	c, err := r.Cookie(attemptCookie)
	if err == nil {
		err = d.seal.open(attemptCookie, c.Value, d.opt.Now(), &a)
	}
	http.SetCookie(w, cookie(attemptCookie, "", 0))
	if err != nil {
		d.audit.writeOnce(Event{What: SignedIn, By: ByPerson, Why: "came back without having left"})
		return "", errArrival
	}
	who, err := d.relying.arrive(r.Context(), a, r.URL.Query(), d.opt.Now())
	if ended := r.Context().Err(); ended != nil {
		return "", ended
	}
	if err != nil {
		_ = d.told("arrive", err)
		d.audit.writeOnce(Event{What: SignedIn, By: ByPerson, Why: "not as the provider would say it"})
		return "", errArrival
	}
	if who.visitor.Audience == "" {
		d.Note(d.complete(who.visitor, false), Event{What: SignedIn, Why: "no rule fits"})
		return "", ErrStranger
	}
	d.begin(w, r, d.complete(who.visitor, false), who.name, who.hint)
	return a.To, nil
}

// Elsewhere is the origin of the address at which people sign out at the provider, "" when there is none or it is not known yet.
func (d *Doors) Elsewhere() string {
	if d.relying == nil {
		return ""
	}
	return d.relying.endOrigin()
}

// SignOut ends a session; the address is where the person signs out at the provider too, "" when there is none.
func (d *Doors) SignOut(w http.ResponseWriter, v Visitor) (address string) {
	http.SetCookie(w, cookie(CookieName, "", 0))
	if v.Session == nil {
		return ""
	}
	d.sessions.close(v.Session)
	d.Note(v, Event{What: SignedOut, OK: true})
	if d.relying == nil {
		return ""
	}
	return d.relying.out(v.Session.hint)
}
