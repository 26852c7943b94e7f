package query

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"jumeau/model/release"
	"jumeau/query/door"
)

// visitors of every kind, as the headers that they send.
func (r *rig) roles(t *testing.T) map[string][]string {
	agent, steward := newBrowser(t, r), newBrowser(t, r)
	r.signIn(t, steward)
	delete(r.provider.Person, "email")
	r.signIn2(t, agent)
	token := func(audience, verbs string, layers ...string) []string {
		return []string{"Authorization", "Bearer " + r.token(t, door.Token{Audience: audience, Verbs: strings.Split(verbs, ","), Layers: layers})}
	}
	return map[string][]string{
		"anonymous":      nil,
		"agent":          {"Cookie", door.CookieName + "=" + agent.cookies[door.CookieName]},
		"steward":        {"Cookie", door.CookieName + "=" + steward.cookies[door.CookieName]},
		"token public":   token(door.Public, "read,export"),
		"token agent":    token(door.Agent, "read,export"),
		"token look":     token(door.Agent, "read"),
		"token works":    token(door.Agent, "read,export", "works"),
		"token communes": token(door.Agent, "read,export", "communes"),
		"token metrics":  token(door.Public, "metrics"),
		"token steward":  token(door.Steward, "read,export,admin,metrics"),
	}
}

// signIn2 is signIn for who is not sent to the administration: the page they want is there all the same.
func (r *rig) signIn2(t *testing.T, b *browser) {
	t.Helper()
	if w := b.get(r.leave(t, b)); w.Code != http.StatusSeeOther {
		t.Fatalf("not signed in: %d", w.Code)
	}
}

// TestEveryRouteAnswersEveryRoleAsItShould is the whole matrix: a column a route, a line a visitor.
func TestEveryRouteAnswersEveryRoleAsItShould(t *testing.T) {
	r := newRig(t, quietTransport)
	id := r.ids[1]
	routes := []string{"/catalog", "/style.json", "/zones/commune", "/values/residents", "/profile/presence?zone=31001", "/flows/commuters", "/tiles/communes.json",
		"/tiles/communes/5/16/11.mvt", "/download/communes.parquet", "/tiles/works.json", "/tiles/works/10/516/373.mvt", "/r/" + id + "/tiles/works.json", "/tiles/communes,works.json",
		"/counts/works", "/counts/communes", "/figures/residents?zones=commune&bbox=1.4,43.4,1.7,43.6", "/releases", "/collections", "/collections/communes/items?f=json", "/collections/works/items?f=json", "/collections/works", "/conformance", "/api", "/styles", "/tileMatrixSets", "/catalog.jsonld", "/export/communes.csv", "/export/works.geojson", "/tours/none", "/search/communes/index.json", "/status", "/privacy", "/healthz", "/readyz", "/admin", "/admin/runs.atom", "/metrics", "/login"}
	want := map[string]string{
		"anonymous":      "200 200 200 200 200 200 200 200 200 404 404 404 404 404 200 200 200 200 200 404 404 200 200 200 200 200 200 404 404 404 200 200 200 200 404 404 404 200",
		"agent":          "200 200 200 200 200 200 200 200 200 200 204 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 404 404 200 200 200 200 404 404 404 200",
		"steward":        "200 200 200 200 200 200 200 200 200 200 204 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 404 404 200 200 200 200 200 404 200 200",
		"token public":   "200 200 200 200 200 200 200 200 200 404 404 404 404 404 200 200 200 200 200 404 404 200 200 200 200 200 200 404 404 404 200 200 200 200 404 404 404 200",
		"token agent":    "200 200 200 200 200 200 200 200 200 200 204 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 404 404 200 200 200 200 404 404 404 200",
		"token look":     "200 200 200 200 200 200 200 200 404 200 204 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 404 404 404 404 200 200 200 200 404 404 404 200",
		"token works":    "200 200 404 404 404 404 404 404 404 200 204 200 404 200 404 404 200 200 404 200 200 200 200 200 200 200 404 200 404 404 200 200 200 200 404 404 404 200",
		"token communes": "200 200 200 200 200 200 200 200 200 404 404 404 404 404 200 200 200 200 200 404 404 200 200 200 200 200 200 404 404 404 200 200 200 200 404 404 404 200",
		"token metrics":  "200 200 404 404 404 404 404 404 404 404 404 404 404 404 404 404 200 200 404 404 404 200 200 200 200 200 404 404 404 404 200 200 200 200 404 404 200 200",
		"token steward":  "200 200 200 200 200 200 200 200 200 200 204 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 404 404 200 200 200 200 200 404 200 200",
	}
	for _, first := range addresses {
		if first != "r" && !slices.ContainsFunc(routes, func(route string) bool {
			name, _, _ := strings.Cut(strings.TrimPrefix(route, "/"), "/")
			name, _, _ = strings.Cut(name, "?")
			return name == first
		}) {
			t.Errorf("/%s is missing in this matrix: say what each visitor gets there", first)
		}
	}
	for role, headers := range r.roles(t) {
		var got []string
		for _, address := range routes {
			w := askHost(r, http.MethodGet, address, headers...)
			got = append(got, strconv.Itoa(w.Code))
			control := w.Header().Get("Cache-Control")
			if role != "anonymous" && strings.Contains(control, "public") {
				t.Errorf("%s of %s may be kept by everybody: %s", address, role, control)
			}
			if role != "anonymous" && w.Header().Get("Access-Control-Allow-Origin") != "" && address != "/healthz" && address != "/readyz" {
				t.Errorf("%s of %s may be read by any page", address, role)
			}
			if vary := w.Header().Get("Vary"); w.Code == 200 && strings.Contains(control, "max-age") && !strings.Contains(vary, "Authorization") {
				t.Errorf("%s varies by %q", address, vary)
			}
		}
		if line := strings.Join(got, " "); line != want[role] {
			t.Errorf("%s\n got %s\nwant %s", role, line, want[role])
		}
	}
}

