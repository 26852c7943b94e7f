package door

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"jumeau/internal/secret"
)

// Provider says with whom people sign in (OpenID Connect Core 1.0, code flow with PKCE), and who of them is let in.
type Provider struct {
	Name     string // as it is shown: "ProConnect"
	Issuer   string
	ClientID string
	Secret   secret.Secret
	Scopes   []string // besides openid
	// Authentication classes of which one is asked for and must have been used ("eidas1"); none: any.
	Classes []string
	// The provider signs what it says of a person (a JWT, as ProConnect does): an answer without iss and aud is refused.
	SignedUserinfo bool
	// Who is let in. The highest audience that fits counts; whom none fits is nobody.
	Rules []Rule
}

// Rule lets in who has one of the values in a claim.
type Rule struct {
	Audience string
	Claim    string
	In       []string // whole values
	Ends     []string // or their ends: "@town.example"
}

// fits says whether a person's claims meet the rule. An address of which the provider says that it is not verified does not.
func (r *Rule) fits(claims map[string]any) bool {
	if verified, given := claims["email_verified"]; r.Claim == "email" && given && verified != true && verified != "true" {
		return false
	}
	var values []string
	switch v := claims[r.Claim].(type) {
	case string:
		values = []string{v}
	case []any:
		for _, element := range v {
			if text, ok := element.(string); ok {
				values = append(values, text)
			}
		}
	}
	return slices.ContainsFunc(values, func(v string) bool {
		if r.Claim == "email" {
			v = strings.ToLower(v)
		}
		return slices.Contains(r.In, v) || slices.ContainsFunc(r.Ends, func(end string) bool { return end != "" && strings.HasSuffix(v, end) })
	})
}

// audienceOf a person, "" when no rule fits.
func (p *Provider) audienceOf(claims map[string]any) (best string) {
	for i := range p.Rules {
		if r := &p.Rules[i]; r.fits(claims) && rank(r.Audience) > rank(best) {
			best = r.Audience
		}
	}
	return best
}

// Times of signing in.
const (
	signInTime  = 10 * time.Minute // between leaving for the provider and coming back
	askProvider = 10 * time.Second // to wait for an answer of the provider
	mostAnswer  = 1 << 20          // bytes of one
)

// attemptCookie holds what a browser must bring back from the provider.
const attemptCookie = "__Host-jumeau-login"

// attempt is what a browser keeps while its person is at the provider.
type attempt struct {
	State, Nonce, Verifier, To string
}

// relying is this server in the eyes of a provider. Safe for concurrent use.
type relying struct {
	Provider
	redirect string // address at which people come back
	client   *http.Client

	mu       sync.Mutex
	provider *oidc.Provider
	endAt    string // where people sign out; "" when the provider does not say
	used     map[[32]byte]time.Time
}

func newRelying(p Provider, publicURL string, transport http.RoundTripper) *relying {
	return &relying{Provider: p, redirect: strings.TrimRight(publicURL, "/") + "/login/callback", used: map[[32]byte]time.Time{},
		client: &http.Client{Timeout: askProvider, Transport: bounded{transport}}}
}

// bounded reads no more of an answer than a provider has to say.
type bounded struct{ http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	next := b.RoundTripper
	if next == nil {
		next = http.DefaultTransport
	}
	answer, err := next.RoundTrip(r)
	if err == nil {
		answer.Body = http.MaxBytesReader(nil, answer.Body, mostAnswer)
	}
	return answer, err
}

// discover asks the provider where its endpoints are, until it has answered once: it may be down when this server starts.
func (r *relying) discover(ctx context.Context) (*oidc.Provider, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.provider != nil {
		return r.provider, nil
	}
	// The keys are fetched with the context of the discovery, long after this request: it must not end with it.
	p, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), r.client), r.Issuer)
	if err != nil {
		return nil, fmt.Errorf("the provider does not answer as it should: %w", err)
	}
	var more struct {
		EndSession string `json:"end_session_endpoint"`
	}
	if err := p.Claims(&more); err != nil {
		return nil, err
	}
	r.provider, r.endAt = p, more.EndSession
	return p, nil
}

func (r *relying) config(p *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{ClientID: r.ClientID, ClientSecret: r.Secret.Reveal(), Endpoint: p.Endpoint(), RedirectURL: r.redirect,
		Scopes: append([]string{oidc.ScopeOpenID}, r.Scopes...)}
}

// leave is the address at the provider to send a browser to, and what it must bring back.
func (r *relying) leave(ctx context.Context, to string) (address string, a attempt, err error) {
	p, err := r.discover(ctx)
	if err != nil {
		return "", a, err
	}
	a = attempt{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), To: to}
	options := []oauth2.AuthCodeOption{oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier)}
	if len(r.Classes) > 0 {
		options = append(options, oauth2.SetAuthURLParam("acr_values", strings.Join(r.Classes, " ")))
	}
	return r.config(p).AuthCodeURL(a.State, options...), a, nil
}

// person is who came back.
type person struct {
	visitor Visitor
	name    string
	hint    string // the ID token
}

