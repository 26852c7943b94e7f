package query

import (
	"cmp"
	"context"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"jumeau/query/door"
)

// mostForm is the size in bytes of a form that is sent here.
const mostForm = 16 << 10

// personal is the handler of the addresses at which people sign in and out, and the steward looks after the model; nil for all
// others, and for visitors to whom the address does not exist.
func (s *Server) personal(q *request) handler {
	provider, token := q.doors.SignIn()
	post := q.Method == http.MethodPost
	if get := q.Method == http.MethodGet || q.Method == http.MethodHead; !get && !post {
		return nil
	}
	name, isAdmin := strings.CutPrefix(q.URL.Path, "/admin")
	if isAdmin && q.who.May(door.Admin) {
		return s.steward(name, post)
	}
	switch {
	case q.URL.Path == "/metrics" && !post && q.who.May(door.Metrics):
		return s.metrics
	case q.URL.Path == "/logout" && post && q.who.Session != nil:
		return s.logout
	case provider == "" && !token:
		return nil
	case q.URL.Path == "/login" && !post:
		return s.loginPage
	case q.URL.Path == "/login" && post && token:
		return s.loginWithToken
	case q.URL.Path == "/login/start" && !post && provider != "":
		return s.loginStart
	case q.URL.Path == "/login/callback" && !post && provider != "":
		return s.loginCallback
	case q.URL.Path == "/logged-out" && !post:
		return s.loginPage
	}
	return nil
}

// at is an address of this server for a link, below the path of its public address.
func (s *Server) at(path string) string {
	if u, err := url.Parse(s.opt.PublicURL); err == nil {
		return strings.TrimRight(u.Path, "/") + path
	}
	return path
}

// wanted is where a person wants to go after signing in: a path of this server, and nothing else.
func wanted(text string) string {
	if len(text) > 500 || !strings.HasPrefix(text, "/") || strings.HasPrefix(text, "//") || strings.ContainsAny(text, "\\\r\n\t") {
		return ""
	}
	return text
}

// surround is what every page for people shows around its content.
type surround struct {
	Lang  string
	FR    bool
	Style template.CSS
	Base  string
	Name  string // of the person signed in
	Role  string // audience, "" for the anonymous
	CSRF  string
	Out   bool // may sign out
	Admin bool // may see how the model is kept
	Doors bool // there is a way to sign in
}

func (s *Server) surround(q *request) surround {
	lang := language(q.Header.Get("Accept-Language"))
	f := surround{Lang: lang, FR: lang == "fr", Style: sheet, Base: s.at(""), CSRF: q.who.CSRF}
	if q.who.Known() {
		f.Role, f.Name = q.who.Audience, q.who.Who
	}
	if q.who.Session != nil {
		f.Name, f.Out = q.who.Session.Name, true
	}
	provider, token := q.doors.SignIn()
	f.Admin = q.who.May(door.Admin)
	f.Doors = provider != "" || token
	return f
}

var loginTemplate = pageTemplate("login.html")

// pageTemplate parses a page for people with the frame around it.
func pageTemplate(name string) *template.Template {
	return template.Must(template.New(name).Funcs(template.FuncMap{"number": number, "decimal": decimal, "size": size, "when": when, "rejects": rejects, "say": say}).
		ParseFS(templates, "templates/frame.html", "templates/"+name))
}

// said is a word of ours with the language to say it in.
type said struct {
	FR bool
	R  string
}

func say(fr bool, word string) said { return said{fr, word} }

type loginData struct {
	surround
	Provider string
	Token    bool
	To       string
	Failed   *door.Refusal
	Gone     bool // just signed out
}

func (s *Server) loginPage(w http.ResponseWriter, q *request) error {
	return s.login(w, q, http.StatusOK, nil)
}

// login shows the ways to sign in, and why the last one failed.
func (s *Server) login(w http.ResponseWriter, q *request, status int, failed *door.Refusal) error {
	d := loginData{surround: s.surround(q), To: wanted(q.FormValue("to")), Failed: failed, Gone: q.URL.Path == "/logged-out"}
	d.Provider, d.Token = q.doors.SignIn()
	return s.form(w, q, status, loginTemplate, d)
}

// form sends a page that holds forms: never kept, and its forms go to this server, or on to where the provider signs people out.
func (s *Server) form(w http.ResponseWriter, q *request, status int, t *template.Template, data any) error {
	policy := strings.Replace(smallPolicy, "form-action 'none'", strings.TrimSpace("form-action 'self' "+q.doors.Elsewhere()), 1)
	return s.send(w, q, answer{contentType: "text/html; charset=utf-8", fresh: true, status: status, vary: "Accept-Language",
		header: map[string]string{"Content-Security-Policy": policy},
		build:  func(context.Context) ([]byte, error) { return execute(t, data) }})
}

// loginWithToken opens a session for who pastes a token.
func (s *Server) loginWithToken(w http.ResponseWriter, q *request) error {
	q.Body = http.MaxBytesReader(w, q.Body, mostForm)
	err := q.doors.SignInWithToken(w, q.Request, q.PostFormValue("token"))
	return s.signedIn(w, q, q.PostFormValue("to"), err)
}

// signedIn goes on to where a person wanted to go, or says why they were not let in.
func (s *Server) signedIn(w http.ResponseWriter, q *request, to string, err error) error {
	var refused *door.Refusal
	switch {
	case errors.As(err, &refused):
		return s.login(w, q, refused.Status, refused)
	case err != nil:
		return err
	}
	return s.redirect(w, cmp.Or(wanted(to), "/login"))
}

// redirect sends a browser to another page of this server, with GET.
func (s *Server) redirect(w http.ResponseWriter, path string) error {
	return s.elsewhere(w, s.at(path))
}

func (s *Server) elsewhere(w http.ResponseWriter, address string) error {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Location", address)
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

// loginStart sends a browser to the provider.
func (s *Server) loginStart(w http.ResponseWriter, q *request) error {
	address, err := q.doors.Leave(w, q.Request, wanted(q.URL.Query().Get("to")))
	if err != nil {
		return err
	}
	return s.elsewhere(w, address)
}

// loginCallback takes a browser back from the provider.
func (s *Server) loginCallback(w http.ResponseWriter, q *request) error {
	to, err := q.doors.Arrive(w, q.Request)
	return s.signedIn(w, q, to, err)
}

// logout ends a session here, and goes on to the provider when it has a place for that.
func (s *Server) logout(w http.ResponseWriter, q *request) error {
	q.Body = http.MaxBytesReader(w, q.Body, mostForm)
	if err := q.doors.Genuine(q.Request, q.who); err != nil {
		return err
	}
	if address := q.doors.SignOut(w, q.who); address != "" {
		return s.elsewhere(w, address)
	}
	return s.redirect(w, "/logged-out")
}