func askHost(s http.Handler, method, address string, headers ...string) *httptest.ResponseRecorder {
	q := httptest.NewRequest(method, twin+address, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		q.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, q)
	return w
}

// What is denied and what does not exist are answered with the same bytes, but for the name that was asked, and the same headers.
func TestWhatIsDeniedLooksLikeWhatDoesNotExist(t *testing.T) {
	r := newRig(t, quietTransport)
	look := []string{"Authorization", "Bearer " + r.token(t, door.Token{Audience: door.Agent, Verbs: []string{"read"}})}
	for _, c := range []struct {
		denied, absent string
		headers        []string
	}{
		{"/tiles/works.json", "/tiles/wqrks.json", nil},
		{"/tiles/works/10/516/373.mvt", "/tiles/wqrks/10/516/373.mvt", nil},
		{"/tiles/communes,works.json", "/tiles/communes,wqrks.json", nil},
		{"/download/communes.parquet", "/download/cqmmunes.parquet", look},
		{"/export/communes.csv", "/export/cqmmunes.csv", look},
		{"/export/works.csv", "/export/wqrks.csv", nil},
		{"/collections/works", "/collections/wqrks", nil},
		{"/collections/works/items", "/collections/wqrks/items", nil},
		{"/counts/works", "/counts/wqrks", nil},
		{"/admin", "/qdmin", nil},
		{"/admin/runs.atom", "/qdmin/runs.atom", nil},
		{"/metrics", "/mqtrics", nil},
	} {
		for _, accept := range []string{"*/*", "text/html"} {
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				headers := append([]string{"Accept", accept}, c.headers...)
				a, b := askHost(r, method, c.denied, headers...), askHost(r, method, c.absent, headers...)
				same := strings.NewReplacer("wqrks", "works", "qdmin", "admin", "mqtrics", "metrics", "cqmmunes", "communes")
				if a.Code != b.Code || a.Body.String() != same.Replace(b.Body.String()) || fmt.Sprint(a.Header()) != fmt.Sprint(b.Header()) {
					t.Errorf("%s %s is told from %s: %d %v %s\n%d %v %s", method, c.denied, c.absent, a.Code, a.Header(), a.Body, b.Code, b.Header(), b.Body)
				}
			}
		}
	}
	if strings.Contains(askHost(r, http.MethodGet, "/tiles/wqrks.json").Body.String(), "works\"") {
		t.Error("a suggestion tells what is hidden")
	}
}

