// Package doortest is an OpenID Connect provider for tests: real keys, real signatures, PKCE, codes that work once, and, as ProConnect
// has it, a signed answer about the person. A test bends what it says, to see that it is not believed.
package doortest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Client that the provider knows.
const (
	ClientID = "twin"
	Secret   = "a secret of the client"
)

// Provider is the fake. Change its fields before a person signs in.
type Provider struct {
	*httptest.Server
	// What is said of the person: in the ID token, and by the userinfo endpoint.
	Token, Person map[string]any
	// Signs instead of the provider's own key.
	Forge *jose.SigningKey
	// The userinfo endpoint answers with plain JSON.
	Plain bool
	// A careless provider: a code works again.
	Careless bool
	// Now of the provider.
	Now func() time.Time

	key   *rsa.PrivateKey
	curve *ecdsa.PrivateKey
	mu    sync.Mutex
	codes map[string]url.Values
	taken map[string]bool
}

// New starts a provider that ends with the test.
func New(t testing.TB) *Provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := &Provider{key: key, curve: curve, codes: map[string]url.Values{}, taken: map[string]bool{}, Now: time.Now,
		Token: map[string]any{"sub": "person-1", "acr": "eidas1"}, Person: map[string]any{"given_name": "Ada", "usual_name": "Martin", "email": "ada@town.example", "siret": "24310063300024"}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.discovery)
	mux.HandleFunc("GET /jwks", func(w http.ResponseWriter, _ *http.Request) {
		say(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "rsa", Algorithm: "RS256", Use: "sig"}, {Key: curve.Public(), KeyID: "ec", Algorithm: "ES256", Use: "sig"}}})
	})
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("POST /token", p.token)
	mux.HandleFunc("GET /userinfo", p.userinfo)
	mux.HandleFunc("GET /end", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Query().Get("post_logout_redirect_uri"), http.StatusFound)
	})
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func say(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func (p *Provider) discovery(w http.ResponseWriter, _ *http.Request) {
	say(w, map[string]any{"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/jwks",
		"userinfo_endpoint": p.URL + "/userinfo", "end_session_endpoint": p.URL + "/end", "response_types_supported": []string{"code"},
		"subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"RS256", "ES256"}})
}

// authorize lets the person sign in at once and sends them back with a code.
func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("response_type") != "code" || q.Get("client_id") != ClientID || q.Get("code_challenge_method") != "S256" || q.Get("state") == "" || q.Get("nonce") == "" {
		http.Error(w, "not a request for a code with PKCE, state and nonce", http.StatusBadRequest)
		return
	}
	code := rand.Text()
	p.mu.Lock()
	p.codes[code] = q
	p.mu.Unlock()
	back, _ := url.Parse(q.Get("redirect_uri"))
	back.RawQuery = url.Values{"code": {code}, "state": {q.Get("state")}, "iss": {p.URL}}.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

// token takes a code once, from the client that asked, with the verifier of its challenge.
func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	id, secret, basic := r.BasicAuth()
	if !basic {
		id, secret = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	}
	if plain, err := url.QueryUnescape(secret); err == nil {
		secret = plain
	}
	p.mu.Lock()
	q, known := p.codes[r.PostFormValue("code")]
	if !p.Careless {
		delete(p.codes, r.PostFormValue("code"))
	}
	p.mu.Unlock()
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if !known || id != ClientID || secret != Secret || q.Get("redirect_uri") != r.PostFormValue("redirect_uri") || q.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(sum[:]) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"error":"invalid_grant"}`))
		return
	}
	access := rand.Text()
	p.mu.Lock()
	p.taken[access] = true
	p.mu.Unlock()
	half := sha256.Sum256([]byte(access))
	now := p.Now()
	claims := map[string]any{"iss": p.URL, "aud": ClientID, "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(), "nonce": q.Get("nonce"), "at_hash": base64.RawURLEncoding.EncodeToString(half[:16])}
	maps.Copy(claims, p.Token)
	say(w, map[string]any{"access_token": access, "token_type": "Bearer", "expires_in": 60, "id_token": p.Sign(claims)})
}

// userinfo says who the person is to who has the access token, signed with the other key.
func (p *Provider) userinfo(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	known := p.taken[trim(r.Header.Get("Authorization"))]
	p.mu.Unlock()
	if !known {
		http.Error(w, "who are you?", http.StatusUnauthorized)
		return
	}
	claims := map[string]any{"sub": p.Token["sub"]}
	if !p.Plain {
		maps.Copy(claims, map[string]any{"iss": p.URL, "aud": ClientID, "exp": p.Now().Add(time.Minute).Unix()})
	}
	maps.Copy(claims, p.Person)
	if p.Plain {
		say(w, claims)
		return
	}
	w.Header().Set("Content-Type", "application/jwt")
	_, _ = w.Write([]byte(p.sign(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: p.curve, KeyID: "ec"}}, claims)))
}

func trim(header string) string {
	if len(header) < 7 {
		return ""
	}
	return header[7:]
}

// Sign makes an ID token of claims, with the provider's key or the forger's.
func (p *Provider) Sign(claims map[string]any) string {
	key := jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: crypto.PrivateKey(p.key), KeyID: "rsa"}}
	if p.Forge != nil {
		key = *p.Forge
	}
	return p.sign(key, claims)
}

func (p *Provider) sign(key jose.SigningKey, claims map[string]any) string {
	signer, err := jose.NewSigner(key, nil)
	if err != nil {
		panic(err)
	}
	text, err := json.Marshal(claims)
	if err != nil {
		panic(err)
	}
	signed, err := signer.Sign(text)
	if err != nil {
		panic(err)
	}
	compact, err := signed.CompactSerialize()
	if err != nil {
		panic(err)
	}
	return compact
}

// PublicKey of the provider: a forger may use it as if it were a shared secret.
func (p *Provider) PublicKey() *rsa.PublicKey { return &p.key.PublicKey }
