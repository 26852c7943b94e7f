package query

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"

	"jumeau/model"
	"jumeau/query/door"
	"jumeau/query/filter"
)

// problem is the body of every error answer (RFC 9457), with a hint that says what to try.
type problem struct {
	Type     string `json:"type"`
	Title    string `json:"title"`
	Status   int    `json:"status"`
	Detail   string `json:"detail,omitempty"`
	Hint     string `json:"hint,omitempty"`
	Instance string `json:"instance"`
	Position int    `json:"position,omitempty"` // of a filter's first character that is wrong, from 1
}

// errMethod is a request with a method other than GET, HEAD and OPTIONS.
var errMethod = errors.New("only GET, HEAD and OPTIONS are answered: releases are read-only")

// fault is an error of the server itself that was recovered from.
type fault struct {
	cause any
	stack []byte
}

func (f *fault) Error() string { return fmt.Sprint(f.cause) }

// problem answers with an error. What is not the client's doing is told by an id only; the log has the rest under that id.
func (s *Server) problem(w http.ResponseWriter, q *request, err error) {
	p := problem{Instance: q.path, Hint: model.HintOf(err)}
	kind := model.KindOf(err)
	p.Title = map[model.Kind]string{model.Invalid: "The request cannot be understood", model.NotFound: "There is no such thing",
		model.Withheld: "Withheld for privacy", model.Unavailable: "Not available now", model.Internal: "A fault of the server"}[kind]
	var refused *door.Refusal
	switch {
	case errors.As(err, &refused):
		kind = s.refuse(w, &p, refused)
	case errors.Is(err, context.Canceled) && q.Context().Err() != nil:
		panic(http.ErrAbortHandler) // nobody is listening any more
	case errors.Is(err, context.DeadlineExceeded):
		kind, p.Status, p.Title = model.Unavailable, http.StatusServiceUnavailable, "Not available now"
		p.Detail, p.Hint = "the answer took too long", "try again in a moment"
		w.Header().Set("Retry-After", "5")
	case errors.Is(err, errMethod):
		kind, p.Status, p.Title, p.Detail = model.Invalid, http.StatusMethodNotAllowed, "Method not allowed", err.Error()
		w.Header().Set("Allow", "GET, HEAD, OPTIONS")
	case kind == model.Invalid:
		p.Status, p.Detail = http.StatusBadRequest, shown(err)
	case kind == model.NotFound:
		p.Status, p.Detail = http.StatusNotFound, shown(err)
	case kind == model.Withheld:
		p.Status, p.Detail = http.StatusForbidden, shown(err)
	case kind == model.Unavailable:
		p.Status, p.Detail = http.StatusServiceUnavailable, shown(err)
		w.Header().Set("Retry-After", "5")
	default:
		id := rand.Text()[:10]
		p.Status, p.Detail = http.StatusInternalServerError, "something went wrong that is not your doing; it is in the server's log under this id"
		p.Hint, p.Instance = "tell the operator the id", "urn:jumeau:fault:"+id
		attributes := []any{"id", id, "path", q.path, "error", err}
		var f *fault
		if errors.As(err, &f) {
			attributes = append(attributes, "stack", string(f.stack))
		}
		s.opt.Log.Error("request failed", attributes...)
	}
	var wrong *filter.Error
	if errors.As(err, &wrong) {
		p.Position = wrong.Position
	}
	p.Type = "urn:jumeau:problem:" + kind.String()
	h := w.Header()
	body, err := json.Marshal(p)
	h.Set("Content-Type", "application/problem+json")
	if mediaType(q.Header.Get("Accept"), "application/problem+json", "text/html") == "text/html" {
		body, err = s.problemPage(h, q, p)
	}
	if err != nil {
		panic(http.ErrAbortHandler) // texts always marshal
	}
	h.Del("ETag")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Length", fmt.Sprint(len(body)))
	w.WriteHeader(p.Status)
	if q.Method != http.MethodHead {
		w.Write(body)
	}
}

// refuse fills in a problem for who is turned away at a door.
func (s *Server) refuse(w http.ResponseWriter, p *problem, r *door.Refusal) model.Kind {
	p.Status, p.Title, p.Detail, p.Hint = r.Status, r.Title, r.Detail, r.Hint
	if r.Challenge != "" {
		w.Header().Set("WWW-Authenticate", r.Challenge)
	}
	if r.RetryAfter > 0 {
		w.Header().Set("Retry-After", fmt.Sprint(int(r.RetryAfter.Seconds())))
		return model.Unavailable
	}
	return model.Withheld
}

var problemTemplate = pageTemplate("problem.html")

// problemPage is the problem for a person's browser. It is the same for what is denied and for what does not exist.
func (s *Server) problemPage(h http.Header, q *request, p problem) ([]byte, error) {
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", smallPolicy)
	return execute(problemTemplate, struct {
		surround
		problem
		To string
	}{s.surround(q), p, q.path})
}

// shown is the text of the error that was made for the client: that of the outermost model.Error.
func shown(err error) string {
	var e *model.Error
	if errors.As(err, &e) {
		return e.Error()
	}
	return err.Error()
}

// recovered turns a panic into a fault. http.ErrAbortHandler goes on.
func recovered(cause any) error {
	if cause == http.ErrAbortHandler {
		panic(cause)
	}
	return &fault{cause, debug.Stack()}
}

func invalid(subject, hint, format string, args ...any) error {
	return &model.Error{Kind: model.Invalid, Subject: subject, Hint: hint, Err: fmt.Errorf(format, args...)}
}

// notFound is the error for a name that is not among the known ones.
func notFound(kind, name string, known []string) error {
	return missing(kind+" "+clip(name, 80), suggest(name, known), "not in this release")
}

func missing(subject, hint, text string) error {
	return &model.Error{Kind: model.NotFound, Subject: subject, Hint: hint, Err: errors.New(text)}
}