// The two are also made in the same way: neither takes reliably longer. The median of many is compared, with much room.
func TestWhatIsDeniedTakesAsLongAsWhatDoesNotExist(t *testing.T) {
	r := newRig(t, quietTransport)
	took := map[string][]time.Duration{}
	for range 2000 {
		for _, address := range []string{"/tiles/works/10/516/373.mvt", "/tiles/wqrks/10/516/373.mvt"} {
			q := httptest.NewRequest(http.MethodGet, twin+address, nil)
			w := httptest.NewRecorder()
			start := time.Now()
			r.ServeHTTP(w, q)
			took[address] = append(took[address], time.Since(start))
		}
	}
	var medians []time.Duration
	for _, times := range took {
		slices.Sort(times)
		medians = append(medians, times[len(times)/2])
	}
	slices.Sort(medians)
	if medians[1] > 2*medians[0] {
		t.Errorf("medians %v", medians)
	}
}

func TestTokensThatAreForgedOverOrRevokedAreAllTheSame(t *testing.T) {
	r := newRig(t, quietTransport)
	good := r.token(t, door.Token{Audience: door.Agent, Verbs: []string{"read"}})
	short := r.token(t, door.Token{Audience: door.Agent, Verbs: []string{"read"}, Expires: r.now.Add(30 * time.Minute)})
	revoked := r.token(t, door.Token{Audience: door.Steward, Verbs: []string{"read"}})
	if err := door.ChangeTokens(r.state, func(list []door.Token) ([]door.Token, error) {
		list[2].Revoked = r.now
		return list, nil
	}); err != nil {
		t.Fatal(err)
	}
	r.now = r.now.Add(31 * time.Minute)
	bearer := func(token string) []string { return []string{"Authorization", "Bearer " + token} }
	if w := askHost(r, http.MethodGet, "/tiles/works.json", bearer(good)...); w.Code != 200 {
		t.Fatalf("a good token: %d %s", w.Code, w.Body)
	}
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("qgis:"+good))
	if w := askHost(r, http.MethodGet, "/tiles/works.json", "Authorization", basic); w.Code != 200 {
		t.Errorf("as a password: %d %s", w.Code, w.Body)
	}
	flipped := good[:len(good)-1] + map[bool]string{true: "B", false: "A"}[good[len(good)-1] == 'A']
	first := map[string]string{}
	for name, headers := range map[string][]string{"over": bearer(short), "revoked": bearer(revoked), "another secret": bearer(flipped), "another id": bearer(strings.Replace(good, good[7:17], "aaaaaaaaaa", 1)),
		"another's secret": bearer(good[:18] + revoked[18:]), "cut": bearer(good[:20]), "none": {"Authorization", "Bearer"}, "a hash": bearer(strings.Repeat("0", 64)), "another scheme": {"Authorization", "Digest " + good},
		"SQL": bearer("' OR 1=1 --"), "long": bearer(strings.Repeat("A", 9000)), "basic, forged": {"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte("u:"+flipped))}} {
		for _, address := range []string{"/tiles/works.json", "/catalog"} {
			w := askHost(r, http.MethodGet, address, headers...)
			text := fmt.Sprint(w.Code, w.Header(), w.Body.String())
			if w.Code != http.StatusUnauthorized || !strings.HasPrefix(w.Header().Get("WWW-Authenticate"), "Bearer") {
				t.Errorf("%s: %d %v", name, w.Code, w.Header())
			}
			if first[address] == "" {
				first[address] = text
			}
			if text != first[address] {
				t.Errorf("%s is told from the others: %s\n%s", name, text, first[address])
			}
		}
	}
	q := httptest.NewRequest(http.MethodGet, twin+"/catalog", nil)
	q.Header["Authorization"] = []string{"Bearer " + good, "Bearer " + flipped}
	w := httptest.NewRecorder()
	r.ServeHTTP(w, q)
	if w.Code != http.StatusUnauthorized {
		t.Errorf("two tokens: %d", w.Code)
	}
}

