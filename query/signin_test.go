package query

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"jumeau/internal/secret"
	"jumeau/model/release/releasetest"
	"jumeau/query/door"
	"jumeau/query/door/doortest"
)

// browser keeps cookies as a browser does and follows nothing by itself.
type browser struct {
	t       *testing.T
	server  http.Handler
	cookies map[string]string
}

const twin = "https://twin.example"

func (b *browser) send(method, address string, form url.Values, headers ...string) *httptest.ResponseRecorder {
	b.t.Helper()
	var r *http.Request
	if form != nil {
		r = httptest.NewRequest(method, twin+address, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", twin)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	} else {
		r = httptest.NewRequest(method, twin+address, nil)
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Del(headers[i])
		if headers[i+1] != "" {
			r.Header.Set(headers[i], headers[i+1])
		}
	}
	w := httptest.NewRecorder()
	b.server.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
			b.t.Errorf("a cookie that anybody may take: %+v", c)
		}
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	return w
}

func (b *browser) get(address string, headers ...string) *httptest.ResponseRecorder {
	return b.send(http.MethodGet, address, nil, headers...)
}

func newBrowser(t *testing.T, s http.Handler) *browser {
	return &browser{t: t, server: s, cookies: map[string]string{}}
}

// rig is a server with all its doors, and a provider.
type rig struct {
	*Server
	provider *doortest.Provider
	releases string
	state    string
	ids      []string
	journal  *journal
	now      time.Time
}

func newRig(t *testing.T, change func(*door.Options, *Options)) *rig {
	t.Helper()
	r := &rig{provider: doortest.New(t), releases: t.TempDir(), state: t.TempDir(), now: time.Now()}
	r.provider.Now = func() time.Time { return r.now }
	for i := range 2 {
		r.ids = append(r.ids, releasetest.Publish(t, r.releases, releasetest.Options{Residents: float64(i), Audience: "agent", BuiltAt: minute(i)}))
	}
	o := door.Options{State: r.state, PublicURL: twin, Provider: r.options(), Now: func() time.Time { return r.now }}
	opt := Options{PublicURL: twin, MovePointer: true}
	if change != nil {
		change(&o, &opt)
	}
	d, err := door.Open(o, nil)
	if err != nil {
		t.Fatal(err)
	}
	opt.Doors = d
	r.Server, r.journal = serve(t, r.releases, opt)
	return r
}

func (r *rig) options() *door.Provider {
	return &door.Provider{Name: "ProConnect", Issuer: r.provider.URL, ClientID: doortest.ClientID, Secret: secret.New(doortest.Secret), Scopes: []string{"email", "siret"},
		Classes: []string{"eidas1"}, SignedUserinfo: true, Rules: []door.Rule{
			{Audience: door.Agent, Claim: "siret", In: []string{"24310063300024"}},
			{Audience: door.Steward, Claim: "email", In: []string{"ada@town.example"}},
		}}
}

// token makes one and gives what is shown.
func (r *rig) token(t *testing.T, token door.Token) string {
	t.Helper()
	if token.Expires.IsZero() {
		token.Expires = r.now.Add(time.Hour)
	}
	shown, err := door.NewToken(&token, r.now)
	if err != nil {
		t.Fatal(err)
	}
	if err := door.ChangeTokens(r.state, func(list []door.Token) ([]door.Token, error) { return append(list, token), nil }); err != nil {
		t.Fatal(err)
	}
	r.now = r.now.Add(2 * time.Second) // the server looks at the file again
	return shown
}