// arrive holds what a browser brought back to what it left with, fetches who the person is, and checks every word of it.
func (r *relying) arrive(ctx context.Context, a attempt, given url.Values, now time.Time) (who person, err error) {
	if state := given.Get("state"); subtle.ConstantTimeCompare([]byte(state), []byte(a.State)) != 1 {
		return who, errors.New("the state is another one")
	}
	if !r.once(a.State, now) {
		return who, errors.New("this answer of the provider was used before")
	}
	if iss := given.Get("iss"); iss != "" && iss != r.Issuer { // RFC 9207
		return who, errors.New("the answer is from another provider")
	}
	if refused := given.Get("error"); refused != "" {
		return who, fmt.Errorf("the provider says %.60q", refused)
	}
	p, err := r.discover(ctx)
	if err != nil {
		return who, err
	}
	ctx = oidc.ClientContext(ctx, r.client)
	tokens, err := r.config(p).Exchange(ctx, given.Get("code"), oauth2.VerifierOption(a.Verifier))
	if err != nil {
		return who, fmt.Errorf("the provider does not take the code: %w", r.Secret.Error(err))
	}
	raw, _ := tokens.Extra("id_token").(string)
	id, err := p.VerifierContext(ctx, &oidc.Config{ClientID: r.ClientID, Now: func() time.Time { return now }}).Verify(ctx, raw)
	if err != nil {
		return who, err
	}
	claims, err := r.claims(ctx, p, id, tokens, a.Nonce, now)
	if err != nil {
		return who, err
	}
	who.visitor = Visitor{Audience: r.audienceOf(claims), By: ByPerson, Who: r.Issuer + "\x00" + id.Subject}
	who.visitor.Verbs, who.name, who.hint = VerbsOf(who.visitor.Audience), nameOf(claims), raw
	return who, nil
}

// claims of the ID token, completed by what the provider says of the person; what the token says counts.
func (r *relying) claims(ctx context.Context, p *oidc.Provider, id *oidc.IDToken, tokens *oauth2.Token, nonce string, now time.Time) (map[string]any, error) {
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(nonce)) != 1 {
		return nil, errors.New("the ID token is of another visit: its nonce differs")
	}
	if id.AccessTokenHash != "" {
		if err := id.VerifyAccessToken(tokens.AccessToken); err != nil {
			return nil, err
		}
	}
	own := map[string]any{}
	if err := id.Claims(&own); err != nil {
		return nil, err
	}
	if azp, given := own["azp"]; given && azp != r.ClientID || len(id.Audience) > 1 && !given {
		return nil, errors.New("the ID token was made for another client")
	}
	if class, _ := own["acr"].(string); len(r.Classes) > 0 && !slices.Contains(r.Classes, class) {
		return nil, fmt.Errorf("signed in by %.40q, which is not enough", class)
	}
	all := map[string]any{}
	if p.UserInfoEndpoint() != "" {
		said, err := p.UserInfo(ctx, oauth2.StaticTokenSource(tokens))
		if err != nil {
			return nil, err
		}
		if said.Subject != id.Subject {
			return nil, errors.New("the provider speaks of somebody else")
		}
		if err := said.Claims(&all); err != nil {
			return nil, err
		}
		if err := r.signed(all, now); err != nil {
			return nil, err
		}
	}
	for name, value := range own {
		all[name] = value
	}
	return all, nil
}

// signed holds a signed answer about a person to who made it, for whom and until when. go-oidc has verified its signature.
func (r *relying) signed(claims map[string]any, now time.Time) error {
	iss, stated := claims["iss"]
	if stated && iss != r.Issuer {
		return errors.New("what is said of the person is said by another issuer")
	}
	aud, addressed := claims["aud"]
	list, _ := aud.([]any)
	if addressed && aud != r.ClientID && !slices.Contains(list, any(r.ClientID)) {
		return errors.New("what is said of the person is said to another client")
	}
	if exp, ok := claims["exp"].(float64); ok && now.After(time.Unix(int64(exp), 0)) {
		return errors.New("what is said of the person is out of date")
	}
	if r.SignedUserinfo && !(stated && addressed) {
		return errors.New("what is said of the person is not signed")
	}
	return nil
}

// once says whether a state is used for the first time.
func (r *relying) once(state string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for k, until := range r.used {
		if now.After(until) {
			delete(r.used, k)
		}
	}
	k := sha256.Sum256([]byte(state))
	if _, before := r.used[k]; before {
		return false
	}
	r.used[k] = now.Add(2 * signInTime)
	return true
}

// out is the address at which a person signs out at the provider too, "" when there is none (RP-initiated logout 1.0).
func (r *relying) out(hint string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.endAt == "" || hint == "" {
		return ""
	}
	u, err := url.Parse(r.endAt)
	if err != nil {
		return ""
	}
	q := u.Query()
	q.Set("id_token_hint", hint)
	q.Set("client_id", r.ClientID)
	q.Set("state", rand.Text())
	q.Set("post_logout_redirect_uri", strings.TrimSuffix(r.redirect, "login/callback")+"logged-out")
	u.RawQuery = q.Encode()
	return u.String()
}

// endOrigin is the origin of the address at which people sign out.
func (r *relying) endOrigin() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	u, err := url.Parse(r.endAt)
	if r.endAt == "" || err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// nameOf a person, for the greeting.
func nameOf(claims map[string]any) string {
	text := func(name string) string { s, _ := claims[name].(string); return s }
	family := text("family_name")
	if family == "" {
		family = text("usual_name") // ProConnect
	}
	if name := strings.TrimSpace(text("given_name") + " " + family); name != "" {
		return name
	}
	if name := text("name"); name != "" {
		return name
	}
	return text("email")
}