func TestASessionThatATokenBeganEndsWithIt(t *testing.T) {
	r := newRig(t, quietTransport)
	shown := r.token(t, door.Token{Audience: door.Steward, Verbs: []string{"read", "admin"}, Note: "the office"})
	b := newBrowser(t, r)
	if w := b.send(http.MethodPost, "/login", url.Values{"token": {"jumeau_aaaaaaaaaa_" + strings.Repeat("A", 26)}}); w.Code != http.StatusUnauthorized || !strings.Contains(w.Body.String(), `role="alert"`) {
		t.Errorf("a forged token in the form: %d", w.Code)
	}
	if w := b.send(http.MethodPost, "/login", url.Values{"token": {shown}, "to": {"/admin"}}); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/admin" {
		t.Fatalf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	if w := b.get("/admin"); w.Code != 200 || !strings.Contains(w.Body.String(), "the office") || strings.Contains(w.Body.String(), shown) {
		t.Errorf("%d", w.Code)
	}
	if err := door.ChangeTokens(r.state, func(list []door.Token) ([]door.Token, error) {
		list[0].Revoked = r.now
		return list, nil
	}); err != nil {
		t.Fatal(err)
	}
	r.now = r.now.Add(2 * time.Second)
	if w := b.get("/admin"); w.Code != 404 {
		t.Errorf("the token is revoked, and its session open: %d", w.Code)
	}
}

// Every change of state needs the form of a page of ours, sent from there, by a visitor who may.
func TestNoStateIsChangedFromElsewhere(t *testing.T) {
	r := newRig(t, quietTransport)
	b := newBrowser(t, r)
	r.signIn(t, b)
	csrf := csrfOf(b.get("/admin").Body.String())
	served := func() string { id, _ := release.Current(r.releases); return id }
	other := newBrowser(t, r)
	r.signIn(t, other)
	foreign := csrfOf(other.get("/admin").Body.String())
	if csrf == "" || csrf == foreign {
		t.Fatalf("%q and %q", csrf, foreign)
	}
	for name, c := range map[string]struct {
		csrf    string
		headers []string
	}{
		"no token":                    {"", nil},
		"another session's token":     {foreign, nil},
		"another origin":              {csrf, []string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}},
		"a subdomain":                 {csrf, []string{"Origin", "https://a.twin.example", "Sec-Fetch-Site", "same-site"}},
		"no origin that is known":     {csrf, []string{"Origin", "null", "Sec-Fetch-Site", "cross-site"}},
		"an old browser, from abroad": {csrf, []string{"Origin", "https://evil.example", "Sec-Fetch-Site", ""}},
	} {
		for address, form := range map[string]url.Values{"/admin/rollback": {"release": {r.ids[0]}, "why": {"x"}}, "/admin/resume": {"newest": {"yes"}}, "/logout": {}} {
			form.Set("csrf", c.csrf)
			if w := b.send(http.MethodPost, address, form, c.headers...); w.Code != http.StatusForbidden {
				t.Errorf("%s, %s: %d", name, address, w.Code)
			}
		}
	}
	if served() != r.ids[1] || b.get("/admin").Code != 200 {
		t.Error("something was done")
	}
	for name, headers := range map[string][]string{"anonymous": nil, "agent": {"Authorization", "Bearer " + r.token(t, door.Token{Audience: door.Agent, Verbs: []string{"read"}})},
		"a steward's token without the verb": {"Authorization", "Bearer " + r.token(t, door.Token{Audience: door.Steward, Verbs: []string{"read"}})}} {
		if w := newBrowser(t, r).send(http.MethodPost, "/admin/rollback", url.Values{"release": {r.ids[0]}, "csrf": {csrf}}, headers...); w.Code != http.StatusMethodNotAllowed || served() != r.ids[1] {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	// A token as a password is sent by a browser by itself: it needs the form too.
	steward := r.token(t, door.Token{Audience: door.Steward, Verbs: []string{"read", "admin"}})
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("u:"+steward))
	if w := newBrowser(t, r).send(http.MethodPost, "/admin/rollback", url.Values{"release": {r.ids[0]}}, "Authorization", basic); w.Code != http.StatusForbidden {
		t.Errorf("a password without the form: %d", w.Code)
	}
	if w := newBrowser(t, r).send(http.MethodPost, "/admin/rollback", url.Values{"release": {r.ids[0]}}, "Authorization", "Bearer "+steward); w.Code != http.StatusSeeOther || served() != r.ids[0] {
		t.Errorf("a program with a bearer token: %d", w.Code)
	}
}