// leave goes to the provider and gives the address it sends the browser back to.
func (r *rig) leave(t *testing.T, b *browser) string {
	t.Helper()
	w := b.get("/login/start?to=/admin")
	if w.Code != http.StatusSeeOther {
		t.Fatalf("to the provider: %d %s", w.Code, w.Body)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Get(w.Header().Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	back := answer.Header.Get("Location")
	if !strings.HasPrefix(back, twin+"/login/callback?") {
		t.Fatalf("the provider sends the browser to %q: %d", back, answer.StatusCode)
	}
	return strings.TrimPrefix(back, twin)
}

func (r *rig) signIn(t *testing.T, b *browser) {
	t.Helper()
	w := b.get(r.leave(t, b))
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/admin" {
		t.Fatalf("not signed in: %d %s\n%s", w.Code, w.Body, strings.Join(r.journal.lines, ""))
	}
}

func quietTransport(o *door.Options, _ *Options) {
	o.Transport = &http.Transport{DisableKeepAlives: true}
}

func TestAPersonSignsInSeesWhatTheyMayAndSignsOut(t *testing.T) {
	r := newRig(t, quietTransport)
	b := newBrowser(t, r)
	if w := b.get("/tiles/works.json"); w.Code != 404 {
		t.Errorf("before: %d", w.Code)
	}
	r.signIn(t, b)
	if w := b.get("/tiles/works.json"); w.Code != 200 || !strings.HasPrefix(w.Header().Get("Cache-Control"), "private") || w.Header().Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("signed in: %d %v", w.Code, w.Header())
	}
	admin := b.get("/admin", "Accept-Language", "en")
	if admin.Code != 200 || !strings.Contains(admin.Body.String(), "Ada Martin") || admin.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %s", admin.Code, admin.Body)
	}
	before := b.cookies[door.CookieName]
	if w := b.send(http.MethodPost, "/logout", url.Values{"csrf": {csrfOf(admin.Body.String())}}); w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), r.provider.URL+"/end?") {
		t.Fatalf("signing out: %d %v", w.Code, w.Header())
	} else if q, _ := url.Parse(w.Header().Get("Location")); q.Query().Get("id_token_hint") == "" || q.Query().Get("post_logout_redirect_uri") != twin+"/logged-out" {
		t.Errorf("at the provider: %s", q)
	}
	b.cookies[door.CookieName] = before // kept by a thief
	if w := b.get("/admin"); w.Code != 404 {
		t.Errorf("after signing out the cookie still opens: %d", w.Code)
	}
	for _, personal := range []string{"Ada", "Martin", "ada@town", "person-1", "24310063300024"} {
		for _, file := range auditFiles(t, r.state) {
			if strings.Contains(file, personal) {
				t.Errorf("the audit log says %q: %s", personal, file)
			}
		}
		if log := strings.Join(r.journal.lines, ""); strings.Contains(log, personal) {
			t.Errorf("the log says %q: %s", personal, log)
		}
	}
	if text := strings.Join(auditFiles(t, r.state), ""); !strings.Contains(text, `"what":"sign_in"`) || !strings.Contains(text, `"what":"sign_out"`) || !strings.Contains(text, `"what":"look"`) {
		t.Errorf("the audit log lacks something: %s", text)
	}
}

func auditFiles(t *testing.T, state string) (out []string) {
	t.Helper()
	names, _ := filepath.Glob(filepath.Join(state, "audit", "*"))
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(text))
	}
	return out
}

var csrfField = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

func csrfOf(page string) string {
	if m := csrfField.FindStringSubmatch(page); m != nil {
		return m[1]
	}
	return ""
}

// Each line is something a forger, a thief or a careless provider does; none of them signs anybody in.
func TestNobodyIsSignedInByWhatIsForgedLateOrMeantForOthers(t *testing.T) {
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		bend func(p *doortest.Provider)
		back func(address string, b *browser) string
	}{
		"another key": {bend: func(p *doortest.Provider) {
			p.Forge = &jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: stranger, KeyID: "rsa"}}
		}},
		"the public key as a shared secret": {bend: func(p *doortest.Provider) {
			p.Forge = &jose.SigningKey{Algorithm: jose.HS256, Key: jose.JSONWebKey{Key: x509.MarshalPKCS1PublicKey(p.PublicKey()), KeyID: "rsa"}}
		}},
		"over":               {bend: func(p *doortest.Provider) { p.Token["exp"] = time.Now().Add(-time.Hour).Unix() }},
		"for another client": {bend: func(p *doortest.Provider) { p.Token["aud"] = "other" }},
		"for several, by another": {bend: func(p *doortest.Provider) {
			p.Token["aud"], p.Token["azp"] = []string{doortest.ClientID, "other"}, "other"
		}},
		"for several, by nobody":     {bend: func(p *doortest.Provider) { p.Token["aud"] = []string{doortest.ClientID, "other"} }},
		"by another issuer":          {bend: func(p *doortest.Provider) { p.Token["iss"] = "https://elsewhere.example" }},
		"another nonce":              {bend: func(p *doortest.Provider) { p.Token["nonce"] = "replayed" }},
		"no nonce":                   {bend: func(p *doortest.Provider) { p.Token["nonce"] = "" }},
		"of another access token":    {bend: func(p *doortest.Provider) { p.Token["at_hash"] = "AAAAAAAAAAAAAAAAAAAAAA" }},
		"a weaker authentication":    {bend: func(p *doortest.Provider) { p.Token["acr"] = "eidas0" }},
		"no authentication class":    {bend: func(p *doortest.Provider) { delete(p.Token, "acr") }},
		"somebody else's userinfo":   {bend: func(p *doortest.Provider) { p.Person["sub"] = "person-2" }},
		"unsigned userinfo":          {bend: func(p *doortest.Provider) { p.Plain = true }},
		"userinfo for another":       {bend: func(p *doortest.Provider) { p.Person["aud"] = "other" }},
		"userinfo by another":        {bend: func(p *doortest.Provider) { p.Person["iss"] = "https://elsewhere.example" }},
		"userinfo out of date":       {bend: func(p *doortest.Provider) { p.Person["exp"] = time.Now().Add(-time.Hour).Unix() }},
		"nobody whom a rule lets in": {bend: func(p *doortest.Provider) { p.Person["email"], p.Person["siret"] = "eve@else.example", "1" }},
		"an unverified address": {bend: func(p *doortest.Provider) {
			p.Person["siret"], p.Person["email_verified"] = "1", false
		}},
		"another state": {back: func(a string, _ *browser) string {
			return regexp.MustCompile(`state=[^&]+`).ReplaceAllString(a, "state=other")
		}},
		"no state": {back: func(a string, _ *browser) string { return regexp.MustCompile(`state=[^&]+`).ReplaceAllString(a, "") }},
		"another code": {back: func(a string, _ *browser) string {
			return regexp.MustCompile(`code=[^&]+`).ReplaceAllString(a, "code=other")
		}},
		"another issuer in the answer": {back: func(a string, _ *browser) string {
			return regexp.MustCompile(`iss=[^&]+`).ReplaceAllString(a, "iss=https%3A%2F%2Felsewhere.example")
		}},
		"an error of the provider": {back: func(a string, _ *browser) string { return a + "&error=access_denied" }},
		"another browser":          {back: func(a string, b *browser) string { clear(b.cookies); return a }},
		"a cookie of a forger": {back: func(a string, b *browser) string {
			for name := range b.cookies {
				b.cookies[name] = "AAAA" + b.cookies[name]
			}
			return a
		}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, quietTransport)
			if c.bend != nil {
				c.bend(r.provider)
			}
			b := newBrowser(t, r)
			back := r.leave(t, b)
			if c.back != nil {
				back = c.back(back, b)
			}
			w := b.get(back)
			if w.Code != http.StatusForbidden || b.cookies[door.CookieName] != "" {
				t.Errorf("%d, cookies %v", w.Code, b.cookies)
			}
			for _, inner := range []string{r.provider.URL, "nonce", "jwt", "JWT", doortest.Secret} {
				if strings.Contains(w.Body.String(), inner) {
					t.Errorf("the page tells %q", inner)
				}
			}
			if w := b.get("/admin"); w.Code != 404 {
				t.Errorf("/admin: %d", w.Code)
			}
		})
	}
}

func TestAnAnswerOfTheProviderWorksOnce(t *testing.T) {
	r := newRig(t, quietTransport)
	r.provider.Careless = true // that codes work once at the provider is not relied on
	b := newBrowser(t, r)
	back := r.leave(t, b)
	attempt := map[string]string{}
	for name, value := range b.cookies {
		attempt[name] = value
	}
	if w := b.get(back); w.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	thief := newBrowser(t, r)
	thief.cookies = attempt
	if w := thief.get(back); w.Code != http.StatusForbidden || thief.cookies[door.CookieName] != "" {
		t.Errorf("the second time: %d", w.Code)
	}
	late := newBrowser(t, r)
	back = r.leave(t, late)
	r.now = r.now.Add(11 * time.Minute)
	if w := late.get(back); w.Code != http.StatusForbidden {
		t.Errorf("after eleven minutes: %d", w.Code)
	}
}

func TestASessionEndsByItselfAndItsCookieIsRenewed(t *testing.T) {
	r := newRig(t, quietTransport)
	b := newBrowser(t, r)
	r.signIn(t, b)
	first := b.cookies[door.CookieName]
	r.now = r.now.Add(61 * time.Minute)
	if w := b.get("/admin"); w.Code != 200 || b.cookies[door.CookieName] == first {
		t.Fatalf("after an hour: %d, and the cookie is the same: %v", w.Code, b.cookies[door.CookieName] == first)
	}
	second := b.cookies[door.CookieName]
	r.now = r.now.Add(2 * time.Minute)
	old := newBrowser(t, r)
	old.cookies[door.CookieName] = first
	if w := old.get("/admin"); w.Code != 404 {
		t.Errorf("the old cookie opens two minutes later: %d", w.Code)
	}
	if w := b.get("/admin"); w.Code != 200 || b.cookies[door.CookieName] != second {
		t.Errorf("the new one: %d", w.Code)
	}
	r.now = r.now.Add(3 * time.Hour)
	if w := b.get("/admin"); w.Code != 404 {
		t.Errorf("after three idle hours: %d", w.Code)
	}
	again := newBrowser(t, r)
	r.signIn(t, again)
	for range 9 {
		r.now = r.now.Add(time.Hour)
		again.get("/status")
	}
	r.now = r.now.Add(90 * time.Minute)
	if w := again.get("/admin"); w.Code != 404 {
		t.Errorf("ten and a half busy hours: %d", w.Code)
	}
}