func TestTheStewardGoesBackAndOnAgain(t *testing.T) {
	r := newRig(t, quietTransport)
	b := newBrowser(t, r)
	r.signIn(t, b)
	post := func(address string, form url.Values) int {
		form.Set("csrf", csrfOf(b.get("/admin").Body.String()))
		return b.send(http.MethodPost, address, form).Code
	}
	if code := post("/admin/rollback", url.Values{"release": {r.ids[0]}, "why": {"a column\nwas <b>renamed"}}); code != http.StatusSeeOther {
		t.Fatalf("%d", code)
	}
	if got := b.get("/readyz").Body.String(); got != r.ids[0]+"\n" {
		t.Errorf("serves %s", got)
	}
	hold, err := release.ReadHold(r.releases)
	if err != nil || hold == nil || hold.Why != "a column was <b>renamed" || !strings.HasSuffix(hold.By, "@server") || strings.Contains(hold.By, "Ada") {
		t.Errorf("%+v, %v", hold, err)
	}
	if page := b.get("/admin").Body.String(); !strings.Contains(page, "a column was &lt;b&gt;renamed") {
		t.Errorf("the page does not say why, or says it raw")
	}
	for form, want := range map[string]int{"release=../../etc": 400, "release=2026-01-01T0000Z-000000": 404, "": 400} {
		values, _ := url.ParseQuery(form)
		if code := post("/admin/rollback", values); code != want {
			t.Errorf("%q: %d", form, code)
		}
	}
	if code := post("/admin/resume", url.Values{"newest": {"yes"}}); code != http.StatusSeeOther {
		t.Fatalf("%d", code)
	}
	if hold, err := release.ReadHold(r.releases); err != nil || hold != nil {
		t.Errorf("%+v, %v", hold, err)
	}
	if got := b.get("/readyz").Body.String(); got != r.ids[1]+"\n" {
		t.Errorf("serves %s", got)
	}
	text := strings.Join(auditFiles(t, r.state), "")
	for _, what := range []string{`"what":"roll_back","on":"` + r.ids[0] + `","ok":true`, `"what":"resume","on":"` + r.ids[1] + `","ok":true`} {
		if !strings.Contains(text, what) {
			t.Errorf("the audit log lacks %s: %s", what, text)
		}
	}
}

func TestAServerThatMayOnlyReadMovesNothing(t *testing.T) {
	r := newRig(t, func(o *door.Options, opt *Options) { quietTransport(o, opt); opt.MovePointer = false })
	b := newBrowser(t, r)
	r.signIn(t, b)
	page := b.get("/admin").Body.String()
	if strings.Contains(page, "/admin/rollback") || !strings.Contains(page, "jumeau releases rollback") {
		t.Error("the page offers what the server may not do")
	}
	if w := b.send(http.MethodPost, "/admin/rollback", url.Values{"release": {r.ids[0]}, "csrf": {csrfOf(page)}}); w.Code != http.StatusServiceUnavailable {
		t.Errorf("%d", w.Code)
	}
	if id, _ := release.Current(r.releases); id != r.ids[1] {
		t.Error("moved")
	}
}

// A proxy is believed from its address; nobody else gets in at all.
func TestAProxyIsBelievedFromItsAddressOnly(t *testing.T) {
	r := newRig(t, func(o *door.Options, _ *Options) {
		o.Provider = nil
		o.Proxy = &door.Proxy{From: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/30"), netip.MustParsePrefix("fd00::1/128")}, User: "X-User", Groups: "X-Groups",
			Rules: []door.Rule{{Audience: door.Agent, In: []string{"urbanisme"}}, {Audience: door.Steward, Claim: "user", In: []string{"ada"}}}}
	})
	send := func(from, address string, headers http.Header) *httptest.ResponseRecorder {
		q := httptest.NewRequest(http.MethodGet, twin+address, nil)
		q.RemoteAddr, q.Header = from, headers
		w := httptest.NewRecorder()
		r.ServeHTTP(w, q)
		return w
	}
	h := func(pairs ...string) http.Header {
		out := http.Header{}
		for i := 0; i < len(pairs); i += 2 {
			out.Add(pairs[i], pairs[i+1])
		}
		return out
	}
	for name, c := range map[string]struct {
		from    string
		headers http.Header
		works   int
		admin   int
	}{
		"nobody, through the proxy":    {"10.0.0.1:1234", h(), 404, 404},
		"an agent":                     {"10.0.0.1:1234", h("X-User", "bo", "X-Groups", "finances, urbanisme"), 200, 404},
		"an agent, over IPv6":          {"[fd00::1]:1234", h("X-User", "bo", "X-Groups", "urbanisme"), 200, 404},
		"an agent, a mapped address":   {"[::ffff:10.0.0.2]:1234", h("X-User", "bo", "X-Groups", "urbanisme"), 200, 404},
		"a steward":                    {"10.0.0.3:1", h("X-User", "ada"), 200, 200},
		"a group that opens nothing":   {"10.0.0.1:1234", h("X-User", "bo", "X-Groups", "finances"), 404, 404},
		"a group without a person":     {"10.0.0.1:1234", h("X-Groups", "urbanisme"), 404, 404},
		"two persons":                  {"10.0.0.1:1234", h("X-User", "ada", "X-User", "bo"), 404, 404},
		"another address":              {"10.0.0.4:1234", h("X-User", "ada"), 403, 403},
		"another address, no header":   {"192.0.2.1:1234", h(), 403, 403},
		"an address that claims to be": {"192.0.2.1:1234", h("X-User", "ada", "X-Forwarded-For", "10.0.0.1"), 403, 403},
		"no address":                   {"@", h("X-User", "ada"), 403, 403},
	} {
		if w := send(c.from, "/tiles/works.json", c.headers); w.Code != c.works {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
		if w := send(c.from, "/admin", c.headers); w.Code != c.admin {
			t.Errorf("%s: /admin %d", name, w.Code)
		}
	}
	if w := send("192.0.2.1:1234", "/healthz", h()); w.Code != 200 {
		t.Errorf("health: %d", w.Code)
	}
	if vary := send("10.0.0.1:1", "/catalog", h()).Header().Get("Vary"); !strings.Contains(vary, "X-User") {
		t.Errorf("Vary: %s", vary)
	}
	// The proxy's own session is sent by a browser by itself: forms are held to a page of ours.
	page := send("10.0.0.3:1", "/admin", h("X-User", "ada")).Body.String()
	form := url.Values{"release": {r.ids[0]}, "why": {"x"}}
	for csrf, want := range map[string]int{"": 403, csrfOf(page): 303} {
		form.Set("csrf", csrf)
		q := httptest.NewRequest(http.MethodPost, twin+"/admin/rollback", strings.NewReader(form.Encode()))
		q.RemoteAddr = "10.0.0.3:1"
		q.Header = h("X-User", "ada", "Content-Type", "application/x-www-form-urlencoded", "Origin", twin)
		w := httptest.NewRecorder()
		r.ServeHTTP(w, q)
		if w.Code != want {
			t.Errorf("with %q: %d", csrf, w.Code)
		}
	}
	if text := strings.Join(auditFiles(t, r.state), ""); strings.Contains(text, "ada") {
		t.Errorf("the audit log names the person: %s", text)
	}
}

func TestWhoTakesTooMuchWaitsAndOthersDoNot(t *testing.T) {
	r := newRig(t, func(o *door.Options, _ *Options) {
		quietTransport(o, nil)
		o.Limits = door.Limits{Requests: 1, RequestsBurst: 5, Cost: 100, CostBurst: 1000}
		o.Proxy = &door.Proxy{From: []netip.Prefix{netip.MustParsePrefix("10.0.0.1/32")}}
	})
	send := func(from, forwarded string, headers ...string) *httptest.ResponseRecorder {
		q := httptest.NewRequest(http.MethodGet, twin+"/catalog", nil)
		q.RemoteAddr = from
		if forwarded != "" {
			q.Header.Set("X-Forwarded-For", forwarded)
		}
		for i := 0; i < len(headers); i += 2 {
			q.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		r.ServeHTTP(w, q)
		return w
	}
	for range 5 {
		if w := send("192.0.2.1:1", ""); w.Code != 200 {
			t.Fatalf("%d", w.Code)
		}
	}
	w := send("192.0.2.1:2", "203.0.113.9") // another port; and who is no proxy is not believed
	wait, err := strconv.Atoi(w.Header().Get("Retry-After"))
	var p problem
	if w.Code != http.StatusTooManyRequests || err != nil || wait < 1 || wait > 3 || json.Unmarshal(w.Body.Bytes(), &p) != nil || p.Hint == "" {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	if w := send("192.0.2.2:1", ""); w.Code != 200 {
		t.Errorf("a neighbour: %d", w.Code)
	}
	for i := range 8 { // behind the proxy each has an account
		if w := send("10.0.0.1:1", fmt.Sprintf("1.2.3.4, 198.51.100.%d", i)); w.Code != 200 {
			t.Errorf("client %d behind the proxy: %d", i, w.Code)
		}
	}
	for i := range 6 { // one subscriber has all of a /64
		w = send(fmt.Sprintf("[2001:db8::%d]:1", i+1), "")
	}
	if w.Code != http.StatusTooManyRequests {
		t.Errorf("six addresses of one subscriber: %d", w.Code)
	}
	token := r.token(t, door.Token{Audience: door.Agent, Verbs: []string{"read"}})
	if w := send("192.0.2.1:1", "", "Authorization", "Bearer "+token); w.Code != 200 {
		t.Errorf("a token has an account of its own: %d", w.Code)
	}
	r.now = r.now.Add(time.Minute)
	if w := send("192.0.2.1:1", ""); w.Code != 200 {
		t.Errorf("after a minute: %d", w.Code)
	}
}

func TestACostlyAnswerIsPaidFor(t *testing.T) {
	r := newRig(t, func(o *door.Options, _ *Options) {
		quietTransport(o, nil)
		o.Limits = door.Limits{Cost: 1, CostBurst: 0.001}
	})
	first, second := askHost(r, http.MethodGet, "/catalog"), askHost(r, http.MethodGet, "/catalog")
	if first.Code != 200 || second.Code != http.StatusTooManyRequests {
		t.Errorf("%d, then %d", first.Code, second.Code)
	}
}

func TestABrowserThatSignsInIsNotGivenWhatItKeptBefore(t *testing.T) {
	r := newRig(t, quietTransport)
	b := newBrowser(t, r)
	tag := b.get("/catalog").Header().Get("ETag")
	r.signIn(t, b)
	w := b.get("/catalog", "If-None-Match", tag)
	if w.Code != 200 || len(decode[release.Catalog](t, w).Layers) != 2 {
		t.Errorf("%d", w.Code)
	}
	if w := askHost(r, http.MethodGet, "/catalog"); len(decode[release.Catalog](t, w).Layers) != 1 {
		t.Error("the cache gives the public what an agent asked for")
	}
}

func TestPrometheusReadsTheServersFigures(t *testing.T) {
	r := newRig(t, quietTransport)
	ask(r, "/catalog")
	ask(r, "/no/such/address/"+strings.Repeat("x", 50))
	askBy(r, "WHATEVER", "/catalog")
	inner := httptest.NewRecorder()
	r.Inner().ServeHTTP(inner, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	text, _ := io.ReadAll(inner.Body)
	for _, line := range []string{`jumeau_request_seconds_count{method="GET",route="/catalog",status="200"} 1`, `route="other",status="404"} 1`, `method="other",route="/catalog",status="405"} 1`,
		"jumeau_open_releases 1", "jumeau_release_built_timestamp_seconds 1.7", "jumeau_cache_misses_total 1", "jumeau_requests_in_flight 0", "process_resident_memory_bytes"} {
		if !strings.Contains(string(text), line) {
			t.Errorf("no %s in\n%s", line, text)
		}
	}
	if strings.Contains(string(text), "xxx") || strings.Contains(string(text), "WHATEVER") {
		t.Error("what a client made up is a label")
	}
}