// An identifier that was there before signing in opens nothing afterwards.
func TestSigningInGivesANewSession(t *testing.T) {
	r := newRig(t, quietTransport)
	b := newBrowser(t, r)
	b.cookies[door.CookieName] = strings.Repeat("A", 26)
	r.signIn(t, b)
	first := b.cookies[door.CookieName]
	r.signIn(t, b)
	if b.cookies[door.CookieName] == first || first == strings.Repeat("A", 26) {
		t.Error("the session is one that was known before")
	}
	old := newBrowser(t, r)
	old.cookies[door.CookieName] = first
	if w := old.get("/admin"); w.Code != 404 {
		t.Errorf("the session before still opens: %d", w.Code)
	}
}

func TestNobodyIsSentElsewhereAfterSigningIn(t *testing.T) {
	r := newRig(t, quietTransport)
	shown := r.token(t, door.Token{Audience: door.Agent, Verbs: []string{"read"}})
	for _, to := range []string{"https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\tevil", ""} {
		b := newBrowser(t, r)
		w := b.send(http.MethodPost, "/login", url.Values{"token": {shown}, "to": {to}})
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/login" {
			t.Errorf("%q leads to %q (%d)", to, w.Header().Get("Location"), w.Code)
		}
		if page := b.get("/login?to=" + url.QueryEscape(to)).Body.String(); strings.Contains(page, "evil") || strings.Contains(page, "javascript:") {
			t.Errorf("%q is on the page", to)
		}
	}
}

func TestTheProviderMayBeDownWhenTheServerStarts(t *testing.T) {
	r := newRig(t, func(o *door.Options, _ *Options) {
		quietTransport(o, nil)
		o.Provider.Issuer = "http://127.0.0.1:1"
	})
	w := newBrowser(t, r).get("/login/start", "Accept", "text/html")
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || strings.Contains(w.Body.String(), "127.0.0.1") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// FuzzCookiesAndTokens shows anything at the doors: nobody gets in, and nothing is a fault of the server.
func FuzzCookiesAndTokens(f *testing.F) {
	dir, state := f.TempDir(), f.TempDir()
	releasetest.Publish(f, dir, releasetest.Options{Audience: "agent", BuiltAt: minute(0)})
	d, err := door.Open(door.Options{State: state, PublicURL: twin, Provider: &door.Provider{Issuer: "http://127.0.0.1:1", ClientID: "x"}}, nil)
	if err != nil {
		f.Fatal(err)
	}
	s, _ := serve(f, dir, Options{Doors: d, PublicURL: twin})
	f.Add("Bearer jumeau_aaaaaaaaaa_AAAAAAAAAAAAAAAAAAAAAAAAAA", "__Host-jumeau=AAAAAAAAAAAAAAAAAAAAAAAAAA", "/admin", "code=1&state=2")
	f.Add("Basic dTpqdW1lYXVfeA==", "__Host-jumeau-login=AAAA", "/login/callback", "code=1&state=2&iss=3")
	f.Fuzz(func(t *testing.T, authorization, cookie, path, query string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL = &url.URL{Path: path, RawQuery: query}
		r.Header.Set("Authorization", authorization)
		if authorization == "" {
			r.Header.Del("Authorization")
		}
		r.Header.Set("Cookie", cookie)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code >= 500 && w.Code != http.StatusServiceUnavailable { // the provider is not there
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		if strings.HasPrefix(path, "/admin") && w.Code == 200 || strings.Contains(w.Header().Get("Set-Cookie"), door.CookieName+"=") && !strings.Contains(w.Header().Get("Set-Cookie"), "Max-Age=0") && !strings.Contains(w.Header().Get("Set-Cookie"), "login") {
			t.Fatalf("let in: %d %v", w.Code, w.Header())
		}
		var p problem
		if w.Code >= 400 && strings.HasPrefix(w.Header().Get("Content-Type"), "application/problem+json") && json.Unmarshal(w.Body.Bytes(), &p) != nil {
			t.Fatalf("not a problem: %s", w.Body)
		}
	})
}
